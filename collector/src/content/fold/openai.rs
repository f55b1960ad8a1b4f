//! OpenAI's chunks (`chat.completion.chunk`, `text_completion`) folded to one answer.
//!
//! Each chunk's `delta` is merged into its choice's `message`: texts grow, lists are merged by the `index` of their items
//! (or grow), names that identify are set once. Fields nobody here knows follow the same rules, so what a provider
//! adds (`reasoning_content`, ...) is kept. Chunks that are no JSON are skipped: a cut stream keeps what came before.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::content::sse;

/// `None` when no chunk could be read.
pub(super) fn fold(transcript: &str) -> Option<Value> {
    let mut answer = Map::new();
    let mut choices: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    for event in sse::events(transcript) {
        let Ok(Value::Object(chunk)) = serde_json::from_str(&event) else { continue };
        add_chunk(chunk, &mut answer, &mut choices);
    }
    if answer.is_empty() && choices.is_empty() {
        return None;
    }
    if let Some(Value::String(object)) = answer.get_mut("object") {
        *object = object.trim_end_matches(".chunk").to_owned();
    }
    answer.insert("choices".to_owned(), choices.into_values().map(Value::Object).collect());
    Some(Value::Object(answer))
}

fn add_chunk(
    chunk: Map<String, Value>,
    answer: &mut Map<String, Value>,
    choices: &mut BTreeMap<u64, Map<String, Value>>,
) {
    for (name, value) in chunk {
        match (name.as_str(), value) {
            ("choices", Value::Array(items)) => {
                for item in items {
                    if let Value::Object(item) = item {
                        add_choice(item, choices);
                    }
                }
            }
            (_, Value::Null) => {}
            // The last word counts: usage comes at the end.
            (_, value) => {
                answer.insert(name, value);
            }
        }
    }
}

fn add_choice(item: Map<String, Value>, choices: &mut BTreeMap<u64, Map<String, Value>>) {
    let index = item.get("index").and_then(Value::as_u64).unwrap_or(0);
    let choice = choices.entry(index).or_default();
    for (name, value) in item {
        let name = if name == "delta" { "message".to_owned() } else { name };
        merge_field(choice, name, value);
    }
}

fn merge_field(into: &mut Map<String, Value>, name: String, value: Value) {
    match into.get_mut(&name) {
        None | Some(Value::Null) => {
            into.insert(name, without_gaps(value));
        }
        Some(present) => merge(present, value, &name),
    }
}

fn merge(present: &mut Value, more: Value, name: &str) {
    match (present, more) {
        (_, Value::Null) => {}
        (Value::String(text), Value::String(more)) => {
            if is_set_once(name) {
                *text = more;
            } else {
                text.push_str(&more);
            }
        }
        (Value::Object(present), Value::Object(more)) => {
            for (name, value) in more {
                merge_field(present, name, value);
            }
        }
        (Value::Array(present), Value::Array(more)) => {
            more.into_iter().for_each(|item| merge_item(present, item))
        }
        (present, more) => *present = more,
    }
}

/// Fields that come whole; sent twice they are the same, not one behind the other.
fn is_set_once(name: &str) -> bool {
    matches!(
        name,
        "id" | "type" | "role" | "name" | "finish_reason" | "object" | "model" | "format" | "signature"
    )
}

/// An item that says its `index` is merged with the item of that index; any other is added.
fn merge_item(list: &mut Vec<Value>, item: Value) {
    let same = item.get("index").and_then(Value::as_u64).and_then(|index| {
        list.iter_mut().find(|present| present.get("index").and_then(Value::as_u64) == Some(index))
    });
    match same {
        Some(present) => merge(present, item, ""),
        None => list.push(item),
    }
}

/// The first delta of a list may itself hold two parts of one item.
fn without_gaps(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            items.into_iter().for_each(|item| merge_item(&mut list, item));
            Value::Array(list)
        }
        other => other,
    }
}
