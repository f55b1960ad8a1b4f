//! Virtual keys: made, changed, replaced, revoked. Only their MAC is stored.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::KeyId;
use aop_service::keys::{virtual_key_hint, virtual_key_text};
use aop_service::problem::Problem;
use aop_service::secret::Secret;
use aop_store::api_keys::{self, KeySettings, NewKey};

use crate::audit::{self, Change};
use crate::auth::access::{Level, Mints, Reads, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::api_keys::{ApiKey, CreateApiKeyRequest, NewApiKey, Permission, UpdateApiKeyRequest};
use crate::wire::page::{Page, PageParams};

const MOST_MODELS: usize = 200;
const LONGEST_MODEL_BYTES: usize = 200;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(get_api_key, update_api_key, delete_api_key))
        .routes(routes!(regenerate_api_key))
}

/// The caller's keys of the team; all of the team's for an owner.
#[utoipa::path(
    get, path = "/api/api-keys", tag = "api-keys",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<ApiKey>), ProblemResponses),
)]
pub async fn list_api_keys(
    State(state): State<AppState>,
    Reads(access): Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<ApiKey>>> {
    let of_user = (!access.at_least(Level::Own)).then_some(access.caller.user_id);
    let before = params.before()?.map(KeyId);
    let rows = api_keys::list(&state.store, access.team_id, of_user, before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |key| key.id.0).map(ApiKey::from)))
}

/// Makes a key; the answer is the only one that shows it.
#[utoipa::path(
    post, path = "/api/api-keys", tag = "api-keys",
    params(TeamParam),
    request_body = CreateApiKeyRequest,
    responses((status = 201, body = NewApiKey), ProblemResponses),
)]
pub async fn create_api_key(
    State(state): State<AppState>,
    Mints(access): Mints,
    source: Source,
    Body(body): Body<CreateApiKeyRequest>,
) -> ApiResult<(StatusCode, Json<NewApiKey>)> {
    let settings = KeySettings {
        name: checks::name("name", &body.name, 100)?,
        permissions: granted(&access, &body.permissions)?,
        allowed_models: models(body.allowed_models)?,
        rate_limit: body.rate_limit.map(rate_limit).transpose()?,
        is_active: true,
        expires_at: body.expires_at,
    };
    let (key, mac, hint) = new_secret(&state);
    let new = NewKey { id: KeyId(Uuid::now_v7()), user_id: access.caller.user_id, mac, hint, settings };
    let made = api_keys::create(&state.store, access.team_id, &new).await?;
    let detail = json!({"name": made.name, "permissions": made.permissions});
    note(&state, &access, source, "api_key.create", made.id, detail).await;
    Ok((StatusCode::CREATED, Json(NewApiKey { key: key.expose().clone(), api_key: made.into() })))
}

/// One key of the caller's, or of the team's for an owner. The key itself is not shown again.
#[utoipa::path(
    get, path = "/api/api-keys/{id}", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = ApiKey), ProblemResponses),
)]
pub async fn get_api_key(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ApiKey>> {
    Ok(Json(find(&state, &access, KeyId(id)).await?.into()))
}

/// Changes what a key may do, or switches it off.
#[utoipa::path(
    patch, path = "/api/api-keys/{id}", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    request_body = UpdateApiKeyRequest,
    responses((status = 200, body = ApiKey), ProblemResponses),
)]
pub async fn update_api_key(
    State(state): State<AppState>,
    Mints(access): Mints,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<UpdateApiKeyRequest>,
) -> ApiResult<Json<ApiKey>> {
    let current = find(&state, &access, KeyId(id)).await?;
    let settings = KeySettings {
        name: body.name.map_or(Ok(current.name), |name| checks::name("name", &name, 100))?,
        permissions: match body.permissions {
            Some(permissions) => granted(&access, &permissions)?,
            None => current.permissions,
        },
        allowed_models: body.allowed_models.map_or(Ok(current.allowed_models), models)?,
        rate_limit: match body.rate_limit {
            Some(asked) => owners_choice(&access, asked)?,
            None => current.rate_limit,
        },
        is_active: body.is_active.unwrap_or(current.is_active),
        expires_at: body.expires_at.unwrap_or(current.expires_at),
    };
    let changed = api_keys::update(&state.store, access.team_id, KeyId(id), &settings).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("key"))?;
    let detail = json!({"permissions": changed.permissions, "rate_limit": changed.rate_limit, "is_active": changed.is_active});
    note(&state, &access, source, "api_key.update", changed.id, detail).await;
    Ok(Json(changed.into()))
}

