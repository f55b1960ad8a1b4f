//! A call as a row of the ledger.

use aop_clickhouse::LlmCallRow;
use aop_domain::guard::RecordingLevel;
use aop_domain::id::{SpanId, TraceId};
use aop_domain::money::to_ledger_units;
use aop_domain::record::{AttemptRecord, CacheOutcome, CallRecord, CallStatus, GuardrailOutcome, UnitRecord};
use aop_domain::runaway::Mark;
use aop_domain::usage::{Usage, UsageSource};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::{found, hooks, identity, time};
use crate::content::Content;

pub(super) fn row(call: &CallRecord, content: &Content, window: &time::Window) -> LlmCallRow {
    let identity = identity::columns(call.identity.as_ref());
    let usage: Usage = call.usage.unwrap_or_default();
    let cost = ledger_cost(call);
    let target = answering_attempt(&call.attempts);
    let id = |bytes: &[u8]| TraceId::from_slice(bytes).0;
    let mut row = LlmCallRow {
        team: id(&call.team_id),
        ts: window.clamp(call.started_at_us),
        call_id: id(&call.call_id),
        trace_id: id(&call.trace_id),
        span_id: SpanId::from_slice(&call.span_id).0,
        parent_span_id: SpanId::from_slice(&call.parent_span_id).0,
        key_id: id(&call.key_id),
        user_id: id(&call.user_id),
        session_id: identity.session_id,
        execution_id: identity.execution_id,
        crew: identity.crew,
        task: identity.task,
        agent: identity.agent,
        parent_agent: identity.parent_agent,
        end_user: identity.end_user,
        application: identity.application,
        framework: identity.framework,
        tags: identity.tags,
        identity_sources: identity.sources,
        trace_source: identity.trace_source,
        agent_rule: identity.agent_rule,
        agent_confidence: identity.agent_confidence,
        operation: call.operation.clone(),
        provider: target.map(|attempt| attempt.provider.clone()).unwrap_or_default(),
        deployment: target.map(|attempt| attempt.deployment.clone()).unwrap_or_default(),
        route: call.route.clone(),
        requested_model: call.requested_model.clone(),
        response_model: call.response_model.clone(),
        stream: call.stream,
        attempts: u8::try_from(call.attempts.len()).unwrap_or(u8::MAX),
        provider_response_id: call.provider_response_id.clone(),
        status: status(call.status).as_str().to_owned(),
        http_status: u16::try_from(call.http_status).unwrap_or(0),
        error_code: call.error_code.clone(),
        error_message: call.error_message.clone(),
        finish_reason: call.finish_reason.clone(),
        duration_us: call.duration_us,
        first_token_us: call.first_token_us,
        upstream_us: call.upstream_us,
        overhead_us: call.overhead_us,
        queue_us: call.queue_us,
        connect_us: call.connect_us,
        in_uncached: usage.in_uncached,
        in_cache_read: usage.in_cache_read,
        in_cache_write_5m: usage.in_cache_write_5m,
        in_cache_write_1h: usage.in_cache_write_1h,
        in_audio: usage.in_audio,
        in_image: usage.in_image,
        out_text: usage.out_text,
        out_reasoning: usage.out_reasoning,
        out_audio: usage.out_audio,
        usage_source: usage_source(call.usage_source_or_none()).to_owned(),
        cost_input: cost.map_or(0, |cost| cost.input),
        cost_cache: cost.map_or(0, |cost| cost.cache),
        cost_output: cost.map_or(0, |cost| cost.output),
        cost: cost.map_or(0, |cost| cost.total),
        cost_known: cost.is_some(),
        price_version: call.price_version,
        tool_names: content.tool_names.clone(),
        message_count: u16::try_from(content.inputs.len()).unwrap_or(u16::MAX),
        request_bytes: call.request_bytes,
        response_bytes: call.response_bytes,
        body_truncated: call.body_truncated,
        input_preview: content.input_preview.clone(),
        output_preview: content.output_preview.clone(),
        node: call.node.clone(),
        retention_days: time::retention_days(call.retention_days),
        answer_key: content.answer_key,
        recording: recording(call.recording).as_str().to_owned(),
        redactions: call.redactions,
        cache: CacheOutcome::try_from(call.cache).unwrap_or(CacheOutcome::Off).as_str().to_owned(),
        cost_saved: saved(call),
        guardrails: guardrails(&call.guardrails),
        hooks: hooks::told(&call.hooks),
        runaway: call.runaway.iter().map(mark).collect(),
        wasted_cost: cost.map_or(0, |cost| cost.wasted),
        units: call.units.iter().filter_map(unit).collect(),
        passed: call.passed.clone(),
        service_tier: call.service_tier.clone(),
        price_provider: call.price_name.as_ref().map(|name| name.provider.clone()).unwrap_or_default(),
        price_model: call.price_name.as_ref().map(|name| name.model.clone()).unwrap_or_default(),
        token_issuer: call.token.as_ref().map(|token| token.issuer.clone()).unwrap_or_default(),
        token_subject: call.token.as_ref().map(|token| token.subject.clone()).unwrap_or_default(),
        dropped_fields: call.dropped_fields.clone(),
        ..LlmCallRow::default()
    };
    if let Some(inference) = &call.inference {
        found::fill(&mut row, inference);
    }
    row
}

