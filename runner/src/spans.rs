//! The spans and log lines of one run, written to the runner's spool: once when a span starts, again when it ends.
//!
//! Ids of crew, task and agent spans follow from the run, so that a runner that takes a run over writes the same spans on
//! and none is left behind open.

use std::sync::Arc;

use aop_domain::id::{SpanId, UserId};
use aop_domain::identity::{Claim as Stated, ClaimedIdentity, IdentitySource};
use aop_domain::record::{Attribute, LogRecord, RecordKind, SpanRecord};
use aop_service::clock::Clock;
use aop_spool::Spool;
use aop_store::executions::claim::Claim;
use bytes::Bytes;
use parking_lot::Mutex;
use prost::Message;
use serde_json::Value;

/// Longest text of an input or output that a span keeps. The conversation itself is kept by the gateway.
const LONGEST_TEXT_BYTES: usize = 64 * 1024;

/// Of whom a span is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Whose<'a> {
    pub(crate) task: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) parent_agent: &'a str,
}

/// A span that begins.
pub(crate) struct Begin<'a> {
    pub(crate) id: SpanId,
    pub(crate) parent: SpanId,
    pub(crate) span_type: &'static str,
    pub(crate) name: &'a str,
    pub(crate) whose: Whose<'a>,
    pub(crate) inputs: Value,
    pub(crate) started_at_us: i64,
}

pub(crate) struct Spans {
    spool: Arc<Spool>,
    clock: Clock,
    claim: Claim,
    open: Mutex<Vec<SpanRecord>>,
}

impl Spans {
    pub(crate) fn new(spool: Arc<Spool>, clock: Clock, claim: Claim) -> Self {
        Self { spool, clock, claim, open: Mutex::new(Vec::new()) }
    }

    /// The id of a span of this run, by what it is. The same in every attempt.
    pub(crate) fn id(&self, what: &str) -> SpanId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.claim.id.as_bytes());
        hasher.update(what.as_bytes());
        SpanId::from_slice(&hasher.finalize().as_bytes()[..8])
    }

    pub(crate) fn begin(&self, begin: &Begin<'_>) {
        let record = self.record(begin);
        self.append(RecordKind::Span, &record);
        self.open.lock().push(record);
    }

    /// The record of a span that is about to begin.
    pub(crate) fn record(&self, begin: &Begin<'_>) -> SpanRecord {
        SpanRecord {
            team_id: Bytes::copy_from_slice(self.claim.team_id.as_bytes()),
            trace_id: Bytes::copy_from_slice(&self.claim.trace_id.0),
            span_id: Bytes::copy_from_slice(&begin.id.0),
            parent_span_id: if begin.parent.is_nil() {
                Bytes::new()
            } else {
                Bytes::copy_from_slice(&begin.parent.0)
            },
            span_type: begin.span_type.to_owned(),
            name: begin.name.to_owned(),
            status: "running".to_owned(),
            started_at_us: begin.started_at_us,
            ended_at_us: 0,
            identity: Some(self.identity(begin.whose)),
            user_id: Bytes::copy_from_slice(self.claim.user_id.unwrap_or(UserId::NIL).as_bytes()),
            key_id: self.claim.key_id.map(|key| Bytes::copy_from_slice(key.as_bytes())).unwrap_or_default(),
            inputs: begin.inputs.to_string(),
            outputs: String::new(),
            error_message: String::new(),
            source: "runner".to_owned(),
            attributes: vec![Attribute { key: "attempt".to_owned(), value: self.claim.attempt.to_string() }],
            retention_days: 0,
        }
    }

    /// Ends a span that a runner before left open.
    pub(crate) fn end_left_open(&self, record: &[u8], error: &str) {
        match SpanRecord::decode(record) {
            Ok(record) => self.write_end(record, "failed", &Value::Null, error),
            Err(error) => {
                tracing::error!(execution = %self.claim.id, %error, "a span that was left open cannot be read")
            }
        }
    }

    /// Ends an open span; `error` is empty unless it failed.
    pub(crate) fn end(&self, id: SpanId, status: &str, outputs: &Value, error: &str) {
        let record = {
            let mut open = self.open.lock();
            let position = open.iter().position(|record| record.span_id.as_ref() == id.0);
            position.map(|position| open.remove(position))
        };
        if let Some(record) = record {
            self.write_end(record, status, outputs, error);
        }
    }

    /// Ends what is still open, innermost first.
    pub(crate) fn end_all(&self, status: &str, error: &str) {
        let open = std::mem::take(&mut *self.open.lock());
        for record in open.into_iter().rev() {
            self.write_end(record, status, &Value::Null, error);
        }
    }

    pub(crate) fn log(&self, level: &str, message: &str, agent: &str, span: SpanId) {
        let record = LogRecord {
            team_id: Bytes::copy_from_slice(self.claim.team_id.as_bytes()),
            trace_id: Bytes::copy_from_slice(&self.claim.trace_id.0),
            span_id: Bytes::copy_from_slice(&span.0),
            execution_id: Bytes::copy_from_slice(self.claim.id.as_bytes()),
            created_at_us: self.clock.now_us(),
            level: level.to_owned(),
            message: message.to_owned(),
            agent: agent.to_owned(),
            attributes: Vec::new(),
            retention_days: 0,
        };
        self.append(RecordKind::Log, &record);
    }

    fn write_end(&self, mut record: SpanRecord, status: &str, outputs: &Value, error: &str) {
        status.clone_into(&mut record.status);
        record.ended_at_us = self.clock.now_us().max(record.started_at_us);
        record.outputs = if outputs.is_null() { String::new() } else { outputs.to_string() };
        error.clone_into(&mut record.error_message);
        self.append(RecordKind::Span, &record);
    }

    /// A record that the spool does not take is counted by the spool and said here; the run itself goes on.
    fn append(&self, kind: RecordKind, record: &impl Message) {
        if let Err(error) = self.spool.append(kind, &[&record.encode_to_vec()]) {
            tracing::error!(execution = %self.claim.id, %error, "a record of the run was not kept");
        }
    }

    fn identity(&self, whose: Whose<'_>) -> ClaimedIdentity {
        let signed = |value: &str| (!value.is_empty()).then(|| Stated::new(value, IdentitySource::Signed));
        ClaimedIdentity {
            execution: signed(&self.claim.id.to_string()),
            crew: signed(&self.claim.crew_name),
            task: signed(whose.task),
            agent: signed(whose.agent),
            parent_agent: signed(whose.parent_agent),
            trace_source: IdentitySource::Signed as i32,
            agent_rule: if whose.agent.is_empty() { String::new() } else { "runner".to_owned() },
            agent_confidence: if whose.agent.is_empty() { 0 } else { 100 },
            ..ClaimedIdentity::default()
        }
    }
}

/// A text for a span, cut at `LONGEST_TEXT_BYTES`.
pub(crate) fn clipped(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
