//! A message's request, into the form.

use serde_json::Value;

use super::blocks::{cache, content};
use crate::Dialect;
use crate::form::{
    Effort, Foreign, Message, Output, Reasoning, Request, Role, Sampling, Tool, ToolChoice, ToolKind,
};
use crate::object::Object;
use crate::policy::RequestError;

pub fn read(body: &[u8]) -> Result<Request, RequestError> {
    let mut object = Object::top(body)?;
    let mut request = Request::new(Dialect::Messages, object.need_text("model")?);
    let mut unread = Vec::new();
    request.system = content(object.any("system"), "system", &mut unread)?;
    let messages = object.list("messages")?.ok_or_else(|| object.invalid("messages", "is missing"))?;
    for (at, message) in messages.into_iter().enumerate() {
        request.messages.push(turn(message, &format!("messages[{at}]"), &mut unread)?);
    }
    for (at, value) in object.list("tools")?.unwrap_or_default().into_iter().enumerate() {
        request.tools.push(tool(value, &format!("tools[{at}]"), &mut unread)?);
    }
    tool_choice(&mut object, &mut request, &mut unread)?;
    thinking(&mut object, &mut request, &mut unread)?;
    request.sampling = Sampling {
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        top_k: object.unsigned("top_k")?,
        ..Sampling::default()
    };
    request.max_output_tokens = object.unsigned("max_tokens")?;
    request.stop = stop(&mut object)?;
    if let Some(mut metadata) = object.map("metadata")? {
        if let Some(Value::String(user)) = metadata.shift_remove("user_id") {
            request.user = Some(user);
        }
        metadata.retain(|_, value| !value.is_null());
        request.metadata = metadata;
    }
    request.service_tier = object.text("service_tier")?;
    request.stream = object.flag("stream")?.unwrap_or(false);
    request.stream_usage = true;
    request.rest = object.into_rest();
    request.unread = unread;
    Ok(request)
}

fn stop(object: &mut Object) -> Result<Vec<String>, RequestError> {
    let read = |stop| match stop {
        Value::String(stop) => Ok(stop),
        _ => Err(RequestError::invalid("stop_sequences", "must hold strings")),
    };
    object.list("stop_sequences")?.unwrap_or_default().into_iter().map(read).collect()
}

fn turn(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Message, RequestError> {
    let mut message = Object::of(value, path)?;
    let role = match message.need_text("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(message.invalid("role", "must be user or assistant")),
    };
    let parts = content(message.any("content"), &format!("{path}.content"), unread)?;
    message.end(unread);
    Ok(Message::new(role, parts))
}

fn tool(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Tool, RequestError> {
    let mut tool = Object::of(value.clone(), path)?;
    let cache = cache(&mut tool)?;
    if let Some(what) = tool.text("type")?.filter(|kind| kind != "custom") {
        let foreign = Foreign { dialect: Dialect::Messages, what, value };
        return Ok(Tool { kind: ToolKind::Foreign(foreign), cache: None });
    }
    let kind = ToolKind::Function {
        name: tool.need_text("name")?,
        description: tool.text("description")?,
        parameters: tool.map("input_schema")?.map(Value::Object),
        strict: tool.flag("strict")?,
    };
    tool.end(unread);
    Ok(Tool { kind, cache })
}

fn tool_choice(
    object: &mut Object,
    request: &mut Request,
    unread: &mut Vec<String>,
) -> Result<(), RequestError> {
    let Some(mut choice) = object.object("tool_choice")? else { return Ok(()) };
    request.tool_choice = Some(match choice.need_text("type")?.as_str() {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Function(choice.need_text("name")?),
        _ => return Err(choice.invalid("type", "must be auto, any, tool or none")),
    });
    request.parallel_tools = choice.flag("disable_parallel_tool_use")?.map(|disabled| !disabled);
    choice.end(unread);
    Ok(())
}

fn thinking(
    object: &mut Object,
    request: &mut Request,
    unread: &mut Vec<String>,
) -> Result<(), RequestError> {
    let mut reasoning = Reasoning::default();
    if let Some(mut thinking) = object.object("thinking")? {
        reasoning.enabled = Some(match thinking.need_text("type")?.as_str() {
            "enabled" | "adaptive" => true,
            "disabled" => false,
            _ => return Err(thinking.invalid("type", "must be enabled, adaptive or disabled")),
        });
        reasoning.budget_tokens = thinking.unsigned("budget_tokens")?;
        reasoning.summary = thinking.text("display")?;
        thinking.end(unread);
    }
    let mut format = object.object("output_format")?;
    if let Some(mut config) = object.object("output_config")? {
        if let Some(effort) = config.text("effort")? {
            let known = Effort::find(&effort);
            reasoning.effort =
                Some(known.ok_or_else(|| config.invalid("effort", "is not an effort that is known"))?);
        }
        format = config.object("format")?.or(format);
        config.end(unread);
    }
    if let Some(mut format) = format {
        if format.need_text("type")? != "json_schema" {
            return Err(format.invalid("type", "must be json_schema"));
        }
        let schema = format.any("schema").ok_or_else(|| format.invalid("schema", "is missing"))?;
        request.output = Output::Schema { name: None, description: None, schema, strict: None };
        format.end(unread);
    }
    if reasoning != Reasoning::default() {
        request.reasoning = Some(reasoning);
    }
    Ok(())
}
