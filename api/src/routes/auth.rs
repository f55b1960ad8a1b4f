//! Registration, sign-in, refresh and sign-out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::UserId;
use aop_service::keys::constant_time_eq;
use aop_service::problem::Problem;
use aop_store::users::{self, NewUser, Role, User};

use crate::auth::password::check_strength;
use crate::auth::session::{self, SessionAnswer};
use crate::auth::source::Source;
use crate::auth::throttle::{PER_ACCOUNT, PER_SOURCE};
use crate::error::{ApiError, ApiResult};
use crate::extract::Body;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::auth::{LoginRequest, RegisterRequest, SignedIn};
use crate::{bootstrap, checks};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
}

/// Makes an account: the first administrator with the set-up token, afterwards a pending user.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "auth",
    request_body = RegisterRequest,
    responses((status = 201, body = SignedIn), ProblemResponses),
    security(()),
)]
pub async fn register(
    State(state): State<AppState>,
    source: Source,
    Body(body): Body<RegisterRequest>,
) -> ApiResult<SessionAnswer> {
    state.throttle.check(("register", source), PER_SOURCE)?;
    state.throttle.count(("register", source), PER_SOURCE);
    let email = checks::email(&body.email)?;
    let name = checks::name("name", &body.name, 100)?;
    check_strength(&body.password)?;
    let first = match &body.setup_token {
        Some(token) => {
            require_setup_token(&state, token).await?;
            true
        }
        None if users::has_admin(&state.store).await? => false,
        None => {
            return Err(Problem::forbidden(
                "setup_token_needed",
                "The first account is the administrator's: open the first-admin link that 'aop up' printed.",
            )
            .into());
        }
    };
    let new = NewUser {
        id: UserId(Uuid::now_v7()),
        email,
        name,
        role: Role::Pending,
        password_hash: Some(state.passwords.hash(&body.password).await?),
    };
    let user =
        if first { create_first_admin(&state, &new).await? } else { create_pending(&state, &new).await? };
    Ok(session::begin(&state, &user).await?.status(StatusCode::CREATED))
}

async fn require_setup_token(state: &AppState, token: &str) -> ApiResult<()> {
    if users::has_admin(&state.store).await? {
        return Err(aop_store::Error::AdminExists.into());
    }
    if constant_time_eq(token.as_bytes(), state.keys.setup_token.expose().as_bytes()) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "wrong_setup_token",
        "This first-admin link is not the one of this installation. Use the one that 'aop up' printed.",
    )
    .into())
}

async fn create_first_admin(state: &AppState, new: &NewUser) -> ApiResult<User> {
    let user = users::create_first_admin(&state.store, new).await.map_err(email_taken)?;
    bootstrap::own_first_team(&state.store, user.id).await?;
    tracing::info!(user = %user.id, "the first administrator was made");
    Ok(user)
}

async fn create_pending(state: &AppState, new: &NewUser) -> ApiResult<User> {
    users::create(&state.store, new).await.map_err(email_taken)
}

fn email_taken(error: aop_store::Error) -> ApiError {
    match error {
        aop_store::Error::Duplicate { .. } => Problem::new(
            ErrorKind::Conflict,
            "email_taken",
            "There is an account with this e-mail address already. Sign in instead.",
        )
        .field("email")
        .into(),
        other => other.into(),
    }
}

/// Signs in with e-mail and password.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, body = SignedIn), ProblemResponses),
    security(()),
)]
pub async fn login(
    State(state): State<AppState>,
    source: Source,
    Body(body): Body<LoginRequest>,
) -> ApiResult<SessionAnswer> {
    let email = body.email.trim().to_lowercase();
    let account = ("account", email.as_str());
    state.throttle.check(account, PER_ACCOUNT)?;
    state.throttle.check(("login", source), PER_SOURCE)?;
    let found = users::find_sign_in(&state.store, &email).await?;
    let stored = found.as_ref().and_then(|found| found.password_hash.clone());
    let matches = state.passwords.verify(&body.password, stored).await?;
    let user = match found {
        Some(found) if matches && found.is_active => users::find(&state.store, found.id).await?,
        _ => None,
    };
    let Some(user) = user else {
        state.throttle.count(account, PER_ACCOUNT);
        state.throttle.count(("login", source), PER_SOURCE);
        return Err(Problem::unauthenticated(
            "wrong_credentials",
            "The e-mail address or the password is wrong, or the account is switched off.",
        )
        .into());
    };
    users::record_login(&state.store, user.id, state.now()?).await?;
    session::begin(&state, &user).await
}

/// Trades the refresh cookie for a new access token and a new cookie.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "auth",
    responses((status = 200, body = SignedIn), ProblemResponses),
    security(()),
)]
pub async fn refresh(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    let presented = state.cookie.read(&headers).unwrap_or_default();
    if let Some(answer) = session::renew(&state, presented).await? {
        return Ok(answer.into_response());
    }
    let over = Problem::unauthenticated(
        "no_session",
        "You are not signed in, or the session is over. Sign in again.",
    );
    Ok(([(header::SET_COOKIE, state.cookie.clear()?)], over).into_response())
}

/// Ends the session of the refresh cookie.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "auth",
    responses((status = 204), ProblemResponses),
    security(()),
)]
pub async fn logout(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(presented) = state.cookie.read(&headers) {
        session::end(&state, presented).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, state.cookie.clear()?)]).into_response())
}
