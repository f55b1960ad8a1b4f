//! Messages of the form, into input items.

use serde_json::{Value, json};

use super::wire::{write_reasoning, write_redacted};
use crate::chat::url;
use crate::form::{Content, Foreign, Message, Part, Role, Source, ToolResult};
use crate::policy::{Losses, RequestError};
use crate::{Dialect, rest};

pub(super) fn write(
    message: &Message,
    from: Dialect,
    items: &mut Vec<Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    if message.name.is_some() {
        losses.dropped("messages.name");
    }
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "developer",
    };
    let mut content = Vec::new();
    for part in &message.parts {
        if part.cache.is_some() {
            losses.dropped("cache_control");
        }
        if let Some(written) = message_part(part, message.role, from) {
            content.push(written);
            continue;
        }
        // Items stand between messages: what was said before them goes first.
        flush(role, &mut content, items);
        match item(&part.content, from, items.len(), losses)? {
            Some(item) => items.push(item),
            None if matches!(part.content, Content::Thinking(_) | Content::RedactedThinking(_)) => {
                losses.dropped("thinking");
            }
            None => losses.part(&part.content)?,
        }
    }
    if message.parts.is_empty() {
        items.push(json!({"type": "message", "role": role, "content": []}));
    }
    flush(role, &mut content, items);
    Ok(())
}

fn flush(role: &str, content: &mut Vec<Value>, items: &mut Vec<Value>) {
    if !content.is_empty() {
        items.push(json!({"type": "message", "role": role, "content": std::mem::take(content)}));
    }
}

/// A part that stands in a message.
fn message_part(part: &Part, role: Role, from: Dialect) -> Option<Value> {
    match &part.content {
        Content::Text(text) => {
            let kind = if role == Role::Assistant { "output_text" } else { "input_text" };
            Some(json!({"type": kind, "text": text}))
        }
        Content::Refusal(refusal) if role == Role::Assistant => {
            Some(json!({"type": "refusal", "refusal": refusal}))
        }
        Content::Image(image) if role != Role::Assistant => {
            let mut written = json!({"type": "input_image"});
            match &image.source {
                Source::FileId(id) if rest::same_house(from, Dialect::Responses) => {
                    written["file_id"] = id.as_str().into();
                }
                source => written["image_url"] = url(source)?.into(),
            }
            if let Some(detail) = &image.detail {
                written["detail"] = detail.as_str().into();
            }
            Some(written)
        }
        Content::File(file) if role != Role::Assistant => {
            let mut written = json!({"type": "input_file"});
            match &file.source {
                Source::FileId(id) if rest::same_house(from, Dialect::Responses) => {
                    written["file_id"] = id.as_str().into();
                }
                Source::FileId(_) => return None,
                Source::Url(url) => written["file_url"] = url.as_str().into(),
                source @ Source::Base64 { .. } => written["file_data"] = url(source)?.into(),
            }
            if let Some(name) = &file.name {
                written["filename"] = name.as_str().into();
            }
            Some(written)
        }
        _ => None,
    }
}

/// A part that is an item of its own.
fn item(
    content: &Content,
    from: Dialect,
    number: usize,
    losses: &mut Losses,
) -> Result<Option<Value>, RequestError> {
    Ok(match content {
        Content::ToolCall(call) => Some(json!({
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        })),
        Content::ToolResult(result) => Some(tool_output(result, from, losses)?),
        // Another provider's thoughts: this one could not check their proof.
        Content::Thinking(thinking) if from == Dialect::Responses => {
            Some(write_reasoning(thinking, &format!("rs_{number}")))
        }
        Content::RedactedThinking(data) if from == Dialect::Responses => Some(write_redacted(data, number)),
        Content::Foreign(Foreign { dialect: Dialect::Responses, value, .. }) => Some(value.clone()),
        _ => None,
    })
}

fn tool_output(result: &ToolResult, from: Dialect, losses: &mut Losses) -> Result<Value, RequestError> {
    if result.is_error {
        losses.dropped("is_error");
    }
    let output = match &result.content[..] {
        [] => "".into(),
        [Part { content: Content::Text(text), .. }] => Value::from(text.as_str()),
        parts => {
            let mut output = Vec::new();
            for part in parts {
                match message_part(part, Role::User, from) {
                    Some(written) => output.push(written),
                    None => losses.part(&part.content)?,
                }
            }
            output.into()
        }
    };
    Ok(json!({"type": "function_call_output", "call_id": result.call_id, "output": output}))
}
