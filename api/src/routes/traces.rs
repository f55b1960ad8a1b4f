//! Traces.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_clickhouse::{TimeRange, runs, traces as stored};
use aop_domain::correction::Corrections;
use aop_domain::id::{CallId, ExecutionId, TeamId, TraceId};
use aop_service::problem::Problem;
use aop_store::{agent_corrections, replays};

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::tree::{self, Records};
use crate::wire::diff::TraceDiff;
use crate::wire::page::{Page, clamp_limit};
use crate::wire::traces::{TraceDetail, TraceFilter, TraceSummary};
use crate::wire::tree::TraceGraph;

/// Replays of one run that are looked through for the other.
const MOST_REPLAYS: i64 = 500;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_traces))
        .routes(routes!(get_trace))
        .routes(routes!(get_trace_graph))
        .routes(routes!(get_trace_diff))
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
    let recorded = Recorded::find(&state, access.team_id(), &trace_id, true).await?;
    let run = tree::build(&recorded.records());
    Ok(Json(TraceDetail::new(recorded.trace, run)))
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
    let recorded = Recorded::find(&state, access.team_id(), &trace_id, false).await?;
    let run = tree::build(&recorded.records());
    Ok(Json(TraceGraph {
        parts: recorded.trace.parts.traces.iter().map(|part| TraceId(*part).to_string()).collect(),
        trace_id: recorded.trace.summary.trace_id,
        edges: tree::edges(&run.handovers),
        nodes: run.agents,
    }))
}

/// Two runs, step by step: aligned by what was sent and answered.
#[utoipa::path(
    get, path = "/api/traces/{trace_id}/diff/{other_id}", tag = "traces",
    params(("trace_id" = String, Path), ("other_id" = String, Path), TeamParam),
    responses((status = 200, body = TraceDiff), ProblemResponses),
)]
pub async fn get_trace_diff(
    State(state): State<AppState>,
    access: Reads,
    Path((trace_id, other_id)): Path<(String, String)>,
) -> ApiResult<Json<TraceDiff>> {
    let team = access.team_id();
    let one = Recorded::find(&state, team, &trace_id, true).await?;
    let other = Recorded::find(&state, team, &other_id, true).await?;
    let known = replayed(&state, team, &one.trace, &other.trace).await?;
    Ok(Json(tree::diff(&one.records(), &other.records(), &known)))
}

/// Calls of the first run and of the second of which one was made of the other by a replay.
async fn replayed(
    state: &AppState,
    team: TeamId,
    one: &stored::Trace,
    other: &stored::Trace,
) -> ApiResult<Vec<(CallId, CallId)>> {
    let traces = |of: &stored::Trace| of.parts.traces.iter().map(|part| TraceId(*part)).collect::<Vec<_>>();
    let (ones, others) = (traces(one), traces(other));
    let filter = replays::Filter { traces: ones.clone(), ..replays::Filter::default() };
    let mut known = Vec::new();
    for replay in replays::list(&state.store, team, &filter, MOST_REPLAYS).await? {
        let (is_source, is_result) = (ones.contains(&replay.source_trace), ones.contains(&replay.trace));
        let from_one = is_source && others.contains(&replay.trace);
        let from_other = is_result && others.contains(&replay.source_trace);
        if !from_one && !from_other {
            continue;
        }
        let calls = replays::calls(&state.store, replay.id).await?;
        known.extend(calls.into_iter().filter_map(|call| {
            let new = call.call?;
            Some(if from_one { (call.source_call, new) } else { (new, call.source_call) })
        }));
    }
    Ok(known)
}

/// Everything that is recorded about a run.
struct Recorded {
    trace: stored::Trace,
    calls: Vec<runs::RunCall>,
    handovers: Vec<runs::Handover>,
    links: Vec<runs::AgentLink>,
    shapes: Vec<runs::Shape>,
    corrections: Corrections,
}

impl Recorded {
    /// The run that this trace is, or is part of. `with_shapes`: what its calls said is compared too.
    async fn find(state: &AppState, team: TeamId, trace_id: &str, with_shapes: bool) -> ApiResult<Self> {
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
        let (mut calls, mut handovers, shapes) = tokio::try_join!(
            runs::calls(clickhouse, team, parts, range),
            runs::handovers(clickhouse, team, parts, range),
            shapes,
        )?;
        let agents = numbers(&calls, |call| call.agent_fingerprint);
        let conversations = numbers(&calls, |call| call.conversation);
        let (mut links, joined) = tokio::try_join!(
            runs::agent_links(clickhouse, team, &agents, &conversations, from_us),
            runs::conversation_links(clickhouse, team, &conversations, from_us),
        )?;
        runs::join_conversations(&joined, &mut calls, &mut handovers, &mut links);
        Ok(Self { trace, calls, handovers, links, shapes, corrections })
    }

    fn records(&self) -> Records<'_> {
        Records {
            trace: &self.trace,
            calls: &self.calls,
            handovers: &self.handovers,
            links: &self.links,
            shapes: &self.shapes,
            corrections: &self.corrections,
        }
    }
}

/// What the calls have of a number, each once; 0 is none.
fn numbers(calls: &[runs::RunCall], number: impl Fn(&runs::RunCall) -> u64) -> Vec<u64> {
    let mut numbers: Vec<u64> = calls.iter().map(number).filter(|number| *number != 0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
