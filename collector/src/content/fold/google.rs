//! Google's events folded to one answer. Each is a whole answer with a piece of the words; usage and the reason of the end
//! grow from event to event. Without `alt=sse` the same pieces come as one array.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::content::sse;

pub(super) fn fold(transcript: &str) -> Option<Value> {
    of_pieces(sse::events(transcript).filter_map(|event| serde_json::from_str(&event).ok()))
}

/// Is it a piece of such an answer?
pub(in crate::content) fn is_piece(event: &Value) -> bool {
    ["candidates", "usageMetadata", "promptFeedback"].iter().any(|name| event.get(name).is_some())
}

/// `None`: there is no piece.
pub(in crate::content) fn of_pieces(pieces: impl Iterator<Item = Value>) -> Option<Value> {
    let mut answer = Map::new();
    let mut candidates: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    for piece in pieces {
        let Value::Object(piece) = piece else { continue };
        for (name, value) in piece {
            match (name.as_str(), value) {
                ("candidates", Value::Array(said)) => {
                    said.into_iter().for_each(|candidate| add_candidate(candidate, &mut candidates));
                }
                (_, Value::Null) => {}
                (_, value) => {
                    answer.insert(name, value);
                }
            }
        }
    }
    if answer.is_empty() && candidates.is_empty() {
        return None;
    }
    answer.insert("candidates".to_owned(), candidates.into_values().map(Value::Object).collect());
    Some(Value::Object(answer))
}

fn add_candidate(candidate: Value, candidates: &mut BTreeMap<u64, Map<String, Value>>) {
    let Value::Object(candidate) = candidate else { return };
    let index = candidate.get("index").and_then(Value::as_u64).unwrap_or(0);
    let whole = candidates.entry(index).or_default();
    for (name, value) in candidate {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(content)), Value::Object(more)) if name == "content" => {
                add_content(content, more)
            }
            (_, value) => {
                whole.insert(name, value);
            }
        }
    }
}

fn add_content(content: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (content.get_mut(&name), value) {
            (Some(Value::Array(parts)), Value::Array(more)) if name == "parts" => {
                more.into_iter().for_each(|part| add_part(parts, part));
            }
            (_, value) => {
                content.insert(name, value);
            }
        }
    }
}

/// Words behind words are one part; what else stands in the piece is the part's too.
fn add_part(parts: &mut Vec<Value>, part: Value) {
    let is_thought = |part: &Value| part.get("thought").and_then(Value::as_bool).unwrap_or(false);
    if let (Some(last), Some(more)) = (parts.last_mut(), part.get("text").and_then(Value::as_str))
        && is_thought(last) == is_thought(&part)
        && let Some(Value::String(text)) = last.get_mut("text")
    {
        text.push_str(more);
        if let (Value::Object(last), Value::Object(part)) = (last, part) {
            last.extend(part.into_iter().filter(|(name, _)| name != "text"));
        }
        return;
    }
    let is_empty =
        part.get("text").is_some_and(|text| text == "") && part.as_object().is_some_and(|it| it.len() == 1);
    if !is_empty {
        parts.push(part);
    }
}
