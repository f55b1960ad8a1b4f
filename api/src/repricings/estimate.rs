//! The look before: every call that is meant, under its new price, and nothing changed.

use aop_clickhouse::repricing::{self, Place};
use aop_service::problem::Problem;
use aop_store::repricings::claim::{self, Held};
use uuid::Uuid;

use super::{Job, Report, SLICE, examine};
use crate::error::ApiResult;
use crate::state::AppState;

/// Begins anew when its worker dies: it only reads.
pub(super) async fn make(state: &AppState, job: &Job) -> ApiResult<()> {
    let mut report = Report::default();
    for team in &job.teams {
        let names = examine::provider_names(state, *team).await?;
        let mut after = Place::before(job.range.from_us);
        loop {
            match job.may_go_on(state).await? {
                Held::Yes => {}
                Held::ToCancel => return job.end(state, "cancelled").await,
                Held::No => return Ok(()),
            }
            let calls = repricing::calls(&state.clickhouse, *team, job.range, after, None, SLICE).await?;
            let Some(last) = calls.last() else { break };
            after = Place { ts_us: last.ts_us, call_id: Uuid::from_bytes(last.call_id) };
            for call in &calls {
                let finding = job.prices.examine(*team, call, &names, *job.claim.id.as_bytes());
                if matches!(finding, examine::Finding::Changed(_)) {
                    report.tier_assumed += u64::from(job.prices.tier_is_assumed(*team, call, &names));
                }
                report.add_found(*team, call, &finding);
            }
        }
    }
    let report = serde_json::to_value(&report).map_err(Problem::internal)?;
    claim::estimated(&state.store, &job.claim, &report).await?;
    Ok(())
}
