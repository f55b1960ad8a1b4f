//! A provider's stream of chat completion chunks, into events of the form.
//!
//! The wire does not say when a part ends: a part ends where the next one begins, or with the finish reason.

use serde_json::Value;

use super::wire::{self, text};
use super::{error, response};
use crate::dialect::StreamReader;
use crate::event::{EventReader, SseReader, broken};
use crate::form::{Content, Delta, PartStart, StopReason, StreamEvent};

pub fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader::default()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
    Refusal,
    /// With the provider's own number of the call.
    Call(u64),
}

#[derive(Default)]
struct Reader {
    started: bool,
    open: Option<Open>,
    /// Number of the next part.
    next: u32,
    /// Provider's number of the last call begun.
    last_call: Option<u64>,
    refused: bool,
    stop: Option<StopReason>,
    stop_told: bool,
}

impl EventReader for Reader {
    fn event(&mut self, _name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>) {
        if data == b"[DONE]" {
            self.close(events);
            events.push(StreamEvent::End);
            return;
        }
        let Ok(chunk) = serde_json::from_slice::<Value>(data) else {
            events.push(broken("sent a chunk that is not valid JSON"));
            return;
        };
        if !chunk["error"].is_null() {
            events.push(StreamEvent::Error(error::object(0, &chunk["error"])));
            return;
        }
        // The first chunk of Azure's tells only what its filter thinks of the prompt.
        let is_about_prompt = chunk["id"] == "" && chunk["choices"].as_array().is_some_and(Vec::is_empty);
        if !self.started && !is_about_prompt {
            self.started = true;
            events.push(StreamEvent::Start { id: text(&chunk["id"]), model: text(&chunk["model"]) });
        }
        // Clients ask for one choice only: the form has no word for more.
        if let Some(choice) = chunk["choices"].as_array().and_then(|choices| choices.first()) {
            self.choice(choice, events);
        }
        if let Some(usage) = crate::usage::read(&chunk["usage"]) {
            events.push(StreamEvent::Usage(usage));
        }
    }

    /// Many servers send no `[DONE]`; a finish reason is as good.
    fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        if self.stop.is_some() {
            self.close(events);
            events.push(StreamEvent::End);
        }
    }
}

impl Reader {
    fn choice(&mut self, choice: &Value, events: &mut Vec<StreamEvent>) {
        let delta = &choice["delta"];
        self.thinking(delta, events);
        if let Some(content) = piece(&delta["content"]) {
            self.text(Open::Text, content, events);
        }
        if let Some(refusal) = piece(&delta["refusal"]) {
            self.refused = true;
            self.text(Open::Refusal, refusal, events);
        }
        let logprobs = wire::read_logprobs(&choice["logprobs"]["content"]);
        if !logprobs.is_empty() {
            self.begin(Open::Text, PartStart::Text, events);
            self.delta(Delta::Logprobs(logprobs), events);
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(call, events);
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.stop = Some(wire::settled(wire::stop(reason), self.refused, self.last_call.is_some()));
            self.close(events);
        }
    }

    fn thinking(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        let plain = [&delta["reasoning_content"], &delta["reasoning"]];
        if let Some(thought) = plain.into_iter().find_map(piece) {
            self.text(Open::Thinking, thought, events);
        }
        for detail in delta["reasoning_details"].as_array().into_iter().flatten() {
            match response::reasoning_detail(detail).map(|part| part.content) {
                // The text itself stands beside it in `reasoning_content` or `reasoning`.
                Some(Content::Thinking(thinking)) => {
                    if let Some(signature) = thinking.signature {
                        self.begin(Open::Thinking, PartStart::Thinking { id: thinking.id }, events);
                        self.delta(Delta::Signature(signature), events);
                    }
                }
                Some(Content::RedactedThinking(data)) => {
                    self.end_part(events);
                    events.push(StreamEvent::PartStart {
                        index: self.next,
                        part: PartStart::RedactedThinking(data),
                    });
                    events.push(StreamEvent::PartEnd { index: self.next });
                    self.next += 1;
                }
                _ => {}
            }
        }
    }

    fn text(&mut self, kind: Open, piece: &str, events: &mut Vec<StreamEvent>) {
        let part = match kind {
            Open::Thinking => PartStart::Thinking { id: None },
            Open::Refusal => PartStart::Refusal,
            _ => PartStart::Text,
        };
        self.begin(kind, part, events);
        self.delta(Delta::Text(piece.to_owned()), events);
    }

    fn call(&mut self, call: &Value, events: &mut Vec<StreamEvent>) {
        let function = &call["function"];
        // A server that sends no number sends each call whole, with its id.
        let has_id = call["id"].as_str().is_some_and(|id| !id.is_empty());
        let next = self.last_call.map_or(0, |last| last + u64::from(has_id));
        let number = call["index"].as_u64().unwrap_or(next);
        if self.open != Some(Open::Call(number)) {
            if self.last_call.is_some_and(|last| number <= last) {
                events.push(broken("went back to a tool call that had ended"));
                return;
            }
            self.last_call = Some(number);
            let part = PartStart::ToolCall { id: text(&call["id"]), name: text(&function["name"]) };
            self.begin(Open::Call(number), part, events);
        }
        if let Some(arguments) = piece(&function["arguments"]) {
            self.delta(Delta::Arguments(arguments.to_owned()), events);
        }
    }

    /// Opens a part of this kind, unless it is the one that is open.
    fn begin(&mut self, kind: Open, part: PartStart, events: &mut Vec<StreamEvent>) {
        if self.open == Some(kind) {
            return;
        }
        self.end_part(events);
        events.push(StreamEvent::PartStart { index: self.next, part });
        self.open = Some(kind);
        self.next += 1;
    }

    fn delta(&self, delta: Delta, events: &mut Vec<StreamEvent>) {
        events.push(StreamEvent::PartDelta { index: self.next.saturating_sub(1), delta });
    }

    fn end_part(&mut self, events: &mut Vec<StreamEvent>) {
        if self.open.take().is_some() {
            events.push(StreamEvent::PartEnd { index: self.next - 1 });
        }
    }

    fn close(&mut self, events: &mut Vec<StreamEvent>) {
        self.end_part(events);
        if let Some(stop) = self.stop.clone().filter(|_| !self.stop_told) {
            self.stop_told = true;
            events.push(StreamEvent::Stop(stop));
        }
    }
}

fn piece(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}
