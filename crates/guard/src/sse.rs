//! Server-sent events as far as their text is concerned: where one ends, what JSON it carries, and which of its strings
//! are pieces of a longer text that is told over many events.

use serde_json::Value;

/// Strings beside the text in a delta: they say what the piece is, and are whole.
const NO_TEXT: &[&str] =
    &["role", "type", "id", "call_id", "name", "finish_reason", "stop_reason", "signature", "obfuscation"];
/// What tells two texts apart that are told at the same time.
const NUMBERS: &[&str] =
    &["type", "index", "output_index", "content_index", "summary_index", "item_id", "contentBlockIndex"];

/// Where the first event of these bytes ends, its blank line included. `None`: it is not whole.
pub fn end_of_event(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let line_end = match bytes[at] {
            b'\n' => at + 1,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => at + 2,
            // A line end may be cut in two: the next bytes decide.
            b'\r' if at + 1 == bytes.len() => return None,
            b'\r' => at + 1,
            _ => {
                at += 1;
                continue;
            }
        };
        if at == line_start && line_start > 0 {
            return Some(line_end);
        }
        line_start = line_end;
        at = line_end;
    }
    None
}

/// Whole events, each with its blank line; and what is left, which is none.
pub fn split(mut bytes: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut events = Vec::new();
    while let Some(end) = end_of_event(bytes) {
        let (event, rest) = bytes.split_at(end);
        events.push(event);
        bytes = rest;
    }
    (events, bytes)
}

fn lines(event: &[u8]) -> impl Iterator<Item = &[u8]> {
    event.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty())
}

/// What an event carries: its data lines put together. `None`: a comment or an event without data.
pub fn data(event: &[u8]) -> Option<Vec<u8>> {
    let mut data: Option<Vec<u8>> = None;
    for line in lines(event) {
        let Some(value) = line.strip_prefix(b"data:") else { continue };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &mut data {
            None => data = Some(value.to_vec()),
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
        }
    }
    data
}

/// The event with other data, on one line.
pub fn with_data(event: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(event.len() + data.len());
    for line in lines(event).filter(|line| !line.starts_with(b"data:")) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
    out
}

/// A string of an event that continues a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// Which text it continues.
    pub text: String,
}

/// The pieces of texts in an event's data, in order.
pub fn pieces(value: &Value) -> Vec<Piece> {
    let mut pieces = Vec::new();
    walk(value, &mut Place { pointer: String::new(), numbers: String::new(), in_delta: false }, &mut pieces);
    pieces
}

/// Of an event that ends a block: what the names of the block's texts hold.
pub fn ended(value: &Value) -> Option<Vec<String>> {
    let kind = value.get("type")?.as_str()?;
    if !kind.ends_with("_stop") && !kind.ends_with(".done") {
        return None;
    }
    let said = NUMBERS.iter().skip(1).filter_map(|name| Some(format!("|{name}={};", value.get(*name)?)));
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then_some(said)
}

struct Place {
    pointer: String,
    numbers: String,
    in_delta: bool,
}

fn walk(value: &Value, place: &mut Place, pieces: &mut Vec<Piece>) {
    let (pointer_len, numbers_len) = (place.pointer.len(), place.numbers.len());
    match value {
        Value::Object(fields) => {
            for name in NUMBERS {
                if let Some(number) = fields.get(*name).filter(|number| !number.is_object()) {
                    place.numbers.push_str(&format!("|{name}={number};"));
                }
            }
            for (name, value) in fields {
                let was_in_delta = place.in_delta;
                let is_completion = name == "text" && place.pointer.starts_with("/choices/");
                place.in_delta |= name == "delta" || is_completion;
                place.pointer.push('/');
                place.pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                if !NO_TEXT.contains(&name.as_str()) {
                    walk(value, place, pieces);
                }
                place.pointer.truncate(pointer_len);
                place.in_delta = was_in_delta;
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                place.pointer.push_str(&format!("/{at}"));
                walk(item, place, pieces);
                place.pointer.truncate(pointer_len);
            }
        }
        Value::String(_) if place.in_delta => pieces.push(Piece {
            pointer: place.pointer.clone(),
            text: format!("{}{}", place.pointer, place.numbers),
        }),
        _ => {}
    }
    place.numbers.truncate(numbers_len);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_end_with_a_blank_line_of_any_kind() {
        let (events, rest) = split(b"data: a\n\nevent: x\r\ndata: b\r\n\r\n: c\n\ndata: d\n");
        assert_eq!(events, [&b"data: a\n\n"[..], b"event: x\r\ndata: b\r\n\r\n", b": c\n\n"]);
        assert_eq!(rest, b"data: d\n");
        assert_eq!(data(events[1]).unwrap(), b"b");
        assert_eq!(data(events[2]), None);
        assert_eq!(with_data(events[1], b"c"), b"event: x\ndata: c\n\n");
    }

    #[test]
    fn pieces_of_one_text_have_one_name() {
        let chat = |index: u32, text: &str| json!({"id": "x", "choices": [{"index": index, "delta": {"role": "assistant", "content": text}}]});
        let names = |value: &Value| pieces(value).into_iter().map(|piece| piece.text).collect::<Vec<_>>();
        assert_eq!(names(&chat(0, "a")), names(&chat(0, "b")));
        assert_ne!(names(&chat(0, "a")), names(&chat(1, "a")));
        let block = |index: u32| json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": "a"}});
        assert_eq!(names(&block(0)).len(), 1);
        assert_ne!(names(&block(0)), names(&block(1)));
        let whole = json!({"type": "response.output_text.done", "text": "whole"});
        assert!(pieces(&whole).is_empty());
        assert_eq!(pieces(&json!({"choices": [{"text": "a", "index": 0}]})).len(), 1);
    }
}
