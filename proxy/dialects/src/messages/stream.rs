//! A provider's stream of message events, into events of the form.

use serde_json::{Map, Value};

use super::{error, response, wire};
use crate::chat::text;
use crate::dialect::StreamReader;
use crate::event::{EventReader, SseReader, broken};
use crate::form::{Content, Delta, PartStart, StreamEvent};

/// A block of a provider's own tool is kept until it is whole; larger ones are not.
const LARGEST_FOREIGN_BYTES: usize = 4 << 20;

pub fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader::default()))
}

#[derive(Default)]
struct Reader {
    /// The usage so far: each event tells the counts it knows, as a new total.
    usage: Map<String, Value>,
    /// The open block, and its number in the form.
    open: Option<Open>,
    next: u32,
}

enum Open {
    Part(u32),
    /// Put together before it is told: the form has no deltas for it.
    Foreign {
        block: Value,
        input: String,
    },
}

impl EventReader for Reader {
    fn event(&mut self, _name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>) {
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            events.push(broken("sent an event that is not valid JSON"));
            return;
        };
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => {
                let message = &event["message"];
                events.push(StreamEvent::Start { id: text(&message["id"]), model: text(&message["model"]) });
                self.usage(&message["usage"], events);
            }
            "content_block_start" => self.begin(&event["content_block"], events),
            "content_block_delta" => self.delta(&event["delta"], events),
            "content_block_stop" => self.end_part(events),
            "message_delta" => {
                self.usage(&event["usage"], events);
                let delta = &event["delta"];
                if delta["stop_reason"].is_string() {
                    let stop = wire::stop(delta["stop_reason"].as_str(), delta["stop_sequence"].as_str());
                    events.push(StreamEvent::Stop(stop));
                }
            }
            "message_stop" => events.push(StreamEvent::End),
            "ping" => events.push(StreamEvent::Ping),
            "error" => events.push(StreamEvent::Error(error::object(0, &event))),
            // Kinds of events to come: clients of this dialect pass over those they do not know.
            _ => {}
        }
    }

    /// Without `message_stop` the stream was cut.
    fn finish(&mut self, _events: &mut Vec<StreamEvent>) {}
}

impl Reader {
    fn usage(&mut self, usage: &Value, events: &mut Vec<StreamEvent>) {
        let Some(counts) = usage.as_object() else { return };
        let told = counts.iter().filter(|(_, count)| !count.is_null());
        self.usage.extend(told.map(|(name, count)| (name.clone(), count.clone())));
        if let Some(usage) = crate::usage::read(&Value::Object(self.usage.clone())) {
            events.push(StreamEvent::Usage(usage));
        }
    }

    fn begin(&mut self, block: &Value, events: &mut Vec<StreamEvent>) {
        self.end_part(events);
        let content = response::block_content(block);
        let (part, first) = match content {
            Content::Text(text) => (PartStart::Text, Some(text)),
            Content::Thinking(thinking) => (PartStart::Thinking { id: None }, Some(thinking.text)),
            Content::RedactedThinking(data) => (PartStart::RedactedThinking(data), None),
            Content::ToolCall(call) => (PartStart::ToolCall { id: call.id, name: call.name }, None),
            _ => {
                self.open = Some(Open::Foreign { block: block.clone(), input: String::new() });
                return;
            }
        };
        let index = self.next;
        self.next += 1;
        self.open = Some(Open::Part(index));
        events.push(StreamEvent::PartStart { index, part });
        if let Some(text) = first.filter(|text| !text.is_empty()) {
            events.push(StreamEvent::PartDelta { index, delta: Delta::Text(text) });
        }
    }

    fn delta(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        let piece = |name: &str| delta[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match &mut self.open {
            Some(Open::Part(index)) => {
                let read = match delta["type"].as_str().unwrap_or_default() {
                    "text_delta" => piece("text").map(Delta::Text),
                    "thinking_delta" => piece("thinking").map(Delta::Text),
                    "signature_delta" => piece("signature").map(Delta::Signature),
                    "input_json_delta" => piece("partial_json").map(Delta::Arguments),
                    _ => None,
                };
                events.extend(read.map(|delta| StreamEvent::PartDelta { index: *index, delta }));
            }
            Some(Open::Foreign { input, .. }) => {
                if let Some(piece) = piece("partial_json") {
                    input.push_str(&piece);
                }
                if input.len() > LARGEST_FOREIGN_BYTES {
                    events.push(broken("sent a block too large to be read"));
                }
            }
            None => events.push(broken("sent a piece of a block that had not begun")),
        }
    }

    fn end_part(&mut self, events: &mut Vec<StreamEvent>) {
        match self.open.take() {
            None => {}
            Some(Open::Part(index)) => events.push(StreamEvent::PartEnd { index }),
            Some(Open::Foreign { mut block, input }) => {
                if let Ok(input) = serde_json::from_str::<Value>(&input) {
                    block["input"] = input;
                }
                let index = self.next;
                self.next += 1;
                if let Content::Foreign(foreign) = response::block_content(&block) {
                    events.push(StreamEvent::PartStart { index, part: PartStart::Foreign(foreign) });
                    events.push(StreamEvent::PartEnd { index });
                }
            }
        }
    }
}