/// Revokes a key for good.
#[utoipa::path(
    delete, path = "/api/api-keys/{id}", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_api_key(
    State(state): State<AppState>,
    Mints(access): Mints,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let key = find(&state, &access, KeyId(id)).await?;
    api_keys::delete(&state.store, access.team_id, key.id).await?;
    note(&state, &access, source, "api_key.delete", key.id, json!({"name": key.name})).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the secret of a key; the old one stops working at once.
#[utoipa::path(
    post, path = "/api/api-keys/{id}/regenerate", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = NewApiKey), ProblemResponses),
)]
pub async fn regenerate_api_key(
    State(state): State<AppState>,
    Mints(access): Mints,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<NewApiKey>> {
    let current = find(&state, &access, KeyId(id)).await?;
    // The new secret goes to whoever asks, so they must be allowed to make such a key for themselves.
    if current.user_id != access.caller.user_id {
        return Err(Problem::forbidden(
            "not_your_key",
            "Only the person a key belongs to can replace its secret. Revoke it and let them make a new one.",
        )
        .into());
    }
    let held: Vec<Permission> =
        current.permissions.iter().filter_map(|text| Permission::parse(text)).collect();
    granted(&access, &held)?;
    let (key, mac, hint) = new_secret(&state);
    let changed = api_keys::regenerate(&state.store, access.team_id, current.id, &mac, &hint).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("key"))?;
    note(&state, &access, source, "api_key.regenerate", changed.id, json!({})).await;
    Ok(Json(NewApiKey { key: key.expose().clone(), api_key: changed.into() }))
}

/// A key the caller may manage: their own, or any of the team for an owner. Others' keys are not there.
async fn find(state: &AppState, access: &TeamAccess, id: KeyId) -> ApiResult<api_keys::ApiKey> {
    let found = api_keys::find(&state.store, access.team_id, id).await?;
    let visible = found.filter(|key| key.user_id == access.caller.user_id || access.at_least(Level::Own));
    visible.ok_or_else(|| Problem::not_found("key").into())
}

fn granted(access: &TeamAccess, asked: &[Permission]) -> ApiResult<Vec<String>> {
    if asked.is_empty() {
        let detail = "The key would be allowed nothing. Give it at least one permission.";
        return Err(Problem::invalid("no_permissions", detail).field("permissions").into());
    }
    let grantable = access.grantable();
    if let Some(beyond) = asked.iter().find(|permission| !grantable.contains(permission)) {
        let detail =
            format!("You cannot give a key the permission '{}': it is more than you have.", beyond.as_str());
        return Err(Problem::forbidden("more_than_yours", detail).field("permissions").into());
    }
    let mut permissions: Vec<Permission> = asked.to_vec();
    permissions.sort_unstable();
    permissions.dedup();
    Ok(permissions.into_iter().map(|permission| permission.as_str().to_owned()).collect())
}

fn rate_limit(asked: i32) -> ApiResult<i32> {
    if asked > 0 {
        return Ok(asked);
    }
    Err(Problem::invalid("invalid_rate_limit", "The rate limit is at least 1 request a minute.")
        .field("rate_limit")
        .into())
}

/// Whoever holds a key must not lift the limit that was put on it.
fn owners_choice(access: &TeamAccess, asked: Option<i32>) -> ApiResult<Option<i32>> {
    if !access.at_least(Level::Own) {
        let detail = "The rate limit of a key is changed by an owner of its team.";
        return Err(Problem::forbidden("owners_only", detail).field("rate_limit").into());
    }
    asked.map(rate_limit).transpose()
}

fn models(asked: Vec<String>) -> ApiResult<Vec<String>> {
    let fits = |model: &String| !model.trim().is_empty() && model.len() <= LONGEST_MODEL_BYTES;
    if asked.len() > MOST_MODELS || !asked.iter().all(fits) {
        let detail =
            format!("Name at most {MOST_MODELS} models, each with 1 to {LONGEST_MODEL_BYTES} bytes.");
        return Err(Problem::invalid("invalid_models", detail).field("allowed_models").into());
    }
    Ok(asked)
}

fn new_secret(state: &AppState) -> (Secret, [u8; 32], String) {
    let key = virtual_key_text(rand::random());
    let mac = state.keys.virtual_key.mac(key.expose().as_bytes());
    let hint = virtual_key_hint(key.expose());
    (key, mac, hint)
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    key: KeyId,
    detail: serde_json::Value,
) {
    let target = ("api_key", key.0);
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}
