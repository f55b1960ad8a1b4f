//! The conversation, as contents of two roles in turn.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::request::is_before_3;
use super::wire::{House, MARK, is_given_id};
use crate::form::{Content, Message, Part, Request, Role, Source, ToolCall, ToolResult};
use crate::policy::{Losses, RequestError};
use crate::providers::{names, proof};

/// What Google documents for calls whose signature is not there, because another model made them or the client's wire
/// has no place for it. Without it the models from Gemini 3 on refuse the conversation.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

pub(super) fn write(
    request: &Request,
    house: House,
    losses: &mut Losses,
) -> Result<Vec<Value>, RequestError> {
    let mut writer =
        Writer { house, needs_signatures: !is_before_3(&request.model), names: HashMap::new(), losses };
    let mut contents: Vec<(&str, Vec<Value>)> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        let path = names::message(at);
        names::drop_speaker(message, &path, writer.losses);
        let (role, parts) = match message.role {
            Role::User => ("user", writer.user(message, &path)?),
            Role::Assistant => ("model", writer.model(message, &path)?),
            Role::System => {
                writer.losses.unsupported(format!("{path}.role"))?;
                continue;
            }
        };
        match contents.last_mut() {
            // The answers to one turn's calls must stand together.
            Some((last, all)) if *last == role => all.extend(parts),
            _ => contents.push((role, parts)),
        }
    }
    contents.retain(|(_, parts)| !parts.is_empty());
    Ok(contents.into_iter().map(|(role, parts)| json!({"role": role, "parts": parts})).collect())
}

pub(super) fn note_cache(part: &Part, losses: &mut Losses) {
    if part.cache.is_some() {
        losses.dropped("cache_control");
    }
}

struct Writer<'a> {
    house: House,
    needs_signatures: bool,
    /// Functions by the id of their call: on this wire a result names the function.
    names: HashMap<String, String>,
    losses: &'a mut Losses,
}

