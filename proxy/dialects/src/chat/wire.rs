//! Small pieces of the wire that requests, answers and streams share.

use aop_domain::usage::Usage;
use serde_json::{Map, Value, json};

use crate::form::{Alternative, Source, StopReason, TokenLogprob};

pub(super) fn stop(reason: &str) -> StopReason {
    match reason {
        "stop" => StopReason::End,
        "length" => StopReason::Length,
        "tool_calls" | "function_call" => StopReason::ToolCalls,
        "content_filter" => StopReason::ContentFilter,
        other => StopReason::Other(other.to_owned()),
    }
}

pub(super) fn finish_reason(stop: &StopReason) -> &str {
    match stop {
        StopReason::End | StopReason::Sequence(_) | StopReason::Refusal | StopReason::Paused => "stop",
        StopReason::Length | StopReason::ContextFull => "length",
        StopReason::ToolCalls => "tool_calls",
        StopReason::ContentFilter => "content_filter",
        StopReason::Other(reason) => reason,
    }
}

/// A model that declines ends with `stop` on this wire, its words stand in `refusal`; and some servers say `stop` after
/// tool calls.
pub(super) fn settled(stop: StopReason, refused: bool, called: bool) -> StopReason {
    match stop {
        StopReason::End if called => StopReason::ToolCalls,
        StopReason::End if refused => StopReason::Refusal,
        other => other,
    }
}

pub(super) fn usage(usage: &Usage) -> Value {
    let mut input = json!({"cached_tokens": usage.in_cache_read, "audio_tokens": usage.in_audio});
    if let Value::Object(details) = &mut input {
        let written = u64::from(usage.in_cache_write_5m) + u64::from(usage.in_cache_write_1h);
        if written > 0 {
            details.insert("cache_write_tokens".to_owned(), written.into());
        }
        if usage.in_image > 0 {
            details.insert("image_tokens".to_owned(), usage.in_image.into());
        }
    }
    json!({
        "prompt_tokens": usage.input(),
        "completion_tokens": usage.output(),
        "total_tokens": usage.total(),
        "prompt_tokens_details": input,
        "completion_tokens_details": {"reasoning_tokens": usage.out_reasoning, "audio_tokens": usage.out_audio},
    })
}

/// `{token, logprob, bytes, top_logprobs}`, in both of OpenAI's dialects.
pub(crate) fn read_logprobs(content: &Value) -> Vec<TokenLogprob> {
    let read = |token: &Value| TokenLogprob {
        chosen: alternative(token),
        top: token["top_logprobs"].as_array().into_iter().flatten().map(alternative).collect(),
    };
    content.as_array().into_iter().flatten().map(read).collect()
}

fn alternative(token: &Value) -> Alternative {
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    Alternative {
        token: text(&token["token"]),
        logprob: token["logprob"].as_f64().unwrap_or(0.0),
        bytes: token["bytes"].as_array().map(|bytes| bytes.iter().filter_map(byte).collect()),
    }
}

pub(crate) fn write_logprobs(logprobs: &[TokenLogprob]) -> Value {
    let one = |alternative: &Alternative| json!({"token": alternative.token, "logprob": alternative.logprob, "bytes": alternative.bytes});
    let all = logprobs.iter().map(|logprob| {
        let mut written = one(&logprob.chosen);
        written["top_logprobs"] = logprob.top.iter().map(one).collect();
        written
    });
    all.collect()
}

/// A string value, empty for anything else.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The URL an image's or a file's bytes have on this wire; `None` for an id.
pub(crate) fn url(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        Source::Base64 { media_type, data } => Some(crate::data_url::write(media_type, data)),
        Source::FileId(_) => None,
    }
}

/// An answer's fields around its choices.
pub(super) fn envelope(object: &str, id: &str, model: &str, created_s: i64) -> Map<String, Value> {
    let mut envelope = Map::new();
    envelope.insert("id".to_owned(), id.into());
    envelope.insert("object".to_owned(), object.into());
    envelope.insert("created".to_owned(), created_s.into());
    envelope.insert("model".to_owned(), model.into());
    envelope
}

/// An answer's id as clients of this dialect know them.
pub(super) fn id(provider: &str, ours: &str) -> String {
    if provider.is_empty() { format!("chatcmpl-{ours}") } else { provider.to_owned() }
}
