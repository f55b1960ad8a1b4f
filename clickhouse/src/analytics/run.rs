//! What one run used, by agent and model.

use aop_domain::hex::hex;
use aop_domain::id::{ExecutionId, TeamId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::Select;

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct RunUsage {
    pub agent: String,
    pub model: String,
    pub calls: u64,
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text, of the calls whose price is known: `cost_known_calls` of `calls`.
    pub cost: String,
    pub cost_known_calls: u64,
    /// All calls together, microseconds.
    pub duration_us: u64,
}

const USAGE: &str = "SELECT
    agent, model,
    sum(u.calls) AS calls,
    sumIf(u.calls, status NOT IN ('ok', 'cancelled')) AS errors,
    sum(u.in_uncached + u.in_cache_read + u.in_cache_write_5m + u.in_cache_write_1h + u.in_audio + u.in_image) AS input_tokens,
    sum(u.out_text + u.out_reasoning + u.out_audio) AS output_tokens,
    toString(sum(u.cost)) AS cost,
    sum(u.cost_known_calls) AS cost_known_calls,
    sum(u.duration_us) AS duration_us
FROM usage_run AS u";

/// One line per agent and model, dearest first. A run that called no model has none.
pub async fn run_usage(
    clickhouse: &ClickHouse,
    team: TeamId,
    execution: ExecutionId,
) -> Result<Vec<RunUsage>, Error> {
    Select::of_team(USAGE, team)
        .and("execution_id = toFixedString(unhex({execution:String}), 16)")
        .param("execution", hex(execution.as_bytes()))
        .then("GROUP BY agent, model ORDER BY sum(u.cost) DESC, agent, model LIMIT 1000")
        .all(clickhouse)
        .await
}

/// What a whole run used, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct RunTotals {
    /// UUID text.
    pub execution_id: String,
    pub calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text, of the calls whose price is known: `cost_known_calls` of `calls`.
    pub cost: String,
    pub cost_known_calls: u64,
}

const TOTALS: &str = "SELECT
    UUIDNumToString(u.execution_id) AS execution_id,
    sum(u.calls) AS calls,
    sum(u.in_uncached + u.in_cache_read + u.in_cache_write_5m + u.in_cache_write_1h + u.in_audio + u.in_image) AS input_tokens,
    sum(u.out_text + u.out_reasoning + u.out_audio) AS output_tokens,
    toString(sum(u.cost)) AS cost,
    sum(u.cost_known_calls) AS cost_known_calls
FROM usage_run AS u";

/// One line for each of these runs that called a model.
pub async fn run_totals(
    clickhouse: &ClickHouse,
    team: TeamId,
    executions: &[ExecutionId],
) -> Result<Vec<RunTotals>, Error> {
    let ids: Vec<String> = executions.iter().map(|id| hex(id.as_bytes())).collect();
    Select::of_team(TOTALS, team)
        .and("u.execution_id IN (SELECT toFixedString(unhex(arrayJoin(splitByChar(',', {executions:String}))), 16))")
        .param("executions", ids.join(","))
        .then("GROUP BY u.execution_id")
        .all(clickhouse)
        .await
}
