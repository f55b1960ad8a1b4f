//! What a model says in a stream of its provider's own API, in whatever dialect: counted, and kept for an estimate in case no
//! usage comes.

use aop_dialects::providers::bedrock::passed;
use aop_guard::sse;
use serde_json::Value;

/// Text kept for an estimate. More is only counted.
const KEPT_TEXT_BYTES: usize = 256 << 10;

/// Sound, and thoughts that only their maker can read.
const NO_TEXT: [&str; 2] = ["/audio/data", "/redactedContent"];

#[derive(Debug, Default)]
pub(crate) struct Said {
    text: String,
    /// Of all text, kept or not.
    bytes: u64,
}

impl Said {
    /// Takes what the data of an event says: the pieces of the dialects we know, and the parts of Google's candidates.
    pub(super) fn event(&mut self, data: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Value>(data) else { return };
        // Sound is no text, though it is told in pieces like one.
        let is_sound = event["type"].as_str().is_some_and(|kind| kind.ends_with("audio.delta"));
        for piece in sse::pieces(&event) {
            let is_text = !NO_TEXT.iter().any(|end| piece.pointer.ends_with(end));
            if is_text && !is_sound {
                self.take(event.pointer(&piece.pointer));
            }
        }
        if let Some(started) = passed::started_tool(&event).or_else(|| tool_of_messages(&event)) {
            self.take(Some(started));
        }
        let candidates = event["candidates"].as_array().into_iter().flatten();
        for part in candidates.filter_map(|candidate| candidate["content"]["parts"].as_array()).flatten() {
            self.take(part.get("text"));
            if let Some(called) = part.get("functionCall") {
                self.take(called.get("name"));
                self.push(&called["args"].to_string());
            }
        }
    }

    fn take(&mut self, text: Option<&Value>) {
        self.push(text.and_then(Value::as_str).unwrap_or_default());
    }

    fn push(&mut self, text: &str) {
        self.bytes += text.len() as u64;
        if self.text.len() + text.len() <= KEPT_TEXT_BYTES {
            self.text.push_str(text);
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How much of it was not kept.
    pub(crate) fn more_bytes(&self) -> u64 {
        self.bytes.saturating_sub(self.text.len() as u64)
    }
}

/// A tool's name is output too.
fn tool_of_messages(event: &Value) -> Option<&Value> {
    event.pointer("/content_block/name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(event: &str) -> String {
        let mut said = Said::default();
        said.event(event.as_bytes());
        assert_eq!((said.bytes(), said.more_bytes()), (said.text().len() as u64, 0));
        said.text
    }

    #[test]
    fn what_a_model_says_is_read_in_every_dialects_events() {
        for (event, text) in [
            (r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"four"}}]}"#, "four"),
            (
                r#"{"choices":[{"index":0,"delta":{"audio":{"id":"a","data":"AAAA","transcript":"hi"}}}]}"#,
                "hi",
            ),
            (r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"한"}}"#, "한"),
            (
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"add"}}"#,
                "add",
            ),
            (r#"{"type":"response.output_text.delta","item_id":"i","output_index":0,"delta":"ab"}"#, "ab"),
            (r#"{"type":"response.output_audio.delta","item_id":"i","delta":"AAAA"}"#, ""),
            (r#"{"candidates":[{"content":{"parts":[{"text":"abc"},{"inlineData":{}}]}}]}"#, "abc"),
            (r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]}"#, "f{}"),
            (r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#, "{}"),
            (r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"add"}}}"#, "add"),
            (r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"co"}}}}"#, "co"),
            (r#"{"type":"message_stop"}"#, ""),
            ("[DONE]", ""),
        ] {
            assert_eq!(said(event), text, "{event}");
        }
    }

    #[test]
    fn text_beyond_what_is_kept_is_counted() {
        let mut said = Said::default();
        let event = format!(r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "a".repeat(100 << 10));
        (0..3).for_each(|_| said.event(event.as_bytes()));
        assert_eq!((said.bytes(), said.text().len() as u64 + said.more_bytes()), (300 << 10, 300 << 10));
        assert!(said.text().len() <= KEPT_TEXT_BYTES);
    }
}
