//! Stored rows in the shape of the api's lists.

use aop_clickhouse::calls::{CallSummary, Runaway};
use aop_clickhouse::logs::LogLine;
use aop_clickhouse::traces::Span;
use aop_clickhouse::{LlmCallRow, LogRow, SpanRow};
use aop_domain::id::{SpanId, TeamId, TraceId};
use aop_domain::money::from_ledger_units;
use serde::Serialize;
use uuid::Uuid;

use super::Record;
use crate::rows::Rows;

/// Longer inputs and outputs of spans are left out of events.
const MAX_TEXT_BYTES: usize = 8 * 1024;

#[derive(Serialize)]
struct Event<'a, T> {
    r#type: &'static str,
    team_id: TeamId,
    agent_id: &'a str,
    #[serde(flatten)]
    record: T,
}

/// A span does not name its trace; its event does.
#[derive(Serialize)]
struct InTrace {
    trace_id: String,
    #[serde(flatten)]
    span: Span,
}

/// One record per call, span (attempts and calls' own spans included) and line of log.
pub(super) fn of(rows: &Rows) -> impl Iterator<Item = Record> {
    let calls = rows.calls.iter().filter_map(|row| {
        let json = json("call", row.team, &row.agent, summary(row))?;
        Some(Record { kind: "call", team: row.team, trace: row.trace_id, execution: row.execution_id, json })
    });
    let spans = rows.spans.iter().filter_map(|row| {
        let record = InTrace { trace_id: trace(row.trace_id), span: span(row) };
        let json = json("span", row.team, &row.agent, record)?;
        Some(Record { kind: "span", team: row.team, trace: row.trace_id, execution: row.execution_id, json })
    });
    let logs = rows.logs.iter().filter_map(|row| {
        let json = json("log", row.team, &row.agent, line(row))?;
        Some(Record { kind: "log", team: row.team, trace: row.trace_id, execution: row.execution_id, json })
    });
    calls.chain(spans).chain(logs)
}

fn json<T: Serialize>(kind: &'static str, team: [u8; 16], agent: &str, record: T) -> Option<String> {
    let event = Event { r#type: kind, team_id: TeamId::from_bytes(team), agent_id: agent, record };
    match serde_json::to_string(&event) {
        Ok(json) => Some(json),
        Err(error) => {
            tracing::error!(%error, kind, "a live event could not be written");
            None
        }
    }
}

fn summary(row: &LlmCallRow) -> CallSummary {
    let sum = |classes: &[u32]| classes.iter().map(|&tokens| u64::from(tokens)).sum();
    CallSummary {
        call_id: Uuid::from_bytes(row.call_id).to_string(),
        started_at_us: row.ts,
        trace_id: TraceId(row.trace_id).to_string(),
        span_id: SpanId(row.span_id).to_string(),
        parent_span_id: span_id(row.parent_span_id),
        key_id: uuid(row.key_id),
        user_id: uuid(row.user_id),
        execution_id: uuid(row.execution_id),
        session_id: row.session_id.clone(),
        crew: row.crew.clone(),
        task: row.task.clone(),
        agent: row.agent.clone(),
        agent_key: hex_number(row.agent_fingerprint),
        parent_agent: row.parent_agent.clone(),
        end_user: row.end_user.clone(),
        application: row.application.clone(),
        framework: row.framework.clone(),
        operation: row.operation.clone(),
        provider: row.provider.clone(),
        deployment: row.deployment.clone(),
        requested_model: row.requested_model.clone(),
        response_model: row.response_model.clone(),
        stream: row.stream,
        attempts: row.attempts,
        status: row.status.clone(),
        http_status: row.http_status,
        error_code: row.error_code.clone(),
        error_message: row.error_message.clone(),
        finish_reason: row.finish_reason.clone(),
        duration_us: row.duration_us,
        first_token_us: row.first_token_us,
        input_tokens: sum(&[
            row.in_uncached,
            row.in_cache_read,
            row.in_cache_write_5m,
            row.in_cache_write_1h,
            row.in_audio,
            row.in_image,
        ]),
        output_tokens: sum(&[row.out_text, row.out_reasoning, row.out_audio]),
        usage_source: row.usage_source.clone(),
        cost: cost(row.cost_known, row.cost),
        cache: row.cache.clone(),
        tool_names: row.tool_names.clone(),
        input_preview: row.input_preview.clone(),
        output_preview: row.output_preview.clone(),
        conversation: hex_number(row.conversation),
        internal: row.internal.clone(),
        runaway: row.runaway.iter().cloned().map(Runaway::from).collect(),
        token_issuer: row.token_issuer.clone(),
        token_subject: row.token_subject.clone(),
    }
}

fn hex_number(number: u64) -> String {
    if number == 0 { String::new() } else { format!("{number:016x}") }
}

fn span(row: &SpanRow) -> Span {
    Span {
        span_id: SpanId(row.span_id).to_string(),
        parent_span_id: span_id(row.parent_span_id),
        span_type: row.span_type.clone(),
        name: row.name.clone(),
        status: row.status.clone(),
        source: row.source.clone(),
        started_at_us: row.ts,
        ended_at_us: row.ended_at,
        session_id: row.session_id.clone(),
        execution_id: uuid(row.execution_id),
        crew: row.crew.clone(),
        task: row.task.clone(),
        agent: row.agent.clone(),
        parent_agent: row.parent_agent.clone(),
        call_id: uuid(row.call_id),
        provider: row.provider.clone(),
        model: row.model.clone(),
        input_tokens: row.input_tokens,
        output_tokens: row.output_tokens,
        cost: cost(row.cost_known, row.cost),
        first_token_us: row.first_token_us,
        inputs: short(&row.inputs),
        outputs: short(&row.outputs),
        error_code: row.error_code.clone(),
        error_message: row.error_message.clone(),
        attributes: row.attributes.iter().cloned().collect(),
    }
}

fn line(row: &LogRow) -> LogLine {
    LogLine {
        created_at_us: row.ts,
        seq: row.seq,
        trace_id: if row.trace_id == [0; 16] { String::new() } else { trace(row.trace_id) },
        span_id: span_id(row.span_id),
        execution_id: uuid(row.execution_id),
        agent: row.agent.clone(),
        level: row.level.clone(),
        message: row.message.clone(),
        attributes: row.attributes.iter().cloned().collect(),
    }
}

fn cost(known: bool, units: i64) -> Option<String> {
    known.then(|| from_ledger_units(units).to_string())
}

fn short(text: &str) -> String {
    if text.len() > MAX_TEXT_BYTES { String::new() } else { text.to_owned() }
}

fn trace(id: [u8; 16]) -> String {
    TraceId(id).to_string()
}

/// Hex; empty for none.
fn span_id(id: [u8; 8]) -> String {
    if id == [0; 8] { String::new() } else { SpanId(id).to_string() }
}

/// UUID text; empty for none.
fn uuid(id: [u8; 16]) -> String {
    if id == [0; 16] { String::new() } else { Uuid::from_bytes(id).to_string() }
}
