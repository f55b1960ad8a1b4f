//! The runaway guard's policies: one for the team, and one for each key that is to have another.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::KeyId;
use aop_domain::runaway::Policy;
use aop_service::problem::Problem;
use aop_store::runaway_policies as stored;

use crate::audit::{self, Change};
use crate::auth::access::{Owns, Reads, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::error::ApiResult;
use crate::extract::{Body, Path};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::runaway::{KeyRunaway, Runaway, RunawayPolicy};

/// Policies of keys that are shown.
const MOST_KEYS: i64 = 1_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_runaway, put_runaway, delete_runaway))
        .routes(routes!(put_runaway_of_key, delete_runaway_of_key))
}

/// The policies in force.
#[utoipa::path(
    get, path = "/api/runaway", tag = "runaway",
    params(TeamParam),
    responses((status = 200, body = Runaway), ProblemResponses),
)]
pub async fn get_runaway(State(state): State<AppState>, access: Reads) -> ApiResult<Json<Runaway>> {
    in_force(&state, &access.0).await
}

/// Sets the team's policy. It is in force within a moment.
#[utoipa::path(
    put, path = "/api/runaway", tag = "runaway",
    params(TeamParam),
    request_body = RunawayPolicy,
    responses((status = 200, body = Runaway), ProblemResponses),
)]
pub async fn put_runaway(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Body(body): Body<RunawayPolicy>,
) -> ApiResult<Json<Runaway>> {
    put(&state, &access, source, None, body).await
}

/// Back to the defaults.
#[utoipa::path(
    delete, path = "/api/runaway", tag = "runaway",
    params(TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_runaway(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
) -> ApiResult<StatusCode> {
    if stored::delete(&state.store, access.team_id, None).await? {
        note(&state, &access, source, "runaway.delete", None, None).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the policy of one key, in place of the team's.
#[utoipa::path(
    put, path = "/api/runaway/keys/{key_id}", tag = "runaway",
    params(("key_id" = Uuid, Path), TeamParam),
    request_body = RunawayPolicy,
    responses((status = 200, body = Runaway), ProblemResponses),
)]
pub async fn put_runaway_of_key(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(key_id): Path<Uuid>,
    Body(body): Body<RunawayPolicy>,
) -> ApiResult<Json<Runaway>> {
    put(&state, &access, source, Some(KeyId(key_id)), body).await
}

/// The key has the team's policy again.
#[utoipa::path(
    delete, path = "/api/runaway/keys/{key_id}", tag = "runaway",
    params(("key_id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_runaway_of_key(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(key_id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let key = KeyId(key_id);
    if !stored::delete(&state.store, access.team_id, Some(key)).await? {
        return Err(Problem::not_found("policy").into());
    }
    note(&state, &access, source, "runaway.delete", Some(key), None).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn put(
    state: &AppState,
    access: &TeamAccess,
    source: Source,
    key: Option<KeyId>,
    body: RunawayPolicy,
) -> ApiResult<Json<Runaway>> {
    let policy = Policy::from(body);
    policy.check().map_err(|bad| {
        let detail = format!("The policy cannot be meant: {bad}.");
        Problem::invalid("invalid_policy", detail).field(bad.field)
    })?;
    if !stored::put(&state.store, access.team_id, key, access.caller.user_id, &policy).await? {
        return Err(Problem::not_found("API key").into());
    }
    note(state, access, source, "runaway.update", key, Some(&policy)).await;
    in_force(state, access).await
}

async fn in_force(state: &AppState, access: &TeamAccess) -> ApiResult<Json<Runaway>> {
    let team = stored::of_team(&state.store, access.team_id).await?;
    let keys = stored::of_keys(&state.store, access.team_id, MOST_KEYS).await?;
    Ok(Json(Runaway {
        is_default: team.is_none(),
        team: team.unwrap_or_default().into(),
        keys: keys
            .into_iter()
            .map(|key| KeyRunaway { key_id: key.key_id.0, key_name: key.key_name, policy: key.policy.into() })
            .collect(),
        defaults: Policy::default().into(),
    }))
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    key: Option<KeyId>,
    policy: Option<&Policy>,
) {
    let target = match key {
        Some(key) => ("api_key", key.0),
        None => ("team", access.team_id.0),
    };
    let detail = json!({"policy": policy});
    let change =
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from };
    audit::note(state, change).await;
}
