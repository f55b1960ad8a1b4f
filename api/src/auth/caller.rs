//! Who sends a request: a person with a session, or a virtual key of a person. Looked up anew for every request, so that
//! a sign-out, a revoked key, a changed role or a switched-off account counts at once.

use axum::http::{HeaderMap, header};
use uuid::Uuid;

use aop_domain::id::{KeyId, TeamId, UserId};
use aop_service::keys::LONGEST_VIRTUAL_KEY_BYTES;
use aop_service::problem::Problem;
use aop_store::audit_log::Actor;
use aop_store::refresh_tokens::{self, Session};

use crate::auth::access_token::{self, TokenError};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::wire::api_keys::Permission;
use crate::wire::users::Role;

/// How the caller showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// An access token; `family` is the refresh family of the sign-in.
    Session {
        family: Uuid,
    },
    Key {
        key_id: KeyId,
        team_id: TeamId,
        permissions: Vec<Permission>,
    },
}

/// A known, active caller. May still be pending.
#[derive(Debug, Clone)]
pub struct Caller {
    pub user_id: UserId,
    pub role: Role,
    pub via: Via,
}

impl Caller {
    /// Reads `Authorization: Bearer`.
    pub async fn identify(state: &AppState, headers: &HeaderMap) -> ApiResult<Self> {
        let token = bearer(headers)?;
        if token.starts_with("aop-") { by_key(state, token).await } else { by_session(state, token).await }
    }

    /// Anyone known and approved.
    pub async fn approved(state: &AppState, headers: &HeaderMap) -> ApiResult<Self> {
        let caller = Self::identify(state, headers).await?;
        if caller.role == Role::Pending {
            let detail = "Your account waits for an administrator to approve it.";
            return Err(Problem::forbidden("account_pending", detail).into());
        }
        Ok(caller)
    }

    pub fn is_session(&self) -> bool {
        matches!(self.via, Via::Session { .. })
    }

    /// The team a key is bound to.
    pub fn key_team(&self) -> Option<TeamId> {
        match self.via {
            Via::Key { team_id, .. } => Some(team_id),
            Via::Session { .. } => None,
        }
    }

    pub fn key_id(&self) -> Option<KeyId> {
        match self.via {
            Via::Key { key_id, .. } => Some(key_id),
            Via::Session { .. } => None,
        }
    }

    /// Who the audit log names.
    pub fn actor(&self) -> Actor {
        Actor { user_id: Some(self.user_id), key_id: self.key_id() }
    }

    pub fn is_platform_admin(&self) -> bool {
        let key_allows = match &self.via {
            Via::Session { .. } => true,
            Via::Key { permissions, .. } => permissions.contains(&Permission::Admin),
        };
        key_allows && self.role == Role::Admin
    }

    /// The refusal that says which side is short: the role or the key.
    pub fn not_allowed(&self) -> ApiError {
        if self.is_session() {
            return Problem::forbidden("not_allowed", "Your role does not allow this.").into();
        }
        Problem::forbidden(
            "key_not_allowed",
            "This key, or the role of its owner, does not allow this. Use a key with the permission for it.",
        )
        .into()
    }
}

fn bearer(headers: &HeaderMap) -> ApiResult<&str> {
    let missing = || {
        Problem::unauthenticated(
            "not_signed_in",
            "Sign in, or send a key with the header 'Authorization: Bearer aop-...'.",
        )
    };
    let text =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = text.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(missing().into());
    }
    Ok(token.trim())
}

/// One answer for every token that does not count, whatever the reason: nothing is learned by trying.
fn session_over() -> ApiError {
    Problem::unauthenticated("session_over", "The session is over or was never one of ours. Sign in again.")
        .into()
}

async fn by_session(state: &AppState, token: &str) -> ApiResult<Caller> {
    let claims =
        access_token::verify(token, state.clock.now_s(), &state.keys.access_token).map_err(|error| {
            match error {
                TokenError::Expired => Problem::unauthenticated(
                    "access_token_expired",
                    "The access token has expired. Get a new one from /api/auth/refresh.",
                )
                .into(),
                TokenError::Invalid | TokenError::CannotSign => session_over(),
            }
        })?;
    let user_id = UserId(claims.sub);
    let session = Session { user_id, family_id: claims.sid };
    if !refresh_tokens::is_family_active(&state.store, session, state.now()?).await? {
        return Err(session_over());
    }
    let user = aop_store::users::find(&state.store, user_id).await?.filter(|user| user.is_active);
    let user = user.ok_or_else(session_over)?;
    Ok(Caller { user_id, role: user.role.into(), via: Via::Session { family: claims.sid } })
}

async fn by_key(state: &AppState, key: &str) -> ApiResult<Caller> {
    let unknown = || {
        Problem::unauthenticated(
            "invalid_key",
            "This key is unknown, revoked or expired. Make a new one under API keys.",
        )
    };
    if key.len() > LONGEST_VIRTUAL_KEY_BYTES {
        return Err(unknown().into());
    }
    let mac = state.keys.virtual_key.mac(key.as_bytes());
    let holder = aop_store::api_keys::find_by_mac(&state.store, &mac).await?.ok_or_else(unknown)?;
    let now = state.now()?;
    if !holder.is_usable || holder.expires_at.is_some_and(|at| at <= now) {
        return Err(unknown().into());
    }
    state.key_uses.note(holder.key_id, now);
    let permissions = holder.permissions.iter().filter_map(|text| Permission::parse(text)).collect();
    let via = Via::Key { key_id: holder.key_id, team_id: holder.team_id, permissions };
    Ok(Caller { user_id: holder.user_id, role: holder.user_role.into(), via })
}
