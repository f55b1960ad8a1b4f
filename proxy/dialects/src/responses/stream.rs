//! A provider's stream of response events, into events of the form.

use serde_json::Value;

use super::{error, response, wire};
use crate::chat::{read_logprobs, text};
use crate::dialect::StreamReader;
use crate::event::{EventReader, SseReader, broken};
use crate::form::{Content, Delta, Foreign, Part, PartStart, StreamEvent, Thinking};

pub fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader::default()))
}

#[derive(Default)]
struct Reader {
    started: bool,
    open: Option<Kind>,
    next: u32,
    called: bool,
    refused: bool,
    /// The open reasoning has had text: its next summary part stands apart.
    has_thought: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    Thinking,
    Call,
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
        let piece = || event["delta"].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.start(&event["response"], events)
            }
            "response.output_item.added" => self.item_added(&event["item"], events),
            "response.output_text.delta" => {
                if let Some(text) = piece() {
                    self.begin(Kind::Text, PartStart::Text, events);
                    self.delta(Delta::Text(text), events);
                }
                let logprobs = read_logprobs(&event["logprobs"]);
                if !logprobs.is_empty() {
                    self.delta(Delta::Logprobs(logprobs), events);
                }
            }
            "response.refusal.delta" => {
                if let Some(text) = piece() {
                    self.refused = true;
                    self.begin(Kind::Refusal, PartStart::Refusal, events);
                    self.delta(Delta::Text(text), events);
                }
            }
            "response.reasoning_summary_part.added" if self.has_thought => {
                self.delta(Delta::Text("\n\n".to_owned()), events);
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                if let Some(text) = piece() {
                    self.begin(Kind::Thinking, PartStart::Thinking { id: None }, events);
                    self.has_thought = true;
                    self.delta(Delta::Text(text), events);
                }
            }
            "response.function_call_arguments.delta" => {
                if let Some(arguments) = piece() {
                    self.delta(Delta::Arguments(arguments), events);
                }
            }
            // A part of a message: a text after a text is another part.
            "response.content_part.done" => self.end_part(events),
            "response.output_item.done" => self.item_done(&event["item"], events),
            "response.completed" | "response.incomplete" => self.finished(&event["response"], events),
            "response.failed" => events.push(StreamEvent::Error(error::object(&event["response"]["error"]))),
            "error" => {
                let nested = &event["error"];
                events.push(StreamEvent::Error(error::object(if nested.is_object() {
                    nested
                } else {
                    &event
                })));
            }
            "keepalive" => events.push(StreamEvent::Ping),
            // The rest repeats in whole what came in pieces, or belongs to the provider's own tools.
            _ => {}
        }
    }

    /// Without its last event the stream was cut.
    fn finish(&mut self, _events: &mut Vec<StreamEvent>) {}
}

impl Reader {
    fn start(&mut self, response: &Value, events: &mut Vec<StreamEvent>) {
        if !std::mem::replace(&mut self.started, true) {
            events.push(StreamEvent::Start { id: text(&response["id"]), model: text(&response["model"]) });
        }
    }

    fn item_added(&mut self, item: &Value, events: &mut Vec<StreamEvent>) {
        self.end_part(events);
        match item["type"].as_str() {
            Some("function_call") => {
                self.called = true;
                let part = PartStart::ToolCall { id: text(&item["call_id"]), name: text(&item["name"]) };
                self.begin(Kind::Call, part, events);
                if let Some(arguments) = item["arguments"].as_str().filter(|arguments| !arguments.is_empty())
                {
                    self.delta(Delta::Arguments(arguments.to_owned()), events);
                }
            }
            // Begun with the item, which may have an encrypted proof and no text at all. One that is redacted is told
            // whole, at its end.
            Some("reasoning") if matches!(wire::read_reasoning(item).content, Content::Thinking(_)) => {
                let id = item["id"].as_str().map(str::to_owned);
                self.has_thought = false;
                self.begin(Kind::Thinking, PartStart::Thinking { id }, events);
            }
            _ => {}
        }
    }

    fn item_done(&mut self, item: &Value, events: &mut Vec<StreamEvent>) {
        let kind = text(&item["type"]);
        match kind.as_str() {
            "message" | "function_call" => self.end_part(events),
            "reasoning" => match wire::read_reasoning(item) {
                Part { content: Content::RedactedThinking(data), .. } => {
                    self.whole(PartStart::RedactedThinking(data), events);
                }
                Part { content: Content::Thinking(Thinking { signature: Some(proof), .. }), .. } => {
                    if self.open == Some(Kind::Thinking) {
                        self.delta(Delta::Signature(proof), events);
                    }
                    self.end_part(events);
                }
                _ => self.end_part(events),
            },
            _ => {
                let foreign = Foreign { dialect: crate::Dialect::Responses, what: kind, value: item.clone() };
                self.whole(PartStart::Foreign(foreign), events);
            }
        }
    }

    fn finished(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        self.end_part(events);
        let response = response::finished(value, Vec::new(), Vec::new());
        events.extend(response.usage.map(StreamEvent::Usage));
        events.push(StreamEvent::Stop(wire::stop(value, self.called, self.refused)));
        events.push(StreamEvent::End);
    }

    fn whole(&mut self, part: PartStart, events: &mut Vec<StreamEvent>) {
        self.end_part(events);
        events.push(StreamEvent::PartStart { index: self.next, part });
        events.push(StreamEvent::PartEnd { index: self.next });
        self.next += 1;
    }

    fn begin(&mut self, kind: Kind, part: PartStart, events: &mut Vec<StreamEvent>) {
        if self.open == Some(kind) {
            return;
        }
        self.end_part(events);
        events.push(StreamEvent::PartStart { index: self.next, part });
        self.open = Some(kind);
        self.next += 1;
    }

    fn delta(&self, delta: Delta, events: &mut Vec<StreamEvent>) {
        if self.open.is_none() {
            events.push(broken("sent a piece of an item that had not begun"));
            return;
        }
        events.push(StreamEvent::PartDelta { index: self.next - 1, delta });
    }

    fn end_part(&mut self, events: &mut Vec<StreamEvent>) {
        if self.open.take().is_some() {
            events.push(StreamEvent::PartEnd { index: self.next - 1 });
        }
    }
}
