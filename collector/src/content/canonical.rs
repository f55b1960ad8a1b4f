//! One form for each message, whoever wrote it.
//!
//! The same message comes as an answer of the provider (`"refusal": null, "annotations": []`) and goes back as history
//! from a client that leaves such fields out. So at the message's own level fields that say nothing are dropped, the
//! position of a tool call in a stream is dropped, and all object keys are sorted. Nothing that says something is changed.

use serde_json::{Map, Value};

/// First 16 bytes of BLAKE3.
pub(crate) type Hash = [u8; 16];

pub(crate) fn hash(content: &[u8]) -> Hash {
    let digest = blake3::hash(content);
    std::array::from_fn(|i| digest.as_bytes()[i])
}

/// A message without what says nothing. Keys are sorted later, when the piece is made.
pub(super) fn message(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|_, value| !says_nothing(value));
    if let Some(Value::Array(calls)) = fields.get_mut("tool_calls") {
        for call in calls.iter_mut().filter_map(Value::as_object_mut) {
            call.shift_remove("index");
        }
    }
    fields
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
