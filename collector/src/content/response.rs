//! An answer's body: the messages of its choices, and the rest.

use serde_json::{Map, Value, json};

use super::{Content, Piece, canonical, fold, preview, repeat, turns};

pub(super) fn take_apart(body: &[u8], is_sse: bool, content: &mut Content) {
    let answer = if is_sse { fold::fold(body) } else { whole(body) };
    let Some(Value::Object(mut answer)) = answer else {
        content.outputs.push(Piece::raw(body));
        content.output_preview = preview::of_text(&String::from_utf8_lossy(&body[..body.len().min(2_048)]));
        return;
    };
    if let Some(Value::Array(choices)) = answer.get_mut("choices") {
        for choice in choices.iter_mut().filter_map(Value::as_object_mut) {
            take_message(choice, content);
        }
    }
    turns::take_answer(&mut answer, content);
    if let Some(Value::Array(data)) = answer.get_mut("data") {
        data.iter_mut().filter_map(Value::as_object_mut).for_each(measure_embedding);
    }
    if content.output_preview.is_empty() {
        let error = answer.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
        content.output_preview = error.map(preview::of_text).unwrap_or_default();
    }
    content.response = Value::Object(answer).to_string();
}

/// An array may be a stream that came without events.
fn whole(body: &[u8]) -> Option<Value> {
    match serde_json::from_slice(body).ok()? {
        Value::Array(pieces) if pieces.iter().any(fold::google::is_piece) => {
            fold::google::of_pieces(pieces.into_iter())
        }
        answer => Some(answer),
    }
}

/// A chat choice has a message; a completion has a text, which becomes one.
fn take_message(choice: &mut Map<String, Value>, content: &mut Content) {
    let message = match (choice.shift_remove("message"), choice.shift_remove("text")) {
        (Some(Value::Object(message)), _) => message,
        (_, Some(Value::String(text))) => {
            Map::from_iter([("role".to_owned(), json!("assistant")), ("content".to_owned(), json!(text))])
        }
        _ => return,
    };
    let message = canonical::message(message);
    content.answer_key = repeat::key(content.answer_key, &message);
    for name in preview::tool_names(&message) {
        if !content.tool_names.contains(&name) {
            content.tool_names.push(name);
        }
    }
    if content.output_preview.is_empty() {
        content.output_preview = preview::of_message(&message);
    }
    let role = message.get("role").and_then(Value::as_str).unwrap_or("assistant").to_owned();
    content.outputs.push(Piece::new(&role, Value::Object(message)));
}

/// An embedding's numbers are the caller's data, not its conversation, and a hundred times its size: only how many
/// there were is kept.
fn measure_embedding(item: &mut Map<String, Value>) {
    let Some(embedding) = item.shift_remove("embedding") else { return };
    let dimensions = match embedding {
        Value::Array(numbers) => numbers.len(),
        // Base64 of 4-byte floats.
        Value::String(base64) => base64.trim_end_matches('=').len() * 3 / 4 / 4,
        _ => 0,
    };
    item.insert("dimensions".to_owned(), json!(dimensions));
}
