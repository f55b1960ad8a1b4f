//! The kill switch: ends what is in flight of a run, a session, an agent or a key, and refuses new calls of it until it is
//! lifted.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::{ExecutionId, TraceId};
use aop_domain::kill::KillKind;
use aop_service::problem::Problem;
use aop_store::kills::{self, NewKill};
use aop_store::{api_keys, executions};

use crate::audit::{self, Change};
use crate::auth::access::{Level, Owns, Reads, Runs, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::live::calls::Narrow;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::kills::{Kill, KillFilter, KillReason, KillRequest};
use crate::wire::page::Page;

/// Runs and sessions are over some day; their ids do not come back.
const RUN_LIFETIME: Duration = Duration::days(30);
/// A call that is to end has ended by then.
const CALL_LIFETIME: Duration = Duration::minutes(10);
const LONGEST_REASON_CHARS: usize = 500;
const LONGEST_TARGET_CHARS: usize = 256;
const LONGEST_S: u32 = 31_536_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_kills, create_kill))
        .routes(routes!(lift_kill))
        .routes(routes!(kill_trace))
        .routes(routes!(kill_execution))
        .routes(routes!(kill_call))
}

/// What was killed, newest first.
#[utoipa::path(
    get, path = "/api/kills", tag = "kills",
    params(KillFilter, TeamParam),
    responses((status = 200, body = Page<Kill>), ProblemResponses),
)]
pub async fn list_kills(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<KillFilter>,
) -> ApiResult<Json<Page<Kill>>> {
    let now = state.now()?;
    let page = params.page();
    let active_at = params.active.then_some(now);
    let rows = kills::list(&state.store, access.team_id(), active_at, params.before()?, page.rows()).await?;
    Ok(Json(Page::cut(rows, page.limit(), |kill| kill.id).map(|kill| Kill::of(kill, now))))
}

/// Kills a run, a session, an agent or a key. 200 when it is killed already.
#[utoipa::path(
    post, path = "/api/kills", tag = "kills",
    params(TeamParam),
    request_body = KillRequest,
    responses((status = 201, body = Kill), (status = 200, body = Kill), ProblemResponses),
)]
pub async fn create_kill(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Body(body): Body<KillRequest>,
) -> ApiResult<(StatusCode, Json<Kill>)> {
    let kind = KillKind::from(body.kind);
    let target = target(&state, &access, kind, &body.target).await?;
    if body.expires_in_s.is_some_and(|seconds| seconds == 0 || seconds > LONGEST_S) {
        let detail = "A kill is over after 1 second to one year, or when it is lifted.";
        return Err(Problem::invalid("invalid_expiry", detail).field("expires_in_s").into());
    }
    let lifetime = body.expires_in_s.map(|seconds| Duration::seconds(seconds.into())).or(lifetime(kind));
    kill(&state, &access, source, Wish { kind, target, reason: reason(body.reason)?, lifetime }).await
}

/// Lifts a kill: new calls are answered again within a second. What was ended stays ended.
#[utoipa::path(
    delete, path = "/api/kills/{id}", tag = "kills",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Kill), ProblemResponses),
)]
pub async fn lift_kill(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Kill>> {
    let team = access.team_id;
    let found = kills::find(&state.store, team, id).await?.ok_or_else(|| Problem::not_found("kill"))?;
    if matches!(found.kind, KillKind::Agent | KillKind::Key) && !access.at_least(Level::Own) {
        return Err(access.caller.not_allowed());
    }
    if kills::lift(&state.store, team, id, access.caller.user_id, state.now()?).await? {
        note(&state, &access, source, "kill.lift", &found).await;
    }
    let lifted = kills::find(&state.store, team, id).await?.ok_or_else(|| Problem::not_found("kill"))?;
    Ok(Json(Kill::of(lifted, state.now()?)))
}

/// Kills a run: its calls in flight end within a second, new ones are refused. If it is a run of a crew, that is cancelled.
#[utoipa::path(
    post, path = "/api/traces/{trace_id}/kill", tag = "kills",
    params(("trace_id" = String, Path), TeamParam),
    request_body = KillReason,
    responses((status = 201, body = Kill), (status = 200, body = Kill), ProblemResponses),
)]
pub async fn kill_trace(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Path(trace_id): Path<String>,
    Body(body): Body<KillReason>,
) -> ApiResult<(StatusCode, Json<Kill>)> {
    let trace = TraceId::parse_lenient(&trace_id).map_err(|_| Problem::not_found("trace"))?;
    let wish = Wish {
        kind: KillKind::Trace,
        target: trace.to_string(),
        reason: reason(body.reason)?,
        lifetime: lifetime(KillKind::Trace),
    };
    kill(&state, &access, source, wish).await
}

/// Kills the run of a crew: it is cancelled, its calls in flight end within a second, new ones are refused.
#[utoipa::path(
    post, path = "/api/executions/{id}/kill", tag = "kills",
    params(("id" = Uuid, Path), TeamParam),
    request_body = KillReason,
    responses((status = 201, body = Kill), (status = 200, body = Kill), ProblemResponses),
)]
pub async fn kill_execution(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<KillReason>,
) -> ApiResult<(StatusCode, Json<Kill>)> {
    let target = target(&state, &access, KillKind::Execution, &id.to_string()).await?;
    let lifetime = lifetime(KillKind::Execution);
    let wish = Wish { kind: KillKind::Execution, target, reason: reason(body.reason)?, lifetime };
    kill(&state, &access, source, wish).await
}

