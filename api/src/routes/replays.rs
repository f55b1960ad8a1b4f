//! Replays: recorded calls sent again through the front door, as a new run linked to the old one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_clickhouse::runs;
use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{CallId, KeyId, ReplayId, TraceId};
use aop_domain::replay::{Edits, OtherArguments};
use aop_service::problem::Problem;
use aop_store::api_keys;
use aop_store::executions::Cancelled;
use aop_store::replays::{self as stored, NewReplay};
use rust_decimal::Decimal;

use crate::audit::{self, Change};
use crate::auth::access::{Level, Reads, Runs, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::replays::{Wish, estimate, prepare};
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::replays::{
    OtherArguments as WireArguments, Replay, ReplayDetail, ReplayFilter, ReplayPlan, ReplayRequest,
};

const LONGEST_MODEL_CHARS: usize = 200;
const LONGEST_TEXT_BYTES: usize = 1 << 20;
const HOTTEST: f64 = 2.0;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_replays, start_replay))
        .routes(routes!(plan_replay))
        .routes(routes!(get_replay))
        .routes(routes!(cancel_replay))
}

/// What a replay would send and what it may cost. Nothing is sent.
#[utoipa::path(
    post, path = "/api/replays/plan", tag = "replays",
    params(TeamParam),
    request_body = ReplayRequest,
    responses((status = 200, body = ReplayPlan), ProblemResponses),
)]
pub async fn plan_replay(
    State(state): State<AppState>,
    Runs(access): Runs,
    Body(body): Body<ReplayRequest>,
) -> ApiResult<Json<ReplayPlan>> {
    let prepared = prepare(&state, access.team_id, &wish(body)?).await?;
    let estimate = estimate(&state, access.team_id, &prepared.plan.model, &prepared.calls).await?;
    Ok(Json(ReplayPlan::of(prepared, estimate)))
}

/// Sends recorded calls again, one after another, through the front door: limits, budgets and guardrails hold, and each call
/// stands in the ledger under a new trace. Where a later call holds an answer that was replayed, the new answer takes its
/// place; tools are not run: recorded results stand where the same tools are asked for, and the conversation ends where
/// they are not.
#[utoipa::path(
    post, path = "/api/replays", tag = "replays",
    params(TeamParam),
    request_body = ReplayRequest,
    responses((status = 202, body = Replay), ProblemResponses),
)]
pub async fn start_replay(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Body(body): Body<ReplayRequest>,
) -> ApiResult<(StatusCode, Json<Replay>)> {
    let key = key(&state, &access, body.key_id.map(KeyId)).await?;
    let wish = wish(body)?;
    let prepared = prepare(&state, access.team_id, &wish).await?;
    let model = prepared.plan.model.clone();
    let estimate = estimate(&state, access.team_id, &model, &prepared.calls).await?;
    if estimate.is_none() {
        let detail = format!("The team has no model '{model}'. Choose one of its models.");
        return Err(Problem::invalid("model_not_found", detail).field("model").into());
    }
    let id = ReplayId(Uuid::now_v7());
    let new = NewReplay {
        id,
        source_trace: prepared.source_trace,
        source_call: wish.call,
        trace: TraceId(*id.as_bytes()),
        scope: wish.scope.as_str(),
        model,
        edits: edits(&wish),
        max_cost: wish.max_cost,
        plan: serde_json::to_vec(&prepared.plan).map_err(Problem::internal)?,
        calls: prepared.plan.calls.iter().map(|call| CallId(call.call_id)).collect(),
        created_by: access.caller.user_id,
        key,
    };
    if !stored::create(&state.store, access.team_id, &new).await? {
        let detail = format!(
            "The team has {} replays that wait or run. Wait for one of them, or cancel it.",
            stored::MOST_OPEN
        );
        return Err(Problem::new(ErrorKind::Conflict, "too_many_replays", detail).into());
    }
    let detail = json!({
        "call_id": new.source_call, "scope": new.scope, "model": new.model, "edits": new.edits, "calls": new.calls.len(),
    });
    note(&state, &access, source, "replay.start", id, detail).await;
    Ok((StatusCode::ACCEPTED, Json(find(&state, &access, id).await?)))
}

/// Replays, newest first.
#[utoipa::path(
    get, path = "/api/replays", tag = "replays",
    params(ReplayFilter, TeamParam),
    responses((status = 200, body = Page<Replay>), ProblemResponses),
)]
pub async fn list_replays(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<ReplayFilter>,
) -> ApiResult<Json<Page<Replay>>> {
    let page = PageParams { limit: params.limit, cursor: params.cursor };
    let traces = match params.trace_id.as_deref().map(TraceId::parse_lenient) {
        None => Vec::new(),
        Some(Err(_)) => return Err(Problem::not_found("trace").into()),
        // A run is known by the ids of all its traces.
        Some(Ok(trace)) => runs::parts(&state.clickhouse, access.team_id(), trace).await?.traces,
    };
    let filter = stored::Filter {
        traces: traces.into_iter().map(TraceId).collect(),
        call: params.call_id.map(CallId),
        before: page.before()?.map(ReplayId),
    };
    let rows = stored::list(&state.store, access.team_id(), &filter, page.rows()).await?;
    Ok(Json(Page::cut(rows, page.limit(), |replay| replay.id.0).map(Replay::from)))
}

