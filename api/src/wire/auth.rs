//! Sign-in, registration and one's own profile.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire::teams::MemberRole;
use crate::wire::users::Role;

/// Deserialised passwords never reach a log: this type has no `Debug` of its content and no `Serialize`.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
pub struct Password(String);

impl Password {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What the first-run page needs to know before anyone has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupState {
    /// No administrator exists yet: registering needs the set-up token printed at first start.
    pub needs_admin: bool,
    pub version: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    pub password: Password,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Only for the first administrator: the token of the `/setup?token=` link.
    #[serde(default)]
    pub setup_token: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    pub email: String,
    pub password: Password,
}

/// A signed-in session. The refresh token travels only in an HttpOnly cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// Send as `Authorization: Bearer`. Keep it in memory only.
    pub access_token: String,
    pub expires_in_s: u32,
    pub user: Me,
}

/// The caller's own profile and teams.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Free-form preferences of the UI (theme, language).
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    pub teams: Vec<MyTeam>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MyTeam {
    pub id: Uuid,
    pub name: String,
    pub role: MemberRole,
}

/// Absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMeRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Replaces the whole object; at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    pub current_password: Password,
    pub new_password: Password,
}
