//! A new password for somebody who forgot theirs: an administrator makes a one-time link and hands it over.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::UserId;
use aop_service::problem::Problem;
use aop_store::audit_log::Actor;
use aop_store::{password_resets, users};

use crate::audit::{self, Change};
use crate::auth::access::PlatformAdmin;
use crate::auth::link::{self, Link};
use crate::auth::password::check_strength;
use crate::auth::source::Source;
use crate::auth::throttle::PER_SOURCE;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::links::{OneTimeLink, ResetPasswordRequest};

/// How long a link can be used.
const LIFETIME: Duration = Duration::hours(1);
/// The page of the UI that asks for the new password.
const PAGE: &str = "password-reset";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_password_reset)).routes(routes!(reset_password))
}

/// Makes a one-time link with which the user sets a new password, good for an hour. It replaces an open one.
#[utoipa::path(
    post, path = "/api/users/{id}/password-reset", tag = "users",
    params(("id" = Uuid, Path)),
    responses((status = 201, body = OneTimeLink), ProblemResponses),
)]
pub async fn create_password_reset(
    State(state): State<AppState>,
    access: PlatformAdmin,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<(StatusCode, Json<OneTimeLink>)> {
    // A key must not turn into the sign-in of a person: it could be revoked, the sign-in would stay.
    if !access.0.is_session() {
        return Err(access.0.not_allowed());
    }
    let user = users::find(&state.store, UserId(id)).await?.ok_or_else(|| Problem::not_found("user"))?;
    let link = Link::new(&state.keys.password_reset);
    let expires_at = state.now()? + LIFETIME;
    password_resets::put(&state.store, user.id, &link.hash, expires_at).await?;
    note(&state, "user.password_reset_link", user.id, access.0.actor(), source).await;
    let address = link.address(&state.public_url, PAGE);
    Ok((StatusCode::CREATED, Json(OneTimeLink { link: address, token: link.token, expires_at })))
}

/// Sets a new password with a one-time link. Every session of the user ends.
#[utoipa::path(
    post, path = "/api/auth/password-reset", tag = "auth",
    request_body = ResetPasswordRequest,
    responses((status = 204), ProblemResponses),
    security(()),
)]
pub async fn reset_password(
    State(state): State<AppState>,
    source: Source,
    Body(body): Body<ResetPasswordRequest>,
) -> ApiResult<StatusCode> {
    state.throttle.check(("password_reset", source), PER_SOURCE)?;
    check_strength(&body.password)?;
    let now = state.now()?;
    let hash = link::hash_of(body.token.expose(), &state.keys.password_reset);
    // Looked up before the password is hashed, so that guesses cost little.
    let open = match &hash {
        Some(hash) => password_resets::find_user(&state.store, hash, now).await?,
        None => None,
    };
    let (Some(hash), Some(_)) = (hash, open) else {
        state.throttle.count(("password_reset", source), PER_SOURCE);
        return Err(not_good());
    };
    let password_hash = state.passwords.hash(&body.password).await?;
    let user = password_resets::complete(&state.store, &hash, &password_hash, now).await?;
    let user = user.ok_or_else(not_good)?;
    note(&state, "user.password_reset", user, Actor { user_id: Some(user), key_id: None }, source).await;
    Ok(StatusCode::NO_CONTENT)
}

/// One answer for every link that does not count, whatever the reason: nothing is learned by trying.
fn not_good() -> ApiError {
    Problem::invalid(
        "invalid_reset_link",
        "This link is unknown, used or expired. Ask an administrator for a new one.",
    )
    .field("token")
    .into()
}

async fn note(state: &AppState, action: &'static str, user: UserId, by: Actor, from: Source) {
    let target = ("user", user.0);
    audit::note(state, Change { team_id: None, action, target, detail: json!({}), by, from }).await;
}
