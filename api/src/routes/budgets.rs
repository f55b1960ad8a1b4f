//! Limits and budgets: rules that owners and administrators make, with what is used of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::LimitId;
use aop_domain::limits::{Kind, Limit, LimitScope};
use aop_service::problem::Problem;
use aop_store::Scope;
use aop_store::limits::{self, BudgetSettings};

use crate::audit::{self, Change};
use crate::auth::access::{Owns, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::budgets::{Budget, PutBudgetRequest};
use crate::wire::page::{Page, PageParams};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_budgets, create_budget)).routes(routes!(
        get_budget,
        update_budget,
        delete_budget
    ))
}

/// The team's limits and the installation's, newest first.
#[utoipa::path(
    get, path = "/api/budgets", tag = "budgets",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Budget>), ProblemResponses),
)]
pub async fn list_budgets(
    State(state): State<AppState>,
    Owns(access): Owns,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Budget>>> {
    let before = params.before()?.map(LimitId);
    let rows = limits::list(&state.store, access.team_id, before, params.rows()).await?;
    let page = Page::cut(rows, params.limit(), |budget| budget.id.0);
    let mut items = Vec::with_capacity(page.items.len());
    for budget in page.items {
        items.push(with_use(&state, budget, &access).await?);
    }
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// Makes a limit. It is in force within a moment.
#[utoipa::path(
    post, path = "/api/budgets", tag = "budgets",
    params(TeamParam),
    request_body = PutBudgetRequest,
    responses((status = 201, body = Budget), ProblemResponses),
)]
pub async fn create_budget(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Body(body): Body<PutBudgetRequest>,
) -> ApiResult<(StatusCode, Json<Budget>)> {
    let owner = owner(&access, &body)?;
    let settings = settings(body)?;
    let id = LimitId(Uuid::now_v7());
    limits::create(&state.store, owner, id, access.caller.user_id, &settings).await?;
    note(&state, &access, source, "budget.create", id, &settings).await;
    Ok((StatusCode::CREATED, Json(find(&state, &access, id).await?)))
}

/// One limit. Its version does not change by being used.
#[utoipa::path(
    get, path = "/api/budgets/{id}", tag = "budgets",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Budget), ProblemResponses),
)]
pub async fn get_budget(
    State(state): State<AppState>,
    Owns(access): Owns,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Budget>> {
    Ok(Json(find(&state, &access, LimitId(id)).await?))
}

/// Changes a limit. What was used stays counted, unless it now counts something else.
#[utoipa::path(
    put, path = "/api/budgets/{id}", tag = "budgets",
    params(("id" = Uuid, Path), TeamParam),
    request_body = PutBudgetRequest,
    responses((status = 200, body = Budget), ProblemResponses),
)]
pub async fn update_budget(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<PutBudgetRequest>,
) -> ApiResult<Json<Budget>> {
    let id = LimitId(id);
    let current = changeable(&state, &access, id).await?;
    if owner(&access, &body)? != current {
        let detail = "A limit stays one team's, or the whole installation's. Make a new one instead.";
        return Err(Problem::invalid("owner_stays", detail).field("for_all_teams").into());
    }
    let settings = settings(body)?;
    if !limits::update(&state.store, current, id, &settings).await? {
        return Err(Problem::not_found("budget").into());
    }
    note(&state, &access, source, "budget.update", id, &settings).await;
    Ok(Json(find(&state, &access, id).await?))
}

/// Takes a limit away, with what was counted for it.
#[utoipa::path(
    delete, path = "/api/budgets/{id}", tag = "budgets",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_budget(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let id = LimitId(id);
    let current = changeable(&state, &access, id).await?;
    if !limits::delete(&state.store, current, id).await? {
        return Err(Problem::not_found("budget").into());
    }
    let target = ("budget", id.0);
    let change = Change {
        team_id: Some(access.team_id),
        action: "budget.delete",
        target,
        detail: json!({}),
        by: access.caller.actor(),
        from: source,
    };
    audit::note(&state, change).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(state: &AppState, access: &TeamAccess, id: LimitId) -> ApiResult<Budget> {
    let found = limits::find(&state.store, access.team_id, id).await?;
    with_use(state, found.ok_or_else(|| Problem::not_found("budget"))?, access).await
}

/// Whose it is, if this caller may change it: the installation's are an administrator's.
async fn changeable(state: &AppState, access: &TeamAccess, id: LimitId) -> ApiResult<Scope> {
    let found = limits::find(&state.store, access.team_id, id).await?;
    let owner = found.ok_or_else(|| Problem::not_found("budget"))?.owner;
    if owner == Scope::Shared && !access.caller.is_platform_admin() {
        return Err(only_administrators());
    }
    Ok(owner)
}

fn owner(access: &TeamAccess, body: &PutBudgetRequest) -> ApiResult<Scope> {
    let for_all = body.for_all_teams || LimitScope::from(body.scope) == LimitScope::Organisation;
    match (for_all, access.caller.is_platform_admin()) {
        (false, _) => Ok(Scope::Team(access.team_id)),
        (true, true) => Ok(Scope::Shared),
        (true, false) => Err(only_administrators()),
    }
}

fn only_administrators() -> crate::error::ApiError {
    Problem::forbidden(
        "administrators_only",
        "A limit of the whole installation is made and changed by its administrators.",
    )
    .into()
}

fn settings(body: PutBudgetRequest) -> ApiResult<BudgetSettings> {
    let subject = body.subject.map(|subject| subject.trim().to_owned()).filter(|subject| !subject.is_empty());
    let (scope, kind, window) = (body.scope.into(), body.kind.into(), body.window.into());
    Limit::check(scope, subject.as_deref(), kind, window, body.amount)
        .map_err(|error| Problem::invalid("invalid_budget", capitalised(&error.to_string())))?;
    Ok(BudgetSettings {
        name: checks::name("name", &body.name, 100)?,
        scope,
        subject,
        kind,
        window,
        amount: body.amount.normalize(),
        shadow: body.shadow,
        is_active: body.is_active.unwrap_or(true),
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// The figures of the current window. Of a limit that every team has for itself, a team sees its own only; what other
/// teams' users, keys and runs used of the installation's limits is not told.
async fn with_use(state: &AppState, budget: limits::Budget, access: &TeamAccess) -> ApiResult<Budget> {
    let now_s = state.clock.now_us().div_euclid(1_000_000);
    let span = budget.settings.window.span(now_s);
    let starts_at = OffsetDateTime::from_unix_timestamp(span.start_s).map_err(Problem::internal)?;
    let resets_at =
        span.end_s.map(OffsetDateTime::from_unix_timestamp).transpose().map_err(Problem::internal)?;
    let is_told = budget.owner != Scope::Shared || access.caller.is_platform_admin();
    let mut used = None;
    if is_told {
        used = limits::current_use(&state.store, budget.id, starts_at).await?;
    }
    // Places are never settled: those in use are what is held.
    if let Some(used) = used.as_mut().filter(|_| budget.settings.kind == Kind::Concurrency) {
        used.settled = 0;
    }
    Ok(Budget::new(budget, used, resets_at))
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    id: LimitId,
    settings: &BudgetSettings,
) {
    let detail = json!({
        "name": settings.name, "scope": settings.scope, "subject": settings.subject, "kind": settings.kind,
        "window": settings.window, "amount": settings.amount, "shadow": settings.shadow, "is_active": settings.is_active,
    });
    let target = ("budget", id.0);
    let change =
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from };
    audit::note(state, change).await;
}
