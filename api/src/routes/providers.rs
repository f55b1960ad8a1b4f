//! Providers of models.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::ProviderId;
use aop_service::problem::Problem;
use aop_store::Scope;
use aop_store::provider_credentials;
use aop_store::providers::{self, ProviderSettings};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, Reads, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::catalog::{base_url, seal};
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::providers::{CreateProviderRequest, Provider, ProviderKind, UpdateProviderRequest};

/// Credentials shown with a list of providers, all together.
const MOST_CREDENTIALS: i64 = 1000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_providers, create_provider)).routes(routes!(
        get_provider,
        update_provider,
        delete_provider
    ))
}

/// Providers the team can use.
#[utoipa::path(
    get, path = "/api/providers", tag = "providers",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Provider>), ProblemResponses),
)]
pub async fn list_providers(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Provider>>> {
    let team = access.team_id();
    let before = params.before()?.map(ProviderId);
    let rows = providers::list(&state.store, team, before, params.rows()).await?;
    let credentials = provider_credentials::list(&state.store, team, None, None, MOST_CREDENTIALS).await?;
    let page = Page::cut(rows, params.limit(), |provider| provider.id.0);
    Ok(Json(page.map(|provider| Provider::of(provider, &credentials))))
}

/// Connects a provider.
#[utoipa::path(
    post, path = "/api/providers", tag = "providers",
    params(TeamParam),
    request_body = CreateProviderRequest,
    responses((status = 201, body = Provider), ProblemResponses),
)]
pub async fn create_provider(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Body(body): Body<CreateProviderRequest>,
) -> ApiResult<(StatusCode, Json<Provider>)> {
    if body.kind == ProviderKind::Simulator {
        let detail = "The built-in simulator is connected at first start; it cannot be added by hand.";
        return Err(Problem::invalid("invalid_kind", detail).field("kind").into());
    }
    let name = checks::name("name", &body.name, 100)?;
    let price_provider = body.price_provider.unwrap_or_else(|| name.to_lowercase());
    let settings = ProviderSettings {
        kind: body.kind.as_str().to_owned(),
        base_url: base_url(&body.base_url)?,
        price_provider: checks::name("price_provider", &price_provider, 100)?,
        name,
        is_active: true,
    };
    let scope = if body.shared { Scope::Shared } else { Scope::Team(access.team_id) };
    let id = ProviderId(Uuid::now_v7());
    let credential = body.credential.map(|new| seal(&state, id, &new)).transpose()?;
    let made = providers::create(&state.store, scope, id, &settings).await?;
    let mut credentials = Vec::new();
    if let Some(new) = credential {
        credentials.extend(provider_credentials::create(&state.store, scope, &new).await?);
    }
    note(
        &state,
        &access,
        source,
        "provider.create",
        id,
        json!({"name": made.name, "base_url": made.base_url}),
    )
    .await;
    Ok((StatusCode::CREATED, Json(Provider::of(made, &credentials))))
}

/// One provider.
#[utoipa::path(
    get, path = "/api/providers/{id}", tag = "providers",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Provider), ProblemResponses),
)]
pub async fn get_provider(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Provider>> {
    let provider = find(&state, &access, ProviderId(id)).await?;
    let credentials =
        provider_credentials::list(&state.store, access.team_id, Some(provider.id), None, MOST_CREDENTIALS)
            .await?;
    Ok(Json(Provider::of(provider, &credentials)))
}

/// Changes a provider.
#[utoipa::path(
    put, path = "/api/providers/{id}", tag = "providers",
    params(("id" = Uuid, Path), TeamParam),
    request_body = UpdateProviderRequest,
    responses((status = 200, body = Provider), ProblemResponses),
)]
pub async fn update_provider(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<UpdateProviderRequest>,
) -> ApiResult<Json<Provider>> {
    let id = ProviderId(id);
    let current = find(&state, &access, id).await?;
    let is_simulator = current.kind == ProviderKind::Simulator.as_str();
    let settings = ProviderSettings {
        name: checks::name("name", &body.name, 100)?,
        // The simulator has no address of its own; the gateway knows where it runs.
        base_url: if is_simulator { current.base_url } else { base_url(&body.base_url)? },
        price_provider: checks::name("price_provider", &body.price_provider, 100)?,
        kind: current.kind,
        is_active: current.is_active,
    };
    let changed = providers::update(&state.store, current.scope, id, &settings).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("provider"))?;
    let credentials =
        provider_credentials::list(&state.store, access.team_id, Some(id), None, MOST_CREDENTIALS).await?;
    note(&state, &access, source, "provider.update", id, json!({"base_url": changed.base_url})).await;
    Ok(Json(Provider::of(changed, &credentials)))
}

/// Removes a provider that no model uses.
#[utoipa::path(
    delete, path = "/api/providers/{id}", tag = "providers",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_provider(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let current = find(&state, &access, ProviderId(id)).await?;
    providers::delete(&state.store, current.scope, current.id).await?;
    note(&state, &access, source, "provider.delete", current.id, json!({"name": current.name})).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(state: &AppState, access: &TeamAccess, id: ProviderId) -> ApiResult<providers::Provider> {
    let found = providers::find(&state.store, access.team_id, id).await?;
    found.ok_or_else(|| Problem::not_found("provider").into())
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    provider: ProviderId,
    detail: serde_json::Value,
) {
    let target = ("provider", provider.0);
    audit::note(
        state,
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from },
    )
    .await;
}
