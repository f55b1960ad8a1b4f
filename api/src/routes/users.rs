//! Users, as administrators manage them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::UserId;
use aop_service::problem::Problem;
use aop_store::{refresh_tokens, users};

use crate::audit::{self, Change};
use crate::auth::access::PlatformAdmin;
use crate::auth::source::Source;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::users::{UpdateUserRequest, User};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_users)).routes(routes!(get_user, update_user, delete_user))
}

/// Every user of the platform, newest first.
#[utoipa::path(
    get, path = "/api/users", tag = "users",
    params(PageParams),
    responses((status = 200, body = Page<User>), ProblemResponses),
)]
pub async fn list_users(
    State(state): State<AppState>,
    _access: PlatformAdmin,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<User>>> {
    let rows = users::list(&state.store, params.before()?.map(UserId), params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |user| user.id.0).map(User::from)))
}

/// One user.
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "users",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = User), ProblemResponses),
)]
pub async fn get_user(
    State(state): State<AppState>,
    _access: PlatformAdmin,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<User>> {
    let user = users::find(&state.store, UserId(id)).await?.ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(user.into()))
}

/// Approves a user, changes their role, or switches them off.
#[utoipa::path(
    patch, path = "/api/users/{id}", tag = "users",
    params(("id" = Uuid, Path)),
    request_body = UpdateUserRequest,
    responses((status = 200, body = User), ProblemResponses),
)]
pub async fn update_user(
    State(state): State<AppState>,
    access: PlatformAdmin,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<UpdateUserRequest>,
) -> ApiResult<Json<User>> {
    let role = body.role.map(Into::into);
    let user = users::update_access(&state.store, UserId(id), role, body.is_active)
        .await?
        .ok_or_else(|| Problem::not_found("user"))?;
    if body.is_active == Some(false) {
        refresh_tokens::revoke_all_of_user(&state.store, user.id, None, state.now()?).await?;
    }
    let detail = json!({"role": body.role, "is_active": body.is_active});
    let target = ("user", id);
    let change =
        Change { team_id: None, action: "user.update", target, detail, by: access.0.actor(), from: source };
    audit::note(&state, change).await;
    Ok(Json(user.into()))
}

/// Deletes a user and everything that is theirs alone.
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "users",
    params(("id" = Uuid, Path)),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_user(
    State(state): State<AppState>,
    access: PlatformAdmin,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    if !users::delete(&state.store, UserId(id)).await? {
        return Err(Problem::not_found("user").into());
    }
    let target = ("user", id);
    let change = Change {
        team_id: None,
        action: "user.delete",
        target,
        detail: json!({}),
        by: access.0.actor(),
        from: source,
    };
    audit::note(&state, change).await;
    Ok(StatusCode::NO_CONTENT)
}
