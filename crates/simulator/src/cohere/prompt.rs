//! A chat request as a prompt.

use serde_json::{Value, json};

use crate::call::Call;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn, content_text};

pub(super) fn read(call: &Call) -> Prompt {
    let body = &call.body;
    let turn = |message: &Value| Turn {
        role: match message["role"].as_str() {
            Some("system") => Role::System,
            Some("assistant") => Role::Assistant,
            Some("tool") => Role::Tool,
            _ => Role::User,
        },
        text: content_text(&message["content"]),
    };
    let format = &body["response_format"];
    Prompt {
        turns: list(&body["messages"]).map(turn).collect(),
        tools: list(&body["tools"]).filter_map(tool).collect(),
        tool_choice: match body["tool_choice"].as_str() {
            Some("NONE") => ToolChoice::Never,
            Some("REQUIRED") => ToolChoice::Must,
            _ => ToolChoice::Auto,
        },
        format: match (format.get("json_schema"), format["type"].as_str()) {
            (Some(schema), _) => Format::Schema(schema.clone()),
            (None, Some("json_object")) => Format::AnyJson,
            _ => Format::Text,
        },
        max_tokens: body["max_tokens"].as_u64(),
        ..call.prompt()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn tool(tool: &Value) -> Option<Tool> {
    let function = &tool["function"];
    Some(Tool {
        name: function["name"].as_str()?.to_owned(),
        description: function["description"].as_str().unwrap_or_default().to_owned(),
        schema: function.get("parameters").cloned().unwrap_or_else(|| json!({ "type": "object" })),
    })
}
