//! Parts of the form, into content blocks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::wire::cache_control;
use crate::form::{CacheMarker, Content, Foreign, Part, Source, Thinking, ToolCall};
use crate::policy::{Losses, RequestError};
use crate::providers::proof;
use crate::{Dialect, rest};

/// The blocks of one message of a request that was read from `from`.
pub(super) fn request_blocks(
    parts: &[Part],
    from: Dialect,
    losses: &mut Losses,
) -> Result<Vec<Value>, RequestError> {
    let mut blocks = Vec::new();
    for part in parts {
        match request_block(&part.content, from, losses)? {
            Block::Written(mut block) => {
                mark(&mut block, part.cache);
                blocks.push(block);
            }
            Block::LeftOut => {}
            Block::NotSayable => losses.part(&part.content)?,
        }
    }
    Ok(blocks)
}

pub(super) fn mark(block: &mut Value, cache: Option<CacheMarker>) {
    if let Some(marker) = cache {
        block["cache_control"] = cache_control(marker);
    }
}

enum Block {
    Written(Value),
    /// Left out, and told already.
    LeftOut,
    NotSayable,
}

fn request_block(content: &Content, from: Dialect, losses: &mut Losses) -> Result<Block, RequestError> {
    let written = match content {
        Content::Image(image) => {
            if image.detail.as_deref().is_some_and(|detail| detail != "auto") {
                losses.dropped("image_url.detail");
            }
            source(&image.source, from).map(|source| json!({"type": "image", "source": source}))
        }
        Content::File(file) => source(&file.source, from).map(|source| {
            let mut block = json!({"type": "document", "source": source});
            if let Some(name) = &file.name {
                block["title"] = name.as_str().into();
            }
            block
        }),
        Content::ToolCall(call) => Some(tool_use(call).ok_or_else(|| {
            RequestError::invalid("messages.tool_calls.function.arguments", "must be a JSON object")
        })?),
        Content::ToolResult(result) => {
            let mut block = json!({"type": "tool_result", "tool_use_id": result.call_id});
            match &result.content[..] {
                [] => {}
                [Part { content: Content::Text(text), cache: None }] => {
                    block["content"] = text.as_str().into()
                }
                parts => block["content"] = request_blocks(parts, from, losses)?.into(),
            }
            if result.is_error {
                block["is_error"] = true.into();
            }
            Some(block)
        }
        // Thinking without a proof cannot be checked here: the provider refuses it.
        Content::Thinking(thinking) if thinking.signature.is_none() => {
            losses.dropped("reasoning_content");
            return Ok(Block::LeftOut);
        }
        // Nor can that of another house.
        Content::Thinking(Thinking { signature: Some(proof), .. }) | Content::RedactedThinking(proof)
            if proof::is_marked(proof) =>
        {
            losses.dropped("thinking");
            return Ok(Block::LeftOut);
        }
        other => answer_block(other),
    };
    Ok(written.map_or(Block::NotSayable, Block::Written))
}

/// A block that stands in answers too. `None`: not sayable here.
pub(super) fn answer_block(content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) | Content::Refusal(text) => Some(json!({"type": "text", "text": text})),
        Content::ToolCall(call) => tool_use(call),
        Content::Thinking(thinking) => Some(json!({
            "type": "thinking",
            "thinking": thinking.text,
            "signature": thinking.signature.as_deref().unwrap_or_default(),
        })),
        Content::RedactedThinking(data) => Some(json!({"type": "redacted_thinking", "data": data})),
        Content::Foreign(Foreign { dialect: Dialect::Messages, value, .. }) => Some(value.clone()),
        _ => None,
    }
}

/// `None`: the arguments are not a JSON object.
fn tool_use(call: &ToolCall) -> Option<Value> {
    // A call without arguments: some models write nothing at all.
    let input = match call.arguments.trim() {
        "" => Map::new(),
        arguments => serde_json::from_str(arguments).ok()?,
    };
    Some(json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}))
}

fn source(source: &Source, from: Dialect) -> Option<Value> {
    match source {
        Source::Url(url) => Some(json!({"type": "url", "url": url})),
        Source::Base64 { media_type, data } if media_type == "text/plain" => {
            let text = String::from_utf8(BASE64.decode(data).ok()?).ok()?;
            Some(json!({"type": "text", "media_type": media_type, "data": text}))
        }
        Source::Base64 { media_type, data } => {
            Some(json!({"type": "base64", "media_type": media_type, "data": data}))
        }
        Source::FileId(id) => {
            rest::same_house(from, Dialect::Messages).then(|| json!({"type": "file", "file_id": id}))
        }
    }
}
