//! One-time links: invitations into a team, and new passwords.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire::auth::Password;
use crate::wire::teams::MemberRole;
use crate::wire::users::Role;

/// The token of a one-time link on its way in. It has no `Serialize`, and its `Debug` shows nothing.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 128)]
pub struct LinkToken(String);

impl LinkToken {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

/// A one-time link, shown once. Hand it over on a way you trust: whoever opens it first may use it.
#[derive(Serialize, ToSchema)]
pub struct OneTimeLink {
    /// The token alone.
    pub token: String,
    /// The address to open, with the token in it.
    pub link: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// What the person becomes in the team.
    pub role: MemberRole,
    /// What the person may do on the platform, so that the account needs no approval: `developer` or `viewer`. Only
    /// administrators may say so; absent, a new account waits for approval. An approved account keeps its role.
    #[serde(default)]
    pub account_role: Option<Role>,
}

/// An invitation that can still be accepted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    pub id: Uuid,
    pub email: String,
    pub role: MemberRole,
    pub account_role: Option<Role>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

impl From<aop_store::invitations::Invitation> for Invitation {
    fn from(invitation: aop_store::invitations::Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role.into(),
            account_role: invitation.account_role.map(Role::from),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// An invitation just made, with its link.
#[derive(Serialize, ToSchema)]
pub struct NewInvitation {
    pub invitation: Invitation,
    pub link: OneTimeLink,
}

/// Signed in, only the token is needed. Otherwise name and password make the account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitationRequest {
    pub token: LinkToken,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[serde(default)]
    pub password: Option<Password>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordRequest {
    pub token: LinkToken,
    pub password: Password,
}
