//! A request body: messages, a prompt, or the input of an embedding; tools; and the rest.

use serde_json::{Map, Value};

use super::{Content, Piece, canonical, google, preview, turns};

pub(super) fn take_apart(body: &[u8], content: &mut Content) {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        content.inputs.push(Piece::raw(body));
        content.input_preview = preview::of_text(&String::from_utf8_lossy(&body[..body.len().min(2_048)]));
        return;
    };
    turns::take_system(&mut fields, content);
    take_messages(&mut fields, content);
    google::take_request(&mut fields, content);
    for name in ["prompt", "input"] {
        take_input(name, &mut fields, content);
    }
    if let Some(tools) = take_array(&mut fields, "tools").or_else(|| take_array(&mut fields, "functions")) {
        content.tools = Some(Piece::new("tools", Value::Array(tools)));
    }
    content.params = Value::Object(fields).to_string();
}

/// Takes a list out of the body; a value of another kind, or an empty list, stays where it is.
fn take_array(fields: &mut Map<String, Value>, name: &str) -> Option<Vec<Value>> {
    let is_list = fields.get(name).and_then(Value::as_array).is_some_and(|items| !items.is_empty());
    match is_list.then(|| fields.shift_remove(name)).flatten() {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    }
}

fn take_messages(fields: &mut Map<String, Value>, content: &mut Content) {
    for message in take_array(fields, "messages").unwrap_or_default() {
        let Value::Object(message) = message else {
            content.inputs.push(Piece::new("raw", message));
            continue;
        };
        let message = canonical::message(message);
        let role = message.get("role").and_then(Value::as_str).unwrap_or("user").to_owned();
        // The last thing a person or a tool said is what the call is about.
        if matches!(role.as_str(), "user" | "tool" | "function") || content.input_preview.is_empty() {
            content.input_preview = preview::of_message(&message);
        }
        content.inputs.push(Piece::new(&role, Value::Object(message)));
    }
}

/// A text, a list of texts, a list of tokens, or a list of lists of tokens.
fn take_input(name: &str, fields: &mut Map<String, Value>, content: &mut Content) {
    if let Some(Value::Array(items)) = fields.get(name)
        && turns::take_items(items, content)
    {
        fields.shift_remove(name);
        return;
    }
    let inputs = match fields.get(name) {
        Some(Value::Array(items)) if items.iter().all(|item| !item.is_number()) => {
            take_array(fields, name).unwrap_or_default()
        }
        Some(Value::String(_) | Value::Array(_)) => fields.shift_remove(name).into_iter().collect(),
        _ => return,
    };
    for input in inputs {
        if let (Some(text), true) = (input.as_str(), content.input_preview.is_empty()) {
            content.input_preview = preview::of_text(text);
        }
        content.inputs.push(Piece::new("input", input));
    }
}
