//! A few words of a message, for lists.

use serde_json::{Map, Value};

/// Characters kept.
const PREVIEW_CHARS: usize = 240;
/// Results of tools hold parts, which hold no further ones.
const DEEPEST: u32 = 2;

/// The first characters of a text, on one line.
pub(super) fn of_text(text: &str) -> String {
    let mut preview = String::new();
    let mut room = PREVIEW_CHARS;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !preview.is_empty() {
            preview.push(' ');
            room = room.saturating_sub(1);
        }
        if length > room {
            preview.extend(word.chars().take(room));
            preview.push('…');
            break;
        }
        preview.push_str(word);
        room -= length;
    }
    preview
}

/// Of a message: its text, or else the tools it calls.
pub(super) fn of_message(message: &Map<String, Value>) -> String {
    // What a tool gave back, in an item of a response.
    let text = text_of(["content", "output", "parts"].iter().find_map(|name| message.get(*name)));
    if !text.trim().is_empty() {
        return of_text(&text);
    }
    let refusal = message.get("refusal").and_then(Value::as_str);
    refusal.map_or_else(|| of_text(&tool_names(message).join(", ")), of_text)
}

/// Names of the tools that a message calls, in order.
pub(super) fn tool_names(message: &Map<String, Value>) -> Vec<String> {
    let calls = message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let legacy = message.get("function_call").and_then(|call| call.get("name"));
    let named = calls.iter().filter_map(|call| {
        call.get("function").or_else(|| call.get("custom")).and_then(|function| function.get("name"))
    });
    // Anthropic's blocks, and an item of a response.
    let blocks = message.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_call =
        |kind: Option<&Value>| kind.is_some_and(|kind| kind == "tool_use" || kind == "function_call");
    let used = blocks.iter().filter(|block| is_call(block.get("type"))).filter_map(|block| block.get("name"));
    let item = is_call(message.get("type")).then(|| message.get("name")).flatten();
    let parts = message.get("parts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let googles = parts.iter().filter_map(|part| part.get("functionCall")?.get("name"));
    let all = named.chain(legacy).chain(used).chain(item).chain(googles);
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `content` is a text, or a list of parts of which some have a text. Enough of it for a preview.
fn text_of(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.chars().take(PREVIEW_CHARS * 4).collect(),
        Some(Value::Array(parts)) => {
            let mut text = String::new();
            parts.iter().for_each(|part| add_text(part, DEEPEST, &mut text));
            text
        }
        _ => String::new(),
    }
}

/// A part's own text, or the texts within what a tool gave back.
fn add_text(part: &Value, depth: u32, text: &mut String) {
    let room = (PREVIEW_CHARS * 4).saturating_sub(text.chars().count());
    if part.get("thought").is_some_and(|thought| thought == true) {
        return;
    }
    if let Some(own) = part.get("text").or_else(|| part.get("content")).and_then(Value::as_str) {
        text.extend(own.chars().take(room).chain([' ']));
    } else if let Some(told) = part.get("functionResponse").and_then(|told| told.get("response")) {
        // Mostly an object with one text in it.
        let only =
            told.as_object().filter(|told| told.len() == 1).and_then(|told| told.values().next()?.as_str());
        let told = only.map_or_else(|| told.to_string(), str::to_owned);
        text.extend(told.chars().take(room).chain([' ']));
    } else if let Some(parts) = part.get("content").and_then(Value::as_array).filter(|_| depth > 0) {
        parts.iter().for_each(|part| add_text(part, depth - 1, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(of_text("  two\n\twords "), "two words");
        let long = of_text(&"가".repeat(1_000));
        assert_eq!(long.chars().count(), PREVIEW_CHARS + 1);
        assert!(of_text(&"word ".repeat(1_000)).chars().count() <= PREVIEW_CHARS + 1);
    }
}
