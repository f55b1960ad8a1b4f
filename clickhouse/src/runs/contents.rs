//! What chosen calls of a run said, whole: enough to send them again. Each message comes once, however many calls hold it.

use std::collections::{BTreeMap, HashMap};

use aop_domain::hex::hex;
use aop_domain::id::{CallId, TeamId};
use clickhouse::Row;
use serde::Deserialize;

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};

/// One call, as far as it takes to send it again.
#[derive(Debug, Clone, PartialEq, Row, Deserialize)]
pub struct Kept {
    pub call_id: String,
    pub operation: String,
    pub requested_model: String,
    pub status: String,
    /// `full`, `redacted` or `metadata`.
    pub recording: String,
    pub redactions: u32,
    pub conversation: u64,
    pub agent: String,
    pub task: String,
    pub crew: String,
    pub application: String,
    pub end_user: String,
    /// Field of the identity to where it came from.
    pub identity_sources: BTreeMap<String, String>,
    pub input_tokens: u64,
    pub output_tokens: u64,
}

const KEPT: &str = "SELECT
    UUIDNumToString(call_id) AS call_id, operation, requested_model, status,
    if(recording = '', 'full', recording) AS recording, redactions, conversation,
    agent, task, crew, application, end_user, identity_sources,
    toUInt64(in_uncached) + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image AS input_tokens,
    toUInt64(out_text) + out_reasoning + out_audio AS output_tokens
FROM llm_calls";

/// The pieces of one call, by hash.
#[derive(Debug, Clone, PartialEq, Row, Deserialize)]
pub struct Body {
    pub call_id: String,
    pub input: Vec<[u8; 16]>,
    pub output: Vec<[u8; 16]>,
    /// All zero: none.
    pub tools: [u8; 16],
    /// JSON: the request without messages and tools.
    pub params: String,
}

const BODIES: &str =
    "SELECT UUIDNumToString(call_id) AS call_id, input_hashes AS input, output_hashes AS output,
    tools_hash AS tools, params FROM call_bodies";

#[derive(Row, Deserialize)]
struct Weight {
    bytes: u64,
}

const WEIGHTS: &str = "SELECT toUInt64(any(bytes)) AS bytes FROM messages";

#[derive(Row, Deserialize)]
struct Stored {
    hash: [u8; 16],
    role: String,
    content: String,
}

const STORED: &str = "SELECT hash, any(role) AS role, any(content) AS content FROM messages";

const OF_CALLS: &str = "call_id IN (SELECT toFixedString(unhex(arrayJoin({calls:Array(String)})), 16))";
const SAID: &str = "hash IN (SELECT arrayJoin(arrayConcat(input_hashes, output_hashes, [tools_hash])) FROM call_bodies
    WHERE team = toFixedString(unhex({team:String}), 16)
    AND ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')
    AND call_id IN (SELECT toFixedString(unhex(arrayJoin({calls:Array(String)})), 16)))";

/// Calls with what they said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// In the order they started.
    pub calls: Vec<Kept>,
    /// By call; one whose content is not kept has none.
    pub bodies: HashMap<String, Body>,
    /// Hash to role and JSON; a message that is no longer kept is not there.
    pub messages: HashMap<[u8; 16], (String, String)>,
}

/// The ledger's lines of these calls.
pub async fn kept(
    clickhouse: &ClickHouse,
    team: TeamId,
    calls: &[CallId],
    range: TimeRange,
) -> Result<Vec<Kept>, Error> {
    Select::of_team(KEPT, team)
        .within(range)
        .and(OF_CALLS)
        .param("calls", list(calls))
        .then("ORDER BY llm_calls.ts, llm_calls.call_id LIMIT 1 BY llm_calls.call_id")
        .all::<Kept>(clickhouse)
        .await
}

/// What these calls said; `None`: it is more than `most_bytes`, and was not read.
pub async fn contents(
    clickhouse: &ClickHouse,
    team: TeamId,
    calls: &[CallId],
    range: TimeRange,
    most_bytes: u64,
) -> Result<Option<Contents>, Error> {
    let bodies = Select::of_team(BODIES, team).within(range).and(OF_CALLS).param("calls", list(calls));
    let weights = said(WEIGHTS, team, calls, range);
    let (kept, bodies, weights) = tokio::try_join!(
        kept(clickhouse, team, calls, range),
        bodies.all::<Body>(clickhouse),
        weights.all::<Weight>(clickhouse),
    )?;
    if weights.iter().map(|weight| weight.bytes).sum::<u64>() > most_bytes {
        return Ok(None);
    }
    let stored = said(STORED, team, calls, range).all::<Stored>(clickhouse).await?;
    Ok(Some(Contents {
        calls: kept,
        bodies: bodies.into_iter().map(|body| (body.call_id.clone(), body)).collect(),
        messages: stored.into_iter().map(|row| (row.hash, (row.role, row.content))).collect(),
    }))
}

fn said(head: &'static str, team: TeamId, calls: &[CallId], range: TimeRange) -> Select {
    Select::of_team(head, team)
        .and("day >= toDate(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .and("day <= toDate(fromUnixTimestamp64Micro({to_us:Int64}, 'UTC'))")
        .and(SAID)
        .param("from_us", range.from_us)
        .param("to_us", range.to_us)
        .param("calls", list(calls))
        .then("GROUP BY messages.hash")
}

fn list(calls: &[CallId]) -> String {
    let quoted: Vec<String> = calls.iter().map(|call| format!("'{}'", hex(call.as_bytes()))).collect();
    format!("[{}]", quoted.join(","))
}
