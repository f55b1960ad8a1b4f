//! What a run cost when its runner could not know: it was killed or cancelled in the middle of a call, or its runner died.
//! The gateway recorded that call all the same, so the ledger knows.

use std::collections::HashMap;

use rust_decimal::Decimal;

use aop_clickhouse::analytics::{RunTotals, run_totals};
use aop_domain::id::{ExecutionId, TeamId};
use aop_store::execution_events;
use aop_store::executions::Execution;

use crate::error::ApiResult;
use crate::state::AppState;

/// Fills the totals of runs that have ended and whose cost is not known, if the ledger has every call of them and the
/// price of each.
pub async fn fill(state: &AppState, team: TeamId, executions: &mut [Execution]) -> ApiResult<()> {
    let open = |execution: &Execution| execution.completed_at.is_some() && execution.total_cost.is_none();
    let ids: Vec<ExecutionId> =
        executions.iter().filter(|execution| open(execution)).map(|execution| execution.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let begun = execution_events::model_calls(&state.store, team, &ids).await?;
    let totals = match run_totals(&state.clickhouse, team, &ids).await {
        Ok(totals) => totals,
        Err(error) => {
            // The run itself is in Postgres: its cost stays unknown for now.
            tracing::warn!(%error, "the ledger cannot be asked what runs cost");
            return Ok(());
        }
    };
    let totals: HashMap<ExecutionId, RunTotals> =
        totals.into_iter().filter_map(|totals| Some((totals.execution_id.parse().ok()?, totals))).collect();
    for execution in executions.iter_mut().filter(|execution| open(execution)) {
        let Some(totals) = totals.get(&execution.id) else { continue };
        let is_whole = totals.calls >= begun.get(&execution.id).copied().unwrap_or(0);
        let Ok(cost) = totals.cost.parse::<Decimal>() else { continue };
        if is_whole && totals.cost_known_calls == totals.calls {
            execution.total_cost = Some(cost);
            execution.input_tokens = i64::try_from(totals.input_tokens).unwrap_or(i64::MAX);
            execution.output_tokens = i64::try_from(totals.output_tokens).unwrap_or(i64::MAX);
        }
    }
    Ok(())
}
