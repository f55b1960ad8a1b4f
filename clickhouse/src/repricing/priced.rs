//! Calls as they are priced, in the order of the ledger, and what re-pricings made of them.

use aop_domain::hex::hex;
use aop_domain::id::{CallId, TeamId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SliceId;
use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::{Select, TimeRange};
use crate::rows::CallRepricingRow;

/// A place in a team's ledger: after this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub ts_us: i64,
    pub call_id: Uuid,
}

impl Place {
    /// Before every call of a range.
    pub fn before(from_us: i64) -> Self {
        Self { ts_us: from_us.saturating_sub(1), call_id: Uuid::max() }
    }
}

/// One call, as much as it takes to price it again. Amounts in ledger units.
#[derive(Debug, Clone, PartialEq, Row, Deserialize)]
pub struct PricedCall {
    pub call_id: [u8; 16],
    pub ts_us: i64,
    pub trace_id: [u8; 16],
    pub execution_id: [u8; 16],
    pub key_id: [u8; 16],
    pub crew: String,
    pub agent: String,
    pub status: String,
    pub provider: String,
    pub deployment: String,
    pub route: String,
    pub requested_model: String,
    pub response_model: String,
    pub price_provider: String,
    pub price_model: String,
    pub service_tier: String,
    pub usage_source: String,
    pub in_uncached: u32,
    pub in_cache_read: u32,
    pub in_cache_write_5m: u32,
    pub in_cache_write_1h: u32,
    pub in_audio: u32,
    pub in_image: u32,
    pub out_text: u32,
    pub out_reasoning: u32,
    pub out_audio: u32,
    /// In millionths, by name.
    pub units: Vec<(String, i64)>,
    pub cost_input: i64,
    pub cost_cache: i64,
    pub cost_output: i64,
    pub cost: i64,
    pub cost_known: bool,
    pub wasted_cost: i64,
    pub price_version: u32,
    pub repricing: [u8; 16],
    pub retention_days: u16,
}

impl PricedCall {
    /// The model that answered, as its provider names it; the one that was asked for where it did not say.
    pub fn model(&self) -> &str {
        if self.response_model.is_empty() { &self.requested_model } else { &self.response_model }
    }
}

const CALLS: &str = "SELECT
    call_id, toUnixTimestamp64Micro(ts) AS ts_us, trace_id, execution_id, key_id, crew, agent, status, provider, deployment,
    route, requested_model, response_model, price_provider, price_model, service_tier, usage_source,
    in_uncached, in_cache_read, in_cache_write_5m, in_cache_write_1h, in_audio, in_image, out_text, out_reasoning, out_audio,
    units, cost_input, cost_cache, cost_output, cost, cost_known, wasted_cost, price_version, repricing, retention_days
FROM llm_calls";

/// The next calls of a team after a place, oldest first, up to and with `until` where there is one. Only such as a provider
/// worked on: what was refused or came from the cache has no price.
pub async fn calls(
    clickhouse: &ClickHouse,
    team: TeamId,
    range: TimeRange,
    after: Place,
    until: Option<Place>,
    most: usize,
) -> Result<Vec<PricedCall>, Error> {
    let mut select = Select::of_team(CALLS, team)
        .within(range)
        .and("provider != ''")
        .and("cache != 'hit'")
        .and("ts >= fromUnixTimestamp64Micro({after_us:Int64}, 'UTC')")
        .and("(ts, call_id) > (fromUnixTimestamp64Micro({after_us:Int64}, 'UTC'), toFixedString(unhex({after:String}), 16))")
        .param("after_us", after.ts_us)
        .param("after", hex(after.call_id.as_bytes()))
        .param("most", most);
    if let Some(until) = until {
        select = select
            .and("(ts, call_id) <= (fromUnixTimestamp64Micro({until_us:Int64}, 'UTC'), toFixedString(unhex({until:String}), 16))")
            .param("until_us", until.ts_us)
            .param("until", hex(until.call_id.as_bytes()));
    }
    let mut calls: Vec<PricedCall> =
        select.then("ORDER BY llm_calls.ts, llm_calls.call_id LIMIT {most:UInt64}").all(clickhouse).await?;
    calls.dedup_by(|next, last| next.call_id == last.call_id);
    Ok(calls)
}

const CHANGED: &str = "SELECT
    team, repricing, slice, ts, call_id, was_repricing, made_at, trace_id, execution_id, key_id, provider, model, agent, crew,
    status, old_cost_input, old_cost_cache, old_cost_output, old_cost, old_cost_known, old_price_version,
    new_cost_input, new_cost_cache, new_cost_output, new_cost, new_price_version, retention_days
FROM call_repricings FINAL";

/// What a slice of a re-pricing changes: written before it is begun, so it says the same before, while and after.
pub async fn of_slice(clickhouse: &ClickHouse, slice: SliceId) -> Result<Vec<CallRepricingRow>, Error> {
    slice.rows(CHANGED).then("ORDER BY call_repricings.ts, call_repricings.call_id").all(clickhouse).await
}

/// One re-pricing of a call, for people.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct Repriced {
    /// UUID text.
    pub repricing: String,
    pub made_at_us: i64,
    /// US dollars as decimal text; absent: it was unknown.
    pub old_cost: Option<String>,
    pub old_price_version: u32,
    pub new_cost: String,
    pub new_price_version: u32,
}

const OF_CALL: &str = "SELECT
    UUIDNumToString(repricing) AS repricing, toUnixTimestamp64Micro(made_at) AS made_at_us,
    if(old_cost_known, toString(old_cost), NULL) AS old_cost, old_price_version,
    toString(new_cost) AS new_cost, new_price_version
FROM call_repricings FINAL";

/// The re-pricings that changed a call's cost, oldest first: before the first stands what it was metered at.
pub async fn of_call(
    clickhouse: &ClickHouse,
    team: TeamId,
    call: CallId,
    started_at_us: i64,
) -> Result<Vec<Repriced>, Error> {
    Select::of_team(OF_CALL, team)
        .and("call_id = toFixedString(unhex({call:String}), 16)")
        .and("ts = fromUnixTimestamp64Micro({started_us:Int64}, 'UTC')")
        .param("call", hex(call.as_bytes()))
        .param("started_us", started_at_us)
        .then("ORDER BY call_repricings.made_at, call_repricings.repricing LIMIT 100")
        .all(clickhouse)
        .await
}
