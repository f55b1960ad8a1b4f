//! Traces: the list from `trace_index`, and one trace with all its spans.

mod by_agent;

use std::collections::BTreeMap;

use aop_domain::correction::Line;
use aop_domain::hex::hex;
use aop_domain::id::{ExecutionId, TeamId, TraceId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::learned;
use crate::read::{Cursor, Page, READ_LIMIT, Select, TimeRange, page, page_limit};
use crate::runs::{self, IN_TRACES, Parts, list_of};
use crate::sought::Sought;

/// Spans of one trace that are read at most; a longer trace is marked `truncated`.
pub const MAX_SPANS: usize = 10_000;

/// Which traces to list. An absent field allows every value.
#[derive(Debug, Clone)]
pub struct TraceFilter {
    /// Traces with a span that started in it.
    pub range: TimeRange,
    /// As a list shows it: by what became known since, and as corrected.
    pub agent: Option<String>,
    pub model: Option<String>,
    pub crew: Option<String>,
    pub session_id: Option<String>,
    pub execution_id: Option<ExecutionId>,
    pub errors_only: bool,
    /// Corrections of agents that traces are read with.
    pub corrections: Vec<Line>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500.
    pub limit: u32,
}

/// One trace as a list shows it.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Microseconds since the Unix epoch.
    pub started_at_us: i64,
    pub last_seen_us: i64,
    /// Name, type and status (`running`, `completed`, `failed`, `cancelled`) of the root: the span without a parent, else the earliest.
    pub name: String,
    pub root_type: String,
    pub status: String,
    /// Spans that ended, attempts left out.
    pub spans: u64,
    pub errors: u64,
    pub calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text, of the calls whose price is known: `cost_known_calls` of `calls`.
    pub cost: String,
    pub cost_known_calls: u64,
    pub agents: Vec<String>,
    pub models: Vec<String>,
    pub session_id: String,
    /// UUID text; empty: no run.
    pub execution_id: String,
    pub crew: String,
}

macro_rules! summary {
    ($run:literal, $from:literal) => {
        concat!(
            "SELECT
    ",
            $run,
            " AS trace_id,
    toUnixTimestamp64Micro(min(t.started)) AS started_at_us,
    toUnixTimestamp64Micro(max(t.last_seen)) AS last_seen_us,
    tupleElement(argMinMerge(t.root) AS root_span, 1) AS name,
    tupleElement(root_span, 2) AS root_type,
    tupleElement(root_span, 3) AS status,
    sum(t.spans) AS spans,
    sum(t.errors) AS errors,
    sum(t.calls) AS calls,
    sum(t.input_tokens) AS input_tokens,
    sum(t.output_tokens) AS output_tokens,
    toString(sum(t.cost)) AS cost,
    sum(t.cost_known_calls) AS cost_known_calls,
    arraySort(groupUniqArrayArray(t.agents)) AS agents,
    arraySort(groupUniqArrayArray(t.models)) AS models,
    max(t.session_id) AS session_id,
    if(max(t.execution_id) = toFixedString('', 16), '', UUIDNumToString(max(t.execution_id))) AS execution_id,
    max(t.crew) AS crew
FROM ",
            $from
        )
    };
}

/// A trace that turned out to be part of another is a line of that one.
const LISTED: &str = summary!(
    "lower(hex(if(link.whole = toFixedString('', 16), t.trace_id, link.whole) AS run_id))",
    "trace_index AS t LEFT ANY JOIN (
        SELECT part, argMax(trace_links.whole, trace_links.ts) AS whole FROM trace_links
        WHERE team = toFixedString(unhex({team:String}), 16) GROUP BY part
    ) AS link ON link.part = t.trace_id"
);
const OF_ONE: &str = summary!("{trace:String}", "trace_index AS t");

