//! One line: what is known of a call beside what was said in it. Names are stable; new ones are only added.

use aop_domain::record::{CacheOutcome, CallRecord, CallStatus};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::call::Call;

#[derive(Debug, Serialize)]
struct Line<'a> {
    time: String,
    /// Also what the client got as `x-request-id`.
    call_id: Uuid,
    trace_id: Option<String>,
    team_id: Option<Uuid>,
    key_id: Option<Uuid>,
    source: Option<std::net::IpAddr>,
    operation: &'a str,
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

pub(super) fn of(call: &Call, record: &CallRecord) -> Vec<u8> {
    let last = record.attempts.last();
    let started = OffsetDateTime::from_unix_timestamp_nanos(i128::from(record.started_at_us) * 1_000);
    let line = Line {
        time: started.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default(),
        call_id: call.id,
        trace_id: call.identity.as_ref().map(|identity| identity.trace_id.to_string()),
        team_id: id(&record.team_id),
        key_id: id(&record.key_id),
        source: call.source,
        operation: &record.operation,
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
    };
    // Plain fields: writing them as JSON cannot fail. JSON has no line ends outside of what it escapes.
    let mut text = serde_json::to_vec(&line).unwrap_or_default();
    text.push(b'\n');
    text
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
