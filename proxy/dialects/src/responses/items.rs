//! Input items, into messages of the form. Neighbouring items of one assistant's turn become one message.

use serde_json::Value;

use super::wire::read_reasoning;
use crate::form::{
    Content, File, Foreign, Image, Message, Part, Request, Role, Source, ToolCall, ToolResult,
};
use crate::object::Object;
use crate::policy::RequestError;
use crate::{Dialect, data_url};

pub(super) fn read(
    value: Value,
    path: &str,
    request: &mut Request,
    unread: &mut Vec<String>,
) -> Result<(), RequestError> {
    let mut item = Object::of(value.clone(), path)?;
    // A message needs no type.
    let kind = item.text("type")?.unwrap_or_else(|| "message".to_owned());
    match kind.as_str() {
        "message" => message(&mut item, request, unread)?,
        "function_call" => {
            let call = ToolCall {
                id: item.need_text("call_id")?,
                name: item.need_text("name")?,
                arguments: item.text("arguments")?.unwrap_or_default(),
            };
            add(request, Role::Assistant, Part::new(Content::ToolCall(call)));
        }
        "function_call_output" => {
            let call_id = item.need_text("call_id")?;
            let content = content(item.any("output"), &item.name("output"), unread)?;
            let result = ToolResult { call_id, content, is_error: false };
            add(request, Role::User, Part::new(Content::ToolResult(result)));
        }
        "reasoning" => {
            add(request, Role::Assistant, read_reasoning(&value));
            return Ok(());
        }
        // Items of the provider's own tools, references to items it has stored.
        _ => {
            let foreign = Foreign { dialect: Dialect::Responses, what: kind, value };
            add(request, Role::Assistant, Part::new(Content::Foreign(foreign)));
            return Ok(());
        }
    }
    // Names an earlier answer gave its items; they are not read again.
    item.any("id");
    item.any("status");
    item.any("phase");
    item.end(unread);
    Ok(())
}

fn message(item: &mut Object, request: &mut Request, unread: &mut Vec<String>) -> Result<(), RequestError> {
    let role = match item.need_text("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" | "developer" => Role::System,
        _ => return Err(item.invalid("role", "must be user, assistant, system or developer")),
    };
    let parts = content(item.any("content"), &item.name("content"), unread)?;
    match role {
        Role::System if request.messages.is_empty() => request.system.extend(parts),
        Role::Assistant => parts.into_iter().for_each(|part| add(request, Role::Assistant, part)),
        _ => request.messages.push(Message::new(role, parts)),
    }
    Ok(())
}

/// Adds a part to the turn it belongs to.
fn add(request: &mut Request, role: Role, part: Part) {
    let is_result = |part: &Part| matches!(part.content, Content::ToolResult(_));
    match request.messages.last_mut() {
        Some(last)
            if last.role == role && (role == Role::Assistant || last.parts.last().is_some_and(is_result)) =>
        {
            last.parts.push(part);
        }
        _ => request.messages.push(Message::new(role, vec![part])),
    }
}

fn content(value: Option<Value>, path: &str, unread: &mut Vec<String>) -> Result<Vec<Part>, RequestError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(parts)) => {
            let read = parts.into_iter().enumerate();
            read.map(|(at, value)| part(value, &format!("{path}[{at}]"), unread)).collect()
        }
        Some(_) => Err(RequestError::invalid(path, "must be a string or a list of parts")),
    }
}

fn part(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Part, RequestError> {
    let mut part = Object::of(value, path)?;
    let content = match part.need_text("type")?.as_str() {
        "input_text" | "output_text" | "text" => {
            // What an earlier answer cited, and how sure it was.
            part.any("annotations");
            part.any("logprobs");
            Content::Text(part.need_text("text")?)
        }
        "refusal" => Content::Refusal(part.need_text("refusal")?),
        "input_image" => {
            let (url, id) = (part.text("image_url")?, part.text("file_id")?);
            let source = url.map(data_url::read).or(id.map(Source::FileId));
            let source = source.ok_or_else(|| part.invalid("image_url", "is missing"))?;
            Content::Image(Image { source, detail: part.text("detail")? })
        }
        "input_file" => {
            let (data, url, id) = (part.text("file_data")?, part.text("file_url")?, part.text("file_id")?);
            let source = data.map(data_url::read).or(url.map(Source::Url)).or(id.map(Source::FileId));
            let source = source.ok_or_else(|| part.invalid("file_data", "is missing"))?;
            Content::File(File { source, name: part.text("filename")? })
        }
        _ => return Err(part.invalid("type", "is not a kind of content that is known")),
    };
    part.end(unread);
    Ok(Part::new(content))
}
