//! Spans: one for each call, one for each of its attempts, and those that the runner writes.

use aop_clickhouse::{LlmCallRow, SpanRow};
use aop_domain::id::{SpanId, TraceId};
use aop_domain::record::{AttemptRecord, Attribute, CallRecord, CallStatus, SpanRecord};
use aop_domain::usage::UsageSource;

use super::{call, identity, time};

/// The `llm_call` span. What was said stands with the call (`call_id`), not here again.
pub(super) fn of_call(call: &CallRecord, row: &LlmCallRow, window: &time::Window) -> SpanRow {
    let usage = call.usage.unwrap_or_default();
    SpanRow {
        span_type: "llm_call".to_owned(),
        name: model_of(row).to_owned(),
        status: span_status(call.status).to_owned(),
        ended_at: end_of(row.ts, row.duration_us, window),
        first_token_us: row.first_token_us,
        input_tokens: usage.input(),
        output_tokens: usage.output(),
        cost: row.cost,
        cost_known: row.cost_known,
        span_id: row.span_id,
        parent_span_id: row.parent_span_id,
        error_code: row.error_code.clone(),
        error_message: row.error_message.clone(),
        ..of_gateway(row)
    }
}

/// One try at one deployment, below the call.
pub(super) fn of_attempt(attempt: &AttemptRecord, row: &LlmCallRow, window: &time::Window) -> SpanRow {
    let ts = window.clamp(attempt.started_at_us);
    let attribute = |key: &str, value: String| (key.to_owned(), value);
    let mut attributes = vec![
        attribute("deployment", attempt.deployment.clone()),
        attribute("http_status", attempt.http_status.to_string()),
        attribute("connect_us", attempt.connect_us.to_string()),
        attribute("first_byte_us", attempt.first_byte_us.to_string()),
        attribute("reason", attempt.reason.clone()),
    ];
    // Where there was no choice there is nothing to tell.
    for (key, value) in [("strategy", &attempt.strategy), ("considered", &attempt.considered)] {
        if !value.is_empty() {
            attributes.push(attribute(key, value.clone()));
        }
    }
    if attempt.may_be_billed {
        let usage = attempt.usage.unwrap_or_default();
        let source = UsageSource::try_from(attempt.usage_source).unwrap_or(UsageSource::None);
        attributes.push(attribute("may_be_billed", "true".to_owned()));
        attributes.push(attribute("usage_source", call::usage_source(source).to_owned()));
        attributes.push(attribute("input_tokens", usage.input().to_string()));
        attributes.push(attribute("output_tokens", usage.output().to_string()));
        if !attempt.cost.is_empty() {
            attributes.push(attribute("cost", attempt.cost.clone()));
        }
    }
    SpanRow {
        ts,
        span_type: "attempt".to_owned(),
        name: attempt.deployment.clone(),
        status: span_status(attempt.status).to_owned(),
        ended_at: end_of(ts, attempt.duration_us, window),
        provider: attempt.provider.clone(),
        model: attempt.upstream_model.clone(),
        first_token_us: attempt.first_byte_us,
        span_id: SpanId::from_slice(&attempt.span_id).0,
        parent_span_id: row.span_id,
        error_code: attempt.error_code.clone(),
        error_message: attempt.error_message.clone(),
        attributes,
        ..of_gateway(row)
    }
}

/// What the call's span and its attempts have in common.
fn of_gateway(row: &LlmCallRow) -> SpanRow {
    SpanRow {
        team: row.team,
        ts: row.ts,
        trace_id: row.trace_id,
        source: "gateway".to_owned(),
        key_id: row.key_id,
        user_id: row.user_id,
        session_id: row.session_id.clone(),
        execution_id: row.execution_id,
        crew: row.crew.clone(),
        task: row.task.clone(),
        agent: row.agent.clone(),
        parent_agent: row.parent_agent.clone(),
        call_id: row.call_id,
        provider: row.provider.clone(),
        model: model_of(row).to_owned(),
        retention_days: row.retention_days,
        version: 1,
        ..SpanRow::default()
    }
}

fn model_of(row: &LlmCallRow) -> &str {
    if row.response_model.is_empty() { &row.requested_model } else { &row.response_model }
}

/// A span that the runner wrote.
pub(super) fn row(span: &SpanRecord, window: &time::Window) -> SpanRow {
    let identity = identity::columns(span.identity.as_ref());
    let id = |bytes: &[u8]| TraceId::from_slice(bytes).0;
    let ended = span.ended_at_us > 0;
    SpanRow {
        team: id(&span.team_id),
        ts: window.clamp(span.started_at_us),
        trace_id: id(&span.trace_id),
        span_id: SpanId::from_slice(&span.span_id).0,
        parent_span_id: SpanId::from_slice(&span.parent_span_id).0,
        span_type: span.span_type.clone(),
        name: span.name.clone(),
        status: span.status.clone(),
        ended_at: if ended { window.clamp(span.ended_at_us) } else { 0 },
        source: span.source.clone(),
        key_id: id(&span.key_id),
        user_id: id(&span.user_id),
        session_id: identity.session_id,
        execution_id: identity.execution_id,
        crew: identity.crew,
        task: identity.task,
        agent: identity.agent,
        parent_agent: identity.parent_agent,
        inputs: span.inputs.clone(),
        outputs: span.outputs.clone(),
        error_message: span.error_message.clone(),
        attributes: attributes(&span.attributes),
        retention_days: time::retention_days(span.retention_days),
        version: u8::from(ended),
        ..SpanRow::default()
    }
}

pub(super) fn attributes(given: &[Attribute]) -> Vec<(String, String)> {
    given.iter().map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}

fn span_status(number: i32) -> &'static str {
    match call::status(number) {
        CallStatus::Ok => "completed",
        CallStatus::Cancelled => "cancelled",
        _ => "failed",
    }
}

fn end_of(start_us: i64, duration_us: u64, window: &time::Window) -> i64 {
    window.clamp(start_us.saturating_add_unsigned(duration_us))
}