/// One replay, and what became of each of its calls.
#[utoipa::path(
    get, path = "/api/replays/{id}", tag = "replays",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = ReplayDetail), ProblemResponses),
)]
pub async fn get_replay(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ReplayDetail>> {
    let replay = find(&state, &access, ReplayId(id)).await?;
    let steps = stored::calls(&state.store, ReplayId(id)).await?.into_iter().map(Into::into).collect();
    Ok(Json(ReplayDetail { replay, steps }))
}

/// Cancels a replay: at once when it waits, within seconds when it runs. The call in flight is cut.
#[utoipa::path(
    post, path = "/api/replays/{id}/cancel", tag = "replays",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 202, body = Replay), ProblemResponses),
)]
pub async fn cancel_replay(
    State(state): State<AppState>,
    Runs(access): Runs,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<(StatusCode, Json<Replay>)> {
    let id = ReplayId(id);
    match stored::request_cancel(&state.store, access.team_id, id).await? {
        Cancelled::AtOnce | Cancelled::Asked => {
            note(&state, &access, source, "replay.cancel", id, json!({})).await;
            Ok((StatusCode::ACCEPTED, Json(find(&state, &access, id).await?)))
        }
        Cancelled::AlreadyEnded => {
            Err(Problem::new(ErrorKind::Conflict, "already_ended", "The replay has ended already.").into())
        }
        Cancelled::NotFound => Err(Problem::not_found("replay").into()),
    }
}

async fn find(state: &AppState, access: &TeamAccess, id: ReplayId) -> ApiResult<Replay> {
    let found = stored::find(&state.store, access.team_id, id).await?;
    Ok(found.ok_or_else(|| Problem::not_found("replay"))?.into())
}

fn wish(body: ReplayRequest) -> ApiResult<Wish> {
    let model =
        body.model.as_deref().map(|model| checks::name("model", model, LONGEST_MODEL_CHARS)).transpose()?;
    for (field, text) in [("system", &body.system), ("message", &body.message)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty() || text.len() > LONGEST_TEXT_BYTES) {
            let detail = "The text is empty, or longer than 1 MiB.";
            return Err(Problem::invalid("invalid_text", detail).field(field).into());
        }
    }
    if body.temperature.is_some_and(|hot| !(0.0..=HOTTEST).contains(&hot)) {
        let detail = "The temperature is a number from 0 to 2.";
        return Err(Problem::invalid("invalid_temperature", detail).field("temperature").into());
    }
    if body.max_cost.is_some_and(|cost| cost <= Decimal::ZERO || cost > Decimal::from(1_000_000)) {
        let detail = "The most a replay may cost is more than 0 dollars and at most a million.";
        return Err(Problem::invalid("invalid_cost", detail).field("max_cost").into());
    }
    Ok(Wish {
        call: CallId(body.call_id),
        scope: body.scope.into(),
        model,
        edits: Edits { system: body.system, message: body.message },
        temperature: body.temperature,
        other_arguments: match body.other_arguments {
            WireArguments::Stop => OtherArguments::Stop,
            WireArguments::UseRecorded => OtherArguments::UseRecorded,
        },
        max_cost: body.max_cost,
    })
}

fn edits(wish: &Wish) -> Vec<String> {
    let edited = [
        ("system", wish.edits.system.is_some()),
        ("message", wish.edits.message.is_some()),
        ("temperature", wish.temperature.is_some()),
    ];
    edited.into_iter().filter(|(_, is_edited)| *is_edited).map(|(name, _)| name.to_owned()).collect()
}

/// The key it is made on: the one that asks, or one that the person may use.
async fn key(state: &AppState, access: &TeamAccess, asked: Option<KeyId>) -> ApiResult<Option<KeyId>> {
    let own = access.caller.key_id();
    let Some(asked) = asked.filter(|asked| Some(*asked) != own) else { return Ok(own) };
    let found = api_keys::find(&state.store, access.team_id, asked).await?;
    let may_use = |key: &api_keys::ApiKey| {
        own.is_none() && (key.user_id == access.caller.user_id || access.at_least(Level::Own))
    };
    let key = found.filter(may_use).ok_or_else(|| Problem::not_found("key"))?;
    let is_over = key.expires_at.is_some_and(|at| at.unix_timestamp() <= state.clock.now_s());
    if !key.is_active || is_over {
        let detail = "This key is switched off or has expired. Choose another, or none.";
        return Err(Problem::invalid("key_not_usable", detail).field("key_id").into());
    }
    Ok(Some(key.id))
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    replay: ReplayId,
    detail: serde_json::Value,
) {
    let target = ("replay", replay.0);
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}