/// Ends one call that is in flight, and refuses nothing after it.
#[utoipa::path(
    post, path = "/api/calls/{call_id}/kill", tag = "kills",
    params(("call_id" = Uuid, Path), TeamParam),
    request_body = KillReason,
    responses((status = 201, body = Kill), (status = 200, body = Kill), ProblemResponses),
)]
pub async fn kill_call(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Path(call_id): Path<Uuid>,
    Body(body): Body<KillReason>,
) -> ApiResult<(StatusCode, Json<Kill>)> {
    let narrow = Narrow { call_id: Some(call_id), ..Narrow::default() };
    let known = state.collector.list(access.team_id, &narrow).await;
    // When not every gateway was heard, it may be at one that was not.
    if known.complete && known.calls.is_empty() {
        return Err(Problem::not_found("call in flight").into());
    }
    let (target, lifetime) = (call_id.to_string(), lifetime(KillKind::Call));
    let wish = Wish { kind: KillKind::Call, target, reason: reason(body.reason)?, lifetime };
    kill(&state, &access, source, wish).await
}

struct Wish {
    kind: KillKind,
    /// In the form gateways compare.
    target: String,
    reason: Option<String>,
    lifetime: Option<Duration>,
}

async fn kill(
    state: &AppState,
    access: &TeamAccess,
    source: Source,
    wish: Wish,
) -> ApiResult<(StatusCode, Json<Kill>)> {
    let (team, now) = (access.team_id, state.now()?);
    let in_flight = state.collector.list(team, &narrow(&wish)).await;
    // First, so that its runner ends the run as cancelled and not as failed by a refused call.
    cancel_run(state, access, wish.kind, &wish.target).await?;
    let calls_in_flight =
        in_flight.complete.then(|| u32::try_from(in_flight.calls.len()).unwrap_or(u32::MAX));
    let (status, found) = match kills::in_force(&state.store, team, wish.kind, &wish.target, now).await? {
        Some(found) => (StatusCode::OK, found),
        None => {
            let new = NewKill {
                id: Uuid::now_v7(),
                kind: wish.kind,
                target: wish.target,
                reason: wish.reason,
                created_by: access.caller.user_id,
                created_at: now,
                expires_at: wish.lifetime.map(|lifetime| now + lifetime),
            };
            kills::create(&state.store, team, &new).await?;
            let made = kills::find(&state.store, team, new.id).await?;
            let made = made.ok_or_else(|| Problem::not_found("kill"))?;
            note(state, access, source, "kill.create", &made).await;
            (StatusCode::CREATED, made)
        }
    };
    Ok((status, Json(Kill { calls_in_flight, ..Kill::of(found, now) })))
}

/// A run of a crew is not only cut off from models: its runner is told.
async fn cancel_run(state: &AppState, access: &TeamAccess, kind: KillKind, target: &str) -> ApiResult<()> {
    let execution = match kind {
        KillKind::Execution => target.parse().ok().map(ExecutionId),
        KillKind::Trace => match target.parse() {
            Ok(trace) => executions::find_by_trace(&state.store, access.team_id, trace).await?,
            Err(_) => None,
        },
        _ => None,
    };
    if let Some(id) = execution {
        // One that has ended stays as it ended.
        executions::request_cancel(&state.store, access.team_id, id).await?;
    }
    Ok(())
}

fn lifetime(kind: KillKind) -> Option<Duration> {
    match kind {
        KillKind::Trace | KillKind::Execution | KillKind::Session => Some(RUN_LIFETIME),
        KillKind::Call => Some(CALL_LIFETIME),
        KillKind::Agent | KillKind::Key => None,
    }
}

fn narrow(wish: &Wish) -> Narrow {
    let text = || Some(wish.target.clone());
    let id = || wish.target.parse().ok();
    let none = Narrow::default();
    match wish.kind {
        KillKind::Trace => Narrow { trace_id: text(), ..none },
        KillKind::Execution => Narrow { execution_id: id(), ..none },
        KillKind::Session => Narrow { session_id: text(), ..none },
        KillKind::Agent => Narrow { agent: text(), ..none },
        KillKind::Key => Narrow { key_id: id(), ..none },
        KillKind::Call => Narrow { call_id: id(), ..none },
    }
}

/// What is to be killed, in the form gateways compare. Runs and keys must be there; traces and names may be yet to come.
async fn target(state: &AppState, access: &TeamAccess, kind: KillKind, text: &str) -> ApiResult<String> {
    let text = checks::name("target", text, LONGEST_TARGET_CHARS)?;
    let invalid = |detail: &str| Problem::invalid("invalid_target", detail).field("target");
    match kind {
        KillKind::Trace => {
            let trace = TraceId::parse_lenient(&text)
                .map_err(|_| invalid("A trace is named by its id, 32 hex digits."))?;
            Ok(trace.to_string())
        }
        KillKind::Execution => {
            let id = text.parse::<ExecutionId>().map_err(|_| invalid("A run is named by its id."))?;
            let found = executions::find(&state.store, access.team_id, id).await?;
            found.map(|_| id.to_string()).ok_or_else(|| Problem::not_found("execution").into())
        }
        KillKind::Key => {
            let id = text.parse().map_err(|_| invalid("A key is named by its id."))?;
            let found = api_keys::find(&state.store, access.team_id, id).await?;
            found.map(|_| id.to_string()).ok_or_else(|| Problem::not_found("API key").into())
        }
        KillKind::Call => Err(invalid("One call is ended at /api/calls/{call_id}/kill.").into()),
        KillKind::Session | KillKind::Agent => Ok(text),
    }
}

fn reason(text: Option<String>) -> ApiResult<Option<String>> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(checks::name("reason", &text, LONGEST_REASON_CHARS)?))
}

async fn note(state: &AppState, access: &TeamAccess, from: Source, action: &'static str, kill: &kills::Kill) {
    let detail = json!({"kind": kill.kind, "target": kill.target, "reason": kill.reason});
    let target = ("kill", kill.id);
    let change =
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from };
    audit::note(state, change).await;
}
