//! Anthropic's events folded to one message: its blocks grow by their deltas, its usage by the counts each event tells.

use serde_json::{Map, Value};

use crate::content::sse;

pub(super) fn fold(transcript: &str) -> Option<Value> {
    let mut message: Option<Map<String, Value>> = None;
    let mut blocks: Vec<Block> = Vec::new();
    for event in sse::events(transcript) {
        let Ok(mut event) = serde_json::from_str::<Value>(&event) else { continue };
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => {
                if let Value::Object(started) = event["message"].take() {
                    message = Some(started);
                }
            }
            "content_block_start" => blocks.push(Block::new(event["content_block"].take())),
            "content_block_delta" => {
                if let Some(block) = blocks.last_mut() {
                    block.add(&event["delta"]);
                }
            }
            "message_delta" => {
                let message = message.get_or_insert_default();
                if let Value::Object(delta) = event["delta"].take() {
                    message.extend(delta);
                }
                add_usage(message, event["usage"].take());
            }
            "error" => {
                message.get_or_insert_default().insert("error".to_owned(), event["error"].take());
            }
            _ => {}
        }
    }
    let mut message = message?;
    message.insert("content".to_owned(), blocks.into_iter().map(Block::whole).collect());
    Some(Value::Object(message))
}

fn add_usage(message: &mut Map<String, Value>, usage: Value) {
    match (message.get_mut("usage"), usage) {
        (Some(Value::Object(known)), Value::Object(more)) => {
            known.extend(more.into_iter().filter(|(_, count)| !count.is_null()));
        }
        (_, Value::Null) => {}
        (_, usage) => {
            message.insert("usage".to_owned(), usage);
        }
    }
}

struct Block {
    block: Value,
    /// JSON of a tool's arguments, as far as it came.
    input: String,
}

impl Block {
    fn new(block: Value) -> Self {
        Self { block, input: String::new() }
    }

    fn add(&mut self, delta: &Value) {
        for name in ["text", "thinking", "signature"] {
            if let (Some(piece), Some(block)) = (delta[name].as_str(), self.block.as_object_mut()) {
                match block.get_mut(name) {
                    Some(Value::String(text)) => text.push_str(piece),
                    _ => {
                        block.insert(name.to_owned(), piece.into());
                    }
                }
            }
        }
        self.input.push_str(delta["partial_json"].as_str().unwrap_or_default());
    }

    fn whole(mut self) -> Value {
        if self.input.is_empty() || !self.block.is_object() {
            return self.block;
        }
        // Arguments that were cut stay as the text they are.
        let input = serde_json::from_str(&self.input).unwrap_or(Value::String(self.input));
        self.block["input"] = input;
        self.block
    }
}
