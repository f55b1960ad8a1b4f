//! What the calls of a run said, as hashes alone: enough to see that something was said again, or said otherwise.

use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::list_of;
use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};

/// Calls whose messages are compared at most: the rest of a longer run is not.
pub(super) const MAX_COMPARED: usize = 2_000;

/// The messages of one call, as the first eight bytes of their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct Shape {
    pub call_id: String,
    pub input: Vec<u64>,
    /// Bytes of each input message as it is stored; 0: no longer kept.
    pub bytes: Vec<u32>,
    pub roles: Vec<String>,
    /// 0: no tools.
    pub tools: u64,
}

#[derive(Debug, Row, Deserialize)]
struct Input {
    call_id: String,
    input: Vec<[u8; 16]>,
    tools: [u8; 16],
}

const INPUTS: &str =
    "SELECT UUIDNumToString(call_id) AS call_id, input_hashes AS input, tools_hash AS tools FROM call_bodies";
const OF_CALLS: &str = "call_id IN (SELECT call_id FROM llm_calls
    WHERE team = toFixedString(unhex({team:String}), 16)
    AND ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)))";

#[derive(Debug, Row, Deserialize)]
struct Stored {
    hash: [u8; 16],
    role: String,
    bytes: u32,
}

const STORED: &str = "SELECT hash, any(role) AS role, any(bytes) AS bytes FROM messages";
const IN_CALLS: &str = "hash IN (SELECT arrayJoin(input_hashes) FROM call_bodies
    WHERE team = toFixedString(unhex({team:String}), 16)
    AND ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')
    AND call_id IN (SELECT call_id FROM llm_calls
        WHERE team = toFixedString(unhex({team:String}), 16)
        AND ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')
        AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))))";

/// Of the first calls of these traces, in the order they started; calls whose content is not kept are left out.
pub async fn shapes(
    clickhouse: &ClickHouse,
    team: TeamId,
    traces: &[[u8; 16]],
    range: TimeRange,
) -> Result<Vec<Shape>, Error> {
    let inputs = Select::of_team(INPUTS, team)
        .within(range)
        .and(OF_CALLS)
        .param("traces", list_of(traces))
        .param("limit", MAX_COMPARED)
        .then("ORDER BY call_bodies.ts, call_bodies.call_id LIMIT {limit:UInt32}");
    let stored = Select::of_team(STORED, team)
        .and("day >= toDate(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .and("day <= toDate(fromUnixTimestamp64Micro({to_us:Int64}, 'UTC'))")
        .and(IN_CALLS)
        .param("from_us", range.from_us)
        .param("to_us", range.to_us)
        .param("traces", list_of(traces))
        .then("GROUP BY messages.hash");
    let (inputs, stored) =
        tokio::try_join!(inputs.all::<Input>(clickhouse), stored.all::<Stored>(clickhouse))?;
    let stored: std::collections::HashMap<[u8; 16], Stored> =
        stored.into_iter().map(|row| (row.hash, row)).collect();
    Ok(inputs.into_iter().map(|input| shape(input, &stored)).collect())
}

fn shape(call: Input, stored: &std::collections::HashMap<[u8; 16], Stored>) -> Shape {
    let kept = |hash: &[u8; 16]| stored.get(hash);
    Shape {
        bytes: call.input.iter().map(|hash| kept(hash).map_or(0, |row| row.bytes)).collect(),
        roles: call
            .input
            .iter()
            .map(|hash| kept(hash).map(|row| row.role.clone()).unwrap_or_default())
            .collect(),
        input: call.input.iter().map(short).collect(),
        tools: short(&call.tools),
        call_id: call.call_id,
    }
}

fn short(hash: &[u8; 16]) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|place| hash[place]))
}
