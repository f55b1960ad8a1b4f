//! Users as an administrator sees them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a user may do on the platform. `pending`: signed in, not approved yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Developer,
    Viewer,
    Pending,
}

impl From<aop_store::users::Role> for Role {
    fn from(role: aop_store::users::Role) -> Self {
        match role {
            aop_store::users::Role::Admin => Self::Admin,
            aop_store::users::Role::Developer => Self::Developer,
            aop_store::users::Role::Viewer => Self::Viewer,
            aop_store::users::Role::Pending => Self::Pending,
        }
    }
}

impl From<Role> for aop_store::users::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Developer => Self::Developer,
            Role::Viewer => Self::Viewer,
            Role::Pending => Self::Pending,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// A user who is not active cannot sign in, and none of their keys work.
    pub is_active: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_login_at: Option<OffsetDateTime>,
}

impl From<aop_store::users::User> for User {
    fn from(user: aop_store::users::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            name: user.name,
            role: user.role.into(),
            is_active: user.is_active,
            created_at: user.created_at,
            last_login_at: user.last_login_at,
        }
    }
}

/// Absent fields stay as they are. Giving a pending user another role approves them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUserRequest {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}
