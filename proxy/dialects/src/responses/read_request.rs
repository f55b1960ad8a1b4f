//! A response's request, into the form.

use serde_json::Value;

use super::items;
use crate::Dialect;
use crate::form::{
    Effort, Foreign, Message, Output, Part, Reasoning, Request, Role, Sampling, Tool, ToolChoice, ToolKind,
};
use crate::object::Object;
use crate::policy::RequestError;

/// The most alternatives the dialect has for a token.
const MAX_TOP_LOGPROBS: u64 = 20;
const LOGPROBS: &str = "message.output_text.logprobs";

pub fn read(body: &[u8]) -> Result<Request, RequestError> {
    let mut object = Object::top(body)?;
    let mut request = Request::new(Dialect::Responses, object.need_text("model")?);
    let mut unread = Vec::new();
    request.system.extend(object.text("instructions")?.map(Part::text));
    match object.any("input") {
        None => return Err(object.invalid("input", "is missing")),
        Some(Value::String(text)) => request.messages.push(Message::new(Role::User, vec![Part::text(text)])),
        Some(Value::Array(input)) => {
            for (at, item) in input.into_iter().enumerate() {
                items::read(item, &format!("input[{at}]"), &mut request, &mut unread)?;
            }
        }
        Some(_) => return Err(object.invalid("input", "must be a string or a list of items")),
    }
    for (at, value) in object.list("tools")?.unwrap_or_default().into_iter().enumerate() {
        request.tools.push(tool(value, &format!("tools[{at}]"), &mut unread)?);
    }
    request.tool_choice = tool_choice(&mut object)?;
    request.parallel_tools = object.flag("parallel_tool_calls")?;
    text(&mut object, &mut request, &mut unread)?;
    if let Some(mut wish) = object.object("reasoning")? {
        request.reasoning = reasoning(&mut wish)?;
        wish.end(&mut unread);
    }
    request.sampling = Sampling {
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        ..Sampling::default()
    };
    request.max_output_tokens = object.unsigned("max_output_tokens")?;
    logprobs(&mut object, &mut request)?;
    request.user = object.text("user")?;
    request.metadata = object.map("metadata")?.unwrap_or_default();
    request.service_tier = object.text("service_tier")?;
    request.stream = object.flag("stream")?.unwrap_or(false);
    request.stream_usage = true;
    request.rest = object.into_rest();
    request.unread = unread;
    Ok(request)
}

fn logprobs(object: &mut Object, request: &mut Request) -> Result<(), RequestError> {
    let top = object.unsigned("top_logprobs")?;
    let mut include = object.list("include")?.unwrap_or_default();
    let asked = include.iter().any(|item| item == LOGPROBS);
    include.retain(|item| item != LOGPROBS);
    if asked || top.is_some_and(|top| top > 0) {
        request.logprobs = Some(top.unwrap_or(0).min(MAX_TOP_LOGPROBS) as u8);
    }
    if !include.is_empty() {
        object.put_back("include", include.into());
    }
    Ok(())
}

fn tool(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Tool, RequestError> {
    let mut tool = Object::of(value.clone(), path)?;
    let what = tool.need_text("type")?;
    if what != "function" {
        let foreign = Foreign { dialect: Dialect::Responses, what, value };
        return Ok(Tool { kind: ToolKind::Foreign(foreign), cache: None });
    }
    let kind = ToolKind::Function {
        name: tool.need_text("name")?,
        description: tool.text("description")?,
        parameters: tool.map("parameters")?.map(Value::Object),
        strict: tool.flag("strict")?,
    };
    tool.end(unread);
    Ok(Tool { kind, cache: None })
}

fn tool_choice(object: &mut Object) -> Result<Option<ToolChoice>, RequestError> {
    let Some(choice) = object.any("tool_choice") else { return Ok(None) };
    Ok(match (choice.as_str(), choice["type"].as_str(), choice["name"].as_str()) {
        (Some("auto"), ..) => Some(ToolChoice::Auto),
        (Some("none"), ..) => Some(ToolChoice::None),
        (Some("required"), ..) => Some(ToolChoice::Required),
        (Some(_), ..) => return Err(object.invalid("tool_choice", "must be none, auto, required or a tool")),
        (None, Some("function"), Some(name)) => Some(ToolChoice::Function(name.to_owned())),
        _ => {
            object.put_back("tool_choice", choice);
            None
        }
    })
}

fn text(object: &mut Object, request: &mut Request, unread: &mut Vec<String>) -> Result<(), RequestError> {
    let Some(mut text) = object.object("text")? else { return Ok(()) };
    request.verbosity = text.text("verbosity")?;
    if let Some(mut format) = text.object("format")? {
        request.output = match format.need_text("type")?.as_str() {
            "text" => Output::Text,
            "json_object" => Output::Json,
            "json_schema" => Output::Schema {
                name: format.text("name")?,
                description: format.text("description")?,
                schema: format.any("schema").ok_or_else(|| format.invalid("schema", "is missing"))?,
                strict: format.flag("strict")?,
            },
            _ => return Err(format.invalid("type", "must be text, json_object or json_schema")),
        };
        format.end(unread);
    }
    text.end(unread);
    Ok(())
}

fn reasoning(wish: &mut Object) -> Result<Option<Reasoning>, RequestError> {
    let effort = match wish.text("effort")? {
        None => None,
        Some(name) => {
            let effort = Effort::find(&name);
            Some(effort.ok_or_else(|| wish.invalid("effort", "is not an effort that is known"))?)
        }
    };
    let old = wish.text("generate_summary")?;
    let summary = wish.text("summary")?.or(old);
    let reasoning = Reasoning { effort, summary, ..Reasoning::default() };
    Ok((reasoning != Reasoning::default()).then_some(reasoning))
}
