//! The other end of an invitation: whoever holds its link joins the team, with the account they have or a new one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::UserId;
use aop_service::problem::Problem;
use aop_store::audit_log::Actor;
use aop_store::invitations::{self, Guest, Invitation};
use aop_store::users::{self, User};

use crate::audit::{self, Change};
use crate::auth::access::MaybeSignedIn;
use crate::auth::caller::Caller;
use crate::auth::link;
use crate::auth::password::check_strength;
use crate::auth::session;
use crate::auth::source::Source;
use crate::auth::throttle::PER_SOURCE;
use crate::error::{ApiError, ApiResult};
use crate::extract::Body;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::auth::{Me, SignedIn};
use crate::wire::links::AcceptInvitationRequest;
use crate::{checks, profile};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(accept_invitation))
}

/// Joins the team of an invitation: the signed-in user, or else a new account for the invited e-mail address.
#[utoipa::path(
    post, path = "/api/auth/invitations/accept", tag = "auth",
    request_body = AcceptInvitationRequest,
    responses(
        (status = 200, body = Me, description = "The signed-in user has joined"),
        (status = 201, body = SignedIn, description = "An account was made, has joined and is signed in"),
        ProblemResponses
    ),
    security((), ("bearer" = [])),
)]
pub async fn accept_invitation(
    State(state): State<AppState>,
    MaybeSignedIn(caller): MaybeSignedIn,
    source: Source,
    Body(body): Body<AcceptInvitationRequest>,
) -> ApiResult<Response> {
    state.throttle.check(("invitation", source), PER_SOURCE)?;
    let Some((hash, invitation)) = find(&state, body.token.expose()).await? else {
        state.throttle.count(("invitation", source), PER_SOURCE);
        return Err(not_good());
    };
    let guest = match &caller {
        Some(caller) => known(&state, caller, &invitation).await?,
        None => new(&state, &body, &invitation).await?,
    };
    let user = invitations::accept(&state.store, &hash, &guest, state.now()?).await.map_err(has_account)?;
    let user = user.ok_or_else(not_good)?;
    note(&state, &invitation, &user, source).await;
    if caller.is_some() {
        return Ok(Json(profile::of(&state, &user).await?).into_response());
    }
    Ok(session::begin(&state, &user).await?.status(StatusCode::CREATED).into_response())
}

async fn find(state: &AppState, token: &str) -> ApiResult<Option<([u8; 32], Invitation)>> {
    let Some(hash) = link::hash_of(token, &state.keys.invitation) else { return Ok(None) };
    let found = invitations::find(&state.store, &hash, state.now()?).await?;
    Ok(found.map(|invitation| (hash, invitation)))
}

/// One answer for every link that does not count, whatever the reason: nothing is learned by trying.
fn not_good() -> ApiError {
    Problem::invalid(
        "invalid_invitation",
        "This invitation is unknown, used, revoked or expired. Ask whoever invited you for a new link.",
    )
    .field("token")
    .into()
}

/// The link alone is not enough to join with any account: it may have been passed on.
async fn known(state: &AppState, caller: &Caller, invitation: &Invitation) -> ApiResult<Guest> {
    let user = users::find(&state.store, caller.user_id).await?.ok_or_else(|| Problem::not_found("user"))?;
    if user.email == invitation.email {
        return Ok(Guest::Known(user.id));
    }
    Err(Problem::forbidden(
        "other_account",
        "This invitation is for another e-mail address. Sign out and open the link again.",
    )
    .into())
}

async fn new(state: &AppState, body: &AcceptInvitationRequest, invitation: &Invitation) -> ApiResult<Guest> {
    if users::find_by_email(&state.store, &invitation.email).await?.is_some() {
        return Err(sign_in_first());
    }
    let name = checks::name("name", body.name.as_deref().unwrap_or_default(), 100)?;
    let Some(password) = &body.password else {
        return Err(Problem::invalid("password_needed", "Choose a password for the new account.")
            .field("password")
            .into());
    };
    check_strength(password)?;
    Ok(Guest::New { id: UserId(Uuid::now_v7()), name, password_hash: state.passwords.hash(password).await? })
}

fn has_account(error: aop_store::Error) -> ApiError {
    match error {
        aop_store::Error::Duplicate { .. } => sign_in_first(),
        other => other.into(),
    }
}

fn sign_in_first() -> ApiError {
    Problem::new(
        ErrorKind::Conflict,
        "sign_in_first",
        "There is an account with the invited e-mail address already. Sign in and open the link again.",
    )
    .into()
}

async fn note(state: &AppState, invitation: &Invitation, user: &User, from: Source) {
    let change = Change {
        team_id: Some(invitation.team_id),
        action: "invitation.accept",
        target: ("invitation", invitation.id),
        detail: json!({"user_id": user.id.0, "email": user.email, "role": invitation.role}),
        by: Actor { user_id: Some(user.id), key_id: None },
        from,
    };
    audit::note(state, change).await;
}
