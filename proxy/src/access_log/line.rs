//! One line: what is known of a call beside what was said in it. Names are stable; new ones are only added.

use aop_domain::record::{CacheOutcome, CallRecord, CallStatus};
use serde::Serialize;
use uuid::Uuid;

use super::when;
use crate::call::Call;

#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    kind: &'static str,
    time: String,
    /// Also what the client got as `x-request-id`.
    call_id: Uuid,
    trace_id: Option<String>,
    team_id: Option<Uuid>,
    key_id: Option<Uuid>,
    source: Option<std::net::IpAddr>,
    operation: &'a str,
    /// Of a call to a provider's own API: method and path there, without the query.
    passed: &'a str,
    /// What was asked for, the route it led to, and who answered.
    model: &'a str,
    route: &'a str,
    provider: &'a str,
    deployment: &'a str,
    attempts: usize,
    stream: bool,
    cache: &'static str,
    status: &'static str,
    http_status: u32,
    error_code: &'a str,
    duration_us: u64,
    first_token_us: u64,
    upstream_us: u64,
    overhead_us: u32,
    request_bytes: u64,
    response_bytes: u64,
}

pub(super) fn of<'a>(call: &Call, record: &'a CallRecord) -> Line<'a> {
    let last = record.attempts.last();
    Line {
        kind: "call",
        time: when(record.started_at_us),
        call_id: call.id,
        trace_id: call.identity.as_ref().map(|identity| identity.trace_id.to_string()),
        team_id: id(&record.team_id),
        key_id: id(&record.key_id),
        source: call.source,
        operation: &record.operation,
        passed: &record.passed,
        model: &record.requested_model,
        route: &record.route,
        provider: last.map_or("", |attempt| &attempt.provider),
        deployment: last.map_or("", |attempt| &attempt.deployment),
        attempts: record.attempts.len(),
        stream: record.stream,
        cache: cache(record),
        status: CallStatus::try_from(record.status).unwrap_or(CallStatus::Internal).as_str(),
        http_status: record.http_status,
        error_code: &record.error_code,
        duration_us: record.duration_us,
        first_token_us: record.first_token_us,
        upstream_us: record.upstream_us,
        overhead_us: record.overhead_us,
        request_bytes: record.request_bytes,
        response_bytes: record.response_bytes,
    }
}

fn cache(record: &CallRecord) -> &'static str {
    match CacheOutcome::try_from(record.cache).unwrap_or(CacheOutcome::Off) {
        CacheOutcome::Off => "off",
        outcome => outcome.as_str(),
    }
}

fn id(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok().filter(|id| !id.is_nil())
}