impl Writer<'_> {
    fn user(&mut self, message: &Message, path: &str) -> Result<Vec<Value>, RequestError> {
        let mut parts = Vec::new();
        for (at, part) in message.parts.iter().enumerate() {
            note_cache(part, self.losses);
            let path = format!("{path}.content[{at}]");
            match &part.content {
                Content::ToolResult(result) => parts.push(self.result(result, &path)?),
                other => match user_part(other, &path, self.losses) {
                    Some(written) => parts.push(written),
                    None => self.losses.unsupported(path)?,
                },
            }
        }
        Ok(parts)
    }

    /// A signature goes to the call that follows it, or stays where it stood with an empty text.
    fn model(&mut self, message: &Message, path: &str) -> Result<Vec<Value>, RequestError> {
        let mut parts: Vec<Value> = Vec::new();
        let mut signature: Option<String> = None;
        let mut first_call = true;
        for (at, part) in message.parts.iter().enumerate() {
            note_cache(part, self.losses);
            let path = format!("{path}.content[{at}]");
            match &part.content {
                Content::Text(text) | Content::Refusal(text) => parts.push(json!({"text": text})),
                Content::Thinking(thinking) => {
                    let own = thinking.signature.as_deref().map(|signature| proof::own(MARK, signature));
                    match own {
                        None | Some(None) => self.losses.dropped("thinking"),
                        Some(Some(own)) => {
                            if !thinking.text.is_empty() {
                                parts.push(json!({"text": thinking.text, "thought": true}));
                            }
                            parts.extend(signature.replace(own.to_owned()).as_deref().map(standing));
                        }
                    }
                }
                Content::RedactedThinking(_) => self.losses.dropped("thinking"),
                Content::ToolCall(call) => {
                    let mut written = self.call(call, &path)?;
                    match signature.take() {
                        Some(signature) => written["thoughtSignature"] = signature.into(),
                        None if first_call && self.needs_signatures => {
                            written["thoughtSignature"] = NO_SIGNATURE.into();
                        }
                        None => {}
                    }
                    first_call = false;
                    parts.push(written);
                }
                _ => self.losses.unsupported(path)?,
            }
        }
        parts.extend(signature.as_deref().map(standing));
        Ok(parts)
    }

    fn call(&mut self, call: &ToolCall, path: &str) -> Result<Value, RequestError> {
        self.names.insert(call.id.clone(), call.name.clone());
        let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
        let Ok(arguments @ Value::Object(_)) = serde_json::from_str(arguments) else {
            return Err(RequestError::invalid(format!("{path}.arguments"), "must be a JSON object"));
        };
        let mut written = json!({"name": call.name, "args": arguments});
        if self.sends_id(&call.id) {
            written["id"] = call.id.as_str().into();
        }
        Ok(json!({"functionCall": written}))
    }

    fn result(&mut self, result: &ToolResult, path: &str) -> Result<Value, RequestError> {
        let Some(name) = self.names.get(&result.call_id) else {
            let problem = "names no tool call of this conversation";
            return Err(RequestError::invalid(format!("{path}.tool_call_id"), problem));
        };
        let mut written = json!({"name": name});
        if self.sends_id(&result.call_id) {
            written["id"] = result.call_id.as_str().into();
        }
        let (mut texts, mut media) = (Vec::new(), Vec::new());
        for (at, part) in result.content.iter().enumerate() {
            note_cache(part, self.losses);
            let path = format!("{path}.content[{at}]");
            match &part.content {
                Content::Text(text) => texts.push(text.as_str()),
                Content::Image(_) | Content::File(_) => match user_part(&part.content, &path, self.losses) {
                    Some(part) => media.push(part),
                    None => self.losses.unsupported(path)?,
                },
                _ => self.losses.unsupported(path)?,
            }
        }
        let key = if result.is_error { "error" } else { "output" };
        written["response"] = json!({key: texts.join("\n")});
        if !media.is_empty() {
            written["parts"] = media.into();
        }
        Ok(json!({"functionResponse": written}))
    }

    /// Vertex pairs calls and results by their order.
    fn sends_id(&self, id: &str) -> bool {
        self.house == House::Gemini && is_given_id(id)
    }
}

fn standing(signature: &str) -> Value {
    json!({"text": "", "thoughtSignature": signature})
}

fn user_part(content: &Content, path: &str, losses: &mut Losses) -> Option<Value> {
    match content {
        Content::Text(text) => Some(json!({"text": text})),
        Content::Image(image) => {
            if image.detail.as_deref().is_some_and(|detail| detail != "auto") {
                losses.dropped(format!("{path}.detail"));
            }
            source(&image.source)
        }
        Content::File(file) => {
            if file.name.is_some() {
                losses.dropped(format!("{path}.filename"));
            }
            source(&file.source)
        }
        Content::Audio(audio) => {
            let mime_type = format!("audio/{}", audio.format);
            Some(json!({"inlineData": {"mimeType": mime_type, "data": audio.data}}))
        }
        _ => None,
    }
}

fn source(source: &Source) -> Option<Value> {
    match source {
        Source::Base64 { media_type, data } => {
            Some(json!({"inlineData": {"mimeType": media_type, "data": data}}))
        }
        Source::Url(uri) => {
            let mut file = json!({"fileUri": uri});
            if let Some(mime_type) = mime_type(uri) {
                file["mimeType"] = mime_type.into();
            }
            Some(json!({"fileData": file}))
        }
        // Ids are of files at another provider.
        Source::FileId(_) => None,
    }
}

/// By the ending of the address; the wire wants to know before it looks.
fn mime_type(uri: &str) -> Option<&'static str> {
    let path = uri.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        "gif" => Some("image/gif"),
        "heic" => Some("image/heic"),
        "pdf" => Some("application/pdf"),
        "txt" => Some("text/plain"),
        "mp3" => Some("audio/mp3"),
        "wav" => Some("audio/wav"),
        "mp4" => Some("video/mp4"),
        _ => None,
    }
}
