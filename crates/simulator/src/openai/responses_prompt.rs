//! A responses body as a prompt.

use serde_json::{Value, json};

use super::error::Refusal;
use super::request::Request;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn, content_text};

pub(super) fn read(request: &Request) -> Result<Prompt, Refusal> {
    let body = &request.body;
    let mut turns = Vec::new();
    if let Some(instructions) = body.get("instructions").and_then(Value::as_str) {
        turns.push(Turn { role: Role::System, text: instructions.to_owned() });
    }
    match body.get("input") {
        Some(Value::String(text)) => turns.push(Turn { role: Role::User, text: text.clone() }),
        Some(Value::Array(items)) if !items.is_empty() => {
            for item in items {
                turns.extend(turn(item)?);
            }
        }
        _ => return Err(Refusal::invalid("the field 'input' is missing, empty, or not a string or a list")),
    }
    Ok(Prompt {
        model: request.model.to_owned(),
        turns,
        tools: body.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(tool).collect(),
        tool_choice: tool_choice(body.get("tool_choice")),
        parallel_tools: body.get("parallel_tool_calls").and_then(Value::as_bool).unwrap_or(true),
        format: format(body.pointer("/text/format")),
        max_tokens: body.get("max_output_tokens").and_then(Value::as_u64),
        words: request.control.words,
        text: request.control.text.clone(),
    })
}

/// `None`: an item that is no turn, such as reasoning or the call of a tool.
fn turn(item: &Value) -> Result<Option<Turn>, Refusal> {
    let kind = item.get("type").and_then(Value::as_str).unwrap_or("message");
    if kind == "function_call_output" {
        let text = item.get("output").map(content_text).unwrap_or_default();
        return Ok(Some(Turn { role: Role::Tool, text }));
    }
    if kind != "message" {
        return Ok(None);
    }
    let role = match item.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => {
            return Err(Refusal::invalid(
                "an item's 'role' is not one of system, developer, user, assistant",
            ));
        }
    };
    Ok(Some(Turn { role, text: item.get("content").map(content_text).unwrap_or_default() }))
}

fn tool(tool: &Value) -> Option<Tool> {
    Some(Tool {
        name: tool.get("name")?.as_str()?.to_owned(),
        description: tool.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        schema: tool.get("parameters").cloned().unwrap_or_else(|| json!({ "type": "object" })),
    })
}

fn tool_choice(choice: Option<&Value>) -> ToolChoice {
    match choice {
        Some(Value::String(word)) if word == "none" => ToolChoice::Never,
        Some(Value::String(word)) if word == "required" => ToolChoice::Must,
        Some(Value::Object(named)) => {
            let name = named.get("name").and_then(Value::as_str);
            name.map_or(ToolChoice::Auto, |name| ToolChoice::Named(name.to_owned()))
        }
        _ => ToolChoice::Auto,
    }
}

fn format(format: Option<&Value>) -> Format {
    let Some(format) = format else { return Format::Text };
    match format.get("type").and_then(Value::as_str) {
        Some("json_schema") => format.get("schema").cloned().map_or(Format::AnyJson, Format::Schema),
        Some("json_object") => Format::AnyJson,
        _ => Format::Text,
    }
}
