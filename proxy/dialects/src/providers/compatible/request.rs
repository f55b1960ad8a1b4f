//! A chat request as one of the copies takes it: what it calls otherwise is renamed, what it does not know is refused or
//! told.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::presets::{ANYTHING, Effort, Preset};
use crate::chat;
use crate::dialect::Written;
use crate::form::Request;
use crate::policy::{Policy, RequestError};

/// What every one of them takes.
const CORE: &[&str] = &[
    "model",
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "stream",
    "seed",
    "response_format",
    "frequency_penalty",
    "presence_penalty",
];
/// What changes no answer: left out without a refusal, and told.
const HINTS: &[&str] = &[
    "user",
    "metadata",
    "store",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
];
/// Asked for by us, not by the client; servers that do not know it tell usage anyway.
const OURS: &[&str] = &["stream_options"];

const CALL_ID_CHARS: usize = 9;

pub(super) fn write(preset: &Preset, request: &Request, policy: Policy) -> Result<Written, RequestError> {
    let mut written = chat::write_request(request, policy)?;
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&written.body) else { return Ok(written) };
    let mut losses = Losses { preset, policy, dropped: &mut written.dropped };
    say_effort(preset.effort, &mut body, &mut losses);
    rename(&mut body, "max_completion_tokens", preset.max_tokens);
    for (from, to) in preset.renames {
        rename(&mut body, from, to);
    }
    if !preset.takes_schemas
        && body.get("response_format").is_some_and(|format| format["type"] == "json_schema")
    {
        body.shift_remove("response_format");
        losses.unsupported("response_format (json_schema)")?;
    }
    leave_out_unknown(preset, &mut body, &mut losses)?;
    messages(preset, &mut body, &mut losses);
    written.body = Bytes::from(Value::Object(body).to_string());
    Ok(written)
}

struct Losses<'a> {
    preset: &'a Preset,
    policy: Policy,
    dropped: &'a mut Vec<String>,
}

impl Losses<'_> {
    fn unsupported(&mut self, field: &str) -> Result<(), RequestError> {
        if self.policy == Policy::RefuseUnsupported {
            return Err(RequestError::Unsupported { field: field.to_owned(), target: self.preset.name });
        }
        self.dropped(field);
        Ok(())
    }

    fn dropped(&mut self, field: &str) {
        if !self.dropped.iter().any(|known| known == field) {
            self.dropped.push(field.to_owned());
        }
    }
}

fn rename(body: &mut Map<String, Value>, from: &str, to: &str) {
    if from != to
        && let Some(value) = body.shift_remove(from)
    {
        body.entry(to).or_insert(value);
    }
}

fn say_effort(effort: Effort, body: &mut Map<String, Value>, losses: &mut Losses<'_>) {
    let Some(asked) = body.get("reasoning_effort").and_then(Value::as_str).map(str::to_owned) else { return };
    match effort {
        Effort::Named => {}
        Effort::NoneOrHigh => {
            if !matches!(asked.as_str(), "none" | "high") {
                losses.dropped("reasoning_effort (there are only 'none' and 'high')");
            }
            let said = if asked == "none" { "none" } else { "high" };
            body.insert("reasoning_effort".to_owned(), said.into());
        }
        Effort::Switch => {
            body.shift_remove("reasoning_effort");
            if asked != "none" {
                losses.dropped("reasoning_effort (thinking is only on or off)");
            }
            let said = if asked == "none" { "disabled" } else { "enabled" };
            body.insert("thinking".to_owned(), json!({"type": said}));
        }
    }
}

fn leave_out_unknown(
    preset: &Preset,
    body: &mut Map<String, Value>,
    losses: &mut Losses<'_>,
) -> Result<(), RequestError> {
    if preset.takes == ANYTHING {
        return Ok(());
    }
    let taken = |name: &str| CORE.contains(&name) || preset.takes.contains(&name);
    let unknown: Vec<String> = body.keys().filter(|name| !taken(name)).cloned().collect();
    for name in unknown {
        let value = body.shift_remove(&name);
        let is_default = match name.as_str() {
            "n" => value == Some(1.into()),
            "verbosity" => value == Some("medium".into()),
            _ => false,
        };
        if OURS.contains(&name.as_str()) || is_default {
            continue;
        }
        if HINTS.contains(&name.as_str()) {
            losses.dropped(&name);
        } else {
            losses.unsupported(&name)?;
        }
    }
    Ok(())
}

fn messages(preset: &Preset, body: &mut Map<String, Value>, losses: &mut Losses<'_>) {
    let Some(messages) = body.get_mut("messages").and_then(Value::as_array_mut) else { return };
    for message in messages {
        let Some(message) = message.as_object_mut() else { continue };
        if !preset.takes_thinking && message.shift_remove("reasoning_content").is_some() {
            losses.dropped("thinking");
        }
        if preset.short_call_ids {
            shorten(message.get_mut("tool_call_id"));
            for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
                shorten(call.get_mut("id"));
            }
        }
    }
}

fn shorten(id: Option<&mut Value>) {
    if let Some(id) = id
        && let Some(text) = id.as_str()
    {
        *id = short_id(text).into();
    }
}

/// The id itself where it fits, else letters and digits made from it: the same for the call and its result.
fn short_id(id: &str) -> String {
    if id.len() == CALL_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // FNV-1a.
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let letters = (0..CALL_ID_CHARS).map(|_| {
        // Below 62: it fits.
        let letter = LETTERS[usize::try_from(hash % 62).unwrap_or(0)];
        hash /= 62;
        char::from(letter)
    });
    letters.collect()
}
