//! Figures over time.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_clickhouse::analytics as stored;
use aop_store::agent_corrections;

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::Query;
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::wire::analytics::{Overview, OverviewParams};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(overview))
}

/// Calls, tokens, cost, latency and errors of a time range, beside the range before it.
#[utoipa::path(
    get, path = "/api/analytics/overview", tag = "analytics",
    params(OverviewParams, TeamParam),
    responses((status = 200, body = Overview), ProblemResponses),
)]
pub async fn overview(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<OverviewParams>,
) -> ApiResult<Json<Overview>> {
    let asked = range::of(&state, params.from, params.to)?;
    let (team, now_us) = (access.team_id(), state.clock.now_us());
    let corrections = agent_corrections::of_team(&state.store, team).await?.lines();
    let (current, previous) = tokio::try_join!(
        stored::overview(&state.clickhouse, team, asked, now_us, &corrections),
        // Of the time before, only the totals are shown.
        stored::overview(&state.clickhouse, team, range::before(asked), now_us, &[]),
    )?;
    Ok(Json(Overview::of(current, previous.totals)))
}
