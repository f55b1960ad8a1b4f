//! Streams of server-sent events as events of the form: what all dialects on that wire have in common.

use bytes::BytesMut;
use serde_json::Value;

use crate::dialect::StreamReader;
use crate::form::{Fault, FaultKind, StreamEvent};
use crate::sse::{Event, Splitter};

/// Reads one dialect's events.
pub trait EventReader: Send {
    /// One event with data.
    fn event(&mut self, name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>);

    /// The body has ended cleanly.
    fn finish(&mut self, events: &mut Vec<StreamEvent>);
}

/// Splits bytes into events for an [`EventReader`], and sees to it that nothing follows an end or an error.
pub struct SseReader<R> {
    splitter: Splitter,
    reader: R,
    over: bool,
}

impl<R: EventReader> SseReader<R> {
    pub fn new(reader: R) -> Self {
        Self { splitter: Splitter::default(), reader, over: false }
    }

    fn take(&mut self, event: &Event, events: &mut Vec<StreamEvent>) {
        if self.over {
            return;
        }
        let from = events.len();
        if event.readable {
            if let Some(data) = event.data() {
                self.reader.event(event.name(), &data, events);
            }
        } else {
            events.push(broken("sent an event too large to be read"));
        }
        self.close(from, events);
    }

    fn close(&mut self, from: usize, events: &mut Vec<StreamEvent>) {
        let last =
            events[from..].iter().position(|event| matches!(event, StreamEvent::End | StreamEvent::Error(_)));
        if let Some(last) = last {
            events.truncate(from + last + 1);
            self.over = true;
        }
    }
}

impl<R: EventReader> StreamReader for SseReader<R> {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<StreamEvent>) {
        self.splitter.push(bytes);
        while let Some(event) = self.splitter.next_event() {
            self.take(&event, events);
        }
    }

    fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        if let Some(event) = self.splitter.finish() {
            self.take(&event, events);
        }
        if !self.over {
            let from = events.len();
            self.reader.finish(events);
            self.close(from, events);
        }
        self.over = true;
    }
}

/// The provider's stream is not what its dialect says.
pub fn broken(what: &str) -> StreamEvent {
    StreamEvent::Error(Fault::new(FaultKind::Internal, format!("The provider {what}.")))
}

/// Writes one event; `name` is written where the dialect names its events.
pub(crate) fn write(out: &mut BytesMut, name: Option<&str>, data: &Value) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\n");
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data.to_string().as_bytes());
    out.extend_from_slice(b"\n\n");
}
