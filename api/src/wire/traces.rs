//! Traces as a list and as a tree of spans.

mod convert;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::wire::tree::{CacheBreak, Found, Handover, Loop, Node, RunAgent};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TraceFilter {
    /// Items per page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// RFC 3339; 24 hours ago when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    /// RFC 3339; now when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    pub agent: Option<String>,
    pub model: Option<String>,
    pub crew: Option<String>,
    pub session_id: Option<String>,
    pub execution_id: Option<Uuid>,
    /// Only traces in which something failed.
    #[serde(default)]
    pub errors_only: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Name, type and status of the root: the span without a parent, else the earliest.
    pub name: String,
    pub root_type: String,
    /// `running`, `completed`, `failed`, `cancelled`.
    pub status: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// When its latest record was made.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    pub duration_us: u64,
    /// Spans that ended, attempts left out.
    pub span_count: u64,
    pub call_count: u64,
    pub error_count: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Sum of the known costs, US dollars as decimal text.
    pub cost: String,
    /// Calls whose cost is unknown and so not in `cost`.
    pub unknown_cost_count: u64,
    pub agents: Vec<String>,
    pub models: Vec<String>,
    pub session_id: Option<String>,
    pub execution_id: Option<Uuid>,
    pub crew: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TraceDetail {
    #[serde(flatten)]
    pub summary: TraceSummary,
    /// In the order they started; the tree is in `parent_span_id`.
    pub spans: Vec<Span>,
    /// There are more spans than these.
    pub truncated: bool,
    /// All traces of this run, its own first: more than one when it turned out later that they are one run.
    pub parts: Vec<String>,
    /// How the run's trace came about.
    pub found: Found,
    /// Who speaks in it, in the order they first did. (`agents` are their names alone.)
    pub run_agents: Vec<RunAgent>,
    /// Depth first, parents before children, siblings by their start.
    pub tree: Vec<Node>,
    /// By time.
    pub handovers: Vec<Handover>,
    pub loops: Vec<Loop>,
    pub cache_breaks: Vec<CacheBreak>,
}

/// A step of a trace: a crew, an agent, a task, a tool, an LLM call or one of its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Span {
    /// 16 hex digits.
    pub span_id: String,
    pub parent_span_id: Option<String>,
    /// `crew`, `agent`, `task`, `tool`, `llm_call`, `attempt`, ...
    pub span_type: String,
    pub name: String,
    /// `running`, `completed`, `failed`, `cancelled`.
    pub status: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// Absent while it runs.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    /// Absent while it runs.
    pub duration_us: Option<u64>,
    pub first_token_us: Option<u64>,
    pub session_id: Option<String>,
    pub crew: Option<String>,
    pub task: Option<String>,
    pub agent: Option<String>,
    pub parent_agent: Option<String>,
    pub execution_id: Option<Uuid>,
    /// Set on LLM calls and their attempts.
    pub call_id: Option<Uuid>,
    pub model: Option<String>,
    pub provider: Option<String>,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text; absent when unknown or not a call.
    pub cost: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// `gateway`, `runner`, `otlp`.
    pub source: String,
    /// JSON text; empty when none was recorded.
    pub inputs: String,
    pub outputs: String,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub attributes: std::collections::BTreeMap<String, String>,
}
