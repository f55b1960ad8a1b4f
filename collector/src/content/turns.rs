//! Whole messages and items of the dialects that have no `choices`: Anthropic's message, the items of a response, what
//! Google's candidates say.

use serde_json::{Map, Value};

use super::{Content, Piece, canonical, google, preview, repeat};

/// The instructions before the first message: `system` of messages, `instructions` of responses.
pub(super) fn take_system(fields: &mut Map<String, Value>, content: &mut Content) {
    for name in ["system", "instructions"] {
        let is_said = fields.get(name).is_some_and(|value| match value {
            Value::String(text) => !text.is_empty(),
            Value::Array(blocks) => !blocks.is_empty(),
            _ => false,
        });
        if let Some(said) = is_said.then(|| fields.shift_remove(name)).flatten() {
            let message =
                Map::from_iter([("role".to_owned(), "system".into()), ("content".to_owned(), said)]);
            content.inputs.push(Piece::new("system", Value::Object(message)));
        }
    }
}

/// Items of a responses request. False: the list holds something else (texts to embed, tokens).
pub(super) fn take_items(items: &[Value], content: &mut Content) -> bool {
    let is_item = |item: &Value| item.get("type").or_else(|| item.get("role")).is_some_and(Value::is_string);
    if items.is_empty() || !items.iter().all(is_item) {
        return false;
    }
    for item in items.iter().filter_map(Value::as_object) {
        let item = canonical::message(item.clone());
        let role = role_of(&item);
        if matches!(role, "user" | "tool") || content.input_preview.is_empty() {
            content.input_preview = preview::of_message(&item);
        }
        content.inputs.push(Piece::new(role, Value::Object(item)));
    }
    true
}

/// The message or the items of an answer.
pub(super) fn take_answer(answer: &mut Map<String, Value>, content: &mut Content) {
    let is_message = answer.get("type").is_some_and(|kind| kind == "message");
    if is_message && let Some(blocks @ Value::Array(_)) = answer.shift_remove("content") {
        let role = answer.get("role").cloned().unwrap_or_else(|| "assistant".into());
        let message = Map::from_iter([("role".to_owned(), role), ("content".to_owned(), blocks)]);
        add_output(message, content);
    }
    let is_response = answer.get("object").is_some_and(|kind| kind == "response");
    if is_response && let Some(Value::Array(items)) = answer.shift_remove("output") {
        for item in items {
            match item {
                Value::Object(item) => add_output(canonical::message(item), content),
                other => content.outputs.push(Piece::new("raw", other)),
            }
        }
    }
    for said in google::candidates(answer) {
        add_output(said, content);
    }
}

fn add_output(message: Map<String, Value>, content: &mut Content) {
    content.answer_key = repeat::key(content.answer_key, &message);
    for name in preview::tool_names(&message) {
        if !content.tool_names.contains(&name) {
            content.tool_names.push(name);
        }
    }
    let said = preview::of_message(&message);
    // Thinking comes first and is not what the call said.
    let is_said = message.get("type").is_none_or(|kind| kind != "reasoning");
    if is_said && content.output_preview.is_empty() {
        content.output_preview = said;
    }
    content.outputs.push(Piece::new("assistant", Value::Object(message)));
}

fn role_of(item: &Map<String, Value>) -> &'static str {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    match (text("type"), text("role")) {
        (kind, _) if kind.ends_with("_output") => "tool",
        (_, "user") => "user",
        (_, "system" | "developer") => "system",
        _ => "assistant",
    }
}
