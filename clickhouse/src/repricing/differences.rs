//! What a slice of a re-pricing adds to the rollups: per key of each rollup the sum of new less old. The rows carry the slice's
//! mark in their key, so what is there already is left out, however often and however late this is tried.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::SliceId;
use crate::client::ClickHouse;
use crate::error::Error;

/// A difference in one bucket of a rollup by time. Amounts in ledger units; the cost of a call never becomes unknown.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct InUsage {
    team: [u8; 16],
    bucket: u32,
    provider: String,
    model: String,
    agent: String,
    crew: String,
    key_id: [u8; 16],
    status: String,
    cost_known_calls: u64,
    cost_input: i128,
    cost_cache: i128,
    cost_output: i128,
    cost: i128,
    correction: [u8; 16],
}

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct InRun {
    team: [u8; 16],
    execution_id: [u8; 16],
    trace_id: [u8; 16],
    agent: String,
    model: String,
    status: String,
    /// Days since the Unix epoch.
    month: u16,
    cost_known_calls: u64,
    cost_input: i128,
    cost_cache: i128,
    cost_output: i128,
    cost: i128,
    correction: [u8; 16],
}

/// `started` and `last_seen` are those of the calls, which lie within the trace.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct InTrace {
    team: [u8; 16],
    hour: u32,
    trace_id: [u8; 16],
    started: i64,
    last_seen: i64,
    cost_known_calls: u64,
    cost: i128,
    retention_days: u16,
    correction: [u8; 16],
}

macro_rules! sums {
    () => {
        "sum(toUInt64(NOT old_cost_known)) AS cost_known_calls,
    sum(toDecimal128(new_cost_input, 12) - toDecimal128(old_cost_input, 12)) AS cost_input,
    sum(toDecimal128(new_cost_cache, 12) - toDecimal128(old_cost_cache, 12)) AS cost_cache,
    sum(toDecimal128(new_cost_output, 12) - toDecimal128(old_cost_output, 12)) AS cost_output,
    sum(toDecimal128(new_cost, 12) - toDecimal128(old_cost, 12)) AS cost,
    toFixedString(unhex({correction:String}), 16) AS correction"
    };
}

macro_rules! in_usage {
    ($start:literal) => {
        concat!(
            "SELECT team, toDateTime(",
            $start,
            "(ts), 'UTC') AS bucket, provider, model, agent, crew, key_id, status,
    ",
            sums!(),
            "
FROM call_repricings FINAL"
        )
    };
}

macro_rules! not_there {
    ($table:literal, $start:literal) => {
        concat!(
            "(toDateTime(",
            $start,
            "(ts), 'UTC'), provider, model, agent, crew, key_id, status) NOT IN (
        SELECT bucket, provider, model, agent, crew, key_id, status FROM ",
            $table,
            " WHERE team = toFixedString(unhex({team:String}), 16) AND correction = toFixedString(unhex({correction:String}), 16))"
        )
    };
}

/// Of each rollup by time: its table, its differences, and those that are not in it yet.
const BY_TIME: [(&str, &str, &str); 3] = [
    ("usage_1m", in_usage!("toStartOfMinute"), not_there!("usage_1m", "toStartOfMinute")),
    ("usage_1h", in_usage!("toStartOfHour"), not_there!("usage_1h", "toStartOfHour")),
    ("usage_1d", in_usage!("toStartOfDay"), not_there!("usage_1d", "toStartOfDay")),
];

const IN_RUN: &str = concat!(
    "SELECT team, execution_id, trace_id, agent, model, status, toStartOfMonth(ts) AS month,
    ",
    sums!(),
    "
FROM call_repricings FINAL"
);

const NOT_IN_RUN: &str = "(execution_id, trace_id, agent, model, status, toStartOfMonth(ts)) NOT IN (
        SELECT execution_id, trace_id, agent, model, status, month FROM usage_run
        WHERE team = toFixedString(unhex({team:String}), 16) AND correction = toFixedString(unhex({correction:String}), 16))";

const IN_TRACE: &str =
    "SELECT team, toStartOfHour(ts) AS hour, trace_id, min(ts) AS started, max(ts) AS last_seen,
    sum(toUInt64(NOT old_cost_known)) AS cost_known_calls,
    sum(toDecimal128(new_cost, 12) - toDecimal128(old_cost, 12)) AS cost,
    retention_days, toFixedString(unhex({correction:String}), 16) AS correction
FROM call_repricings FINAL";

const NOT_IN_TRACE: &str = "(toStartOfHour(ts), trace_id, retention_days) NOT IN (
        SELECT hour, trace_id, retention_days FROM trace_index
        WHERE team = toFixedString(unhex({team:String}), 16) AND correction = toFixedString(unhex({correction:String}), 16))";

/// Adds what is not there yet.
pub(super) async fn add(clickhouse: &ClickHouse, slice: SliceId) -> Result<(), Error> {
    let mark = slice.mark_hex();
    for (table, differences, not_there) in BY_TIME {
        let select = slice.rows(differences).and(not_there).param("correction", &mark);
        let select =
            select.then("GROUP BY team, bucket, provider, model, agent, crew, key_id, status ORDER BY ALL");
        let missing: Vec<InUsage> = select.all(clickhouse).await?;
        clickhouse.insert_into(table, &missing, &slice.token(table, missing.len())).await?;
    }
    let select = slice.rows(IN_RUN).and(NOT_IN_RUN).param("correction", &mark);
    let select =
        select.then("GROUP BY team, execution_id, trace_id, agent, model, status, month ORDER BY ALL");
    let missing: Vec<InRun> = select.all(clickhouse).await?;
    clickhouse.insert_into("usage_run", &missing, &slice.token("usage_run", missing.len())).await?;
    let select = slice.rows(IN_TRACE).and(NOT_IN_TRACE).param("correction", &mark);
    let select = select.then("GROUP BY team, hour, trace_id, retention_days ORDER BY ALL");
    let missing: Vec<InTrace> = select.all(clickhouse).await?;
    clickhouse.insert_into("trace_index", &missing, &slice.token("trace_index", missing.len())).await
}
