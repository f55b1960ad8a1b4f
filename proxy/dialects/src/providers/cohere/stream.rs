//! The events of a streamed answer, into events of the form. Each names its type inside its data.

use serde_json::Value;

use super::wire::{self, text};
use crate::dialect::StreamReader;
use crate::event::{EventReader, SseReader, broken};
use crate::form::{Delta, StreamEvent};
use crate::providers::parts::Parts;

pub(super) fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader::default()))
}

#[derive(Default)]
struct Reader {
    started: bool,
    parts: Parts,
    /// The call that is open has arguments.
    has_arguments: bool,
}

impl EventReader for Reader {
    fn event(&mut self, _name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>) {
        if data == b"[DONE]" {
            return;
        }
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            events.push(broken("sent an event that is not valid JSON"));
            return;
        };
        let kind = event["type"].as_str().unwrap_or_default();
        if !self.started {
            self.started = true;
            events.push(StreamEvent::Start { id: text(&event["id"]), model: String::new() });
        }
        let message = &event["delta"]["message"];
        match kind {
            "tool-plan-delta" => {
                self.parts.thinking(message["tool_plan"].as_str().unwrap_or_default(), events)
            }
            "content-start" | "content-delta" => self.content(&event, events),
            "content-end" => self.parts.end(events),
            "tool-call-start" => {
                let call = &message["tool_calls"];
                self.has_arguments = false;
                self.parts.call(text(&call["id"]), text(&call["function"]["name"]), events);
                self.arguments(call, events);
            }
            "tool-call-delta" => self.arguments(&message["tool_calls"], events),
            "tool-call-end" => {
                if !self.has_arguments {
                    self.parts.arguments("{}", events);
                }
                self.parts.end(events);
            }
            "message-end" => self.end(&event["delta"], events),
            "" if event["message"].is_string() => {
                events.push(broken(&format!("ended its stream with an error: {}", text(&event["message"]))));
            }
            // Citations, and what is to come: an older reader passes them over.
            _ => {}
        }
    }

    /// Its end has a word of its own: a body that ends without it was cut.
    fn finish(&mut self, _events: &mut Vec<StreamEvent>) {}
}

impl Reader {
    fn content(&mut self, event: &Value, events: &mut Vec<StreamEvent>) {
        let content = &event["delta"]["message"]["content"];
        self.parts.thinking(content["thinking"].as_str().unwrap_or_default(), events);
        self.parts.text(content["text"].as_str().unwrap_or_default(), events);
        let logprobs = wire::logprobs(&event["logprobs"]);
        if !logprobs.is_empty() {
            self.parts.text_delta(Delta::Logprobs(logprobs), events);
        }
    }

    fn arguments(&mut self, call: &Value, events: &mut Vec<StreamEvent>) {
        let piece = call["function"]["arguments"].as_str().unwrap_or_default();
        self.has_arguments |= !piece.is_empty();
        self.parts.arguments(piece, events);
    }

    fn end(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        self.parts.end(events);
        events.extend(wire::usage(&delta["usage"]).map(StreamEvent::Usage));
        let reason = delta["finish_reason"].as_str().unwrap_or_default();
        if wire::is_failure(reason) || reason.is_empty() {
            let why = delta["error"].as_str().unwrap_or("it gave no reason");
            events.push(broken(&format!("failed in the middle of its answer: {why}")));
            return;
        }
        events.push(StreamEvent::Stop(wire::stop(reason)));
        events.push(StreamEvent::End);
    }
}
