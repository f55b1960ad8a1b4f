//! Converse's events (Amazon) folded to one message, in the words of messages, as which it is shown: its blocks grow by their
//! deltas, in the order in which they began.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::content::sse;

/// Is it an event of such an answer's blocks?
pub(super) fn is_event(event: &Value) -> bool {
    event.get("contentBlockIndex").is_some()
}

/// `None`: no event says anything.
pub(super) fn fold(transcript: &str) -> Option<Value> {
    let mut blocks: BTreeMap<u64, Block> = BTreeMap::new();
    let mut answer = Map::new();
    for event in sse::events(transcript) {
        let Ok(Value::Object(mut event)) = serde_json::from_str::<Value>(&event) else { continue };
        if let Some(index) = event.get("contentBlockIndex").and_then(Value::as_u64) {
            let block = blocks.entry(index).or_default();
            event.get("start").into_iter().chain(event.get("delta")).for_each(|told| block.add(told));
        }
        for name in ["role", "stop_reason", "usage", "error"] {
            if let Some(told) = event.shift_remove(name) {
                answer.insert(name.to_owned(), told);
            }
        }
    }
    if answer.is_empty() && blocks.is_empty() {
        return None;
    }
    answer.insert("type".to_owned(), json!("message"));
    answer.insert("content".to_owned(), blocks.into_values().flat_map(Block::whole).collect());
    Some(Value::Object(answer))
}

#[derive(Default)]
struct Block {
    text: String,
    thinking: String,
    signature: Option<Value>,
    tool: Option<(Value, Value)>,
    arguments: String,
}

impl Block {
    fn add(&mut self, told: &Value) {
        let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        self.text.push_str(text("/text"));
        self.thinking.push_str(text("/reasoningContent/text"));
        self.arguments.push_str(text("/toolUse/input"));
        if let Some(signature) = told.pointer("/reasoningContent/signature") {
            self.signature = Some(signature.clone());
        }
        if let (Some(id), Some(name)) = (told.pointer("/toolUse/toolUseId"), told.pointer("/toolUse/name")) {
            self.tool = Some((id.clone(), name.clone()));
        }
    }

    fn whole(self) -> Option<Value> {
        if let Some((id, name)) = self.tool {
            // Arguments that were cut are kept as far as they came.
            let input = match self.arguments.as_str() {
                "" => json!({}),
                text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            };
            return Some(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        }
        if !self.thinking.is_empty() || self.signature.is_some() {
            let mut block = json!({"type": "thinking", "thinking": self.thinking});
            if let Some(signature) = self.signature {
                block["signature"] = signature;
            }
            return Some(block);
        }
        (!self.text.is_empty()).then(|| json!({"type": "text", "text": self.text}))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn transcript(events: &[Value]) -> String {
        events.iter().map(|event| format!("data: {event}\n\n")).collect()
    }

    #[test]
    fn blocks_grow_side_by_side_and_the_end_is_told() {
        let told = fold(&transcript(&[
            json!({"role": "assistant", "p": "abc"}),
            json!({"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}}),
            json!({"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "s"}}}),
            json!({"contentBlockIndex": 1, "delta": {"text": "Hel"}}),
            json!({"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t", "name": "add"}}}),
            json!({"contentBlockIndex": 1, "delta": {"text": "lo"}}),
            json!({"contentBlockIndex": 2, "delta": {"toolUse": {"input": "{\"a\""}}}),
            json!({"contentBlockIndex": 2, "delta": {"toolUse": {"input": ":1}"}}}),
            json!({"contentBlockIndex": 2}),
            json!({"stop_reason": "tool_use"}),
            json!({"usage": {"inputTokens": 5, "outputTokens": 2}, "metrics": {}}),
        ]));
        let expected = json!({
            "role": "assistant",
            "stop_reason": "tool_use",
            "usage": {"inputTokens": 5, "outputTokens": 2},
            "type": "message",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "text", "text": "Hello"},
                {"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}},
            ],
        });
        assert_eq!(told.unwrap(), expected);
    }

    #[test]
    fn a_cut_stream_keeps_what_came_before() {
        let mut cut = transcript(&[
            json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "add"}}}),
            json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{\"a\""}}}),
        ]);
        cut.push_str("data: {\"contentBlockIndex\":0,\"del");
        assert_eq!(fold(&cut).unwrap()["content"][0]["input"], json!("{\"a\""));
        assert_eq!(fold("data: nothing\n\n"), None);
    }
}
