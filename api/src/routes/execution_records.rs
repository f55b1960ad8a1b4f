//! What was recorded of one run: its traces, its log and what it used. From ClickHouse, by the run's id; whether the run is the
//! team's is asked of Postgres first.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_clickhouse::TimeRange;
use aop_clickhouse::analytics::run_usage;
use aop_clickhouse::logs::{self, LogFilter};
use aop_clickhouse::traces;
use aop_domain::id::ExecutionId;
use aop_service::problem::Problem;
use aop_store::agent_corrections;
use aop_store::executions::{self, Execution};

use crate::auth::access::{Reads, TeamAccess, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::logs::{LogLine, RunLogFilter};
use crate::wire::page::{Page, PageParams, clamp_limit};
use crate::wire::run_metrics::{AgentModelUse, RunMetrics, RunUse};
use crate::wire::time::to_us;
use crate::wire::traces::TraceSummary;

/// Clocks of several machines wrote the records; a run's last ones may also come a little after its end.
const MARGIN_US: i64 = 600_000_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_execution_traces))
        .routes(routes!(list_execution_logs))
        .routes(routes!(get_execution_metrics))
}

/// Traces of a run, newest first: its own, and those of calls that named the run. `GET /api/traces/{trace_id}` has the spans.
#[utoipa::path(
    get, path = "/api/executions/{id}/traces", tag = "executions",
    params(("id" = Uuid, Path), PageParams, TeamParam),
    responses((status = 200, body = Page<TraceSummary>), ProblemResponses),
)]
pub async fn list_execution_traces(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<TraceSummary>>> {
    let run = find(&state, &access, id).await?;
    let filter = traces::TraceFilter {
        range: range(&state, &run),
        agent: None,
        model: None,
        crew: None,
        session_id: None,
        execution_id: Some(run.id),
        errors_only: false,
        corrections: agent_corrections::of_team(&state.store, access.team_id).await?.lines(),
        cursor: params.cursor,
        limit: clamp_limit(params.limit),
    };
    let page = traces::list(&state.clickhouse, access.team_id, &filter).await?;
    Ok(Json(Page::from(page).map(TraceSummary::from)))
}

/// The log of a run, oldest line first.
#[utoipa::path(
    get, path = "/api/executions/{id}/logs", tag = "executions",
    params(("id" = Uuid, Path), RunLogFilter, TeamParam),
    responses((status = 200, body = Page<LogLine>), ProblemResponses),
)]
pub async fn list_execution_logs(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
    Query(params): Query<RunLogFilter>,
) -> ApiResult<Json<Page<LogLine>>> {
    let run = find(&state, &access, id).await?;
    let filter = LogFilter {
        range: range(&state, &run),
        execution_id: Some(run.id),
        trace_id: None,
        level: params.level.map(|level| level.as_str().to_owned()),
        agent: params.agent,
        text: params.text,
        cursor: params.cursor,
        limit: clamp_limit(params.limit),
    };
    let page = logs::list(&state.clickhouse, access.team_id, &filter).await?;
    Ok(Json(Page::from(page).map(LogLine::from)))
}

/// What a run used so far: calls, tokens, cost and time, by agent and model.
#[utoipa::path(
    get, path = "/api/executions/{id}/metrics", tag = "executions",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = RunMetrics), ProblemResponses),
)]
pub async fn get_execution_metrics(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<RunMetrics>> {
    let run = find(&state, &access, id).await?;
    let rows = run_usage(&state.clickhouse, access.team_id, run.id).await?;
    let by_agent_and_model: Vec<AgentModelUse> = rows.into_iter().map(AgentModelUse::from).collect();
    let until = run.completed_at.map_or_else(|| state.now(), Ok)?;
    let ran = run.started_at.map(|from| (until - from).whole_milliseconds());
    Ok(Json(RunMetrics {
        execution_id: id,
        duration_ms: ran.map(|ms| u64::try_from(ms).unwrap_or_default()),
        total: RunUse::sum(&by_agent_and_model),
        by_agent_and_model,
    }))
}

async fn find(state: &AppState, access: &TeamAccess, id: Uuid) -> ApiResult<Execution> {
    let found = executions::find(&state.store, access.team_id, ExecutionId(id)).await?;
    found.ok_or_else(|| Problem::not_found("execution").into())
}

/// The time the run's records are of, so that nothing else is looked at.
fn range(state: &AppState, run: &Execution) -> TimeRange {
    let end_us = run.completed_at.map_or_else(|| state.clock.now_us(), to_us);
    TimeRange { from_us: to_us(run.created_at) - MARGIN_US, to_us: end_us + MARGIN_US }
}
