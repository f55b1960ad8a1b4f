//! Hooks: what is done with calls that fit a filter, made by a team's developers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::hook::{self, Act};
use aop_domain::id::HookId;
use aop_guard::rules::Rule;
use aop_service::keys::secret_text;
use aop_service::problem::Problem;
use aop_store::hooks;

use crate::audit::{self, Change};
use crate::auth::access::{Reads, TeamAccess, TeamParam, Writes};
use crate::auth::source::Source;
use crate::catalog::guardrail_check;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::hooks::{Hook, HookAct, PutHookRequest};
use crate::wire::page::{Page, PageParams};

const MOST_FILTERS: usize = 100;
const LONGEST_FILTER_BYTES: usize = 200;
/// Before the secret that messages are signed with.
const SECRET_PREFIX: &str = "whsec_";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_hooks, create_hook)).routes(routes!(
        get_hook,
        update_hook,
        delete_hook
    ))
}

/// The team's hooks, newest first.
#[utoipa::path(
    get, path = "/api/hooks", tag = "hooks",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<Hook>), ProblemResponses),
)]
pub async fn list_hooks(
    State(state): State<AppState>,
    Reads(access): Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Hook>>> {
    let before = params.before()?.map(HookId);
    let rows = hooks::list(&state.store, access.team_id, before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |kept| kept.hook.id.0).map(|kept| Hook::of(kept, None))))
}

/// Makes a hook. It is in force within a moment. The answer shows a webhook's secret, once.
#[utoipa::path(
    post, path = "/api/hooks", tag = "hooks",
    params(TeamParam),
    request_body = PutHookRequest,
    responses((status = 201, body = Hook), ProblemResponses),
)]
pub async fn create_hook(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Body(body): Body<PutHookRequest>,
) -> ApiResult<(StatusCode, Json<Hook>)> {
    let is_active = body.is_active.unwrap_or(true);
    let made = checked(&access, HookId(Uuid::now_v7()), body, None)?;
    let secret =
        matches!(made.act, Act::Webhook { .. }).then(|| Signing::new(&state, made.id)).transpose()?;
    let sealed = secret.as_ref().map(|secret| secret.sealed.as_slice());
    hooks::create(&state.store, &made, sealed, is_active, access.caller.user_id).await?;
    note(&state, &access, source, "hook.create", &made).await;
    let kept = find(&state, &access, made.id).await?;
    Ok((StatusCode::CREATED, Json(Hook::of(kept, secret.map(|secret| secret.shown)))))
}

/// One hook.
#[utoipa::path(
    get, path = "/api/hooks/{id}", tag = "hooks",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = Hook), ProblemResponses),
)]
pub async fn get_hook(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Hook>> {
    Ok(Json(Hook::of(find(&state, &access, HookId(id)).await?, None)))
}

/// Replaces a hook, turns it off and on, or gives its messages a new secret.
#[utoipa::path(
    put, path = "/api/hooks/{id}", tag = "hooks",
    params(("id" = Uuid, Path), TeamParam),
    request_body = PutHookRequest,
    responses((status = 200, body = Hook), ProblemResponses),
)]
pub async fn update_hook(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<PutHookRequest>,
) -> ApiResult<Json<Hook>> {
    let current = find(&state, &access, HookId(id)).await?.hook;
    let (is_active, new_secret) = (body.is_active.unwrap_or(true), body.new_secret);
    let made = checked(&access, current.id, body, Some(&current.act))?;
    let is_webhook = matches!(made.act, Act::Webhook { .. });
    let had_none = !matches!(current.act, Act::Webhook { .. });
    let secret =
        (is_webhook && (new_secret || had_none)).then(|| Signing::new(&state, made.id)).transpose()?;
    let sealed = secret.as_ref().map(|secret| secret.sealed.as_slice());
    if !hooks::update(&state.store, &made, sealed, is_active).await? {
        return Err(Problem::not_found("hook").into());
    }
    note(&state, &access, source, "hook.update", &made).await;
    let kept = find(&state, &access, made.id).await?;
    Ok(Json(Hook::of(kept, secret.map(|secret| secret.shown))))
}

