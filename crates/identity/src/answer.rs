//! What a provider answered: its words, the tools it asked for, the ids it gave. From JSON or from a stream's events.

use std::borrow::Cow;

use crate::message::{self, Message};
use crate::{google, json};

/// Words of a streamed answer that are kept; what is longer is known by its beginning.
const MOST_TEXT_BYTES: usize = 64 << 10;
const MOST_CALLS: usize = 32;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub(crate) text: String,
    pub(crate) calls: Vec<AskedTool>,
    /// Ids of the answer and of its items.
    pub(crate) ids: Vec<String>,
    pub(crate) failed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AskedTool {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl Answer {
    /// An answer that is no answer: the provider refused, or nothing came.
    pub fn failed() -> Self {
        Self { failed: true, ..Self::default() }
    }

    /// Reads a whole JSON answer. An array holds the pieces of one that was streamed without events.
    pub fn of_json(body: &[u8]) -> Self {
        let mut answer = Self::default();
        let mut pieces = json::elements(body).map(|(piece, _)| piece).peekable();
        if pieces.peek().is_some() {
            pieces.for_each(|piece| answer.take_object(piece));
            return answer;
        }
        answer.take_object(body);
        answer.failed |= json::members(body).next().is_none();
        answer
    }

    /// Reads the events of a stream, as they were sent. A stream that was cut says what it said.
    pub fn of_events(pieces: &[impl AsRef<[u8]>]) -> Self {
        let mut answer = Self::default();
        let mut carried: Vec<u8> = Vec::new();
        for piece in pieces {
            let mut rest = piece.as_ref();
            while let Some(at) = memchr::memchr(b'\n', rest) {
                let (line, behind) = (&rest[..at], &rest[at + 1..]);
                if carried.is_empty() {
                    answer.take_line(line);
                } else {
                    carried.extend_from_slice(line);
                    answer.take_line(&carried);
                    carried.clear();
                }
                rest = behind;
            }
            carried.extend_from_slice(rest);
        }
        answer.take_line(&carried);
        answer
    }

    fn take_line(&mut self, line: &[u8]) {
        let Some(data) = line.strip_prefix(b"data:") else { return };
        let data = data.trim_ascii();
        if data.first() != Some(&b'{') {
            return;
        }
        for (key, value) in json::members(data) {
            match key {
                // Chat completions.
                b"choices" => {
                    for (choice, _) in json::elements(value).take(1) {
                        self.take_delta(json::member(choice, "delta").unwrap_or_default());
                    }
                }
                b"id" if self.ids.is_empty() => self.take_id(value),
                // Messages.
                b"message" => self.take_id(json::member(value, "id").unwrap_or_default()),
                b"content_block" => self.take_block(value),
                b"delta" => self.take_block_delta(value),
                // Google's: each event is a whole answer with a piece of the words.
                b"candidates" => self.take_candidates(value),
                b"responseId" => self.take_id(value),
                // Responses: the last event holds the whole answer.
                b"response" if json::member(value, "status") == Some(br#""completed""#) => {
                    self.take_object(value);
                }
                b"error" if value != b"null" => self.failed = true,
                _ => {}
            }
        }
    }

    fn take_delta(&mut self, delta: &[u8]) {
        for (key, value) in json::members(delta) {
            match key {
                b"content" => self.push_text(json::text(value)),
                b"tool_calls" => {
                    for (raw, _) in json::elements(value).take(MOST_CALLS) {
                        let index = json::member(raw, "index").and_then(number).unwrap_or(0);
                        let piece = message::chat_call(raw);
                        let Some(call) = self.call_at(index) else { continue };
                        call.id.push_str(&piece.id);
                        call.name.push_str(&piece.name);
                        call.arguments.push_str(&piece.arguments);
                    }
                }
                _ => {}
            }
        }
    }

    fn call_at(&mut self, index: usize) -> Option<&mut AskedTool> {
        if index >= MOST_CALLS {
            return None;
        }
        if self.calls.len() <= index {
            self.calls.resize_with(index + 1, AskedTool::default);
        }
        self.calls.get_mut(index)
    }

    fn take_block(&mut self, block: &[u8]) {
        if json::member(block, "type") == Some(br#""tool_use""#) && self.calls.len() < MOST_CALLS {
            self.calls.push(AskedTool {
                id: json::member_text(block, "id").unwrap_or_default().into_owned(),
                name: json::member_text(block, "name").unwrap_or_default().into_owned(),
                arguments: String::new(),
            });
        }
    }

    fn take_block_delta(&mut self, delta: &[u8]) {
        for (key, value) in json::members(delta) {
            match key {
                b"text" => self.push_text(json::text(value)),
                b"partial_json" => {
                    if let (Some(call), Some(piece)) = (self.calls.last_mut(), json::text(value)) {
                        call.arguments.push_str(&piece);
                    }
                }
                _ => {}
            }
        }
    }

    fn take_object(&mut self, body: &[u8]) {
        for (key, value) in json::members(body) {
            match key {
                b"id" => self.take_id(value),
                b"choices" => {
                    for (choice, _) in json::elements(value).take(1) {
                        let said = json::member(choice, "message").unwrap_or_default();
                        self.take_message(message::read(said, 0));
                    }
                }
                b"content" => {
                    self.take_message(message::read(body, 0));
                }
                b"candidates" => self.take_candidates(value),
                b"responseId" => self.take_id(value),
                b"output" => {
                    for (item, _) in json::elements(value).take(2 * MOST_CALLS) {
                        self.take_message(message::read(item, 0));
                    }
                }
                b"error" if value != b"null" => self.failed = true,
                _ => {}
            }
        }
    }

    fn take_candidates(&mut self, candidates: &[u8]) {
        if let Some(said) = google::first_candidate(candidates) {
            self.take_message(message::read(said, 0));
        }
    }

    fn take_message(&mut self, said: Message<'_>) {
        for text in &said.texts {
            self.push_text(Some(Cow::Borrowed(text)));
        }
        let room = MOST_CALLS.saturating_sub(self.calls.len());
        self.calls.extend(said.calls.into_iter().take(room).map(|call| AskedTool {
            id: call.id.into_owned(),
            name: call.name.into_owned(),
            arguments: call.arguments.into_owned(),
        }));
        if let Some(id) = said.item_id {
            self.push_id(id);
        }
    }

    fn take_id(&mut self, value: &[u8]) {
        if let Some(id) = json::text(value) {
            self.push_id(id);
        }
    }

    fn push_id(&mut self, id: Cow<'_, str>) {
        if !id.is_empty() && self.ids.len() < MOST_CALLS && !self.ids.iter().any(|known| *known == id) {
            self.ids.push(id.into_owned());
        }
    }

    fn push_text(&mut self, text: Option<Cow<'_, str>>) {
        if let Some(text) = text
            && self.text.len() + text.len() <= MOST_TEXT_BYTES
        {
            self.text.push_str(&text);
        }
    }
}

fn number(raw: &[u8]) -> Option<usize> {
    std::str::from_utf8(raw).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_answer_is_the_same_whole_and_streamed() {
        let whole = Answer::of_json(
            br#"{"id":"chatcmpl-1","choices":[{"message":{"role":"assistant","content":"Hi \"you\"","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}}]}"#,
        );
        let stream = br#"data: {"id":"chatcmpl-1","choices":[{"delta":{"role":"assistant","content":"Hi "}}]}

data: {"id":"chatcmpl-1","choices":[{"delta":{"content":"\"you\""}}]}

data: {"id":"chatcmpl-1","choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\""}}]}}]}

