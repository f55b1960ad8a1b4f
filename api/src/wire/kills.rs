//! Kills: what a person ended.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use aop_domain::kill as domain;
use aop_store::kills as stored;

use crate::error::ApiResult;
use crate::wire::page::PageParams;

/// What a kill ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KillKind {
    Trace,
    Execution,
    Session,
    /// By its name.
    Agent,
    Key,
    /// One call; made by `POST /api/calls/{call_id}/kill` only.
    Call,
}

impl From<KillKind> for domain::KillKind {
    fn from(kind: KillKind) -> Self {
        match kind {
            KillKind::Trace => Self::Trace,
            KillKind::Execution => Self::Execution,
            KillKind::Session => Self::Session,
            KillKind::Agent => Self::Agent,
            KillKind::Key => Self::Key,
            KillKind::Call => Self::Call,
        }
    }
}

impl From<domain::KillKind> for KillKind {
    fn from(kind: domain::KillKind) -> Self {
        match kind {
            domain::KillKind::Trace => Self::Trace,
            domain::KillKind::Execution => Self::Execution,
            domain::KillKind::Session => Self::Session,
            domain::KillKind::Agent => Self::Agent,
            domain::KillKind::Key => Self::Key,
            domain::KillKind::Call => Self::Call,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct KillFilter {
    /// Items per page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only those in force.
    #[serde(default)]
    pub active: bool,
}

impl KillFilter {
    pub fn page(&self) -> PageParams {
        PageParams { limit: self.limit, cursor: self.cursor.clone() }
    }

    pub fn before(&self) -> ApiResult<Option<Uuid>> {
        self.page().before()
    }
}

/// Why something is killed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillReason {
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillRequest {
    pub kind: KillKind,
    /// The id of the trace, execution, session or key, or the name of the agent.
    #[schema(min_length = 1, max_length = 256)]
    pub target: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// Absent: until it is lifted; runs and sessions 30 days.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 31_536_000)]
    pub expires_in_s: Option<u32>,
}

/// Calls of the target that are in flight are ended within a second, new ones are refused until this is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kill {
    pub id: Uuid,
    pub kind: KillKind,
    pub target: String,
    pub reason: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Absent when that user was deleted since.
    pub created_by: Option<Uuid>,
    /// Absent: until it is lifted.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub lifted_at: Option<OffsetDateTime>,
    pub lifted_by: Option<Uuid>,
    /// In force now.
    pub active: bool,
    /// In the answer to a kill: how many of its calls were in flight then. Absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_in_flight: Option<u32>,
}

impl Kill {
    pub fn of(kill: stored::Kill, now: OffsetDateTime) -> Self {
        Self {
            active: kill.is_active(now),
            id: kill.id,
            kind: kill.kind.into(),
            target: kill.target,
            reason: kill.reason,
            created_at: kill.created_at,
            created_by: kill.created_by.map(|user| user.0),
            expires_at: kill.expires_at,
            lifted_at: kill.lifted_at,
            lifted_by: kill.lifted_by.map(|user| user.0),
            calls_in_flight: None,
        }
    }
}
