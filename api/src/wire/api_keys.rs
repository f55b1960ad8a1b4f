//! Virtual keys. The key itself is in an answer exactly once: when it is made or regenerated.

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the holder of a key may do, never more than its owner may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Call models through the gateway.
    Gateway,
    /// Call the providers' own APIs through the gateway, with the providers' credentials.
    Passthrough,
    /// Read the team's data over `/api`.
    Read,
    /// Run crews and read the team's data.
    Run,
    /// Change what a developer may change.
    Write,
    /// Everything the key's owner may do in the team and on the platform.
    Admin,
}

impl Permission {
    pub const ALL: [Self; 6] =
        [Self::Gateway, Self::Passthrough, Self::Read, Self::Run, Self::Write, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Passthrough => "passthrough",
            Self::Read => "read",
            Self::Run => "run",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == text)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    pub id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    /// First and last characters of the key.
    pub hint: String,
    pub permissions: Vec<Permission>,
    /// Model names or patterns (`gpt-4*`) the key may call; empty allows every model of the team.
    pub allowed_models: Vec<String>,
    /// Requests a minute; absent: no limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<i32>,
    pub is_active: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

impl From<aop_store::api_keys::ApiKey> for ApiKey {
    fn from(key: aop_store::api_keys::ApiKey) -> Self {
        Self {
            id: key.id.0,
            user_id: key.user_id.0,
            name: key.name,
            hint: key.hint,
            permissions: key.permissions.iter().filter_map(|text| Permission::parse(text)).collect(),
            allowed_models: key.allowed_models,
            rate_limit: key.rate_limit,
            is_active: key.is_active,
            expires_at: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A key just made: the only time `key` is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiKey {
    /// The secret itself, `aop-...`. It is not stored and cannot be shown again.
    pub key: String,
    pub api_key: ApiKey,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKeyRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_items = 1)]
    pub permissions: Vec<Permission>,
    #[serde(default)]
    #[schema(max_items = 200)]
    pub allowed_models: Vec<String>,
    /// Requests a minute; absent: no limit of its own.
    #[schema(minimum = 1)]
    pub rate_limit: Option<i32>,
    /// Absent: never expires.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// Absent fields stay as they are; `null` takes a limit or an expiry away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateApiKeyRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    pub permissions: Option<Vec<Permission>>,
    pub allowed_models: Option<Vec<String>>,
    /// Requests a minute; `null` takes the limit away. A team's owner decides it.
    #[serde(default, deserialize_with = "number_or_null")]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub rate_limit: Option<Option<i32>>,
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "present_or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Option<OffsetDateTime>>,
}

/// Tells "absent" (outer `None`) from `null` (inner `None`).
fn present_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<OffsetDateTime>>, D::Error> {
    time::serde::rfc3339::option::deserialize(from).map(Some)
}

fn number_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i32>>, D::Error> {
    Option::deserialize(from).map(Some)
}
