//! One's own account.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_service::problem::Problem;
use aop_store::refresh_tokens;
use aop_store::users::{self, User};

use crate::auth::access::SignedInUser;
use crate::auth::caller::Caller;
use crate::auth::password::check_strength;
use crate::auth::session::{self, SessionAnswer};
use crate::auth::throttle::PER_ACCOUNT;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::Body;
use crate::openapi::ProblemResponses;
use crate::profile;
use crate::state::AppState;
use crate::wire::auth::{ChangePasswordRequest, Me, SignedIn, UpdateMeRequest};

/// Preferences are for a theme and a language, not for storage.
const LARGEST_SETTINGS_BYTES: usize = 16 * 1024;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(me, update_me)).routes(routes!(change_password))
}

/// The caller's profile and teams.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "auth",
    responses((status = 200, body = Me), ProblemResponses),
)]
pub async fn me(State(state): State<AppState>, access: SignedInUser) -> ApiResult<Json<Me>> {
    let user = own_user(&state, &access.0).await?;
    Ok(Json(profile::of(&state, &user).await?))
}

async fn own_user(state: &AppState, caller: &Caller) -> ApiResult<User> {
    let user = users::find(&state.store, caller.user_id).await?;
    user.ok_or_else(|| Problem::not_found("user").into())
}

/// Changes the caller's name or preferences.
#[utoipa::path(
    patch, path = "/api/auth/me", tag = "auth",
    request_body = UpdateMeRequest,
    responses((status = 200, body = Me), ProblemResponses),
)]
pub async fn update_me(
    State(state): State<AppState>,
    access: SignedInUser,
    Body(body): Body<UpdateMeRequest>,
) -> ApiResult<Json<Me>> {
    let name = body.name.as_deref().map(|name| checks::name("name", name, 100)).transpose()?;
    if let Some(settings) = &body.settings
        && (!settings.is_object() || settings.to_string().len() > LARGEST_SETTINGS_BYTES)
    {
        let detail = format!("Settings must be an object of at most {LARGEST_SETTINGS_BYTES} bytes.");
        return Err(Problem::invalid("invalid_settings", detail).field("settings").into());
    }
    let user = users::update_profile(&state.store, access.0.user_id, name.as_deref(), body.settings.as_ref())
        .await?
        .ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(profile::of(&state, &user).await?))
}

/// Changes the caller's password and ends every other session.
#[utoipa::path(
    post, path = "/api/auth/password", tag = "auth",
    request_body = ChangePasswordRequest,
    responses((status = 200, body = SignedIn), ProblemResponses),
)]
pub async fn change_password(
    State(state): State<AppState>,
    access: SignedInUser,
    Body(body): Body<ChangePasswordRequest>,
) -> ApiResult<SessionAnswer> {
    let user = own_user(&state, &access.0).await?;
    check_strength(&body.new_password)?;
    let account = ("account", user.email.as_str());
    state.throttle.check(account, PER_ACCOUNT)?;
    let stored = users::find_password_hash(&state.store, user.id).await?;
    if !state.passwords.verify(&body.current_password, stored).await? {
        state.throttle.count(account, PER_ACCOUNT);
        return Err(Problem::invalid("wrong_password", "The current password is wrong.")
            .field("current_password")
            .into());
    }
    let hash = state.passwords.hash(&body.new_password).await?;
    users::set_password_hash(&state.store, user.id, &hash).await?;
    // This browser gets a new sign-in too: whoever copied the old one is out.
    refresh_tokens::revoke_all_of_user(&state.store, user.id, None, state.now()?).await?;
    session::begin(&state, &user).await
}
