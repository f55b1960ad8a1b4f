//! Traces.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_clickhouse::{TimeRange, runs, traces as stored};
use aop_domain::id::{ExecutionId, TeamId, TraceId};
use aop_service::problem::Problem;
use aop_store::agent_corrections;

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::tree::{self, Records, Run};
use crate::wire::page::{Page, clamp_limit};
use crate::wire::traces::{TraceDetail, TraceFilter, TraceSummary};
use crate::wire::tree::TraceGraph;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_traces))
        .routes(routes!(get_trace))
        .routes(routes!(get_trace_graph))
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
        corrections: agent_corrections::of_team(&state.store, access.team_id()).await?.lines(),
        cursor: params.cursor,
        limit: clamp_limit(params.limit),
    };
    let page = stored::list(&state.clickhouse, access.team_id(), &filter).await?;
    Ok(Json(Page::from(page).map(TraceSummary::from)))
}

/// One run: its spans, and who called in it, as a tree. A trace that turned out to be part of a run is that run.
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
    let (trace, run) = find_run(&state, access.team_id(), &trace_id, true).await?;
    Ok(Json(TraceDetail::new(trace, run)))
}

/// The agents of a run, and how work went between them.
#[utoipa::path(
    get, path = "/api/traces/{trace_id}/graph", tag = "traces",
    params(("trace_id" = String, Path), TeamParam),
    responses((status = 200, body = TraceGraph), ProblemResponses),
)]
pub async fn get_trace_graph(
    State(state): State<AppState>,
    access: Reads,
    Path(trace_id): Path<String>,
) -> ApiResult<Json<TraceGraph>> {
    let (trace, run) = find_run(&state, access.team_id(), &trace_id, false).await?;
    Ok(Json(TraceGraph {
        trace_id: trace.summary.trace_id,
        parts: trace.parts.traces.iter().map(|part| TraceId(*part).to_string()).collect(),
        edges: tree::edges(&run.handovers),
        nodes: run.agents,
    }))
}

/// The run that this trace is, or is part of. `with_shapes`: what its calls said is compared too.
async fn find_run(
    state: &AppState,
    team: TeamId,
    trace_id: &str,
    with_shapes: bool,
) -> ApiResult<(stored::Trace, Run)> {
    // A text that is no trace id names no trace.
    let id = TraceId::parse_lenient(trace_id).map_err(|_| Problem::not_found("trace"))?;
    let clickhouse = &state.clickhouse;
    let trace = stored::find(clickhouse, team, id).await?.ok_or_else(|| Problem::not_found("trace"))?;
    let corrections = agent_corrections::of_team(&state.store, team).await?;
    let from_us = trace.summary.started_at_us;
    let range = TimeRange { from_us, to_us: trace.summary.last_seen_us.saturating_add(1) };
    let parts = &trace.parts.traces;
    let shapes = async {
        if with_shapes { runs::shapes(clickhouse, team, parts, range).await } else { Ok(Vec::new()) }
    };
    let (calls, handovers, shapes) = tokio::try_join!(
        runs::calls(clickhouse, team, parts, range),
        runs::handovers(clickhouse, team, parts, range),
        shapes,
    )?;
    let numbers = |number: fn(&runs::RunCall) -> u64| {
        let mut numbers: Vec<u64> = calls.iter().map(number).filter(|number| *number != 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    let (agents, conversations) = (numbers(|call| call.agent_fingerprint), numbers(|call| call.conversation));
    let links = runs::agent_links(clickhouse, team, &agents, &conversations, from_us).await?;
    let records = Records {
        trace: &trace,
        calls: &calls,
        handovers: &handovers,
        links: &links,
        shapes: &shapes,
        corrections: &corrections,
    };
    let run = tree::build(&records);
    Ok((trace, run))
}
