//! LLM calls: the list, and one call in full.

mod by_agent;
mod content;
mod detail;

use aop_domain::correction::Line;
use aop_domain::hex::hex;
use aop_domain::id::{CallId, ExecutionId, KeyId, TeamId, TraceId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::corrected::{self, agent_key, agent_name, hex_number};
use crate::error::Error;
use crate::learned;
use crate::read::{Cursor, Page, Select, TimeRange, page, page_limit};
use crate::runs::{IN_TRACES, list_of, parts};

pub use content::{CallContent, Message};
pub use detail::{Attempt, CallDetail, CallFacts, find};

/// Which calls to list. An absent field allows every value.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    pub range: Option<TimeRange>,
    /// Requested or response model.
    pub model: Option<String>,
    pub provider: Option<String>,
    /// As a list shows it: by what became known since, and as corrected.
    pub agent: Option<String>,
    pub crew: Option<String>,
    pub status: Option<String>,
    pub session_id: Option<String>,
    pub end_user: Option<String>,
    pub key_id: Option<KeyId>,
    pub token_issuer: Option<String>,
    pub token_subject: Option<String>,
    /// The run that this trace is, or is a part of.
    pub trace_id: Option<TraceId>,
    pub execution_id: Option<ExecutionId>,
    pub min_duration_us: Option<u64>,
    /// Corrections of agents that calls are read with.
    pub corrections: Vec<Line>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500.
    pub limit: u32,
}

/// One call as a list shows it. Ids are UUID text, trace and span ids are hex; an id that is not there is empty.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct CallSummary {
    pub call_id: String,
    /// Microseconds since the Unix epoch.
    pub started_at_us: i64,
    pub trace_id: String,
    pub span_id: String,
    pub parent_span_id: String,
    pub key_id: String,
    pub user_id: String,
    pub execution_id: String,
    pub session_id: String,
    pub crew: String,
    pub task: String,
    /// As became known since, and as corrected.
    pub agent: String,
    /// Fingerprint of that agent, 16 hex digits.
    pub agent_key: String,
    pub parent_agent: String,
    pub end_user: String,
    pub application: String,
    pub framework: String,
    pub operation: String,
    pub provider: String,
    pub deployment: String,
    pub requested_model: String,
    pub response_model: String,
    pub stream: bool,
    pub attempts: u8,
    /// `ok`, `client_error`, `rate_limited`, `budget`, `blocked`, `upstream_error`, `timeout`, `cancelled` or `internal`.
    pub status: String,
    pub http_status: u16,
    pub error_code: String,
    pub error_message: String,
    pub finish_reason: String,
    pub duration_us: u64,
    /// 0: no token came, or the answer was not streamed.
    pub first_token_us: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// `provider`, `estimated`, `partial` or `none`.
    pub usage_source: String,
    /// US dollars as decimal text; absent when the price is unknown.
    pub cost: Option<String>,
    /// `hit`, `miss`, `bypass`; empty: the response cache is off.
    #[serde(default)]
    pub cache: String,
    pub tool_names: Vec<String>,
    pub input_preview: String,
    pub output_preview: String,
    /// 16 hex digits.
    pub conversation: String,
    /// What a framework's own call is for: `planner`, `selector`, ...
    pub internal: String,
    /// Rules of the runaway guard that it met.
    pub runaway: Vec<Runaway>,
    /// The token that it was made with in place of a key, and whom that proves; both empty: a key.
    #[serde(default)]
    pub token_issuer: String,
    #[serde(default)]
    pub token_subject: String,
}

/// A rule of the runaway guard that a call met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Runaway {
    pub rule: String,
    pub action: String,
    pub count: String,
    pub limit: String,
}

impl From<String> for Runaway {
    /// From the text of its column.
    fn from(text: String) -> Self {
        let mut words = text.split(' ').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        Self { rule: next(), action: next(), count: next(), limit: next() }
    }
}

const SUMMARY: &str = concat!(
    "SELECT
    UUIDNumToString(call_id) AS call_id,
    toUnixTimestamp64Micro(ts) AS started_at_us,
    lower(hex(trace_id)) AS trace_id,
    lower(hex(span_id)) AS span_id,
    if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))) AS parent_span_id,
    if(key_id = toFixedString('', 16), '', UUIDNumToString(key_id)) AS key_id,
    if(user_id = toFixedString('', 16), '', UUIDNumToString(user_id)) AS user_id,
    if(execution_id = toFixedString('', 16), '', UUIDNumToString(execution_id)) AS execution_id,
    session_id, crew, task, ",
    agent_name!(),
    " AS agent, ",
    hex_number!(agent_key!()),
    " AS agent_key,
    parent_agent, end_user, application, framework,
    operation, provider, deployment, requested_model, response_model, stream, attempts,
    status, http_status, error_code, error_message, finish_reason, duration_us, first_token_us,
    toUInt64(in_uncached) + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image AS input_tokens,
    toUInt64(out_text) + out_reasoning + out_audio AS output_tokens,
    usage_source,
    if(cost_known, toString(cost), NULL) AS cost,
    cache, tool_names, input_preview, output_preview, ",
    hex_number!("conversation"),
    " AS conversation, toString(internal) AS internal, runaway,
    toString(token_issuer) AS token_issuer, token_subject
FROM llm_calls"
);