data: {"id":"chatcmpl-1","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}

data: [DONE]
"#;
        for cut in 0..stream.len() {
            let (first, second) = stream.split_at(cut);
            assert_eq!(Answer::of_events(&[first, second]), whole, "cut at {cut}");
        }
        assert_eq!(whole.calls[0].arguments, r#"{"a":1}"#);
        assert!(!whole.failed);
    }

    #[test]
    fn an_answer_of_the_messages_dialect_is_the_same_whole_and_streamed() {
        let whole = Answer::of_json(
            br#"{"id":"msg_1","role":"assistant","content":[{"type":"text","text":"so"},{"type":"tool_use","id":"t1","name":"f","input":{"q":1}}]}"#,
        );
        let streamed = Answer::of_events(&[&br#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","content":[]}}
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"so"}}
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}
"#[..]]);
        assert_eq!(whole, streamed);
    }

    #[test]
    fn an_answer_of_the_responses_dialect_names_its_items() {
        let body = br#"{"id":"resp_1","error":null,"status":"completed","output":[{"type":"message","id":"msg_9","role":"assistant","content":[{"type":"output_text","text":"hi"}]},{"type":"function_call","call_id":"c1","id":"fc_1","name":"f","arguments":"{}"}]}"#;
        let whole = Answer::of_json(body);
        assert_eq!((whole.text.as_str(), whole.calls[0].id.as_str()), ("hi", "c1"));
        assert_eq!(whole.ids, ["resp_1", "msg_9", "fc_1"]);
        let event = [b"data: {\"type\":\"response.completed\",\"response\":", &body[..], b"}\n"].concat();
        assert_eq!(Answer::of_events(&[event]), whole);
    }

    #[test]
    fn an_error_is_a_failed_answer() {
        assert!(Answer::of_json(br#"{"error":{"message":"slow down"}}"#).failed);
        assert!(Answer::of_json(b"gateway timeout").failed);
        assert!(Answer::of_events(&[b"data: {\"error\":{\"message\":\"x\"}}\n"]).failed);
    }
}
