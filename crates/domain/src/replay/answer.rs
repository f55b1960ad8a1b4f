//! What an answer says and which tools it asks for, in any of the dialects.

use serde_json::{Map, Value, json};

use super::request::Dialect;

/// One answer, or one that came back as history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Turn {
    pub text: String,
    pub tools: Vec<ToolUse>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ToolUse {
    pub id: String,
    pub name: String,
    /// As JSON, where it is.
    pub arguments: Value,
}

impl Turn {
    /// The same words and the same tools, whatever form it has taken.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.text.trim() == other.text.trim() && self.tools == other.tools
    }

    pub(super) fn says_nothing(&self) -> bool {
        self.text.trim().is_empty() && self.tools.is_empty()
    }
}

/// The messages of a whole answer, as they go back as history: without what only an answer may hold.
pub fn messages(dialect: Dialect, answer: &Value) -> Vec<Value> {
    match dialect {
        Dialect::ChatCompletions => {
            let message = &answer["choices"][0]["message"];
            let kept = ["role", "content", "tool_calls", "function_call", "refusal"];
            only(message, &kept).into_iter().collect()
        }
        Dialect::Messages => match &answer["content"] {
            blocks @ Value::Array(_) => vec![json!({ "role": "assistant", "content": blocks })],
            _ => Vec::new(),
        },
        // What a model thought is of use to itself alone, and an item's id names it in its provider's memory.
        Dialect::Responses => answer["output"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|item| item["type"] != "reasoning")
            .filter_map(Value::as_object)
            .map(|item| {
                let mut item = item.clone();
                item.retain(|name, value| !matches!(name.as_str(), "id" | "status") && !value.is_null());
                Value::Object(item)
            })
            .collect(),
    }
}

fn only(message: &Value, kept: &[&str]) -> Option<Value> {
    let fields = message.as_object()?;
    let says = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    let kept: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| kept.contains(&name.as_str()) && says(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Some(Value::Object(kept))
}

/// What these messages or items say together.
pub fn turn<'v>(messages: impl IntoIterator<Item = &'v Value>) -> Turn {
    let mut turn = Turn::default();
    for message in messages {
        match message["type"].as_str() {
            Some("function_call") => {
                turn.tools.push(tool(message, &message["call_id"], &message["arguments"]))
            }
            Some("custom_tool_call") => {
                turn.tools.push(tool(message, &message["call_id"], &message["input"]))
            }
            Some("reasoning") => {}
            _ => read(message, &mut turn),
        }
    }
    turn
}

fn read(message: &Value, turn: &mut Turn) {
    match &message["content"] {
        Value::String(text) => add(&mut turn.text, text),
        Value::Array(parts) => {
            for part in parts {
                match part["type"].as_str() {
                    Some("tool_use") => turn.tools.push(tool(part, &part["id"], &part["input"])),
                    Some("text" | "output_text" | "input_text") => {
                        add(&mut turn.text, part["text"].as_str().unwrap_or_default());
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let asked = if call["function"].is_object() { &call["function"] } else { &call["custom"] };
        let arguments = if asked["arguments"].is_null() { &asked["input"] } else { &asked["arguments"] };
        turn.tools.push(tool(asked, &call["id"], arguments));
    }
    if message["function_call"].is_object() {
        let asked = &message["function_call"];
        turn.tools.push(tool(asked, &Value::Null, &asked["arguments"]));
    }
}

fn add(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

fn tool(asked: &Value, id: &Value, arguments: &Value) -> ToolUse {
    let arguments = match arguments {
        Value::String(text) if text.trim().is_empty() => json!({}),
        // Two texts of one JSON value ask the same.
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        other => other.clone(),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ToolUse { id: text(id), name: text(&asked["name"]), arguments }
}