fn guardrails(did: &[GuardrailOutcome]) -> String {
    let one = |did: &GuardrailOutcome| json!({"name": did.name, "stage": did.stage, "action": did.action, "what": did.what, "count": did.count});
    if did.is_empty() { String::new() } else { Value::Array(did.iter().map(one).collect()).to_string() }
}

/// A level that a newer writer knows and we do not keeps less than all.
fn recording(number: i32) -> RecordingLevel {
    RecordingLevel::try_from(number).unwrap_or(RecordingLevel::Metadata)
}

/// What cannot be read was not known.
fn saved(call: &CallRecord) -> i64 {
    call.cost_saved.parse().ok().and_then(to_ledger_units).unwrap_or(0)
}

/// In one text. Only the gateway writes marks, and none of their words has a space in it.
fn mark(mark: &Mark) -> String {
    let Mark { rule, action, count, limit } = mark;
    format!("{rule} {action} {count} {limit}")
}

/// In millionths. A count that the ledger cannot hold is left out: the record's cost stands without it.
fn unit(used: &UnitRecord) -> Option<(String, i64)> {
    let count = used.count.parse::<Decimal>().ok()?.checked_mul(Decimal::from(1_000_000))?;
    let name =
        if used.variant.is_empty() { used.meter.clone() } else { format!("{}#{}", used.meter, used.variant) };
    Some((name, count.round().to_i64()?))
}

/// The attempt whose answer the caller got: the one that succeeded, or the last one tried.
fn answering_attempt(attempts: &[AttemptRecord]) -> Option<&AttemptRecord> {
    attempts.iter().find(|attempt| attempt.status == CallStatus::Ok as i32).or(attempts.last())
}

/// A number that a newer writer knows and we do not is a fault of ours, until this program is updated.
pub(super) fn status(number: i32) -> CallStatus {
    CallStatus::try_from(number).unwrap_or(CallStatus::Internal)
}

pub(super) fn usage_source(source: UsageSource) -> &'static str {
    match source {
        UsageSource::None => "none",
        UsageSource::Provider => "provider",
        UsageSource::Estimated => "estimated",
        UsageSource::Partial => "partial",
    }
}

/// Costs in ledger units, which add up.
#[derive(Debug, Clone, Copy)]
struct LedgerCost {
    input: i64,
    cache: i64,
    output: i64,
    wasted: i64,
    total: i64,
}

/// `None`: unknown, or an amount that the ledger cannot hold (above 9 million dollars for one call), which is said in the log.
fn ledger_cost(call: &CallRecord) -> Option<LedgerCost> {
    if !call.cost_known {
        return None;
    }
    let amount = |text: &str| if text.is_empty() { Some(Decimal::ZERO) } else { text.parse().ok() };
    let units = |text: &str| amount(text).and_then(to_ledger_units);
    let parts = (
        units(&call.cost_input),
        units(&call.cost_cache),
        units(&call.cost_output),
        units(&call.wasted_cost),
    );
    let (Some(input), Some(cache), Some(output), Some(wasted)) = parts else { return unreadable(call) };
    let sum = input.checked_add(cache).and_then(|sum| sum.checked_add(output));
    match sum.and_then(|sum| sum.checked_add(wasted)) {
        Some(total) => Some(LedgerCost { input, cache, output, wasted, total }),
        None => unreadable(call),
    }
}

fn unreadable(call: &CallRecord) -> Option<LedgerCost> {
    let id = TraceId::from_slice(&call.call_id);
    tracing::error!(call_id = %id, "the cost of a call does not fit the ledger and is stored as unknown");
    None
}