/// Takes a hook away, and its messages with it. What it did stays with the calls.
#[utoipa::path(
    delete, path = "/api/hooks/{id}", tag = "hooks",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_hook(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let current = find(&state, &access, HookId(id)).await?.hook;
    if !hooks::delete(&state.store, access.team_id, current.id).await? {
        return Err(Problem::not_found("hook").into());
    }
    note(&state, &access, source, "hook.delete", &current).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(state: &AppState, access: &TeamAccess, id: HookId) -> ApiResult<hooks::Kept> {
    let found = hooks::find(&state.store, access.team_id, id).await?;
    found.ok_or_else(|| Problem::not_found("hook").into())
}

/// A new secret, for its owner and for the store.
struct Signing {
    shown: String,
    sealed: Vec<u8>,
}

impl Signing {
    fn new(state: &AppState, id: HookId) -> ApiResult<Self> {
        let secret = secret_text(SECRET_PREFIX, rand::random());
        let sealed = state
            .keys
            .hook_secret
            .seal(secret.expose().as_bytes(), id.as_bytes(), rand::random())
            .map_err(Problem::internal)?;
        Ok(Self { shown: secret.expose().clone(), sealed })
    }
}

/// The hook as it will stand. That it can be used is found out here, not at the first call.
fn checked(
    access: &TeamAccess,
    id: HookId,
    body: PutHookRequest,
    before: Option<&Act>,
) -> ApiResult<hook::Hook> {
    let filter = &body.filter;
    let lists = [&filter.models, &filter.agents, &filter.tags, &filter.errors];
    let fits = |text: &String| !text.trim().is_empty() && text.len() <= LONGEST_FILTER_BYTES;
    let is_short = lists.iter().all(|list| list.len() <= MOST_FILTERS && list.iter().all(fits));
    if !is_short || filter.keys.len() > MOST_FILTERS {
        let detail = format!("A filter names at most {MOST_FILTERS} of each, none of them empty.");
        return Err(Problem::invalid("invalid_filter", detail).field("filter").into());
    }
    let made = hook::Hook {
        id,
        team_id: access.team_id,
        name: checks::name("name", &body.name, 100)?,
        point: body.point.into(),
        filter: body.filter.into(),
        act: act(access, body.act, before)?,
    };
    let invalid = |error: String| {
        Problem::invalid("invalid_hook", format!("The hook cannot be used: {error}.")).field("act")
    };
    made.check().map_err(|error| invalid(error.to_string()))?;
    made.guardrail().map(Rule::new).transpose().map_err(|error| invalid(error.to_string()))?;
    Ok(made)
}

fn act(access: &TeamAccess, act: HookAct, before: Option<&Act>) -> ApiResult<Act> {
    Ok(match act {
        HookAct::Tag { tags } => Act::Tag { tags },
        HookAct::Reject { message } => Act::Reject { message },
        HookAct::Mask { check } => {
            let detail = "Only regex, deny_list and detectors can mask.";
            let found = guardrail_check::of_text(&check);
            Act::Mask { check: found.ok_or_else(|| Problem::invalid("invalid_hook", detail).field("act"))? }
        }
        HookAct::Webhook { url, content } => {
            let is_kept =
                matches!(before, Some(Act::Webhook { url: was, allow_private: true, .. }) if *was == url);
            let allow_private = is_kept || access.caller.is_platform_admin();
            Act::Webhook { url: guardrail_check::address(&url, allow_private)?, content, allow_private }
        }
    })
}

async fn note(state: &AppState, access: &TeamAccess, from: Source, action: &'static str, hook: &hook::Hook) {
    let detail = json!({"name": hook.name, "point": hook.point, "act": hook.act.kind()});
    let (target, by) = (("hook", hook.id.0), access.caller.actor());
    audit::note(state, Change { team_id: Some(access.team_id), action, target, detail, by, from }).await;
}
