//! Invitations into a team: one-time links, because no mail server is assumed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::TeamId;
use aop_service::problem::Problem;
use aop_store::invitations::{self, NewInvitation};

use crate::audit::{self, Change};
use crate::auth::access::{Level, TeamAccess};
use crate::auth::caller::Caller;
use crate::auth::link::Link;
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::links::{self, Invitation, InvitationRequest, OneTimeLink};
use crate::wire::page::{Page, PageParams};
use crate::wire::users::Role;

/// How long an invitation can be accepted.
const LIFETIME: Duration = Duration::days(7);
/// The page of the UI that accepts one.
const PAGE: &str = "invitation";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(revoke_invitation))
}

/// Invitations into the team that can still be accepted, newest first.
#[utoipa::path(
    get, path = "/api/teams/{id}/invitations", tag = "teams",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, body = Page<Invitation>), ProblemResponses),
)]
pub async fn list_invitations(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<Invitation>>> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    let (now, before) = (state.now()?, params.before()?);
    let rows = invitations::list(&state.store, access.team_id, now, before, params.rows()).await?;
    Ok(Json(Page::cut(rows, params.limit(), |invitation| invitation.id).map(Invitation::from)))
}

/// Invites somebody into the team and answers the one-time link, good for 7 days. It replaces an open one for the same
/// e-mail address.
#[utoipa::path(
    post, path = "/api/teams/{id}/invitations", tag = "teams",
    params(("id" = Uuid, Path)),
    request_body = InvitationRequest,
    responses((status = 201, body = links::NewInvitation), ProblemResponses),
)]
pub async fn create_invitation(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<InvitationRequest>,
) -> ApiResult<(StatusCode, Json<links::NewInvitation>)> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    check_account_role(&access.caller, body.account_role)?;
    let link = Link::new(&state.keys.invitation);
    let now = state.now()?;
    let new = NewInvitation {
        id: Uuid::now_v7(),
        email: checks::email(&body.email)?,
        role: body.role.into(),
        account_role: body.account_role.map(Into::into),
        hash: link.hash,
        expires_at: now + LIFETIME,
    };
    let made = invitations::create(&state.store, access.team_id, &new, now).await?;
    let detail = json!({"email": made.email, "role": body.role, "account_role": body.account_role});
    note(&state, &access, source, "invitation.create", made.id, detail).await;
    let link = OneTimeLink {
        link: link.address(&state.public_url, PAGE),
        token: link.token,
        expires_at: made.expires_at,
    };
    Ok((StatusCode::CREATED, Json(links::NewInvitation { invitation: made.into(), link })))
}

/// Who may enter the platform is the administrators' decision, not that of a team's owner.
fn check_account_role(caller: &Caller, asked: Option<Role>) -> ApiResult<()> {
    match asked {
        None => Ok(()),
        Some(Role::Developer | Role::Viewer) if caller.is_platform_admin() => Ok(()),
        Some(Role::Developer | Role::Viewer) => Err(caller.not_allowed()),
        Some(Role::Admin | Role::Pending) => Err(Problem::invalid(
            "invalid_account_role",
            "An invitation makes developers and viewers only. Change the account's role after it was accepted.",
        )
        .field("account_role")
        .into()),
    }
}

/// Revokes an invitation; its link stops working at once.
#[utoipa::path(
    delete, path = "/api/teams/{id}/invitations/{invitation_id}", tag = "teams",
    params(("id" = Uuid, Path), ("invitation_id" = Uuid, Path)),
    responses((status = 204), ProblemResponses),
)]
pub async fn revoke_invitation(
    State(state): State<AppState>,
    caller: Caller,
    source: Source,
    Path((id, invitation_id)): Path<(Uuid, Uuid)>,
) -> ApiResult<StatusCode> {
    let access = TeamAccess::resolve(&state, caller, Some(TeamId(id))).await?.requiring(Level::Own)?;
    if !invitations::delete(&state.store, access.team_id, invitation_id).await? {
        return Err(Problem::not_found("invitation").into());
    }
    note(&state, &access, source, "invitation.revoke", invitation_id, json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    invitation: Uuid,
    detail: serde_json::Value,
) {
    let change = Change {
        team_id: Some(access.team_id),
        action,
        target: ("invitation", invitation),
        detail,
        by: access.caller.actor(),
        from,
    };
    audit::note(state, change).await;
}
