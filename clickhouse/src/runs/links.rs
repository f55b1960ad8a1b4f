//! What became known later: traces that are one run, agents that are somebody.

use aop_domain::id::{TeamId, TraceId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::list_of;
use crate::client::ClickHouse;
use crate::corrected::numbers;
use crate::error::Error;
use crate::read::Select;

/// Traces of one run that are followed at most, and how many times their links are.
const MAX_PARTS: usize = 256;
const MAX_ROUNDS: usize = 8;

/// The traces of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The run's own first.
    pub traces: Vec<[u8; 16]>,
    /// Why and how surely (0 to 100) the others belong to it, where there are others.
    pub rule: String,
    pub confidence: u8,
}

impl Parts {
    pub fn whole(&self) -> TraceId {
        TraceId(self.traces.first().copied().unwrap_or_default())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
struct TraceLink {
    part: [u8; 16],
    whole: [u8; 16],
    rule: String,
    confidence: u8,
}

const TRACE_LINKS: &str = "SELECT part, whole, rule, confidence FROM trace_links";
const TOUCHING: &str = "(part IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
    OR whole IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)))";

/// All traces of the run that this trace is, or is a part of.
pub async fn parts(clickhouse: &ClickHouse, team: TeamId, trace: TraceId) -> Result<Parts, Error> {
    let mut known = vec![trace.0];
    let mut links: Vec<TraceLink> = Vec::new();
    for _ in 0..MAX_ROUNDS {
        links = Select::of_team(TRACE_LINKS, team)
            .and(TOUCHING)
            .param("traces", list_of(&known))
            .param("limit", MAX_PARTS * 4)
            .then("ORDER BY trace_links.ts, trace_links.part LIMIT {limit:UInt32}")
            .all::<TraceLink>(clickhouse)
            .await?;
        let before = known.len();
        for trace in links.iter().flat_map(|link| [link.part, link.whole]) {
            if known.len() < MAX_PARTS && !known.contains(&trace) {
                known.push(trace);
            }
        }
        if known.len() == before {
            break;
        }
    }
    Ok(ordered(known, &links))
}

/// The run's own trace is the one that is part of no other.
fn ordered(mut traces: Vec<[u8; 16]>, links: &[TraceLink]) -> Parts {
    let is_part = |trace: &[u8; 16]| links.iter().any(|link| link.part == *trace);
    if let Some(own) = traces.iter().position(|trace| !is_part(trace)) {
        traces.swap(0, own);
    }
    traces[1..].sort_unstable();
    let surest = links.iter().min_by_key(|link| link.confidence);
    Parts {
        traces,
        rule: surest.map(|link| link.rule.clone()).unwrap_or_default(),
        confidence: surest.map_or(0, |link| link.confidence),
    }
}

/// Calls of a key that started at `until_us` or before, by the agent `was` or in `conversation`, are the agent `is`'s.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct AgentLink {
    pub until_us: i64,
    pub key_id: [u8; 16],
    /// One of the two is 0.
    pub was: u64,
    pub conversation: u64,
    pub is: u64,
    pub name: String,
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
}

const AGENT_LINKS: &str =
    "SELECT toUnixTimestamp64Micro(ts) AS until_us, key_id, was, conversation, is, name, rule, confidence
FROM agent_links";

/// How often an agent is followed from one that it turned out to be to the next.
pub(crate) const MOST_STEPS: usize = 8;

/// Links that may be about calls of these agents and conversations since `from_us`, and about those that they lead to; the
/// earliest first.
pub async fn agent_links(
    clickhouse: &ClickHouse,
    team: TeamId,
    agents: &[u64],
    conversations: &[u64],
    from_us: i64,
) -> Result<Vec<AgentLink>, Error> {
    let (mut asked, mut conversations) = (agents.to_vec(), conversations);
    let (mut links, mut next) = (Vec::new(), asked.clone());
    for _ in 0..MOST_STEPS {
        if next.is_empty() && conversations.is_empty() {
            break;
        }
        let found = direct_links(clickhouse, team, &next, conversations, from_us).await?;
        next = found.iter().map(|link| link.is).filter(|is| *is != 0 && !asked.contains(is)).collect();
        next.sort_unstable();
        next.dedup();
        asked.extend(&next);
        conversations = &[];
        links.extend(found);
    }
    links.sort_by_key(|link| link.until_us);
    Ok(links)
}

async fn direct_links(
    clickhouse: &ClickHouse,
    team: TeamId,
    agents: &[u64],
    conversations: &[u64],
    from_us: i64,
) -> Result<Vec<AgentLink>, Error> {
    Select::of_team(AGENT_LINKS, team)
        .and("((was != 0 AND has({agents:Array(UInt64)}, was)) OR (conversation != 0 AND has({conversations:Array(UInt64)}, conversation)))")
        .and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .param("agents", numbers(agents.iter().copied()))
        .param("conversations", numbers(conversations.iter().copied()))
        .param("from_us", from_us)
        .param("limit", 10_000)
        .then("ORDER BY agent_links.ts LIMIT {limit:UInt32}")
        .all::<AgentLink>(clickhouse)
        .await
}

/// Conversations that go on with another.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct ConversationLink {
    pub part: u64,
    pub whole: u64,
}

const CONVERSATION_LINKS: &str = "SELECT part, whole FROM conversation_links";

/// Of these conversations, those that are parts of another.
pub async fn conversation_links(
    clickhouse: &ClickHouse,
    team: TeamId,
    conversations: &[u64],
    from_us: i64,
) -> Result<Vec<ConversationLink>, Error> {
    if conversations.is_empty() {
        return Ok(Vec::new());
    }
    Select::of_team(CONVERSATION_LINKS, team)
        .and("has({conversations:Array(UInt64)}, part)")
        .and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .param("conversations", numbers(conversations.iter().copied()))
        .param("from_us", from_us)
        .param("limit", 10_000)
        .then("ORDER BY conversation_links.ts LIMIT 1 BY conversation_links.part LIMIT {limit:UInt32}")
        .all::<ConversationLink>(clickhouse)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(part: u8, whole: u8) -> TraceLink {
        TraceLink { part: [part; 16], whole: [whole; 16], rule: "answer_text".into(), confidence: 90 }
    }

    #[test]
    fn the_trace_that_is_part_of_no_other_is_the_runs_own() {
        let parts = ordered(vec![[3; 16], [2; 16], [1; 16]], &[link(3, 2), link(2, 1)]);
        assert_eq!(parts.traces, [[1; 16], [2; 16], [3; 16]]);
        assert_eq!((parts.whole(), parts.confidence), (TraceId([1; 16]), 90));
        let alone = ordered(vec![[9; 16]], &[]);
        assert_eq!((alone.traces, alone.confidence), (vec![[9; 16]], 0));
    }
}
