//! Lines of log.

use aop_clickhouse::LogRow;
use aop_domain::id::{SpanId, TraceId};
use aop_domain::record::LogRecord;

use super::{span, time};

pub(super) fn row(seq: u64, log: &LogRecord, window: &time::Window) -> LogRow {
    let id = |bytes: &[u8]| TraceId::from_slice(bytes).0;
    LogRow {
        team: id(&log.team_id),
        ts: window.clamp(log.created_at_us),
        // Orders lines of the same microsecond; the low half of a number that rises by one is enough for that.
        seq: (seq & u64::from(u32::MAX)) as u32,
        trace_id: id(&log.trace_id),
        span_id: SpanId::from_slice(&log.span_id).0,
        execution_id: id(&log.execution_id),
        agent: log.agent.clone(),
        level: log.level.clone(),
        message: log.message.clone(),
        attributes: span::attributes(&log.attributes),
        retention_days: time::retention_days(log.retention_days),
    }
}
