//! A request to converse as a prompt.

use serde_json::{Value, json};

use crate::call::Call;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn};

pub(super) fn read(call: &Call) -> Prompt {
    let body = &call.body;
    let mut turns = Vec::new();
    let system = said(&body["system"]);
    if !system.is_empty() {
        turns.push(Turn { role: Role::System, text: system });
    }
    for message in list(&body["messages"]) {
        let role = if message["role"] == "assistant" { Role::Assistant } else { Role::User };
        let results = list(&message["content"]).filter(|block| block["toolResult"].is_object());
        let before = turns.len();
        turns.extend(
            results.map(|block| Turn { role: Role::Tool, text: said(&block["toolResult"]["content"]) }),
        );
        let text = said(&message["content"]);
        if turns.len() == before || !text.is_empty() {
            turns.push(Turn { role, text });
        }
    }
    let schema = body.pointer("/outputConfig/textFormat/structure/jsonSchema/schema").and_then(Value::as_str);
    let schema = schema.and_then(|schema| serde_json::from_str(schema).ok());
    Prompt {
        turns,
        tools: list(&body["toolConfig"]["tools"]).filter_map(tool).collect(),
        tool_choice: tool_choice(&body["toolConfig"]["toolChoice"]),
        format: schema.map_or(Format::Text, Format::Schema),
        max_tokens: body["inferenceConfig"]["maxTokens"].as_u64(),
        ..call.prompt()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of blocks; another block's kind stands for it, so that it still changes the answer.
fn said(blocks: &Value) -> String {
    let silent = ["toolUse", "toolResult", "cachePoint", "reasoningContent"];
    let text = |block: &Value| match block["text"].as_str() {
        Some(text) => Some(text.to_owned()),
        None => block
            .as_object()?
            .keys()
            .next()
            .filter(|kind| !silent.contains(&kind.as_str()))
            .map(|kind| format!("[{kind}]")),
    };
    list(blocks).filter_map(text).collect::<Vec<_>>().join("\n")
}

fn tool(tool: &Value) -> Option<Tool> {
    let spec = &tool["toolSpec"];
    Some(Tool {
        name: spec["name"].as_str()?.to_owned(),
        description: spec["description"].as_str().unwrap_or_default().to_owned(),
        schema: spec.pointer("/inputSchema/json").cloned().unwrap_or_else(|| json!({ "type": "object" })),
    })
}

fn tool_choice(choice: &Value) -> ToolChoice {
    match choice.pointer("/tool/name").and_then(Value::as_str) {
        Some(name) => ToolChoice::Named(name.to_owned()),
        None if choice["any"].is_object() => ToolChoice::Must,
        None => ToolChoice::Auto,
    }
}
