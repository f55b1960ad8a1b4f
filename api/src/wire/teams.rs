//! Teams and who belongs to them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A member's place in a team. Owners manage members and every key of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    Owner,
    Member,
}

impl From<aop_store::team_members::MemberRole> for MemberRole {
    fn from(role: aop_store::team_members::MemberRole) -> Self {
        match role {
            aop_store::team_members::MemberRole::Owner => Self::Owner,
            aop_store::team_members::MemberRole::Member => Self::Member,
        }
    }
}

impl From<MemberRole> for aop_store::team_members::MemberRole {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Owner => Self::Owner,
            MemberRole::Member => Self::Member,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    pub id: Uuid,
    pub name: String,
    /// Days the team's records are kept; absent: the installation's own setting.
    pub retention_days: Option<u16>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl From<aop_store::teams::Team> for Team {
    fn from(team: aop_store::teams::Team) -> Self {
        Self {
            id: team.id.0,
            name: team.name,
            retention_days: team.retention_days.and_then(|days| u16::try_from(days).ok()),
            created_at: team.created_at,
            updated_at: team.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Days the team's records are kept; absent or null: the installation's own setting.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub retention_days: Option<u16>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    pub user_id: Uuid,
    pub email: String,
    pub name: String,
    pub role: MemberRole,
    #[serde(with = "time::serde::rfc3339")]
    pub joined_at: OffsetDateTime,
}

impl From<aop_store::team_members::Member> for Member {
    fn from(member: aop_store::team_members::Member) -> Self {
        Self {
            user_id: member.user_id.0,
            email: member.email,
            name: member.name,
            role: member.role.into(),
            joined_at: member.joined_at,
        }
    }
}

/// Adds an existing user to the team, or changes the role of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMemberRequest {
    #[schema(format = Email)]
    pub email: String,
    pub role: MemberRole,
}
