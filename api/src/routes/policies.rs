//! How much of calls is kept and which answers are given again: said by teams, by keys and by models.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::guard::CachePolicy;
use aop_domain::id::{KeyId, RouteId, TeamId};
use aop_service::problem::Problem;
use aop_store::content_policies::{self, Speaker};
use aop_store::{api_keys, routes as store_routes};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, Level, Owns, Reads, TeamAccess, TeamParam};
use crate::auth::caller::Caller;
use crate::auth::source::Source;
use crate::error::ApiResult;
use crate::extract::{Body, Path};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::policies::ContentPolicy;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_team_policy, put_team_policy))
        .routes(routes!(get_key_policy, put_key_policy))
        .routes(routes!(get_model_policy, put_model_policy))
}

/// What the team says about recording and the response cache.
#[utoipa::path(
    get, path = "/api/teams/{id}/policy", tag = "teams",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn get_team_policy(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ContentPolicy>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::View)?;
    find(&state, Speaker::Team(access.team_id)).await
}

/// Replaces what the team says. It is in force within a moment, for calls from then on.
#[utoipa::path(
    put, path = "/api/teams/{id}/policy", tag = "teams",
    params(("id" = Uuid, Path)),
    request_body = ContentPolicy,
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn put_team_policy(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<ContentPolicy>,
) -> ApiResult<Json<ContentPolicy>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    let speaker = Speaker::Team(access.team_id);
    put(&state, &access, source, speaker, ("team", id), body).await
}

/// What a key says about recording and the response cache.
#[utoipa::path(
    get, path = "/api/api-keys/{id}/policy", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn get_key_policy(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ContentPolicy>> {
    let key = key(&state, &access, KeyId(id)).await?;
    find(&state, Speaker::Key(key)).await
}

/// Replaces what a key says. An owner of the team decides it: whoever holds a key must not hide what it does.
#[utoipa::path(
    put, path = "/api/api-keys/{id}/policy", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    request_body = ContentPolicy,
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn put_key_policy(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<ContentPolicy>,
) -> ApiResult<Json<ContentPolicy>> {
    let key = key(&state, &access, KeyId(id)).await?;
    put(&state, &access, source, Speaker::Key(key), ("api_key", id), body).await
}

/// What a model says about the response cache.
#[utoipa::path(
    get, path = "/api/models/{id}/policy", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn get_model_policy(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ContentPolicy>> {
    let route = route(&state, &access, RouteId(id)).await?;
    find(&state, Speaker::Route(route)).await
}

/// Replaces what a model says, for every team that may call it.
#[utoipa::path(
    put, path = "/api/models/{id}/policy", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    request_body = ContentPolicy,
    responses((status = 200, body = ContentPolicy), ProblemResponses),
)]
pub async fn put_model_policy(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<ContentPolicy>,
) -> ApiResult<Json<ContentPolicy>> {
    let route = route(&state, &access, RouteId(id)).await?;
    if body.recording.is_some() {
        let detail = "What is kept of calls is said by teams and keys, not by models. Leave 'recording' out.";
        return Err(Problem::invalid("not_of_models", detail).field("recording").into());
    }
    put(&state, &access, source, Speaker::Route(route), ("model", id), body).await
}

/// A key the caller may see: their own, or any of the team for an owner.
async fn key(state: &AppState, access: &TeamAccess, id: KeyId) -> ApiResult<KeyId> {
    let found = api_keys::find(&state.store, access.team_id, id).await?;
    let visible = found.filter(|key| key.user_id == access.caller.user_id || access.at_least(Level::Own));
    Ok(visible.ok_or_else(|| Problem::not_found("key"))?.id)
}

async fn route(state: &AppState, access: &TeamAccess, id: RouteId) -> ApiResult<RouteId> {
    let found = store_routes::find(&state.store, access.team_id, id).await?;
    Ok(found.ok_or_else(|| Problem::not_found("model"))?.id)
}

async fn find(state: &AppState, speaker: Speaker) -> ApiResult<Json<ContentPolicy>> {
    Ok(Json(content_policies::find(&state.store, speaker).await?.into()))
}

async fn put(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    speaker: Speaker,
    target: (&'static str, Uuid),
    body: ContentPolicy,
) -> ApiResult<Json<ContentPolicy>> {
    if body.cache.is_some_and(|cache| cache.ttl_s > CachePolicy::LONGEST_TTL_S) {
        let detail = format!("Answers are kept for at most {} seconds.", CachePolicy::LONGEST_TTL_S);
        return Err(Problem::invalid("invalid_value", detail).field("cache").into());
    }
    content_policies::put(&state.store, speaker, &body.into()).await?;
    let (by, detail) = (access.caller.actor(), json!(body));
    let change =
        Change { team_id: Some(access.team_id), action: "content_policy.update", target, detail, by, from };
    audit::note(state, change).await;
    find(state, speaker).await
}
