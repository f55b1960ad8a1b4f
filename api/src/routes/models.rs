//! Models: the names clients send, and the deployments that answer them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::try_join_all;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::{DeploymentId, ProviderId, RouteId, TeamId};
use aop_service::problem::Problem;
use aop_store::model_deployments::{self, Deployment};
use aop_store::providers::{self, Provider};
use aop_store::routes::{self as store_routes, Route, RouteSettings};
use aop_store::{Scope, Store};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, Reads, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::catalog::{check, deployments, routing};
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::models::{Model, ModelCheck, ModelRequest, TargetCheck};
use crate::wire::page::{Page, PageParams};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_models, create_model))
        .routes(routes!(get_model, update_model, delete_model))
        .routes(routes!(check_model))
}

/// Models the team can call, and the deployments behind them.
#[utoipa::path(
    get, path = "/api/models", tag = "models",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Model>), ProblemResponses),
)]
pub async fn list_models(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Model>>> {
    let team = access.team_id();
    let before = params.before()?.map(RouteId);
    let rows = store_routes::list(&state.store, team, before, params.rows()).await?;
    let known = Known::load(&state.store, team).await?;
    let page = Page::cut(rows, params.limit(), |route| route.id.0);
    Ok(Json(page.map(|route| known.model(route))))
}

/// Adds a model name and its deployments.
#[utoipa::path(
    post, path = "/api/models", tag = "models",
    params(TeamParam),
    request_body = ModelRequest,
    responses((status = 201, body = Model), ProblemResponses),
)]
pub async fn create_model(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Body(body): Body<ModelRequest>,
) -> ApiResult<(StatusCode, Json<Model>)> {
    let scope = if body.shared { Scope::Shared } else { Scope::Team(access.team_id) };
    let settings = settings(&state, access.team_id, scope, None, &body).await?;
    let route = store_routes::create(&state.store, scope, RouteId(Uuid::now_v7()), &settings).await?;
    note(&state, &access, source, "model.create", &route).await;
    let known = Known::load(&state.store, access.team_id).await?;
    Ok((StatusCode::CREATED, Json(known.model(route))))
}

/// One model.
#[utoipa::path(
    get, path = "/api/models/{id}", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Model), ProblemResponses),
)]
pub async fn get_model(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Model>> {
    let route = find(&state, &access, RouteId(id)).await?;
    let known = Known::load(&state.store, access.team_id).await?;
    Ok(Json(known.model(route)))
}

/// Replaces a model and its deployments.
#[utoipa::path(
    put, path = "/api/models/{id}", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    request_body = ModelRequest,
    responses((status = 200, body = Model), ProblemResponses),
)]
pub async fn update_model(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<ModelRequest>,
) -> ApiResult<Json<Model>> {
    let current = find(&state, &access, RouteId(id)).await?;
    if body.shared != (current.scope == Scope::Shared) {
        let detail = "Whether a model is shared cannot be changed. Make a new one and delete this one.";
        return Err(Problem::invalid("scope_is_fixed", detail).field("shared").into());
    }
    let settings = settings(&state, access.team_id, current.scope, Some(current.id), &body).await?;
    let changed = store_routes::update(&state.store, current.scope, current.id, &settings).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("model"))?;
    drop_unused(&state, &current).await?;
    note(&state, &access, source, "model.update", &changed).await;
    let known = Known::load(&state.store, access.team_id).await?;
    Ok(Json(known.model(changed)))
}

/// Removes a model name and the deployments that only it used.
#[utoipa::path(
    delete, path = "/api/models/{id}", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_model(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let current = find(&state, &access, RouteId(id)).await?;
    store_routes::delete(&state.store, current.scope, current.id).await?;
    drop_unused(&state, &current).await?;
    note(&state, &access, source, "model.delete", &current).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks each deployment's provider whether it is there, knows the credential and has the model.
#[utoipa::path(
    post, path = "/api/models/{id}/check", tag = "models",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = ModelCheck), ProblemResponses),
)]
pub async fn check_model(
    State(state): State<AppState>,
    Administers(access): Administers,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ModelCheck>> {
    let route = find(&state, &access, RouteId(id)).await?;
    let known = Known::load(&state.store, access.team_id).await?;
    let checks = route.settings.targets.iter().filter_map(|target| {
        let deployment = known.deployments.get(&target.deployment_id)?;
        let provider = known.providers.get(&deployment.settings.provider_id)?;
        Some(check::check(&state, access.team_id, deployment, provider))
    });
    let targets: Vec<TargetCheck> = try_join_all(checks).await?;
    let healthy = !targets.is_empty() && targets.iter().all(|target| target.healthy);
    Ok(Json(ModelCheck { healthy, targets }))
}

async fn find(state: &AppState, access: &TeamAccess, id: RouteId) -> ApiResult<Route> {
    let found = store_routes::find(&state.store, access.team_id, id).await?;
    found.ok_or_else(|| Problem::not_found("model").into())
}

async fn settings(
    state: &AppState,
    team: TeamId,
    scope: Scope,
    id: Option<RouteId>,
    body: &ModelRequest,
) -> ApiResult<RouteSettings> {
    let model = routing::model_name("model", &body.model)?;
    let operations = routing::operations(body)?;
    let policy = routing::policy(&state.store, team, scope, id, &model, body).await?;
    let targets = deployments::ensure(state, team, scope, &model, &body.targets).await?;
    let max_attempts = body.max_attempts;
    Ok(RouteSettings { model, max_attempts, operations, policy, is_active: true, targets })
}

/// Takes away the deployments that no route uses after `before` was changed or deleted.
async fn drop_unused(state: &AppState, before: &Route) -> ApiResult<()> {
    let were: Vec<DeploymentId> = before.settings.targets.iter().map(|target| target.deployment_id).collect();
    model_deployments::delete_unused(&state.store, before.scope, &were).await?;
    Ok(())
}

async fn note(state: &AppState, access: &TeamAccess, from: Source, action: &'static str, route: &Route) {
    let target = ("model", route.id.0);
    let detail = json!({"model": route.settings.model});
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}

/// Every deployment and provider the team can see, to show routes with.
struct Known {
    deployments: HashMap<DeploymentId, Deployment>,
    providers: HashMap<ProviderId, Provider>,
}

impl Known {
    async fn load(store: &Store, team: TeamId) -> ApiResult<Self> {
        let deployments = model_deployments::list(store, team, None, deployments::EVERY).await?;
        let providers = providers::list(store, team, None, deployments::EVERY).await?;
        Ok(Self {
            deployments: deployments.into_iter().map(|deployment| (deployment.id, deployment)).collect(),
            providers: providers.into_iter().map(|provider| (provider.id, provider)).collect(),
        })
    }

    fn model(&self, route: Route) -> Model {
        Model::of(route, &self.deployments, &self.providers)
    }
}
