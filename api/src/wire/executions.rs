//! Executions: the runs of crews.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::wire::page::PageParams;

#[derive(Debug, Serialize, ToSchema)]
pub struct Execution {
    pub id: Uuid,
    /// Absent when the crew was deleted since.
    pub crew_id: Option<Uuid>,
    pub crew_name: String,
    pub crew_version: i32,
    pub status: ExecutionStatus,
    #[schema(value_type = Object)]
    pub inputs: Value,
    /// `{raw, tasks: [{name, agent, raw}]}` once completed.
    #[schema(value_type = Option<Object>)]
    pub outputs: Option<Value>,
    pub error_message: Option<String>,
    /// 32 hex digits: `GET /api/traces/{trace_id}` has its spans.
    pub trace_id: String,
    pub triggered_by: TriggeredBy,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub completed_at: Option<OffsetDateTime>,
    pub cancel_requested: bool,
    pub input_tokens: i64,
    pub output_tokens: i64,
    /// Dollars as decimal text. Absent until the run ends, and when it is unknown, which is not 0.
    #[schema(value_type = Option<String>)]
    pub total_cost: Option<Decimal>,
}

/// Who started it. The user is the key's owner when a key did.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriggeredBy {
    pub user_id: Option<Uuid>,
    pub key_id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionStatus {
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl ExecutionStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(text: &str) -> Self {
        let all = [Self::Pending, Self::Running, Self::Completed, Self::Cancelled];
        all.into_iter().find(|status| status.as_str() == text).unwrap_or(Self::Failed)
    }
}

impl From<aop_store::executions::Execution> for Execution {
    fn from(execution: aop_store::executions::Execution) -> Self {
        Self {
            id: execution.id.0,
            crew_id: execution.crew_id.map(|crew| crew.0),
            crew_name: execution.crew_name,
            crew_version: execution.crew_version,
            status: ExecutionStatus::of(&execution.status),
            inputs: execution.inputs,
            outputs: execution.outputs,
            error_message: execution.error_message,
            trace_id: execution.trace_id.to_string(),
            triggered_by: TriggeredBy {
                user_id: execution.triggered_by.user.map(|user| user.0),
                key_id: execution.triggered_by.key.map(|key| key.0),
            },
            created_at: execution.created_at,
            started_at: execution.started_at,
            completed_at: execution.completed_at,
            cancel_requested: execution.cancel_requested,
            input_tokens: execution.input_tokens,
            output_tokens: execution.output_tokens,
            total_cost: execution.total_cost.map(|cost| cost.normalize()),
        }
    }
}

/// Which runs a list shows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExecutionFilter {
    pub crew_id: Option<Uuid>,
    #[param(inline)]
    pub status: Option<ExecutionStatus>,
    /// Items per page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl ExecutionFilter {
    pub fn page(&self) -> PageParams {
        PageParams { limit: self.limit, cursor: self.cursor.clone() }
    }
}

/// Where a stream goes on. The header `Last-Event-ID` says the same and wins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamParams {
    /// `id` of the last event that was received.
    #[param(minimum = 0)]
    pub last_event_id: Option<i64>,
}
