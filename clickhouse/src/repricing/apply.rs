//! One slice of a re-pricing, so that it is done once however often it is tried.
//!
//! 1. What changes is written to `call_repricings` as one block: it is there whole or not at all, and from then on it, and
//!    nothing that is sent again, says what the slice changes.
//! 2. The differences go into the rollups as rows of their own; those that are there already are left out.
//! 3. The ledger's rows and the calls' spans get their new cost in place, each only if it still has the one it had.
//!
//! A kill anywhere leaves the rest to the next try. Between the steps the sums and the rows disagree for a moment.

use std::time::Duration;

use aop_domain::hex::hex;
use aop_domain::id::TeamId;
use clickhouse::Row;
use serde::Deserialize;
use uuid::Uuid;

use super::differences;
use crate::client::ClickHouse;
use crate::error::Error;
use crate::read::Select;
use crate::rows::CallRepricingRow;

/// Rewriting the columns of a week's calls takes a while.
const REWRITE_LIMIT: Duration = Duration::from_secs(600);

/// Which slice of which re-pricing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceId {
    pub team: TeamId,
    pub repricing: Uuid,
    pub slice: u32,
}

impl SliceId {
    /// The rows that it changes, as a SELECT that begins with `head`.
    pub(super) fn rows(self, head: &'static str) -> Select {
        Select::of_team(head, self.team)
            .and("repricing = toFixedString(unhex({repricing:String}), 16)")
            .and("slice = {slice:UInt32}")
            .param("repricing", hex(self.repricing.as_bytes()))
            .param("slice", self.slice)
    }

    /// The mark of its differences in the rollups: the re-pricing's id with the slice's number for its last four bytes.
    pub(super) fn mark_hex(self) -> String {
        let mut mark = *self.repricing.as_bytes();
        mark[12..].copy_from_slice(&self.slice.to_be_bytes());
        hex(&mark)
    }

    /// Beside the marks, for a try that was given up while the server still works on it.
    pub(super) fn token(self, table: &str, rows: usize) -> String {
        format!("repricing-{}-{}-{rows}-{table}", self.repricing.simple(), self.slice)
    }
}

#[derive(Row, Deserialize)]
struct Bounds {
    rows: u64,
    first_us: i64,
    last_us: i64,
}

const BOUNDS: &str = "SELECT count() AS rows, toUnixTimestamp64Micro(min(ts)) AS first_us,
    toUnixTimestamp64Micro(max(ts)) AS last_us FROM call_repricings";

/// Makes the changes of one slice. `rows` are all of this slice; they count only if nothing was written for it before.
pub async fn apply(clickhouse: &ClickHouse, slice: SliceId, rows: &[CallRepricingRow]) -> Result<(), Error> {
    let of_slice = |row: &CallRepricingRow| {
        row.team == *slice.team.as_bytes()
            && row.repricing == *slice.repricing.as_bytes()
            && row.slice == slice.slice
    };
    if !rows.iter().all(of_slice) {
        return Err(Error::Invalid("a row belongs to another slice".to_owned()));
    }
    if bounds(clickhouse, slice).await?.rows == 0 {
        let token = format!("repricing-{}-{}", slice.repricing.simple(), slice.slice);
        clickhouse.insert_batch(rows, &token).await?;
    }
    let bounds = bounds(clickhouse, slice).await?;
    if bounds.rows == 0 {
        return Ok(());
    }
    differences::add(clickhouse, slice).await?;
    rewrite(clickhouse, "llm_calls", &ledger(clickhouse.database(), slice, &bounds)).await?;
    rewrite(clickhouse, "spans", &spans(clickhouse.database(), slice, &bounds)).await
}

async fn bounds(clickhouse: &ClickHouse, slice: SliceId) -> Result<Bounds, Error> {
    let found = slice.rows(BOUNDS).one(clickhouse).await?;
    Ok(found.unwrap_or(Bounds { rows: 0, first_us: 0, last_us: 0 }))
}

