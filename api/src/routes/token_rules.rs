//! Tokens of other issuers that act as virtual keys: which issuers there are, and the rules that lead from what a token
//! says to a key. Which issuers count is the operator's setting; whose key somebody elsewhere may use is an
//! administrator's to say, or one team could draw another's people, and what they write, to a key of its own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::KeyId;
use aop_service::problem::Problem;
use aop_store::token_rules::{self, NewRule};

use crate::audit::{self, Change};
use crate::auth::access::{Owns, TeamAccess, TeamParam};
use crate::auth::source::Source;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::{Page, PageParams};
use crate::wire::token_rules::{NewTokenRule, TokenIssuer, TokenRule};

const LONGEST_CLAIM: usize = 200;
const LONGEST_VALUE: usize = 500;
/// Lower ones count first.
const POSITIONS: std::ops::RangeInclusive<i32> = 0..=10_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_token_issuers))
        .routes(routes!(list_token_rules, create_token_rule))
        .routes(routes!(delete_token_rule))
}

/// The issuers whose tokens are taken in place of keys, as this installation is set up.
#[utoipa::path(
    get, path = "/api/token-issuers", tag = "api-keys",
    params(TeamParam),
    responses((status = 200, body = Page<TokenIssuer>), ProblemResponses),
)]
pub async fn list_token_issuers(
    State(state): State<AppState>,
    Owns(_access): Owns,
) -> ApiResult<Json<Page<TokenIssuer>>> {
    Ok(Json(Page::whole(state.token_issuers.iter().map(TokenIssuer::from).collect())))
}

/// The rules that lead to the team's keys, newest first.
#[utoipa::path(
    get, path = "/api/token-rules", tag = "api-keys",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<TokenRule>), ProblemResponses),
)]
pub async fn list_token_rules(
    State(state): State<AppState>,
    Owns(access): Owns,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<TokenRule>>> {
    let rows = token_rules::list(&state.store, access.team_id, params.before()?, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |rule| rule.id).map(TokenRule::from)))
}

/// Lets tokens act as one of the team's keys. In force within a moment; for administrators.
#[utoipa::path(
    post, path = "/api/token-rules", tag = "api-keys",
    params(TeamParam),
    request_body = NewTokenRule,
    responses((status = 201, body = TokenRule), ProblemResponses),
)]
pub async fn create_token_rule(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Body(body): Body<NewTokenRule>,
) -> ApiResult<(StatusCode, Json<TokenRule>)> {
    if !access.caller.is_platform_admin() {
        return Err(access.caller.not_allowed());
    }
    if !state.token_issuers.iter().any(|known| known.issuer == body.issuer) {
        let detail = "This installation takes no tokens of this issuer; it would have to be named in AOP_TOKEN_ISSUERS.";
        return Err(Problem::invalid("unknown_issuer", detail).field("issuer").into());
    }
    let new = NewRule {
        id: Uuid::now_v7(),
        key_id: KeyId(body.key_id),
        claim: text("claim", &body.claim, LONGEST_CLAIM)?,
        value: text("value", &body.value, LONGEST_VALUE)?,
        position: position(body.position)?,
        issuer: body.issuer,
        created_by: access.caller.user_id,
    };
    let made = token_rules::create(&state.store, access.team_id, &new).await.map_err(taken)?;
    let made = made.ok_or_else(|| Problem::not_found("API key"))?;
    let detail =
        json!({"key_id": made.key_id, "issuer": made.issuer, "claim": made.claim, "value": made.value});
    note(&state, &access, source, "token_rule.create", made.id, detail).await;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Takes a rule away: tokens that only it let in are refused within a moment.
#[utoipa::path(
    delete, path = "/api/token-rules/{id}", tag = "api-keys",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_token_rule(
    State(state): State<AppState>,
    Owns(access): Owns,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    if !token_rules::delete(&state.store, access.team_id, id).await? {
        return Err(Problem::not_found("token rule").into());
    }
    note(&state, &access, source, "token_rule.delete", id, json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}

/// As the issuer writes it: nothing is taken off its ends.
fn text(field: &'static str, text: &str, longest: usize) -> ApiResult<String> {
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        let detail =
            format!("The {field} must have 1 to {longest} characters, none of them a control character.");
        return Err(Problem::invalid("invalid_rule", detail).field(field).into());
    }
    Ok(text.to_owned())
}

fn position(position: i32) -> ApiResult<i32> {
    if POSITIONS.contains(&position) {
        return Ok(position);
    }
    let detail = format!("The position must be between {} and {}.", POSITIONS.start(), POSITIONS.end());
    Err(Problem::invalid("invalid_rule", detail).field("position").into())
}

fn taken(error: aop_store::Error) -> ApiError {
    match error {
        aop_store::Error::Duplicate { .. } => Problem::new(
            ErrorKind::Conflict,
            "rule_taken",
            "This value of this claim leads to a key already. Take that rule away first.",
        )
        .field("value")
        .into(),
        other => other.into(),
    }
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    rule: Uuid,
    detail: serde_json::Value,
) {
    let target = ("token_rule", rule);
    let change =
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from };
    audit::note(state, change).await;
}
