//! Crews: what they are made of, and starting a run.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::crew::{self, Problem as Wrong};
use aop_domain::id::{CrewId, ExecutionId, TraceId};
use aop_service::problem::Problem;
use aop_store::crews::{self, Content};
use aop_store::executions::{self, NewExecution, TriggeredBy};

use crate::audit::{self, Change};
use crate::auth::access::{Reads, Runs, TeamAccess, TeamParam, Writes};
use crate::auth::source::Source;
use crate::checks;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path, Query};
use crate::live::runs::RunStream;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::crews::{
    Crew, CrewProblem, CrewRequest, RunRequest, RunStarted, ValidateRequest, Validation,
};
use crate::wire::executions::Execution;
use crate::wire::page::{Page, PageParams};

const LONGEST_DESCRIPTION_BYTES: usize = 10_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_crews, create_crew))
        .routes(routes!(validate_crew))
        .routes(routes!(get_crew, replace_crew, delete_crew))
        .routes(routes!(run_crew))
        .routes(routes!(list_crew_executions))
}

/// Crews, newest first.
#[utoipa::path(
    get, path = "/api/crews", tag = "crews",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Crew>), ProblemResponses),
)]
pub async fn list_crews(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Crew>>> {
    let before = params.before()?.map(CrewId);
    let rows = crews::list(&state.store, access.team_id(), before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |crew| crew.id.0).map(Crew::from)))
}

/// Stores a crew.
#[utoipa::path(
    post, path = "/api/crews", tag = "crews",
    params(TeamParam),
    request_body = CrewRequest,
    responses((status = 201, body = Crew), ProblemResponses),
)]
pub async fn create_crew(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Body(body): Body<CrewRequest>,
) -> ApiResult<(StatusCode, Json<Crew>)> {
    let content = content(body)?;
    let (id, version_id, by) = (CrewId(Uuid::now_v7()), Uuid::now_v7(), Some(access.caller.user_id));
    let made = crews::create(&state.store, access.team_id, id, version_id, &content, by).await?;
    note(&state, &access, source, "crew.create", id, json!({ "name": made.name })).await;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Looks at a definition without storing it.
#[utoipa::path(
    post, path = "/api/crews/validate", tag = "crews",
    params(TeamParam),
    request_body = ValidateRequest,
    responses((status = 200, body = Validation), ProblemResponses),
)]
pub async fn validate_crew(_: Writes, Body(body): Body<ValidateRequest>) -> Json<Validation> {
    Json(match crew::parse(&body.config) {
        Ok(crew) => Validation { valid: true, problems: Vec::new(), placeholders: crew.placeholders() },
        Err(problems) => Validation {
            valid: false,
            problems: problems
                .into_iter()
                .map(|problem| CrewProblem { field: problem.field, message: problem.message })
                .collect(),
            placeholders: Vec::new(),
        },
    })
}

/// One crew.
#[utoipa::path(
    get, path = "/api/crews/{id}", tag = "crews",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Crew), ProblemResponses),
)]
pub async fn get_crew(
    State(state): State<AppState>,
    access: Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Crew>> {
    Ok(Json(find(&state, &access.0, id).await?.into()))
}

/// Replaces a crew's content. The state before stays as a version; runs that began keep what they began with.
#[utoipa::path(
    put, path = "/api/crews/{id}", tag = "crews",
    params(("id" = Uuid, Path), TeamParam),
    request_body = CrewRequest,
    responses((status = 200, body = Crew), ProblemResponses),
)]
pub async fn replace_crew(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<CrewRequest>,
) -> ApiResult<Json<Crew>> {
    find(&state, &access, id).await?;
    let (content, by) = (content(body)?, Some(access.caller.user_id));
    let changed =
        crews::update(&state.store, access.team_id, CrewId(id), Uuid::now_v7(), &content, by).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("crew"))?;
    let detail = json!({ "name": changed.name, "version": changed.version });
    note(&state, &access, source, "crew.update", changed.id, detail).await;
    Ok(Json(changed.into()))
}

