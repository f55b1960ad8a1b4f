//! One agent over time: what a correction of it would touch.

use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};

/// Prompts that are told of one agent.
const MOST_PROMPTS: u32 = 50;

/// The calls that were found to be an agent's.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct AgentFacts {
    pub calls: u64,
    pub traces: u64,
    /// As found, the most frequent first.
    pub names: Vec<String>,
    /// Microseconds since the Unix epoch.
    pub first_at_us: i64,
    pub last_at_us: i64,
    /// US dollars as decimal text, of the calls whose price is known: `cost_known_calls` of `calls`.
    pub cost: String,
    pub cost_known_calls: u64,
}

const FACTS: &str = "SELECT
    count() AS calls,
    uniqExact(trace_id) AS traces,
    arrayFilter(name -> name != '', topK(10)(toString(found_agent))) AS names,
    toUnixTimestamp64Micro(min(ts)) AS first_at_us,
    toUnixTimestamp64Micro(max(ts)) AS last_at_us,
    toString(sum(toDecimal128(cost, 12))) AS cost,
    countIf(cost_known) AS cost_known_calls
FROM llm_calls";

/// The calls of an agent with one system prompt.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct PromptFacts {
    pub prompt: u64,
    pub calls: u64,
    /// The latest call that had it, as UUID text.
    pub example_call_id: String,
}

const PROMPTS: &str = "SELECT
    prompt_fingerprint AS prompt, count() AS calls, UUIDNumToString(argMax(call_id, ts)) AS example_call_id
FROM llm_calls";

const IS_ITS: &str = "agent_fingerprint = {agent:UInt64}";

/// `None`: it made no call in the range.
pub async fn facts(
    clickhouse: &ClickHouse,
    team: TeamId,
    agent: u64,
    range: TimeRange,
) -> Result<Option<(AgentFacts, Vec<PromptFacts>)>, Error> {
    let facts = Select::of_team(FACTS, team)
        .within(range)
        .and(IS_ITS)
        .param("agent", agent)
        .then("HAVING count() > 0");
    let prompts = Select::of_team(PROMPTS, team)
        .within(range)
        .and(IS_ITS)
        .and("prompt_fingerprint != 0")
        .param("agent", agent)
        .param("limit", MOST_PROMPTS)
        .then("GROUP BY llm_calls.prompt_fingerprint ORDER BY count() DESC, llm_calls.prompt_fingerprint LIMIT {limit:UInt32}");
    let (facts, prompts) =
        tokio::try_join!(facts.one::<AgentFacts>(clickhouse), prompts.all::<PromptFacts>(clickhouse))?;
    Ok(facts.map(|facts| (facts, prompts)))
}
