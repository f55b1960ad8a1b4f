//! From a segment's bytes to records. What cannot be read is set apart, never in the way.

use std::ops::Range;

use aop_domain::frame::{FRAME_OVERHEAD_BYTES, Header, HeaderError, Item, Segment};
use aop_domain::record::{CallRecord, LogRecord, RecordKind, SpanRecord};
use bytes::Bytes;
use prost::Message;

/// A segment's records, each with its `seq`.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) header: Header,
    pub(crate) calls: Vec<CallRecord>,
    pub(crate) spans: Vec<SpanRecord>,
    pub(crate) logs: Vec<(u64, LogRecord)>,
    /// Whole frames that hold no record we know: bytes of the segment.
    pub(crate) undecodable: Vec<Range<usize>>,
    /// Bytes that are no frame.
    pub(crate) damaged: Vec<Range<usize>>,
}

impl Decoded {
    pub(crate) fn records(&self) -> usize {
        self.calls.len() + self.spans.len() + self.logs.len()
    }
}

pub(crate) fn decode(bytes: Bytes) -> Result<Decoded, HeaderError> {
    let segment = Segment::parse(bytes)?;
    let mut decoded = Decoded {
        header: segment.header,
        calls: Vec::new(),
        spans: Vec::new(),
        logs: Vec::new(),
        undecodable: Vec::new(),
        damaged: Vec::new(),
    };
    for item in segment.items() {
        match item {
            Item::Frame(frame) => {
                let whole = frame.offset..frame.offset + FRAME_OVERHEAD_BYTES + frame.payload.len();
                if !decoded.take(frame.kind, frame.seq, frame.payload) {
                    decoded.undecodable.push(whole);
                }
            }
            Item::Damaged { offset, bytes } | Item::Torn { offset, bytes } => {
                decoded.damaged.push(offset..offset + bytes);
            }
        }
    }
    Ok(decoded)
}

impl Decoded {
    /// `false`: the payload is no record that this version knows.
    fn take(&mut self, kind: u8, seq: u64, payload: Bytes) -> bool {
        let taken = match RecordKind::try_from(kind) {
            Ok(RecordKind::Call) => CallRecord::decode(payload).map(|call| self.calls.push(call)),
            Ok(RecordKind::Span) => SpanRecord::decode(payload).map(|span| self.spans.push(span)),
            Ok(RecordKind::Log) => LogRecord::decode(payload).map(|log| self.logs.push((seq, log))),
            Err(_newer) => return false,
        };
        taken.is_ok()
    }
}
