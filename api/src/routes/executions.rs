//! Executions: the runs of crews, their state and their event streams.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{CrewId, ExecutionId};
use aop_service::problem::Problem;
use aop_store::executions::{self as stored, Cancelled};

use crate::auth::access::{Reads, Runs, TeamAccess, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::routes::crews::stream;
use crate::run_ledger;
use crate::state::AppState;
use crate::wire::executions::{Execution, ExecutionFilter, StreamParams};
use crate::wire::page::Page;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_executions))
        .routes(routes!(get_execution))
        .routes(routes!(cancel_execution))
        .routes(routes!(stream_execution))
}

/// Runs, newest first.
#[utoipa::path(
    get, path = "/api/executions", tag = "executions",
    params(ExecutionFilter, TeamParam),
    responses((status = 200, body = Page<Execution>), ProblemResponses),
)]
pub async fn list_executions(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<ExecutionFilter>,
) -> ApiResult<Json<Page<Execution>>> {
    let page = params.page();
    let filter = stored::Filter {
        crew: params.crew_id.map(CrewId),
        status: params.status.map(|status| status.as_str().to_owned()),
        before: page.before()?.map(ExecutionId),
    };
    let mut rows = stored::list(&state.store, access.team_id(), &filter, page.rows()).await?;
    run_ledger::fill(&state, access.team_id(), &mut rows).await?;
    Ok(Json(Page::cut(rows, page.limit(), |execution| execution.id.0).map(Execution::from)))
}

/// One run.
#[utoipa::path(
    get, path = "/api/executions/{id}", tag = "executions",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Execution), ProblemResponses),
)]
pub async fn get_execution(
    State(state): State<AppState>,
    access: Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Execution>> {
    Ok(Json(find(&state, &access.0, id).await?))
}

/// Cancels a run: at once when it waits, within a second when it runs. The answer is the run as it is now.
#[utoipa::path(
    post, path = "/api/executions/{id}/cancel", tag = "executions",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 202, body = Execution), ProblemResponses),
)]
pub async fn cancel_execution(
    State(state): State<AppState>,
    Runs(access): Runs,
    Path(id): Path<Uuid>,
) -> ApiResult<(StatusCode, Json<Execution>)> {
    match stored::request_cancel(&state.store, access.team_id, ExecutionId(id)).await? {
        Cancelled::AtOnce | Cancelled::Asked => {
            Ok((StatusCode::ACCEPTED, Json(find(&state, &access, id).await?)))
        }
        Cancelled::AlreadyEnded => {
            Err(Problem::new(ErrorKind::Conflict, "already_ended", "The run has ended already.").into())
        }
        Cancelled::NotFound => Err(Problem::not_found("execution").into()),
    }
}

/// The run's events as server-sent events: all so far, then each as it happens, until `execution_completed`. Every event
/// has an `id`; a client that comes back with `Last-Event-ID` misses none. A comment is sent every 15 s.
///
/// Events: `execution_started`, `task_started`, `agent_started`, `handover`, `llm_started`, `token`, `llm_call`,
/// `tool_call`, `agent_completed`, `task_completed`, `log`, `error`, `execution_completed`. Durations are seconds, money is
/// decimal text and `null` when unknown.
#[utoipa::path(
    get, path = "/api/executions/{id}/stream", tag = "executions",
    params(("id" = Uuid, Path), StreamParams, TeamParam),
    responses(
        (status = 200, description = "The event stream", content_type = "text/event-stream", body = String),
        ProblemResponses,
    ),
)]
pub async fn stream_execution(
    State(state): State<AppState>,
    Reads(access): Reads,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<StreamParams>,
) -> ApiResult<Response> {
    find(&state, &access, id).await?;
    let after = last_event_id(&headers)?.or(params.last_event_id).unwrap_or(0).max(0);
    Ok(stream(&state, &access, ExecutionId(id), after))
}

fn last_event_id(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    id.map(Some).ok_or_else(|| {
        Problem::invalid("invalid_event_id", "Last-Event-ID is not an id that this stream gave out.").into()
    })
}

async fn find(state: &AppState, access: &TeamAccess, id: Uuid) -> ApiResult<Execution> {
    let found = stored::find(&state.store, access.team_id, ExecutionId(id)).await?;
    let mut found = [found.ok_or_else(|| Problem::not_found("execution"))?];
    run_ledger::fill(state, access.team_id, &mut found).await?;
    let [found] = found;
    Ok(found.into())
}