/// Deletes a crew. Its runs stay.
#[utoipa::path(
    delete, path = "/api/crews/{id}", tag = "crews",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_crew(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let crew = find(&state, &access, id).await?;
    crews::delete(&state.store, access.team_id, crew.id).await?;
    note(&state, &access, source, "crew.delete", crew.id, json!({ "name": crew.name })).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Queues a run. With `Accept: text/event-stream` the answer is the run's event stream itself, as of
/// `GET /api/executions/{id}/stream`; leaving it does not stop the run.
#[utoipa::path(
    post, path = "/api/crews/{id}/run", tag = "crews",
    params(("id" = Uuid, Path), TeamParam),
    request_body = RunRequest,
    responses(
        (status = 202, body = RunStarted),
        (status = 200, description = "The event stream", content_type = "text/event-stream", body = String),
        ProblemResponses,
    ),
)]
pub async fn run_crew(
    State(state): State<AppState>,
    Runs(access): Runs,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Body(body): Body<RunRequest>,
) -> ApiResult<Response> {
    let crew = find(&state, &access, id).await?;
    crew::parse(&crew.config)
        .and_then(|parsed| parsed.interpolate(&body.inputs))
        .map_err(|wrong| refused(&wrong))?;
    let execution = ExecutionId(Uuid::now_v7());
    queue(&state, &access, crew, execution, body.inputs).await?;
    if wants_stream(&headers) {
        return Ok(stream(&state, &access, execution, 0));
    }
    let stream_url = format!("/api/executions/{execution}/stream");
    Ok((StatusCode::ACCEPTED, Json(RunStarted { execution_id: execution.0, stream_url })).into_response())
}

/// Runs of one crew, newest first.
#[utoipa::path(
    get, path = "/api/crews/{id}/executions", tag = "crews",
    params(("id" = Uuid, Path), PageParams, TeamParam),
    responses((status = 200, body = Page<Execution>), ProblemResponses),
)]
pub async fn list_crew_executions(
    State(state): State<AppState>,
    access: Reads,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Execution>>> {
    let crew = find(&state, &access.0, id).await?;
    let before = params.before()?.map(ExecutionId);
    let filter = executions::Filter { crew: Some(crew.id), status: None, before };
    let rows = executions::list(&state.store, access.team_id(), &filter, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |execution| execution.id.0).map(Execution::from)))
}

/// The stream of a run the caller may see.
pub(super) fn stream(state: &AppState, access: &TeamAccess, id: ExecutionId, after: i64) -> Response {
    let (store, shutdown) = (state.store.clone(), state.shutdown.clone());
    RunStream { store, team: access.team_id, id, after, shutdown }.respond(&state.runs)
}

async fn find(state: &AppState, access: &TeamAccess, id: Uuid) -> ApiResult<crews::Crew> {
    let found = crews::find(&state.store, access.team_id, CrewId(id)).await?;
    found.ok_or_else(|| Problem::not_found("crew").into())
}

fn content(body: CrewRequest) -> ApiResult<Content> {
    let name = checks::name("name", &body.name, 200)?;
    if body.description.len() > LONGEST_DESCRIPTION_BYTES {
        let detail = format!("The description is too long: use at most {LONGEST_DESCRIPTION_BYTES} bytes.");
        return Err(Problem::invalid("invalid_description", detail).field("description").into());
    }
    crew::parse(&body.config).map_err(|wrong| refused(&wrong))?;
    Ok(Content { name, description: body.description, config: body.config })
}

/// The first field that is wrong is named, and all of them are told.
fn refused(wrong: &[Wrong]) -> ApiError {
    let all: Vec<String> = wrong.iter().map(Wrong::to_string).collect();
    let first = wrong.first().map(|problem| problem.field.clone()).unwrap_or_default();
    Problem::invalid("crew_invalid", format!("{}.", all.join("; "))).field(first).into()
}

async fn queue(
    state: &AppState,
    access: &TeamAccess,
    crew: crews::Crew,
    id: ExecutionId,
    inputs: Map<String, Value>,
) -> ApiResult<()> {
    let new = NewExecution {
        id,
        crew_id: crew.id,
        crew_name: crew.name,
        crew_version: crew.version,
        config: crew.config,
        inputs: Value::Object(inputs),
        // One run is one trace: whoever has one id has the other.
        trace_id: TraceId(*id.as_bytes()),
        triggered_by: TriggeredBy { user: Some(access.caller.user_id), key: access.caller.key_id() },
    };
    Ok(executions::create(&state.store, access.team_id, &new).await?)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|kind| kind.trim().starts_with("text/event-stream"))
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    crew: CrewId,
    detail: Value,
) {
    let target = ("crew", crew.0);
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}