/// Waits until the rows are rewritten. One that fails would be tried by the server for ever and hold up all that come after it.
async fn rewrite(clickhouse: &ClickHouse, table: &str, statement: &str) -> Result<(), Error> {
    let done = rewritten(clickhouse, statement).await;
    if done.is_err() {
        let kill = format!(
            "KILL MUTATION WHERE database = '{}' AND table = '{table}' AND NOT is_done
             AND position(command, 'call_repricings') > 0",
            clickhouse.database()
        );
        if let Err(error) = clickhouse.execute_in(clickhouse.database(), &kill).await {
            tracing::warn!(%error, table, "a rewrite that failed could not be taken back");
        }
    }
    done
}

async fn rewritten(clickhouse: &ClickHouse, statement: &str) -> Result<(), Error> {
    let query = clickhouse
        .client()
        .query_raw(statement)
        .with_setting("mutations_sync", "1")
        .with_setting("max_execution_time", REWRITE_LIMIT.as_secs().to_string());
    clickhouse.limited(REWRITE_LIMIT, query.execute()).await
}

fn fixed(id: &[u8]) -> String {
    format!("toFixedString(unhex('{}'), 16)", hex(id))
}

/// The slice's rows of `call_repricings`, as the end of a SELECT. Ids and numbers only, no text of anybody's.
fn of_slice(database: &str, slice: SliceId) -> String {
    let (team, repricing) = (fixed(slice.team.as_bytes()), fixed(slice.repricing.as_bytes()));
    format!(
        "FROM {database}.call_repricings WHERE team = {team} AND repricing = {repricing} AND slice = {}",
        slice.slice
    )
}

/// For each call its value of a column of `call_repricings`: looked up in two lists that one aggregation made.
fn looked_up(database: &str, slice: SliceId, column: &str, otherwise: &str) -> String {
    let lists = format!("SELECT (groupArray(call_id), groupArray({column})) {}", of_slice(database, slice));
    format!("transform(call_id, tupleElement(({lists}), 1), tupleElement(({lists}), 2), {otherwise})")
}

fn within(database: &str, slice: SliceId, bounds: &Bounds) -> String {
    let at = |us: i64| format!("fromUnixTimestamp64Micro({us}, 'UTC')");
    format!(
        "team = {} AND ts >= {} AND ts <= {} AND call_id IN (SELECT call_id {})",
        fixed(slice.team.as_bytes()),
        at(bounds.first_us),
        at(bounds.last_us),
        of_slice(database, slice)
    )
}

fn ledger(database: &str, slice: SliceId, bounds: &Bounds) -> String {
    let value = |column: &str, otherwise: &str| looked_up(database, slice, column, otherwise);
    let repricing = fixed(slice.repricing.as_bytes());
    format!(
        "ALTER TABLE {database}.llm_calls UPDATE
            cost_input = {}, cost_cache = {}, cost_output = {}, cost = {}, price_version = {},
            cost_known = true, repricing = {repricing}
         WHERE {} AND repricing = {}",
        value("new_cost_input", "cost_input"),
        value("new_cost_cache", "cost_cache"),
        value("new_cost_output", "cost_output"),
        value("new_cost", "cost"),
        value("new_price_version", "price_version"),
        within(database, slice, bounds),
        value("was_repricing", &repricing),
    )
}

/// A span knows no re-pricing: it must have the cost that the call had.
fn spans(database: &str, slice: SliceId, bounds: &Bounds) -> String {
    let value = |column: &str, otherwise: &str| looked_up(database, slice, column, otherwise);
    let nothing = "toDecimal64(-1, 12)";
    format!(
        "ALTER TABLE {database}.spans UPDATE cost = {}, cost_known = true
         WHERE {} AND span_type = 'llm_call'
           AND toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Micro({}, 'UTC'))
           AND toStartOfHour(ts) <= toStartOfHour(fromUnixTimestamp64Micro({}, 'UTC'))
           AND cost = {} AND cost_known = {}",
        value("new_cost", "cost"),
        within(database, slice, bounds),
        bounds.first_us,
        bounds.last_us,
        value("old_cost", nothing),
        value("old_cost_known", "NOT cost_known"),
    )
}
