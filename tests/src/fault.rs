//! What the span writer of `no_record_lost` and the test agree on: ids, and records that can be recomputed from their id.

use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::record::{LogRecord, SpanRecord};
use bytes::Bytes;

pub const TEAM: [u8; 16] = [7; 16];
/// Spans that share a trace.
const SPANS_OF_A_TRACE: u64 = 5;

/// Which record: the life of the writer, and a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    pub life: u32,
    pub counter: u64,
}

impl Id {
    fn span(self) -> Bytes {
        let mut span = [8; 8];
        span[1..4].copy_from_slice(&self.life.to_be_bytes()[1..]);
        span[4..].copy_from_slice(&(self.counter as u32).to_be_bytes());
        Bytes::copy_from_slice(&span)
    }

    fn trace(self) -> Bytes {
        let mut trace = [9; 16];
        trace[4..8].copy_from_slice(&self.life.to_be_bytes());
        trace[8..].copy_from_slice(&(self.counter - self.counter % SPANS_OF_A_TRACE).to_be_bytes());
        Bytes::copy_from_slice(&trace)
    }

    /// Name of the span and message of the log line.
    pub fn text(self) -> String {
        format!("record {}-{}", self.life, self.counter)
    }
}

fn now_us() -> i64 {
    aop_service::clock::Clock::System.now_us()
}

fn identity() -> ClaimedIdentity {
    let claim = |value: &str| Some(Claim::new(value, IdentitySource::AopHeader));
    ClaimedIdentity { agent: claim("Researcher"), crew: claim("Fault crew"), ..ClaimedIdentity::default() }
}

pub fn span(id: Id) -> SpanRecord {
    SpanRecord {
        team_id: Bytes::from_static(&TEAM),
        trace_id: id.trace(),
        span_id: id.span(),
        span_type: "agent".to_owned(),
        name: id.text(),
        status: "completed".to_owned(),
        started_at_us: now_us(),
        ended_at_us: now_us() + 5,
        identity: Some(identity()),
        source: "runner".to_owned(),
        retention_days: 30,
        ..SpanRecord::default()
    }
}

pub fn log(id: Id) -> LogRecord {
    LogRecord {
        team_id: Bytes::from_static(&TEAM),
        trace_id: id.trace(),
        created_at_us: now_us(),
        level: "info".to_owned(),
        message: id.text(),
        retention_days: 30,
        ..LogRecord::default()
    }
}
