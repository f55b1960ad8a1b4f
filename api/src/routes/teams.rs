//! Teams.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::TeamId;
use aop_service::problem::Problem;
use aop_store::teams;

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
use crate::wire::teams::{Team, TeamRequest};
use crate::wire::users::Role;

const LONGEST_RETENTION_DAYS: u16 = 3650;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_teams, create_team)).routes(routes!(
        get_team,
        update_team,
        delete_team
    ))
}

/// Teams the caller belongs to; every team for an administrator.
#[utoipa::path(
    get, path = "/api/teams", tag = "teams",
    params(PageParams),
    responses((status = 200, body = Page<Team>), ProblemResponses),
)]
pub async fn list_teams(
    State(state): State<AppState>,
    caller: Caller,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Team>>> {
    if let Some(team) = caller.key_team() {
        let access = TeamAccess::resolve(&state, caller, Some(team)).await?.requiring(Level::View)?;
        let team = teams::find(&state.store, access.team_id).await?;
        return Ok(Json(Page::whole(team.into_iter().map(Team::from).collect())));
    }
    let before = params.before()?.map(TeamId);
    let rows = if caller.is_platform_admin() {
        teams::list(&state.store, before, params.rows()).await?
    } else {
        teams::list_of_user(&state.store, caller.user_id, before, params.rows()).await?
    };
    Ok(Json(Page::cut(rows, params.limit(), |team| team.id.0).map(Team::from)))
}

/// Makes a team and its first owner.
#[utoipa::path(
    post, path = "/api/teams", tag = "teams",
    request_body = TeamRequest,
    responses((status = 201, body = Team), ProblemResponses),
)]
pub async fn create_team(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Body(body): Body<TeamRequest>,
) -> ApiResult<(StatusCode, Json<Team>)> {
    // A key is bound to one team, so making others is not for keys.
    if !caller.is_session() || !matches!(caller.role, Role::Admin | Role::Developer) {
        return Err(caller.not_allowed());
    }
    let (name, retention_days) = checked(&body)?;
    let id = TeamId(Uuid::now_v7());
    let mut team = teams::create(&state.store, id, &name, Some(caller.user_id)).await?;
    if retention_days.is_some() {
        let updated = teams::update(&state.store, id, &name, retention_days).await?;
        team = updated.ok_or_else(|| Problem::not_found("team"))?;
    }
    note(&state, &caller, source, id, "team.create").await;
    Ok((StatusCode::CREATED, Json(team.into())))
}

fn checked(body: &TeamRequest) -> ApiResult<(String, Option<i32>)> {
    let name = checks::name("name", &body.name, 100)?;
    if body.retention_days.is_some_and(|days| days == 0 || days > LONGEST_RETENTION_DAYS) {
        let detail = format!("Records can be kept for 1 to {LONGEST_RETENTION_DAYS} days.");
        return Err(Problem::invalid("invalid_value", detail).field("retention_days").into());
    }
    Ok((name, body.retention_days.map(i32::from)))
}

/// One team.
#[utoipa::path(
    get, path = "/api/teams/{id}", tag = "teams",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Team), ProblemResponses),
)]
pub async fn get_team(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Team>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::View)?;
    let team = teams::find(&state.store, access.team_id).await?;
    Ok(Json(team.ok_or_else(|| Problem::not_found("team"))?.into()))
}

/// Replaces a team's name and how long its records are kept.
#[utoipa::path(
    put, path = "/api/teams/{id}", tag = "teams",
    params(("id" = Uuid, Path)),
    request_body = TeamRequest,
    responses((status = 200, body = Team), ProblemResponses),
)]
pub async fn update_team(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<TeamRequest>,
) -> ApiResult<Json<Team>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    let (name, retention_days) = checked(&body)?;
    let team = teams::update(&state.store, access.team_id, &name, retention_days).await?;
    note(&state, &access.caller, source, access.team_id, "team.update").await;
    Ok(Json(team.ok_or_else(|| Problem::not_found("team"))?.into()))
}

/// Deletes a team with its keys, crews and models.
#[utoipa::path(
    delete, path = "/api/teams/{id}", tag = "teams",
    params(("id" = Uuid, Path)),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_team(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    if !teams::delete(&state.store, access.team_id).await? {
        return Err(Problem::not_found("team").into());
    }
    note(&state, &access.caller, source, access.team_id, "team.delete").await;
    Ok(StatusCode::NO_CONTENT)
}

async fn note(state: &AppState, by: &Caller, from: Source, team: TeamId, action: &'static str) {
    let target = ("team", team.0);
    let by = by.actor();
    audit::note(state, Change { team_id: Some(team), action, target, detail: json!({}), by, from }).await;
}
