//! Two runs beside each other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire::tree::Totals;

/// Two runs, step by step.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceDiff {
    pub a: DiffRun,
    pub b: DiffRun,
    /// In the order of the first run; steps of the second alone stand where they would have come.
    pub steps: Vec<DiffStep>,
    /// There are more calls than were compared.
    pub truncated: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiffRun {
    pub trace_id: String,
    pub totals: Totals,
    pub duration_us: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// The same was sent and the same was answered.
    Same,
    Changed,
    OnlyA,
    OnlyB,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiffStep {
    pub kind: DiffKind,
    /// 16 hex digits, and the agent's name.
    pub agent: String,
    pub agent_name: Option<String>,
    pub a: Option<DiffCall>,
    pub b: Option<DiffCall>,
    /// The first message that differs, in the calls' `content.input`. Absent: none does, or the content is not kept.
    pub message_index: Option<u32>,
    pub answer_differs: bool,
    pub model_differs: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiffCall {
    pub call_id: Option<Uuid>,
    pub model: String,
    /// As spans say it: `completed`, `failed`, `cancelled`.
    pub status: String,
    pub duration_us: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text; absent when unknown.
    pub cost: Option<String>,
    pub tool_names: Vec<String>,
}
