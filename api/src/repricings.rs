//! Re-pricings: calls that were metered get another price. First an estimate, which only reads; then, when somebody has seen it
//! and wants it, the changes, slice by slice.
//!
//! What a slice changes is worked out here ([`examine`]) and made by the collector, which does a slice once however often it is
//! asked. How far it is stands in Postgres: the end of a slice is written before the slice is begun, and the slice's results
//! when all of it is done. So a worker that is killed anywhere leaves nothing that the next one cannot finish, and one
//! re-pricing at a time is worked on in the whole installation.

mod apply;
mod estimate;
mod examine;
mod report;

use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use aop_clickhouse::TimeRange;
use aop_clickhouse::repricing::Place;
use aop_domain::error_kind::ErrorKind;
use aop_domain::id::TeamId;
use aop_store::repricings::claim::{self, Claim, Held};
use aop_store::{Scope, teams};
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::wire::time::to_us;

pub use report::{Report, Sums};

/// Between two looks for work.
const EVERY: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A worker that has said nothing for so long is gone: another takes what it had, at the step where it was. It says so beside
/// its work, however long a step takes, and only while it works. One that was merely slow writes nothing more.
pub const LEASE: Duration = Duration::from_secs(8);
const BEAT: Duration = Duration::from_secs(2);
/// Calls that are read, and changed, at a time.
const SLICE: usize = 10_000;
const EVERY_TEAM: i64 = 100_000;

/// Works until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let mut pause = EVERY;
    loop {
        if shutdown.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
        pause = match once(&state, &shutdown).await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "a re-pricing does not get on; trying again");
                (pause * 2).min(LONGEST_PAUSE)
            }
        };
    }
}

/// Takes the next re-pricing and works on it to its end, or until `shutdown`, or until it cannot get on.
pub async fn once(state: &AppState, shutdown: &CancellationToken) -> ApiResult<()> {
    let Some(claim) = claim::next(&state.store, Uuid::now_v7(), state.now()?, LEASE).await? else {
        return Ok(());
    };
    let worked = tokio::select! {
        worked = work(state, claim.clone()) => worked,
        lost = keep(state, &claim) => lost,
        // What the collector was asked for it finishes; the rest is for whoever takes it next.
        () = shutdown.cancelled() => Ok(()),
    };
    match &worked {
        Ok(()) => {}
        Err(error) if is_passing(error) => claim::note(&state.store, &claim, &error.problem().detail).await?,
        Err(error) => {
            claim::end(&state.store, &claim, "failed", &error.problem().detail, state.now()?).await?;
        }
    }
    claim::release(&state.store, &claim).await?;
    worked
}

fn is_passing(error: &ApiError) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout)
}

async fn work(state: &AppState, claim: Claim) -> ApiResult<()> {
    let job = Job::of(state, claim).await?;
    if job.claim.is_estimate { estimate::make(state, &job).await } else { apply::make(state, job).await }
}

/// Says that it goes on; returns when another has it.
async fn keep(state: &AppState, claim: &Claim) -> ApiResult<()> {
    loop {
        tokio::time::sleep(BEAT).await;
        match claim::hold(&state.store, claim, state.now()? + LEASE).await {
            Ok(Held::No) => return Ok(()),
            Ok(Held::Yes | Held::ToCancel) => {}
            Err(error) => tracing::warn!(%error, "a re-pricing could not be held on to; trying again"),
        }
    }
}

/// Where a re-pricing is: after this call of this team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    team: TeamId,
    place: Place,
}

/// One re-pricing as it is worked on.
struct Job {
    claim: Claim,
    /// Whose calls, in the order of their ids.
    teams: Vec<TeamId>,
    range: TimeRange,
    prices: examine::Prices,
}

impl Job {
    async fn of(state: &AppState, claim: Claim) -> ApiResult<Self> {
        let mut teams = match claim.scope {
            Scope::Team(team) => vec![team],
            Scope::Shared => {
                let all = teams::list(&state.store, None, EVERY_TEAM).await?;
                all.into_iter().map(|team| team.id).collect()
            }
        };
        teams.sort_unstable();
        let range = TimeRange { from_us: to_us(claim.from_at), to_us: to_us(claim.to_at) };
        let prices = examine::Prices::of(state, &claim).await?;
        Ok(Self { claim, teams, range, prices })
    }

    /// Whether to go on, said before every page.
    async fn may_go_on(&self, state: &AppState) -> ApiResult<Held> {
        Ok(claim::hold(&state.store, &self.claim, state.now()? + LEASE).await?)
    }

    async fn end(&self, state: &AppState, status: &str) -> ApiResult<()> {
        claim::end(&state.store, &self.claim, status, "", state.now()?).await?;
        Ok(())
    }
}

/// The day of a time, as people write it.
fn day_of(ts_us: i64) -> String {
    OffsetDateTime::from_unix_timestamp(ts_us.div_euclid(1_000_000))
        .map_or_else(|_| String::new(), |at| at.date().to_string())
}