/// Traces of one team, by start, newest first. A trace that crosses the start of the range counts from the hour the range begins in.
pub async fn list(
    clickhouse: &ClickHouse,
    team: TeamId,
    filter: &TraceFilter,
) -> Result<Page<TraceSummary>, Error> {
    let limit = page_limit(filter.limit);
    let cursor = filter.cursor.as_deref().map(Cursor::parse).transpose()?;
    let traces = match &filter.agent {
        None => newest(clickhouse, team, filter, None, cursor.as_ref(), limit + 1).await?,
        Some(name) => {
            let reading = Box::pin(of_agent(clickhouse, team, filter, name, cursor, limit + 1));
            let limited = tokio::time::timeout(READ_LIMIT, reading).await;
            limited.unwrap_or(Err(Error::Timeout { limit_s: READ_LIMIT.as_secs() }))?
        }
    };
    Ok(page(traces, limit, |trace| cursor_of(trace).to_string()))
}

fn cursor_of(trace: &TraceSummary) -> Cursor {
    Cursor { us: trace.started_at_us, id: trace.trace_id.clone() }
}

/// The newest traces in which the agent is, behind the cursor. What is found is looked at as a list shows it.
async fn of_agent(
    clickhouse: &ClickHouse,
    team: TeamId,
    filter: &TraceFilter,
    name: &str,
    mut cursor: Option<Cursor>,
    most: u32,
) -> Result<Vec<TraceSummary>, Error> {
    let sought = Sought::of(clickhouse, team, name, &filter.corrections, filter.range.from_us).await?;
    let mut traces = Vec::new();
    loop {
        let found = newest(clickhouse, team, filter, Some(&sought), cursor.as_ref(), most).await?;
        let is_all = found.len() < most as usize;
        cursor = found.last().map(cursor_of);
        traces.extend(found.into_iter().filter(|trace| trace.agents.iter().any(|agent| agent == name)));
        if is_all || traces.len() >= most as usize {
            traces.truncate(most as usize);
            return Ok(traces);
        }
    }
}

/// The newest traces behind the cursor, their agents as they are known now.
async fn newest(
    clickhouse: &ClickHouse,
    team: TeamId,
    filter: &TraceFilter,
    sought: Option<&Sought>,
    cursor: Option<&Cursor>,
    most: u32,
) -> Result<Vec<TraceSummary>, Error> {
    let (cursor_us, cursor_id) =
        cursor.map_or_else(|| (i64::MAX, "0".repeat(32)), |cursor| (cursor.us, cursor.id.clone()));
    let mut select = Select::of_team(LISTED, team)
        .and("hour >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .and("hour < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')")
        .param("from_us", filter.range.from_us)
        .param("to_us", filter.range.to_us)
        .param("model", filter.model.as_deref().unwrap_or_default())
        .param("crew_name", filter.crew.as_deref().unwrap_or_default())
        .param("session", filter.session_id.as_deref().unwrap_or_default())
        .param("execution", filter.execution_id.map(|id| hex(id.as_bytes())).unwrap_or_default())
        .param("errors_only", u8::from(filter.errors_only))
        .param("cursor_us", cursor_us)
        .param("cursor_id", cursor_id)
        .param("limit", most)
        .then(PAGE);
    if let Some(sought) = sought {
        select = by_agent::only(select, sought, &filter.corrections);
    }
    let mut traces = select.all::<TraceSummary>(clickhouse).await?;
    // The index names agents as they were recorded.
    let ids: Vec<[u8; 16]> =
        traces.iter().filter_map(|trace| Some(trace.trace_id.parse::<TraceId>().ok()?.0)).collect();
    learned::traces(clickhouse, team, &mut traces, &ids, &filter.corrections).await?;
    Ok(traces)
}

const PAGE: &str = "GROUP BY run_id
    HAVING min(t.started) < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')
        AND max(t.last_seen) >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')
        AND ({model:String} = '' OR has(groupUniqArrayArray(t.models), {model:String}))
        AND ({crew_name:String} = '' OR max(t.crew) = {crew_name:String})
        AND ({session:String} = '' OR max(t.session_id) = {session:String})
        AND ({execution:String} = '' OR max(t.execution_id) = toFixedString(unhex({execution:String}), 16))
        AND ({errors_only:UInt8} = 0 OR sum(t.errors) > 0)
        AND (toUnixTimestamp64Micro(min(t.started)), run_id) < ({cursor_us:Int64}, toFixedString(unhex({cursor_id:String}), 16))
    ORDER BY min(t.started) DESC, run_id DESC LIMIT {limit:UInt32}";

/// One trace and its spans, in the order they started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub summary: TraceSummary,
    /// The traces that are this run.
    pub parts: Parts,
    pub spans: Vec<Span>,
    /// There are more spans than these.
    pub truncated: bool,
}

