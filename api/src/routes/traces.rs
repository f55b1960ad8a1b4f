//! Traces.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_clickhouse::traces as stored;
use aop_domain::id::{ExecutionId, TraceId};
use aop_service::problem::Problem;

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::wire::page::{Page, clamp_limit};
use crate::wire::traces::{TraceDetail, TraceFilter, TraceSummary};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_traces)).routes(routes!(get_trace))
}

/// Traces, newest first.
#[utoipa::path(
    get, path = "/api/traces", tag = "traces",
    params(TraceFilter, TeamParam),
    responses((status = 200, body = Page<TraceSummary>), ProblemResponses),
)]
pub async fn list_traces(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<TraceFilter>,
) -> ApiResult<Json<Page<TraceSummary>>> {
    let filter = stored::TraceFilter {
        range: range::of(&state, params.from, params.to)?,
        agent: params.agent,
        model: params.model,
        crew: params.crew,
        session_id: params.session_id,
        execution_id: params.execution_id.map(ExecutionId),
        errors_only: params.errors_only,
        cursor: params.cursor,
        limit: clamp_limit(params.limit),
    };
    let page = stored::list(&state.clickhouse, access.team_id(), &filter).await?;
    Ok(Json(Page::from(page).map(TraceSummary::from)))
}

/// One trace with its spans.
#[utoipa::path(
    get, path = "/api/traces/{trace_id}", tag = "traces",
    params(("trace_id" = String, Path), TeamParam),
    responses((status = 200, body = TraceDetail), ProblemResponses),
)]
pub async fn get_trace(
    State(state): State<AppState>,
    access: Reads,
    Path(trace_id): Path<String>,
) -> ApiResult<Json<TraceDetail>> {
    // A text that is no trace id names no trace.
    let id = TraceId::parse_lenient(&trace_id).map_err(|_| Problem::not_found("trace"))?;
    let trace = stored::find(&state.clickhouse, access.team_id(), id).await?;
    Ok(Json(trace.ok_or_else(|| Problem::not_found("trace"))?.into()))
}
