//! A chat completions body as a prompt.

use serde_json::{Value, json};

use super::error::Refusal;
use super::request::Request;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn, content_text};

pub(crate) fn read(request: &Request) -> Result<Prompt, Refusal> {
    let body = &request.body;
    let messages = body.get("messages").and_then(Value::as_array);
    let messages =
        messages.ok_or_else(|| Refusal::invalid("the field 'messages' is missing or not a list"))?;
    if messages.is_empty() {
        return Err(Refusal::invalid("the field 'messages' is an empty list"));
    }
    let limit = body.get("max_completion_tokens").or_else(|| body.get("max_tokens"));
    Ok(Prompt {
        model: request.model.to_owned(),
        turns: messages.iter().map(turn).collect::<Result<_, _>>()?,
        tools: body.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(tool).collect(),
        tool_choice: tool_choice(body.get("tool_choice")),
        parallel_tools: body.get("parallel_tool_calls").and_then(Value::as_bool).unwrap_or(true),
        format: format(body.get("response_format")),
        max_tokens: limit.and_then(Value::as_u64),
        words: request.control.words,
        text: request.control.text.clone(),
    })
}

fn turn(message: &Value) -> Result<Turn, Refusal> {
    let role = match message.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool" | "function") => Role::Tool,
        _ => {
            return Err(Refusal::invalid(
                "a message's 'role' is not one of system, developer, user, assistant, tool",
            ));
        }
    };
    Ok(Turn { role, text: message.get("content").map(content_text).unwrap_or_default() })
}

fn tool(tool: &Value) -> Option<Tool> {
    let function = tool.get("function")?;
    Some(Tool {
        name: function.get("name")?.as_str()?.to_owned(),
        description: function.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        schema: function.get("parameters").cloned().unwrap_or_else(|| json!({ "type": "object" })),
    })
}

fn tool_choice(choice: Option<&Value>) -> ToolChoice {
    match choice {
        Some(Value::String(word)) if word == "none" => ToolChoice::Never,
        Some(Value::String(word)) if word == "required" => ToolChoice::Must,
        Some(Value::Object(named)) => {
            let name =
                named.get("function").and_then(|function| function.get("name")).and_then(Value::as_str);
            name.map_or(ToolChoice::Auto, |name| ToolChoice::Named(name.to_owned()))
        }
        _ => ToolChoice::Auto,
    }
}

fn format(format: Option<&Value>) -> Format {
    let Some(format) = format else { return Format::Text };
    match format.get("type").and_then(Value::as_str) {
        Some("json_schema") => {
            format.pointer("/json_schema/schema").cloned().map_or(Format::AnyJson, Format::Schema)
        }
        Some("json_object") => Format::AnyJson,
        _ => Format::Text,
    }
}
