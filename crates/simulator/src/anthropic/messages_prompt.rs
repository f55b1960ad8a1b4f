//! A messages body as a prompt.

use serde_json::{Value, json};

use super::error::Refusal;
use super::request::Request;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn, content_text};

pub(super) fn read(request: &Request) -> Result<Prompt, Refusal> {
    let body = &request.body;
    let messages = body.get("messages").and_then(Value::as_array).filter(|messages| !messages.is_empty());
    let messages =
        messages.ok_or_else(|| Refusal::new(400, "messages: a list of at least one message is required"))?;
    let mut turns = Vec::new();
    if let Some(system) = body.get("system") {
        turns.push(Turn { role: Role::System, text: content_text(system) });
    }
    for message in messages {
        read_message(message, &mut turns)?;
    }
    let choice = body.get("tool_choice");
    let one_at_a_time =
        choice.and_then(|choice| choice.get("disable_parallel_tool_use")).and_then(Value::as_bool);
    Ok(Prompt {
        model: request.model.to_owned(),
        turns,
        tools: body.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(tool).collect(),
        tool_choice: tool_choice(choice),
        parallel_tools: !one_at_a_time.unwrap_or(false),
        format: body.pointer("/output_config/format/schema").cloned().map_or(Format::Text, Format::Schema),
        max_tokens: body.get("max_tokens").and_then(Value::as_u64),
        words: request.control.words,
        text: request.control.text.clone(),
    })
}

/// A user message may carry results of tools beside text: each becomes a turn of its own.
fn read_message(message: &Value, turns: &mut Vec<Turn>) -> Result<(), Refusal> {
    let role = match message.get("role").and_then(Value::as_str) {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => return Err(Refusal::new(400, "messages: a message's role is not one of user, assistant")),
    };
    let content = message.get("content").unwrap_or(&Value::Null);
    let parts = content.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_result = |part: &&Value| part.get("type").and_then(Value::as_str) == Some("tool_result");
    let results: Vec<&Value> = parts.iter().filter(is_result).collect();
    if results.is_empty() {
        turns.push(Turn { role, text: content_text(content) });
        return Ok(());
    }
    for result in results {
        turns.push(Turn {
            role: Role::Tool,
            text: result.get("content").map(content_text).unwrap_or_default(),
        });
    }
    Ok(())
}

fn tool(tool: &Value) -> Option<Tool> {
    Some(Tool {
        name: tool.get("name")?.as_str()?.to_owned(),
        description: tool.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        schema: tool.get("input_schema").cloned().unwrap_or_else(|| json!({ "type": "object" })),
    })
}

fn tool_choice(choice: Option<&Value>) -> ToolChoice {
    let text = |field: &str| choice.and_then(|choice| choice.get(field)).and_then(Value::as_str);
    match (text("type"), text("name")) {
        (Some("none"), _) => ToolChoice::Never,
        (Some("any"), _) => ToolChoice::Must,
        (Some("tool"), Some(name)) => ToolChoice::Named(name.to_owned()),
        _ => ToolChoice::Auto,
    }
}