/// One span. Ids are hex (spans) or UUID text; an id that is not there is empty.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct Span {
    pub span_id: String,
    pub parent_span_id: String,
    /// `crew`, `agent`, `task`, `tool`, `llm_call`, `attempt`, ...
    pub span_type: String,
    pub name: String,
    /// `running`, `completed`, `failed`, `cancelled`.
    pub status: String,
    /// `gateway`, `runner`, `otlp`.
    pub source: String,
    pub started_at_us: i64,
    /// 0 while it runs.
    pub ended_at_us: i64,
    pub session_id: String,
    pub execution_id: String,
    pub crew: String,
    pub task: String,
    pub agent: String,
    pub parent_agent: String,
    /// Of `llm_call` and `attempt` spans.
    pub call_id: String,
    pub provider: String,
    pub model: String,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text, of an `llm_call` span whose price is known.
    pub cost: Option<String>,
    pub first_token_us: u64,
    /// JSON text; empty: none recorded.
    pub inputs: String,
    pub outputs: String,
    pub error_code: String,
    pub error_message: String,
    pub attributes: BTreeMap<String, String>,
}

const SPANS: &str = "SELECT
    lower(hex(span_id)) AS span_id,
    if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))) AS parent_span_id,
    span_type, name, status, source,
    toUnixTimestamp64Micro(ts) AS started_at_us,
    toUnixTimestamp64Micro(ended_at) AS ended_at_us,
    session_id,
    if(execution_id = toFixedString('', 16), '', UUIDNumToString(execution_id)) AS execution_id,
    crew, task, agent, parent_agent,
    if(call_id = toFixedString('', 16), '', UUIDNumToString(call_id)) AS call_id,
    provider, model, input_tokens, output_tokens,
    if(cost_known, toString(cost), NULL) AS cost,
    first_token_us, inputs, outputs, error_code, error_message, attributes
FROM spans FINAL";

/// One trace of this team; `None` when it has none of this id. A trace that turned out to be part of a run is that run.
pub async fn find(clickhouse: &ClickHouse, team: TeamId, trace: TraceId) -> Result<Option<Trace>, Error> {
    let parts = runs::parts(clickhouse, team, trace).await?;
    let summary = Select::of_team(OF_ONE, team)
        .and(IN_TRACES)
        .param("traces", list_of(&parts.traces))
        .param("trace", parts.whole())
        .then("HAVING count() > 0");
    let Some(summary) = summary.one::<TraceSummary>(clickhouse).await? else { return Ok(None) };
    let mut spans = spans(team, &parts, &summary).all::<Span>(clickhouse).await?;
    let truncated = spans.len() > MAX_SPANS;
    spans.truncate(MAX_SPANS);
    Ok(Some(Trace { summary, parts, spans, truncated }))
}

/// The index says when the trace began and ended, so only those hours are searched.
fn spans(team: TeamId, parts: &Parts, summary: &TraceSummary) -> Select {
    Select::of_team(SPANS, team)
        .and("toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .and("toStartOfHour(ts) <= toStartOfHour(fromUnixTimestamp64Micro({to_us:Int64}, 'UTC'))")
        .and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .and(IN_TRACES)
        .param("traces", list_of(&parts.traces))
        .param("from_us", summary.started_at_us)
        .param("to_us", summary.last_seen_us)
        .param("limit", MAX_SPANS + 1)
        .then("ORDER BY spans.ts, spans.span_id LIMIT {limit:UInt32}")
}
