//! Who belongs to a team.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::{TeamId, UserId};
use aop_service::problem::Problem;
use aop_store::{team_members, users};

use crate::audit::{self, Change};
use crate::auth::access::{Level, TeamAccess};
use crate::auth::caller::Caller;
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::teams::{AddMemberRequest, Member};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_members, put_member)).routes(routes!(remove_member))
}

/// Who belongs to the team, the latest first.
#[utoipa::path(
    get, path = "/api/teams/{id}/members", tag = "teams",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, body = Page<Member>), ProblemResponses),
)]
pub async fn list_members(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Member>>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::View)?;
    let rows = team_members::list(&state.store, access.team_id, params.before()?, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |member| member.id).map(Member::from)))
}

/// Adds an existing user to the team, or changes the role of a member.
#[utoipa::path(
    post, path = "/api/teams/{id}/members", tag = "teams",
    params(("id" = Uuid, Path)),
    request_body = AddMemberRequest,
    responses((status = 204), ProblemResponses),
)]
pub async fn put_member(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<AddMemberRequest>,
) -> ApiResult<StatusCode> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    let email = checks::email(&body.email)?;
    let user = users::find_by_email(&state.store, &email).await?;
    let user = user.ok_or_else(|| Problem::not_found("user").field("email"))?;
    team_members::put(&state.store, access.team_id, user.id, body.role.into()).await?;
    let detail = json!({"role": body.role});
    note(&state, &access, source, "team_member.put", user.id, detail).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a member out of the team.
#[utoipa::path(
    delete, path = "/api/teams/{id}/members/{user_id}", tag = "teams",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), ProblemResponses),
)]
pub async fn remove_member(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path((id, user_id)): Path<(Uuid, Uuid)>,
) -> ApiResult<StatusCode> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    if !team_members::remove(&state.store, access.team_id, UserId(user_id)).await? {
        return Err(Problem::not_found("member").into());
    }
    note(&state, &access, source, "team_member.remove", UserId(user_id), json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    user: UserId,
    detail: serde_json::Value,
) {
    let target = ("user", user.0);
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}
