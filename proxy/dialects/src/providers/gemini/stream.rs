//! A stream of answers, each a piece of the whole, into events of the form. The wire has no word for its end: the body
//! ends, and the stream is whole when a reason to stop was told.

use serde_json::Value;

use super::error;
use super::wire::{self, Piece};
use crate::dialect::StreamReader;
use crate::event::{EventReader, SseReader, broken};
use crate::form::{Delta, StopReason, StreamEvent};
use crate::providers::parts::Parts;

pub(super) fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader::default()))
}

#[derive(Default)]
struct Reader {
    id: Option<String>,
    parts: Parts,
    calls: usize,
    /// Told at the end: text may follow the first mention of a reason.
    stop: Option<String>,
    blocked: bool,
}

impl EventReader for Reader {
    fn event(&mut self, _name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>) {
        let Ok(chunk) = serde_json::from_slice::<Value>(data) else {
            events.push(broken("sent a chunk that is not valid JSON"));
            return;
        };
        if chunk["error"].is_object() {
            events.push(StreamEvent::Error(error::object(&chunk["error"], None)));
            return;
        }
        if self.id.is_none() {
            let text = |name: &str| chunk[name].as_str().unwrap_or_default().to_owned();
            self.id = Some(text("responseId"));
            events.push(StreamEvent::Start { id: text("responseId"), model: text("modelVersion") });
        }
        self.blocked |= wire::prompt_blocked(&chunk);
        let candidate = &chunk["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            self.part(part, events);
        }
        let logprobs = wire::logprobs(&candidate["logprobsResult"]);
        if !logprobs.is_empty() {
            self.parts.text_delta(Delta::Logprobs(logprobs), events);
        }
        if let Some(reason) = candidate["finishReason"].as_str() {
            self.stop = Some(reason.to_owned());
        }
        if let Some(usage) = wire::usage(&chunk["usageMetadata"]) {
            events.push(StreamEvent::Usage(usage));
        }
    }

    fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        let stop = match &self.stop {
            Some(reason) => wire::stop(reason, self.calls > 0),
            None if self.blocked => StopReason::ContentFilter,
            None => return,
        };
        self.parts.end(events);
        events.push(StreamEvent::Stop(stop));
        events.push(StreamEvent::End);
    }
}

impl Reader {
    fn part(&mut self, part: &Value, events: &mut Vec<StreamEvent>) {
        let signature = wire::signature(part);
        match wire::piece(part) {
            Some(Piece::Text(text)) => {
                self.parts.text(text, events);
                self.standing(signature, events);
            }
            Some(Piece::Thought(text)) => {
                self.parts.thinking(text, events);
                if let Some(signature) = signature {
                    self.parts.signature(signature, events);
                }
            }
            Some(Piece::Call { id, name, arguments }) => {
                if let Some(signature) = signature {
                    self.parts.signature(signature, events);
                }
                let id = wire::call_id(id, self.id.as_deref().unwrap_or_default(), self.calls);
                self.calls += 1;
                self.parts.call(id, name.to_owned(), events);
                self.parts.arguments(&arguments, events);
                self.parts.end(events);
            }
            Some(Piece::Foreign(foreign)) => self.parts.foreign(foreign, events),
            None => self.standing(signature, events),
        }
    }

    /// A signature that follows text is a part of its own.
    fn standing(&mut self, signature: Option<String>, events: &mut Vec<StreamEvent>) {
        if let Some(signature) = signature {
            self.parts.end(events);
            self.parts.signature(signature, events);
        }
    }
}
