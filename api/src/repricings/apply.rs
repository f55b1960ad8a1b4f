//! The changes, slice by slice. A slice is some calls of one team within one week, in the order of the ledger.

use std::collections::{BTreeMap, HashSet};

use aop_clickhouse::CallRepricingRow;
use aop_clickhouse::repricing::{self, Place, PricedCall, SliceId};
use aop_domain::id::{ExecutionId, TeamId};
use aop_domain::money::from_ledger_units;
use aop_service::problem::Problem;
use aop_store::repricings::claim::{self, Held};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::examine::{self, Finding, ProviderNames};
use super::{Job, Position, Report, SLICE};
use crate::error::ApiResult;
use crate::state::AppState;

const WEEK_US: i64 = 7 * 86_400_000_000;
/// The first Monday after the Unix epoch, which was a Thursday.
const MONDAY_US: i64 = 4 * 86_400_000_000;

/// Goes on where it is, to the end.
pub(super) async fn make(state: &AppState, mut job: Job) -> ApiResult<()> {
    let mut report: Report = read(job.claim.result.take())?.unwrap_or_default();
    let mut pending: Option<Position> = read(job.claim.pending.take())?;
    let mut position: Option<Position> = read(job.claim.position.take())?;
    let teams = std::mem::take(&mut job.teams);
    for team in teams {
        // A slice that was begun comes before all else: nothing may be read again while it is half done.
        if pending.or(position).is_some_and(|at| team < at.team) {
            continue;
        }
        let names = examine::provider_names(state, team).await?;
        loop {
            match job.may_go_on(state).await? {
                Held::Yes => {}
                // A slice that was begun is finished first.
                Held::ToCancel if pending.is_some() => {}
                Held::ToCancel => return job.end(state, "cancelled").await,
                Held::No => return Ok(()),
            }
            let here = position.filter(|position| position.team == team);
            let after = here.map_or_else(|| Place::before(job.range.from_us), |position| position.place);
            let begun = pending.take_if(|pending| pending.team == team);
            let until = begun.map(|begun| begun.place);
            let mut calls = repricing::calls(&state.clickhouse, team, job.range, after, until, SLICE).await?;
            let end = match begun {
                Some(begun) => begun,
                None => {
                    cut_at_week(&mut calls);
                    let Some(last) = calls.last() else { break };
                    Position {
                        team,
                        place: Place { ts_us: last.ts_us, call_id: Uuid::from_bytes(last.call_id) },
                    }
                }
            };
            if !slice(state, &mut job, end, &calls, &names, &mut report).await? {
                return Ok(());
            }
            position = Some(end);
        }
    }
    job.end(state, "done").await
}

fn read<T: DeserializeOwned>(stored: Option<Value>) -> ApiResult<Option<T>> {
    Ok(stored.map(serde_json::from_value).transpose().map_err(Problem::internal)?)
}

/// What a slice changes is written as one block, and a block lies in one week.
fn cut_at_week(calls: &mut Vec<PricedCall>) {
    let week = |call: &PricedCall| (call.ts_us - MONDAY_US).div_euclid(WEEK_US);
    if let Some(first) = calls.first().map(week) {
        calls.retain(|call| week(call) == first);
    }
}

/// One slice, from its note to its results. False: another has the re-pricing.
async fn slice(
    state: &AppState,
    job: &mut Job,
    end: Position,
    calls: &[PricedCall],
    names: &ProviderNames,
    report: &mut Report,
) -> ApiResult<bool> {
    let end_json = serde_json::to_value(end).map_err(Problem::internal)?;
    if !claim::begin_slice(&state.store, &job.claim, &end_json).await? {
        return Ok(false);
    }
    let team = end.team;
    let rows = examined(state, job, team, calls, names, report);
    let id = SliceId { team, repricing: job.claim.id, slice: job.claim.slices.unsigned_abs() };
    let asked = json!({"team": team, "repricing": id.repricing, "slice": id.slice, "rows": rows});
    state.collector.reprice(&asked).await?;
    // What was written down counts, not what was worked out just now: a try before this one may have done half of it.
    let changed = repricing::of_slice(&state.clickhouse, id).await?;
    changed.iter().for_each(|row| report.add_changed(row));
    report.tier_assumed += tiers_assumed(job, team, calls, names, &changed);
    let result = serde_json::to_value(&*report).map_err(Problem::internal)?;
    let of_runs = of_runs(&changed);
    if !claim::end_slice(&state.store, &job.claim, &end_json, &result, (team, &of_runs)).await? {
        return Ok(false);
    }
    job.claim.slices += 1;
    Ok(true)
}

/// What is to change; what is not goes into the report at once.
fn examined(
    state: &AppState,
    job: &Job,
    team: TeamId,
    calls: &[PricedCall],
    names: &ProviderNames,
    report: &mut Report,
) -> Vec<CallRepricingRow> {
    let made_at = state.clock.now_us();
    let mut rows = Vec::new();
    for call in calls {
        match job.prices.examine(team, call, names, *job.claim.id.as_bytes()) {
            Finding::Changed(new) => rows.push(examine::row(&job.claim, team, made_at, call, &new)),
            finding => report.add_found(team, call, &finding),
        }
    }
    rows
}

/// Of the calls that were changed, those whose service tier was not recorded and would have mattered.
fn tiers_assumed(
    job: &Job,
    team: TeamId,
    calls: &[PricedCall],
    names: &ProviderNames,
    changed: &[CallRepricingRow],
) -> u64 {
    let changed: HashSet<_> = changed.iter().map(|row| (row.ts, row.call_id)).collect();
    let of_changed = calls.iter().filter(|call| changed.contains(&(call.ts_us, call.call_id)));
    of_changed.filter(|call| job.prices.tier_is_assumed(team, call, names)).count() as u64
}

/// By how much runs cost more.
fn of_runs(changed: &[CallRepricingRow]) -> Vec<(ExecutionId, Decimal)> {
    let mut of_runs: BTreeMap<[u8; 16], Decimal> = BTreeMap::new();
    for row in changed.iter().filter(|row| row.execution_id != [0; 16]) {
        *of_runs.entry(row.execution_id).or_default() +=
            from_ledger_units(row.new_cost) - from_ledger_units(row.old_cost);
    }
    of_runs.into_iter().map(|(id, cost)| (ExecutionId(Uuid::from_bytes(id)), cost)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_as_partitions_do() {
        let monday = time::macros::datetime!(2026-07-27 00:00 UTC);
        let us = i64::try_from(monday.unix_timestamp_nanos() / 1_000).unwrap_or_default();
        assert_eq!((us - MONDAY_US).rem_euclid(WEEK_US), 0);
    }
}
