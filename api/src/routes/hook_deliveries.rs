//! Messages of webhooks: what became of them, a test, and another try.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::hook::Act;
use aop_domain::id::HookId;
use aop_service::problem::Problem;
use aop_store::{hook_deliveries, hooks};

use crate::audit::{self, Change};
use crate::auth::access::{Reads, TeamAccess, TeamParam, Writes};
use crate::auth::source::Source;
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::hooks::HookDelivery;
use crate::wire::page::{Page, PageParams};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(test_hook))
        .routes(routes!(redeliver))
}

/// Messages of a hook, newest first. Those that ended are kept for seven days.
#[utoipa::path(
    get, path = "/api/hooks/{id}/deliveries", tag = "hooks",
    params(("id" = Uuid, Path), PageParams, TeamParam),
    responses((status = 200, body = Page<HookDelivery>), ProblemResponses),
)]
pub async fn list_deliveries(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<HookDelivery>>> {
    webhook(&state, &access, id).await?;
    let (team, before) = (access.team_id, params.before()?);
    let rows = hook_deliveries::list(&state.store, team, HookId(id), before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |row| row.id).map(HookDelivery::from)))
}

/// Sends a message that tells of no call, within a moment.
#[utoipa::path(
    post, path = "/api/hooks/{id}/test", tag = "hooks",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 202, description = "It will be sent; see its deliveries."), ProblemResponses),
)]
pub async fn test_hook(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    webhook(&state, &access, id).await?;
    hook_deliveries::add_test(&state.store, HookId(id), state.now()?).await?;
    note(&state, &access, source, "hook.test", id, json!({})).await;
    Ok(StatusCode::ACCEPTED)
}

/// Sends a message that ended once more, however it ended.
#[utoipa::path(
    post, path = "/api/hooks/{id}/deliveries/{delivery_id}/redeliver", tag = "hooks",
    params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path), TeamParam),
    responses((status = 202, description = "It will be sent; see its deliveries."), ProblemResponses),
)]
pub async fn redeliver(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path((id, delivery_id)): Path<(Uuid, Uuid)>,
) -> ApiResult<StatusCode> {
    let now = state.now()?;
    if !hook_deliveries::again(&state.store, access.team_id, HookId(id), delivery_id, now).await? {
        return Err(Problem::not_found("delivery that has ended").into());
    }
    note(&state, &access, source, "hook.redeliver", id, json!({"delivery": delivery_id})).await;
    Ok(StatusCode::ACCEPTED)
}

async fn webhook(state: &AppState, access: &TeamAccess, id: Uuid) -> ApiResult<()> {
    let kept = hooks::find(&state.store, access.team_id, HookId(id)).await?;
    let kept = kept.ok_or_else(|| Problem::not_found("hook"))?;
    if matches!(kept.hook.act, Act::Webhook { .. }) {
        return Ok(());
    }
    Err(Problem::invalid("not_a_webhook", "This hook sends no messages.").into())
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    id: Uuid,
    detail: serde_json::Value,
) {
    let (target, by) = (("hook", id), access.caller.actor());
    audit::note(state, Change { team_id: Some(access.team_id), action, target, detail, by, from }).await;
}
