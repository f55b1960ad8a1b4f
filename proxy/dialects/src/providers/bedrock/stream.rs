//! The events of a streamed answer, into events of the form.

use serde_json::Value;

use super::error;
use super::frames::{Decoder, Frame};
use super::wire::{self, text};
use crate::dialect::StreamReader;
use crate::event::broken;
use crate::form::StreamEvent;
use crate::providers::parts::Parts;

#[derive(Default)]
pub(super) struct Reader {
    decoder: Decoder,
    started: bool,
    parts: Parts,
    stopped: bool,
    /// An end or an error was told.
    over: bool,
}

impl StreamReader for Reader {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<StreamEvent>) {
        if self.over {
            return;
        }
        self.decoder.push(bytes);
        while let Some(frame) = self.decoder.next_frame().filter(|_| !self.over) {
            match frame {
                Ok(frame) => self.frame(&frame, events),
                Err(damage) => events.push(broken(damage.0)),
            }
            self.over = matches!(events.last(), Some(StreamEvent::End | StreamEvent::Error(_)));
        }
    }

    /// Usage comes after the reason to stop; an answer without it is whole all the same.
    fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        if !self.over && self.stopped && self.decoder.is_empty() {
            events.push(StreamEvent::End);
        }
        self.over = true;
    }
}

impl Reader {
    fn frame(&mut self, frame: &Frame, events: &mut Vec<StreamEvent>) {
        let name = |header| frame.header(header).unwrap_or_default();
        match name(":message-type") {
            "event" => {}
            "exception" => {
                events.push(StreamEvent::Error(error::exception(name(":exception-type"), &frame.payload)));
                return;
            }
            "error" => {
                events.push(StreamEvent::Error(error::named(name(":error-code"), name(":error-message"))));
                return;
            }
            _ => return,
        }
        let Ok(event) = serde_json::from_slice::<Value>(&frame.payload) else {
            events.push(broken("sent an event that is not valid JSON"));
            return;
        };
        if !self.started {
            self.started = true;
            events.push(StreamEvent::Start { id: String::new(), model: String::new() });
        }
        match name(":event-type") {
            "contentBlockStart" => self.begin(&event["start"], events),
            "contentBlockDelta" => self.delta(&event["delta"], events),
            "contentBlockStop" => self.parts.end(events),
            "messageStop" => {
                self.parts.end(events);
                self.stopped = true;
                events.push(StreamEvent::Stop(wire::stop(event["stopReason"].as_str().unwrap_or_default())));
            }
            "metadata" => {
                events.extend(wire::usage(&event["usage"]).map(StreamEvent::Usage));
                if self.stopped {
                    events.push(StreamEvent::End);
                }
            }
            // Those to come: an older reader passes them over.
            _ => {}
        }
    }

    fn begin(&mut self, start: &Value, events: &mut Vec<StreamEvent>) {
        let call = &start["toolUse"];
        if call.is_object() {
            self.parts.call(text(&call["toolUseId"]), text(&call["name"]), events);
        }
    }

    fn delta(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        if let Some(piece) = delta["text"].as_str() {
            self.parts.text(piece, events);
        }
        if let Some(piece) = delta["toolUse"]["input"].as_str() {
            self.parts.arguments(piece, events);
        }
        let reasoning = &delta["reasoningContent"];
        if let Some(piece) = reasoning["text"].as_str() {
            self.parts.thinking(piece, events);
        }
        if let Some(signature) = reasoning["signature"].as_str().filter(|signature| !signature.is_empty()) {
            self.parts.signature(signature.to_owned(), events);
        }
        if let Some(data) = reasoning["redactedContent"].as_str() {
            self.parts.redacted(wire::redacted(data), events);
        }
    }
}
