//! Re-pricings: asked for, looked at, started, cancelled.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;
use aop_store::repricings::{self, NewRepricing};
use aop_store::{Scope, prices};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::checks;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::repricings::{CreateRepricingRequest, Repricing};

/// As long as the rollups by hour are kept.
const LONGEST: Duration = Duration::days(400);
const MOST_MODELS: usize = 100;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_repricings, create_repricing))
        .routes(routes!(get_repricing))
        .routes(routes!(start_repricing))
        .routes(routes!(cancel_repricing))
}

/// The team's re-pricings and those of every team, newest first.
#[utoipa::path(
    get, path = "/api/repricings", tag = "prices",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Repricing>), ProblemResponses),
)]
pub async fn list_repricings(
    State(state): State<AppState>,
    Administers(access): Administers,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Repricing>>> {
    let rows = repricings::list(&state.store, access.team_id, params.before()?, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |row| row.id).map(Repricing::from)))
}

/// Asks what another price would change. Nothing is changed until it is started.
#[utoipa::path(
    post, path = "/api/repricings", tag = "prices",
    params(TeamParam),
    request_body = CreateRepricingRequest,
    responses((status = 201, body = Repricing), ProblemResponses),
)]
pub async fn create_repricing(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Body(body): Body<CreateRepricingRequest>,
) -> ApiResult<(StatusCode, Json<Repricing>)> {
    let scope = if body.all_teams { Scope::Shared } else { Scope::Team(access.team_id) };
    let new = wanted(&state, &access, scope, body).await?;
    repricings::create(&state.store, scope, &new).await?;
    let made = find(&state, &access, new.id).await?;
    note(&state, &access, source, "repricing.create", &made).await;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn wanted(
    state: &AppState,
    access: &TeamAccess,
    scope: Scope,
    body: CreateRepricingRequest,
) -> ApiResult<NewRepricing> {
    let now = state.now()?;
    check_range(body.from, body.to, now)?;
    if body.models.len() > MOST_MODELS {
        let detail = format!("A re-pricing names at most {MOST_MODELS} models.");
        return Err(Problem::invalid("too_many_models", detail).field("models").into());
    }
    let mut models = Vec::with_capacity(body.models.len());
    for model in &body.models {
        models.push(checks::name("models", model, 200)?);
    }
    let mut provider =
        body.provider.map(|name| checks::name("provider", &name, 100)).transpose()?.unwrap_or_default();
    let deployment =
        body.deployment.map(|name| checks::name("deployment", &name, 200)).transpose()?.unwrap_or_default();
    if let Some(id) = body.price_id {
        let price = prices::find(&state.store, id).await?;
        let is_ours = |price: &prices::Price| price.scope.team_id().is_none_or(|team| team == access.team_id);
        let price = price.filter(is_ours).ok_or_else(|| Problem::not_found("price"))?;
        if price.scope != Scope::Shared && scope == Scope::Shared {
            let detail =
                "This price is one team's. Choose one that is for every team, or only this team's calls.";
            return Err(Problem::invalid("price_of_one_team", detail).field("price_id").into());
        }
        if provider.is_empty() {
            provider = price.provider;
        }
        if models.is_empty() {
            models.push(price.model);
        }
    }
    Ok(NewRepricing {
        id: Uuid::now_v7(),
        price_id: body.price_id,
        provider,
        models,
        deployment,
        from_at: body.from,
        // Calls that are yet to come get their price when they come.
        to_at: body.to.min(now),
        created_by: Some(access.caller.user_id),
        created_at: now,
    })
}

fn check_range(from: OffsetDateTime, to: OffsetDateTime, now: OffsetDateTime) -> ApiResult<()> {
    if from >= to || from >= now {
        let detail = "The time range must end after it begins, and begin in the past.";
        return Err(Problem::invalid("invalid_range", detail).field("from").into());
    }
    if to - from > LONGEST {
        let detail = format!("A re-pricing spans at most {} days.", LONGEST.whole_days());
        return Err(Problem::invalid("range_too_long", detail).field("from").into());
    }
    Ok(())
}

/// One re-pricing with its reports.
#[utoipa::path(
    get, path = "/api/repricings/{id}", tag = "prices",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Repricing), ProblemResponses),
)]
pub async fn get_repricing(
    State(state): State<AppState>,
    Administers(access): Administers,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Repricing>> {
    Ok(Json(find(&state, &access, id).await?))
}

/// Makes the changes, or goes on with them after they were cancelled or failed.
#[utoipa::path(
    post, path = "/api/repricings/{id}/start", tag = "prices",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Repricing), ProblemResponses),
)]
pub async fn start_repricing(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Repricing>> {
    find(&state, &access, id).await?;
    if !repricings::start(&state.store, access.team_id, id).await? {
        let detail = "It is not waiting to be started: its estimate is not there, or it runs, or it is done.";
        return Err(Problem::new(ErrorKind::Conflict, "not_startable", detail).into());
    }
    let started = find(&state, &access, id).await?;
    note(&state, &access, source, "repricing.start", &started).await;
    Ok(Json(started))
}

/// Ends it after the calls that are being changed. What was changed stays changed.
#[utoipa::path(
    post, path = "/api/repricings/{id}/cancel", tag = "prices",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Repricing), ProblemResponses),
)]
pub async fn cancel_repricing(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Repricing>> {
    find(&state, &access, id).await?;
    if !repricings::cancel(&state.store, access.team_id, id, state.now()?).await? {
        return Err(Problem::new(ErrorKind::Conflict, "already_ended", "It has ended already.").into());
    }
    let ending = find(&state, &access, id).await?;
    note(&state, &access, source, "repricing.cancel", &ending).await;
    Ok(Json(ending))
}

async fn find(state: &AppState, access: &TeamAccess, id: Uuid) -> ApiResult<Repricing> {
    let found = repricings::find(&state.store, access.team_id, id).await?;
    found.map(Repricing::from).ok_or_else(|| ApiError::from(Problem::not_found("re-pricing")))
}

async fn note(state: &AppState, access: &TeamAccess, from: Source, action: &'static str, it: &Repricing) {
    let detail = json!({
        "price_id": it.price_id, "provider": it.provider, "models": it.models, "deployment": it.deployment,
        "from": it.from.to_string(), "to": it.to.to_string(), "all_teams": it.all_teams,
    });
    let (team_id, by) = ((!it.all_teams).then_some(access.team_id), access.caller.actor());
    audit::note(state, Change { team_id, action, target: ("repricing", it.id), detail, by, from }).await;
}