/// Calls of one team, newest first.
pub async fn list(
    clickhouse: &ClickHouse,
    team: TeamId,
    filter: &CallFilter,
) -> Result<Page<CallSummary>, Error> {
    let limit = page_limit(filter.limit);
    let cursor = filter.cursor.as_deref().map(Cursor::parse).transpose()?;
    let parts = match filter.trace_id {
        Some(trace) => parts(clickhouse, team, trace).await?.traces,
        None => Vec::new(),
    };
    let asked = Asked { clickhouse, team, filter, parts };
    let calls = match &filter.agent {
        Some(name) => by_agent::newest(&asked, name, cursor, limit + 1).await?,
        None => {
            let select = corrected::with(asked.select(SUMMARY), &filter.corrections);
            asked.named(newest_of(select, cursor.as_ref(), limit + 1)).await?
        }
    };
    Ok(page(calls, limit, |call| cursor_of(call).to_string()))
}

/// What a list is asked for.
struct Asked<'a> {
    clickhouse: &'a ClickHouse,
    team: TeamId,
    filter: &'a CallFilter,
    /// The traces of the run whose calls are asked for.
    parts: Vec<[u8; 16]>,
}

impl Asked<'_> {
    /// A SELECT of the calls that pass every filter but that by agent.
    fn select(&self, head: &'static str) -> Select {
        let select = filtered(Select::of_team(head, self.team), self.filter);
        if self.parts.is_empty() {
            return select;
        }
        select.and(IN_TRACES).param("traces", list_of(&self.parts))
    }

    /// The calls, by the agents as they are known now.
    async fn named(&self, select: Select) -> Result<Vec<CallSummary>, Error> {
        let mut calls = select.all::<CallSummary>(self.clickhouse).await?;
        learned::calls(self.clickhouse, self.team, &mut calls, &self.filter.corrections).await?;
        Ok(calls)
    }
}

fn cursor_of(call: &CallSummary) -> Cursor {
    Cursor { us: call.started_at_us, id: call.call_id.replace('-', "") }
}

/// The newest of the calls, those behind the cursor.
fn newest_of(select: Select, cursor: Option<&Cursor>, most: u32) -> Select {
    let select = select
        .param("limit", most)
        .then("ORDER BY llm_calls.ts DESC, llm_calls.call_id DESC LIMIT {limit:UInt32}");
    let Some(cursor) = cursor else { return select };
    // Both: the first bounds the key range, the second is exact.
    select
        .and("ts <= fromUnixTimestamp64Micro({cursor_us:Int64}, 'UTC')")
        .and("(ts, call_id) < (fromUnixTimestamp64Micro({cursor_us:Int64}, 'UTC'), toFixedString(unhex({cursor_id:String}), 16))")
        .param("cursor_us", cursor.us)
        .param("cursor_id", &cursor.id)
}

fn filtered(mut select: Select, filter: &CallFilter) -> Select {
    if let Some(range) = filter.range {
        select = select.within(range);
    }
    let id = |bytes: &[u8; 16]| hex(bytes);
    select
        .and_if(
            "(requested_model = {model:String} OR response_model = {model:String})",
            "model",
            filter.model.as_ref(),
        )
        .and_if("provider = {provider:String}", "provider", filter.provider.as_ref())
        .and_if("crew = {crew:String}", "crew", filter.crew.as_ref())
        .and_if("status = {status:String}", "status", filter.status.as_ref())
        .and_if("session_id = {session:String}", "session", filter.session_id.as_ref())
        .and_if("end_user = {end_user:String}", "end_user", filter.end_user.as_ref())
        .and_if("token_issuer = {token_issuer:String}", "token_issuer", filter.token_issuer.as_ref())
        .and_if("token_subject = {token_subject:String}", "token_subject", filter.token_subject.as_ref())
        .and_if(
            "key_id = toFixedString(unhex({key:String}), 16)",
            "key",
            filter.key_id.map(|key| id(key.as_bytes())),
        )
        .and_if(
            "execution_id = toFixedString(unhex({execution:String}), 16)",
            "execution",
            filter.execution_id.map(|execution| id(execution.as_bytes())),
        )
        .and_if("duration_us >= {min_duration:UInt64}", "min_duration", filter.min_duration_us)
}

/// One call's summary; `None` when this team has no such call.
async fn summary(
    clickhouse: &ClickHouse,
    team: TeamId,
    call_hex: &str,
    corrections: &[Line],
) -> Result<Option<CallSummary>, Error> {
    let found = corrected::with(of_call(SUMMARY, team, call_hex), corrections);
    let mut calls = found.all::<CallSummary>(clickhouse).await?;
    learned::calls(clickhouse, team, &mut calls, corrections).await?;
    Ok(calls.into_iter().next())
}

#[derive(Row, Deserialize)]
struct OfTrace {
    trace_id: [u8; 16],
}

/// The trace a call was recorded under; `None` when this team has no such call.
pub async fn trace_of(clickhouse: &ClickHouse, team: TeamId, call: CallId) -> Result<Option<TraceId>, Error> {
    let found = of_call("SELECT trace_id FROM llm_calls", team, &hex(call.as_bytes()));
    Ok(found.one::<OfTrace>(clickhouse).await?.map(|row| TraceId(row.trace_id)))
}

/// A SELECT of one call's row, found through the bloom filter on its id.
fn of_call(head: &'static str, team: TeamId, call_hex: &str) -> Select {
    Select::of_team(head, team)
        .and("call_id = toFixedString(unhex({call:String}), 16)")
        .param("call", call_hex)
        .then("LIMIT 1")
}
