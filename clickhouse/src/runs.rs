//! What the tree of one run is made of: its traces, its calls with what was found about each, hand-overs, and what became
//! known about agents later. What is made of them is the api's.

mod contents;
mod links;
mod shapes;

use std::collections::HashMap;

use aop_domain::hex::hex;
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};

pub use contents::{Body, Contents, Kept, contents, kept};
pub(crate) use links::MOST_STEPS;
pub use links::{AgentLink, ConversationLink, Parts, agent_links, conversation_links, parts};
pub use shapes::{Shape, shapes};

/// Calls of one run that are read at most.
pub const MAX_CALLS: usize = 10_000;

/// Ids as a parameter is written: a list of hex.
pub(crate) fn list_of(ids: &[[u8; 16]]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("'{}'", hex(id))).collect();
    format!("[{}]", quoted.join(","))
}

pub(crate) const IN_TRACES: &str =
    "trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))";

/// One call, as its run's tree sees it. Ids are UUID text and hex; one that is not there is empty, a number 0.
#[derive(Debug, Clone, PartialEq, Default, Row, Serialize, Deserialize)]
pub struct RunCall {
    pub call_id: String,
    /// Microseconds since the Unix epoch.
    pub started_at_us: i64,
    pub duration_us: u64,
    pub trace_id: [u8; 16],
    /// Spans as numbers.
    pub span: u64,
    pub parent_span: u64,
    pub key_id: [u8; 16],
    pub task: String,
    /// As recorded.
    pub agent: String,
    pub parent_agent: String,
    pub framework: String,
    /// Where the agent, its parent and the task came from; empty: not claimed.
    pub agent_source: String,
    pub parent_agent_source: String,
    pub task_source: String,
    pub trace_source: String,
    pub conversation: u64,
    pub parent_conversation: u64,
    pub agent_fingerprint: u64,
    pub prompt_fingerprint: u64,
    pub found_agent: String,
    pub found_rule: String,
    pub found_confidence: u8,
    pub internal: String,
    pub run_rule: String,
    pub run_confidence: u8,
    pub answer_key: u64,
    /// The model that answered, else the one that was asked for.
    pub model: String,
    pub status: String,
    pub error_code: String,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub in_uncached: u32,
    pub in_cache_read: u32,
    pub in_cache_write: u64,
    /// Ledger units; 0 with `cost_known` false when the price is unknown.
    pub cost: i64,
    pub cost_input: i64,
    pub cost_cache: i64,
    pub cost_known: bool,
    pub tool_names: Vec<String>,
    pub input_preview: String,
}

const CALLS: &str = "SELECT
    UUIDNumToString(call_id) AS call_id,
    toUnixTimestamp64Micro(ts) AS started_at_us,
    duration_us, trace_id,
    reinterpretAsUInt64(reverse(span_id)) AS span,
    reinterpretAsUInt64(reverse(parent_span_id)) AS parent_span,
    key_id, task, agent, parent_agent, framework,
    identity_sources['agent'] AS agent_source,
    identity_sources['parent_agent'] AS parent_agent_source,
    identity_sources['task'] AS task_source,
    trace_source,
    conversation, parent_conversation, agent_fingerprint, prompt_fingerprint,
    found_agent, found_rule, found_confidence, internal, run_rule, run_confidence, answer_key,
    if(response_model = '', requested_model, response_model) AS model,
    status, error_code,
    toUInt64(in_uncached) + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image AS input_tokens,
    toUInt64(out_text) + out_reasoning + out_audio AS output_tokens,
    in_uncached, in_cache_read, toUInt64(in_cache_write_5m) + in_cache_write_1h AS in_cache_write,
    cost, cost_input, cost_cache, cost_known, tool_names, input_preview
FROM llm_calls";

/// The calls of these traces, in the order they started.
pub async fn calls(
    clickhouse: &ClickHouse,
    team: TeamId,
    traces: &[[u8; 16]],
    range: TimeRange,
) -> Result<Vec<RunCall>, Error> {
    let mut calls = Select::of_team(CALLS, team)
        .within(range)
        .and(IN_TRACES)
        .param("traces", list_of(traces))
        .param("limit", MAX_CALLS + 1)
        .then("ORDER BY llm_calls.ts, llm_calls.call_id LIMIT {limit:UInt32}")
        .all::<RunCall>(clickhouse)
        .await?;
    calls.truncate(MAX_CALLS);
    Ok(calls)
}

/// Takes the calls, hand-overs and agents of parts of a conversation for those of the whole.
pub fn join_conversations(
    links: &[ConversationLink],
    calls: &mut [RunCall],
    handovers: &mut [Handover],
    agents: &mut [AgentLink],
) {
    if links.is_empty() {
        return;
    }
    let wholes: HashMap<u64, u64> = links.iter().map(|link| (link.part, link.whole)).collect();
    let join = |conversation: &mut u64| {
        // A whole is never a part: it is what the conversation was recorded as first.
        if let Some(whole) = wholes.get(conversation) {
            *conversation = *whole;
        }
    };
    for call in calls {
        join(&mut call.conversation);
        join(&mut call.parent_conversation);
    }
    for handover in handovers {
        join(&mut handover.from_conversation);
        join(&mut handover.to_conversation);
    }
    agents.iter_mut().for_each(|link| join(&mut link.conversation));
}

/// Work passed from one agent to another, as it was found. 0: not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct Handover {
    /// Start of the call that showed it.
    pub shown_at_us: i64,
    pub from_span: u64,
    pub from_conversation: u64,
    pub from_agent: u64,
    pub to_span: u64,
    pub to_conversation: u64,
    pub target: String,
    /// `transfer` or `delegate`.
    pub passing: String,
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
}

const HANDOVERS: &str = "SELECT
    toUnixTimestamp64Micro(ts) AS shown_at_us,
    from_span, from_conversation, from_agent, to_span, to_conversation, target, passing, rule, confidence
FROM handovers";

/// The hand-overs of these traces, as they became known.
pub async fn handovers(
    clickhouse: &ClickHouse,
    team: TeamId,
    traces: &[[u8; 16]],
    range: TimeRange,
) -> Result<Vec<Handover>, Error> {
    Select::of_team(HANDOVERS, team)
        .and("toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .within(range)
        .and(IN_TRACES)
        .param("traces", list_of(traces))
        .param("limit", MAX_CALLS)
        .then("ORDER BY handovers.ts, handovers.call_id, handovers.number LIMIT {limit:UInt32}")
        .all::<Handover>(clickhouse)
        .await
}
