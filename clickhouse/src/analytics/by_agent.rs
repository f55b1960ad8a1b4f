//! Usage by agent as the team knows its agents now. Rollups know agents by the name that was recorded, so a team that
//! has corrected something is answered from the ledger: exact, and slower for a long range.

use aop_domain::correction::Line;
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::Deserialize;

use super::UsageGroup;
use crate::client::ClickHouse;
use crate::corrected::{self, agent_name};
use crate::error::Error;
use crate::read::{Select, TimeRange};

#[derive(Row, Deserialize)]
struct Group {
    name: String,
    calls: u64,
    errors: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost: String,
    cost_known_calls: u64,
    duration_p50_us: u64,
    duration_p95_us: u64,
}

const GROUPS: &str = concat!(
    "SELECT ",
    agent_name!(),
    " AS name,
    count() AS calls,
    countIf(status NOT IN ('ok', 'cancelled')) AS errors,
    sum(toUInt64(in_uncached) + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image) AS input_tokens,
    sum(toUInt64(out_text) + out_reasoning + out_audio) AS output_tokens,
    toString(sum(toDecimal128(llm_calls.cost, 12))) AS cost,
    countIf(cost_known) AS cost_known_calls,
    toUInt64(ifNotFinite(quantileDD(0.01, 0.5)(duration_us), 0)) AS duration_p50_us,
    toUInt64(ifNotFinite(quantileDD(0.01, 0.95)(duration_us), 0)) AS duration_p95_us
FROM llm_calls"
);

/// The largest agents of a range, by calls.
pub(super) async fn by_agent(
    clickhouse: &ClickHouse,
    team: TeamId,
    range: TimeRange,
    corrections: &[Line],
    most: usize,
) -> Result<Vec<UsageGroup>, Error> {
    let groups = corrected::with(Select::of_team(GROUPS, team), corrections)
        .within(range)
        .param("limit", most)
        .then("GROUP BY name ORDER BY count() DESC, name LIMIT {limit:UInt32}")
        .all::<Group>(clickhouse)
        .await?;
    let group = |group: Group| UsageGroup {
        name: group.name,
        calls: group.calls,
        errors: group.errors,
        input_tokens: group.input_tokens,
        output_tokens: group.output_tokens,
        cost: group.cost,
        cost_known_calls: group.cost_known_calls,
        duration_p50_us: group.duration_p50_us,
        duration_p95_us: group.duration_p95_us,
    };
    Ok(groups.into_iter().map(group).collect())
}
