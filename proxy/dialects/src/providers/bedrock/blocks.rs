//! Parts of the form, into content blocks.

use serde_json::{Value, json};

use super::wire::{Family, MARK};
use crate::form::{CacheMarker, Content, File, Part, Source, ToolCall, ToolResult};
use crate::policy::{Losses, RequestError};
use crate::providers::proof;

const IMAGE_FORMATS: &[&str] = &["png", "jpeg", "gif", "webp"];
/// Media types of documents, and what the wire calls them.
const DOCUMENT_FORMATS: &[(&str, &str)] = &[
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
];
const LONGEST_ID_CHARS: usize = 64;
const LONGEST_NAME_CHARS: usize = 200;

/// `None`: left out, and told. `documents` counts them, since each needs a name.
pub(super) fn write(
    content: &Content,
    path: &str,
    documents: &mut usize,
    losses: &mut Losses,
) -> Result<Option<Value>, RequestError> {
    Ok(match content {
        // The service refuses blocks of no text, and they say nothing.
        Content::Text(text) | Content::Refusal(text) => (!text.is_empty()).then(|| json!({"text": text})),
        Content::ToolCall(call) => Some(json!({"toolUse": tool_use(call, path)?})),
        Content::ToolResult(result) => {
            Some(json!({"toolResult": tool_result(result, path, documents, losses)?}))
        }
        Content::Thinking(thinking) => match thinking.signature.as_deref() {
            // Anthropic's own proofs hold here too; unproven thoughts are refused.
            Some(signature) if !proof::is_marked(signature) => Some(json!({"reasoningContent":
                {"reasoningText": {"text": thinking.text, "signature": signature}}})),
            _ => {
                losses.dropped("thinking");
                None
            }
        },
        Content::RedactedThinking(data) => {
            let own = proof::own(MARK, data);
            if own.is_none() {
                losses.dropped("thinking");
            }
            own.map(|data| json!({"reasoningContent": {"redactedContent": data}}))
        }
        other => {
            let written = media(other, path, documents, losses);
            if written.is_none() {
                losses.unsupported(path)?;
            }
            written
        }
    })
}

/// A marker is a block of its own, after what it marks.
pub(super) fn cache_point(cache: Option<CacheMarker>, family: Family, losses: &mut Losses) -> Option<Value> {
    let marker = cache?;
    if !family.caches_prompts() {
        losses.dropped("cache_control");
        return None;
    }
    Some(match marker {
        CacheMarker::Short => json!({"cachePoint": {"type": "default"}}),
        CacheMarker::Long => json!({"cachePoint": {"type": "default", "ttl": "1h"}}),
    })
}

fn media(content: &Content, path: &str, documents: &mut usize, losses: &mut Losses) -> Option<Value> {
    match content {
        Content::Image(image) => {
            if image.detail.as_deref().is_some_and(|detail| detail != "auto") {
                losses.dropped(format!("{path}.detail"));
            }
            let format = match &image.source {
                Source::Base64 { media_type, .. } => media_type.strip_prefix("image/")?,
                Source::Url(url) => url.rsplit_once('.')?.1,
                Source::FileId(_) => return None,
            };
            let format = if format == "jpg" { "jpeg" } else { format };
            let known = IMAGE_FORMATS.contains(&format);
            let source = source(&image.source).filter(|_| known)?;
            Some(json!({"image": {"format": format, "source": source}}))
        }
        Content::File(file) => {
            let format = document_format(&file.source)?;
            let source = source(&file.source)?;
            *documents += 1;
            Some(
                json!({"document": {"format": format, "name": document_name(file, *documents), "source": source}}),
            )
        }
        _ => None,
    }
}

fn source(source: &Source) -> Option<Value> {
    match source {
        Source::Base64 { data, .. } => Some(json!({"bytes": data})),
        // The service fetches from nowhere but its own store.
        Source::Url(url) if url.starts_with("s3://") => Some(json!({"s3Location": {"uri": url}})),
        _ => None,
    }
}

fn document_format(source: &Source) -> Option<&'static str> {
    let found = match source {
        Source::Base64 { media_type, .. } => DOCUMENT_FORMATS.iter().find(|(known, _)| known == media_type),
        Source::Url(url) => DOCUMENT_FORMATS
            .iter()
            .find(|(_, ending)| url.rsplit_once('.').is_some_and(|(_, own)| own == *ending)),
        Source::FileId(_) => None,
    };
    found.map(|(_, format)| *format)
}

/// The service takes letters, digits, single spaces, hyphens and brackets; two documents may not have one name.
fn document_name(file: &File, number: usize) -> String {
    let name: String = file
        .name
        .as_deref()
        .unwrap_or("document")
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-()[]".contains(letter) { letter } else { ' ' })
        .take(LONGEST_NAME_CHARS)
        .collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    format!("{} {number}", words.join(" ")).trim_start().to_owned()
}

/// Ids of other providers may hold signs or have lengths that are refused here.
fn id(id: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    id.chars().map(|letter| if allowed(letter) { letter } else { '_' }).take(LONGEST_ID_CHARS).collect()
}

fn tool_use(call: &ToolCall, path: &str) -> Result<Value, RequestError> {
    let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    let Ok(input @ Value::Object(_)) = serde_json::from_str(arguments) else {
        return Err(RequestError::invalid(format!("{path}.arguments"), "must be a JSON object"));
    };
    Ok(json!({"toolUseId": id(&call.id), "name": call.name, "input": input}))
}

fn tool_result(
    result: &ToolResult,
    path: &str,
    documents: &mut usize,
    losses: &mut Losses,
) -> Result<Value, RequestError> {
    let mut content = Vec::new();
    for (at, Part { content: part, cache }) in result.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        if cache.is_some() {
            losses.dropped("cache_control");
        }
        let written = match part {
            Content::Text(text) => Some(json!({"text": text})),
            other => media(other, &path, documents, losses),
        };
        match written {
            Some(written) => content.push(written),
            None => losses.unsupported(path)?,
        }
    }
    let mut written = json!({"toolUseId": id(&result.call_id), "content": content});
    if result.is_error {
        written["status"] = "error".into();
    }
    Ok(written)
}
