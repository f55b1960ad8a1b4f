//! Guardrails: rules about what may be said in calls, made by owners and administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::guard::{Check, Guardrail as Rail};
use aop_domain::id::{GuardrailId, KeyId, TeamId};
use aop_guard::rules::Rule;
use aop_service::problem::Problem;
use aop_store::{Scope, guardrails};

use crate::audit::{self, Change};
use crate::auth::access::{Owns, Reads, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::catalog::guardrail_check as checks_of;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::guardrails::{Guardrail, PutGuardrailRequest};
use crate::wire::page::{Page, PageParams};

const MOST_FILTERS: usize = 100;
const LONGEST_MODEL_BYTES: usize = 200;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_guardrails, create_guardrail)).routes(routes!(
        get_guardrail,
        update_guardrail,
        delete_guardrail
    ))
}

/// The team's guardrails and every team's, newest first.
#[utoipa::path(
    get, path = "/api/guardrails", tag = "guardrails",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Guardrail>), ProblemResponses),
)]
pub async fn list_guardrails(
    State(state): State<AppState>,
    Reads(access): Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Guardrail>>> {
    let before = params.before()?.map(GuardrailId);
    let rows = guardrails::list(&state.store, access.team_id, before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |kept| kept.guardrail.id.0).map(Guardrail::from)))
}

/// Makes a guardrail. It is in force within a moment, for calls from then on.
#[utoipa::path(
    post, path = "/api/guardrails", tag = "guardrails",
    params(TeamParam),
    request_body = PutGuardrailRequest,
    responses((status = 201, body = Guardrail), ProblemResponses),
)]
pub async fn create_guardrail(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Body(body): Body<PutGuardrailRequest>,
) -> ApiResult<(StatusCode, Json<Guardrail>)> {
    let is_active = body.is_active.unwrap_or(true);
    let rail = checked(&state, &access, GuardrailId(Uuid::now_v7()), body, None)?;
    guardrails::create(&state.store, &rail, is_active, access.caller.user_id).await?;
    note(&state, &access, source, "guardrail.create", &rail).await;
    Ok((StatusCode::CREATED, Json(find(&state, &access, rail.id).await?.into())))
}

/// One guardrail.
#[utoipa::path(
    get, path = "/api/guardrails/{id}", tag = "guardrails",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Guardrail), ProblemResponses),
)]
pub async fn get_guardrail(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Guardrail>> {
    Ok(Json(find(&state, &access, GuardrailId(id)).await?.into()))
}

/// Replaces a guardrail, or turns it off and on.
#[utoipa::path(
    put, path = "/api/guardrails/{id}", tag = "guardrails",
    params(("id" = Uuid, Path), TeamParam),
    request_body = PutGuardrailRequest,
    responses((status = 200, body = Guardrail), ProblemResponses),
)]
pub async fn update_guardrail(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<PutGuardrailRequest>,
) -> ApiResult<Json<Guardrail>> {
    let current = changeable(&state, &access, GuardrailId(id)).await?;
    let is_active = body.is_active.unwrap_or(true);
    let rail = checked(&state, &access, GuardrailId(id), body, Some(&current.guardrail.check))?;
    if Scope::from(rail.team_id) != current.owner() {
        let detail = "A guardrail stays one team's, or every team's. Make a new one instead.";
        return Err(Problem::invalid("owner_stays", detail).field("for_all_teams").into());
    }
    if !guardrails::update(&state.store, &rail, is_active).await? {
        return Err(Problem::not_found("guardrail").into());
    }
    note(&state, &access, source, "guardrail.update", &rail).await;
    Ok(Json(find(&state, &access, rail.id).await?.into()))
}

/// Takes a guardrail away. What it did stays with the calls.
#[utoipa::path(
    delete, path = "/api/guardrails/{id}", tag = "guardrails",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_guardrail(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let current = changeable(&state, &access, GuardrailId(id)).await?;
    if !guardrails::delete(&state.store, current.owner(), current.guardrail.id).await? {
        return Err(Problem::not_found("guardrail").into());
    }
    note(&state, &access, source, "guardrail.delete", &current.guardrail).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(state: &AppState, access: &TeamAccess, id: GuardrailId) -> ApiResult<guardrails::Kept> {
    let found = guardrails::find(&state.store, access.team_id, id).await?;
    found.ok_or_else(|| Problem::not_found("guardrail").into())
}

/// One that this caller may change: every team's are an administrator's.
async fn changeable(state: &AppState, access: &TeamAccess, id: GuardrailId) -> ApiResult<guardrails::Kept> {
    let found = find(state, access, id).await?;
    if found.owner() == Scope::Shared && !access.caller.is_platform_admin() {
        return Err(only_administrators());
    }
    Ok(found)
}

fn only_administrators() -> crate::error::ApiError {
    Problem::forbidden(
        "administrators_only",
        "A guardrail of every team is made and changed by administrators of the installation.",
    )
    .into()
}

/// The rule as it will stand. That it can be used is found out here, not at the first call.
fn checked(
    state: &AppState,
    access: &TeamAccess,
    id: GuardrailId,
    body: PutGuardrailRequest,
    before: Option<&Check>,
) -> ApiResult<Rail> {
    if body.for_all_teams && !access.caller.is_platform_admin() {
        return Err(only_administrators());
    }
    let fits = |model: &String| !model.trim().is_empty() && model.len() <= LONGEST_MODEL_BYTES;
    if body.keys.len() > MOST_FILTERS || body.models.len() > MOST_FILTERS || !body.models.iter().all(fits) {
        let detail = format!("Name at most {MOST_FILTERS} keys and models, none of them empty.");
        return Err(Problem::invalid("invalid_filter", detail).field("models").into());
    }
    let rail = Rail {
        id,
        team_id: (!body.for_all_teams).then_some(TeamId(access.team_id.0)),
        name: checks::name("name", &body.name, 100)?,
        stage: body.stage.into(),
        check: checks_of::read(state, access, id, body.check, before)?,
        action: body.action.into(),
        keys: body.keys.into_iter().map(KeyId).collect(),
        models: body.models,
    };
    Rule::new(rail.clone()).map_err(|error| {
        Problem::invalid("invalid_guardrail", format!("The guardrail cannot be used: {error}."))
            .field("check")
    })?;
    Ok(rail)
}

async fn note(state: &AppState, access: &TeamAccess, from: Source, action: &'static str, rail: &Rail) {
    let detail = json!({"name": rail.name, "stage": rail.stage, "action": rail.action});
    let (target, by) = (("guardrail", rail.id.0), access.caller.actor());
    audit::note(state, Change { team_id: Some(access.team_id), action, target, detail, by, from }).await;
}
