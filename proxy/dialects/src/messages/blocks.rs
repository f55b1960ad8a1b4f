//! Content blocks, into parts of the form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::Dialect;
use crate::form::{CacheMarker, Content, File, Foreign, Image, Part, Source, Thinking, ToolCall, ToolResult};
use crate::object::Object;
use crate::policy::RequestError;

/// A string, or a list of blocks.
pub(super) fn content(
    value: Option<Value>,
    path: &str,
    unread: &mut Vec<String>,
) -> Result<Vec<Part>, RequestError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(blocks)) => {
            let read = blocks.into_iter().enumerate();
            read.map(|(at, value)| block(value, &format!("{path}[{at}]"), unread)).collect()
        }
        Some(_) => Err(RequestError::invalid(path, "must be a string or a list of blocks")),
    }
}

fn block(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Part, RequestError> {
    let mut block = Object::of(value.clone(), path)?;
    let cache = cache(&mut block)?;
    let kind = block.need_text("type")?;
    let known = match kind.as_str() {
        "text" => {
            // What an earlier answer cited: its text stands for itself.
            block.any("citations");
            Some(Content::Text(block.need_text("text")?))
        }
        "image" => source(&mut block, unread)?.map(|source| Content::Image(Image { source, detail: None })),
        "document" => document(&mut block, unread)?,
        "tool_use" => Some(Content::ToolCall(ToolCall {
            id: block.need_text("id")?,
            name: block.need_text("name")?,
            arguments: Value::Object(block.map("input")?.unwrap_or_default()).to_string(),
        })),
        "tool_result" => {
            let call_id = block.need_text("tool_use_id")?;
            let content = content(block.any("content"), &format!("{path}.content"), unread)?;
            let is_error = block.flag("is_error")?.unwrap_or(false);
            Some(Content::ToolResult(ToolResult { call_id, content, is_error }))
        }
        "thinking" => Some(Content::Thinking(Thinking {
            text: block.need_text("thinking")?,
            signature: block.text("signature")?.filter(|signature| !signature.is_empty()),
            id: None,
        })),
        "redacted_thinking" => Some(Content::RedactedThinking(block.need_text("data")?)),
        _ => None,
    };
    // Blocks of the provider's own tools, and shapes of the known ones that no other dialect has.
    let Some(content) = known else { return Ok(Part { content: foreign(kind, value), cache: None }) };
    block.end(unread);
    Ok(Part { content, cache })
}

pub(super) fn foreign(what: String, value: Value) -> Content {
    Content::Foreign(Foreign { dialect: Dialect::Messages, what, value })
}

/// `None`: a kind of source that only this dialect has.
fn source(block: &mut Object, unread: &mut Vec<String>) -> Result<Option<Source>, RequestError> {
    let mut source = block.object("source")?.ok_or_else(|| block.invalid("source", "is missing"))?;
    let read = match source.need_text("type")?.as_str() {
        "base64" => {
            Source::Base64 { media_type: source.need_text("media_type")?, data: source.need_text("data")? }
        }
        "url" => Source::Url(source.need_text("url")?),
        "file" => Source::FileId(source.need_text("file_id")?),
        "text" => Source::Base64 {
            media_type: source.text("media_type")?.unwrap_or_else(|| "text/plain".to_owned()),
            data: BASE64.encode(source.need_text("data")?),
        },
        _ => return Ok(None),
    };
    source.end(unread);
    Ok(Some(read))
}

fn document(block: &mut Object, unread: &mut Vec<String>) -> Result<Option<Content>, RequestError> {
    // Citations were not asked for: as if the field were not there.
    if block.object("citations")?.map(|mut wish| wish.flag("enabled")).transpose()?.flatten() == Some(true) {
        unread.push(block.name("citations"));
    }
    let Some(source) = source(block, unread)? else { return Ok(None) };
    Ok(Some(Content::File(File { source, name: block.text("title")? })))
}

pub(super) fn cache(block: &mut Object) -> Result<Option<CacheMarker>, RequestError> {
    let Some(mut control) = block.object("cache_control")? else { return Ok(None) };
    let long = control.text("ttl")?.as_deref() == Some("1h");
    Ok(Some(if long { CacheMarker::Long } else { CacheMarker::Short }))
}
