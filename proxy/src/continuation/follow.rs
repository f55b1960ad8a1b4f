//! A stream that passes unread, followed on the side: what the client was given is always whole events, it is known what
//! they said, and a writer of ours stands where the provider's stream stands, ready to go on in its place.

use aop_dialects::form::{Fault, StreamEvent};
use aop_dialects::{Answering, Dialect, StreamReader, StreamWriter};
use aop_guard::sse;
use bytes::{Bytes, BytesMut};

use super::reader_of;
use super::said::Said;
use crate::call::Call;
use crate::endpoint::Operation;
use crate::translate;
use crate::usage::json;

/// An event of this size is not waited for: then the stream is followed no longer.
const LARGEST_EVENT_BYTES: usize = 1 << 20;

pub(crate) struct Follow {
    dialect: Dialect,
    answering: Answering,
    reader: Box<dyn StreamReader>,
    writer: Option<Box<dyn StreamWriter>>,
    said: Said,
    held: BytesMut,
    /// The provider says that it failed: its event, and what came behind it.
    fault: Option<(Fault, Bytes)>,
    is_lost: bool,
}

impl Follow {
    /// `None`: in this dialect nothing else can take a provider's place, because its items have names of their own.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let dialect = call.operation.and_then(Operation::dialect)?;
        let request = call.request.as_ref()?;
        if dialect == Dialect::Responses {
            return None;
        }
        let answering = Answering {
            model: request.model.clone(),
            id: call.id.simple().to_string(),
            created_s: call.started_at_us.div_euclid(1_000_000),
            stream_usage: request.ask_usage.is_none(),
        };
        Some(Self {
            dialect,
            answering,
            reader: reader_of(dialect)?,
            writer: None,
            said: Said::default(),
            held: BytesMut::new(),
            fault: None,
            is_lost: false,
        })
    }

    /// What of it the client gets now: whole events, up to one that says that the provider failed.
    pub(crate) fn take(&mut self, chunk: Bytes) -> Bytes {
        if self.is_lost {
            return chunk;
        }
        self.held.extend_from_slice(&chunk);
        let mut pass = BytesMut::new();
        while let Some(end) = sse::end_of_event(&self.held) {
            let event = self.held.split_to(end).freeze();
            if let Some(fault) = self.read(&event) {
                let mut left = BytesMut::from(&event[..]);
                left.unsplit(self.held.split());
                self.fault = Some((fault, left.freeze()));
                break;
            }
            pass.extend_from_slice(&event);
        }
        if self.held.len() > LARGEST_EVENT_BYTES {
            self.is_lost = true;
            pass.unsplit(self.held.split());
        }
        pass.freeze()
    }

    /// The message of the provider that failed.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.fault.as_ref().map(|(fault, _)| fault.message.as_str())
    }

    /// What was withheld.
    pub(crate) fn take_withheld(&mut self) -> Option<Bytes> {
        self.fault.take().map(|(_, left)| left)
    }

    /// The body has ended. What is left of it, when the stream is whole with that.
    pub(crate) fn finish(&mut self) -> Option<Bytes> {
        let rest = self.held.split().freeze();
        if self.is_lost || self.said.is_over() {
            return Some(rest);
        }
        let mut events = Vec::new();
        self.reader.push(&rest, &mut events);
        self.reader.finish(&mut events);
        events.contains(&StreamEvent::End).then_some(rest)
    }

    pub(crate) fn said(&self) -> &Said {
        &self.said
    }

    pub(crate) fn can_be_continued(&self) -> bool {
        !self.is_lost && self.said.can_be_continued()
    }

    pub(crate) fn into_parts(mut self) -> (Box<dyn StreamWriter>, Said) {
        let writer = self.writer.take().unwrap_or_else(|| self.new_writer());
        (writer, self.said)
    }

    fn read(&mut self, event: &[u8]) -> Option<Fault> {
        if self.writer.is_none() {
            if let Some(created_s) = created_s(event) {
                self.answering.created_s = created_s;
            }
            self.writer = Some(self.new_writer());
        }
        let mut events = Vec::new();
        self.reader.push(event, &mut events);
        let mut nobody = BytesMut::new();
        for event in events {
            if let StreamEvent::Error(fault) = event {
                return Some(fault);
            }
            self.said.note(&event);
            if let Some(writer) = &mut self.writer {
                writer.write(&event, &mut nobody);
                nobody.clear();
            }
        }
        None
    }

    fn new_writer(&self) -> Box<dyn StreamWriter> {
        translate::client(self.dialect).stream_writer(self.answering.clone())
    }
}

/// Chunks of one answer all name the same second.
fn created_s(event: &[u8]) -> Option<i64> {
    let data = event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"data:"))?;
    std::str::from_utf8(json::field(data, "created")?).ok()?.trim().parse().ok()
}
