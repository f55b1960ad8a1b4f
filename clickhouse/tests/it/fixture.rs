//! A small day of two teams: calls with every field that a read looks at.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use aop_clickhouse::{LlmCallRow, SpanRow};
use aop_domain::id::TeamId;

pub(crate) const TEAM: [u8; 16] = [0xa1; 16];
pub(crate) const OTHER_TEAM: [u8; 16] = [0xb2; 16];

pub(crate) fn team() -> TeamId {
    TeamId::from_bytes(TEAM)
}

pub(crate) fn other_team() -> TeamId {
    TeamId::from_bytes(OTHER_TEAM)
}

/// The start of the current hour, microseconds: rows of long ago would leave by their retention at once.
/// The same for all of a test, also for one that begins in one hour and ends in the next.
pub(crate) fn hour_us() -> i64 {
    static HOUR_US: OnceLock<i64> = OnceLock::new();
    *HOUR_US.get_or_init(|| {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        (now_s / 3_600 * 3_600) as i64 * 1_000_000
    })
}

/// Call `number` of `team`, one second after the one before.
pub(crate) fn call(team: [u8; 16], number: u8) -> LlmCallRow {
    LlmCallRow {
        team,
        ts: hour_us() + i64::from(number) * 1_000_000,
        call_id: id(number),
        trace_id: [number % 3 + 1; 16],
        span_id: [number + 1; 8],
        key_id: [7; 16],
        execution_id: [9; 16],
        agent: if number.is_multiple_of(2) { "Researcher".into() } else { "Writer".into() },
        crew: "News".into(),
        requested_model: "sim-fast".into(),
        response_model: if number.is_multiple_of(5) { String::new() } else { "sim-fast-2026".into() },
        provider: "simulator".into(),
        status: if number == 3 { "upstream_error".into() } else { "ok".into() },
        http_status: 200,
        in_uncached: 100,
        in_cache_read: 20,
        out_text: 30,
        out_reasoning: 5,
        cost_input: 1_000_000_000,
        cost_output: 500_000_001,
        cost: 1_500_000_001,
        cost_known: number != 4,
        duration_us: 1_000_000 + u64::from(number) * 1_000,
        first_token_us: 200_000,
        attempts: 1,
        usage_source: "provider".into(),
        identity_sources: vec![("agent".into(), "aop_header".into())],
        tags: vec!["blue".into()],
        retention_days: 30,
        ..LlmCallRow::default()
    }
}

pub(crate) fn id(number: u8) -> [u8; 16] {
    let mut id = [0x01; 16];
    id[15] = number;
    id
}

pub(crate) fn span(number: u8, span_type: &str, parent: u8) -> SpanRow {
    SpanRow {
        team: TEAM,
        ts: hour_us() + i64::from(number) * 1_000,
        trace_id: [5; 16],
        span_id: [number; 8],
        parent_span_id: [parent; 8],
        span_type: span_type.into(),
        name: format!("{span_type} {number}"),
        status: "completed".into(),
        ended_at: hour_us() + i64::from(number) * 1_000 + 500,
        source: "runner".into(),
        version: 1,
        retention_days: 30,
        ..SpanRow::default()
    }
}
