//! A run as a tree: who called, on whose behalf, who handed over to whom, and how each of it was found.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a field was found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// `signed`, `aop_header`, `path`, `trace_context`, `vendor_header`, `body`, `inferred`, `corrected`, `generated` or `none`.
    pub source: String,
    /// A stable word, or the place of what was stated (`header:x-aop-agent`).
    pub rule: String,
    /// The rule as one sentence.
    pub reason: String,
    /// 0 to 1. What was stated or corrected: 1.
    pub confidence: f64,
}

/// Figures of everything below.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Totals {
    pub calls: u64,
    /// Of these: calls that a framework made for itself.
    pub internal_calls: u64,
    /// Calls and steps that failed.
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Sum of the known costs, US dollars as decimal text.
    pub cost: String,
    /// Calls whose cost is unknown and so not in `cost`.
    pub unknown_cost_calls: u64,
}

/// What kind of speaker it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    Agent,
    /// A framework's own calls that serve no one agent.
    Framework,
    /// Work was handed to it (or by it), and it never called.
    Absent,
    /// Calls that say nothing of who makes them.
    Unknown,
}

/// One who speaks in a run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunAgent {
    /// 16 hex digits: the same for the same agent, in every run, after corrections.
    pub agent: String,
    /// Absent: nobody named it.
    pub name: Option<String>,
    pub kind: AgentKind,
    pub found: Found,
    pub framework: Option<String>,
    /// As found, before corrections: what a correction is made on.
    pub fingerprints: Vec<String>,
    /// System prompts it had.
    pub prompts: Vec<String>,
    pub conversations: Vec<String>,
    /// Corrections that made it what it is here.
    pub correction_ids: Vec<Uuid>,
    pub totals: Totals,
    /// Calls of a framework that served it, by what they were for.
    pub internals: Vec<InternalCalls>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    /// Time in which at least one of its calls was running.
    pub busy_us: u64,
}

/// Calls that a framework made for itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InternalCalls {
    /// `planner`, `selector`, `memory`, `guardrail`, `count_tokens`, `embedding`, `summary`, `converter`, `title`, `warmup`.
    pub kind: String,
    pub calls: u64,
    pub cost: String,
    pub unknown_cost_calls: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Run,
    Agent,
    Task,
    Call,
    /// Any other step that a runner or a tracer stated.
    Span,
}

/// One line of the tree; lines come depth first, parents before children, siblings by their start.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Node {
    /// Unique in this answer.
    pub id: String,
    pub parent: Option<String>,
    pub depth: u32,
    pub kind: NodeKind,
    /// Of a step that was stated: `crew`, `agent`, `task`, `tool`, ...
    pub span_type: Option<String>,
    /// The run's name, the agent, the task (or the first words of what was asked), the model. May be absent for an agent.
    pub name: Option<String>,
    /// Key into `agents`.
    pub agent: Option<String>,
    /// What a framework's own call is for.
    pub internal: Option<String>,
    pub span_id: Option<String>,
    pub call_id: Option<Uuid>,
    pub conversation: Option<String>,
    /// Fingerprint of a call's system prompt.
    pub prompt: Option<String>,
    /// A call's agent as found, before corrections.
    pub fingerprint: Option<String>,
    /// `running`, `completed`, `failed`, `cancelled`.
    pub status: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// Absent while it runs.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    pub duration_us: Option<u64>,
    pub totals: Totals,
    pub error_code: Option<String>,
    pub found: NodeFound,
}

/// How the fields of a line were found; absent where there was nothing to find.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct NodeFound {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Found>,
    /// Why it is in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Found>,
    /// Whom a framework's own call serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves: Option<Found>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    /// The other goes on with the conversation.
    Transfer,
    /// The other gets a task and answers.
    Delegate,
    /// Only a caller said so.
    Stated,
}

/// Work passed from one agent to another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Handover {
    /// Keys into `agents`.
    pub from: String,
    pub to: String,
    /// As the one who passed on calls the other.
    pub to_name: String,
    pub passing: Passing,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub from_call_id: Option<Uuid>,
    pub from_span_id: Option<String>,
    /// The first call of the other after that; absent: it never called.
    pub to_call_id: Option<Uuid>,
    pub to_span_id: Option<String>,
    pub found: Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoopKind {
    /// The same messages were sent again.
    SameRequest,
    /// The same tools were asked the same.
    SameToolCall,
    SameAnswer,
}

/// An agent does the same again and again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Loop {
    pub agent: String,
    pub conversation: String,
    pub kind: LoopKind,
    /// How often, in a row.
    pub times: u32,
    pub call_ids: Vec<Uuid>,
    pub reason: String,
}

/// The beginning of a conversation was changed, so that a provider's prompt cache was of no use.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CacheBreak {
    pub call_id: Uuid,
    pub previous_call_id: Uuid,
    pub agent: String,
    pub conversation: String,
    /// The first message that differed, in the call's `content.input`; absent: the tools did.
    pub message_index: Option<u32>,
    /// Role of that message, or `tools`.
    pub role: String,
    /// Tokens of the call before that could have been read from a cache and were not; an estimate by share of text.
    pub lost_tokens: u64,
    /// US dollars as decimal text; absent when the prices are unknown.
    pub lost_cost: Option<String>,
    pub reason: String,
}

/// The agents of a run and how work went between them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceGraph {
    pub trace_id: String,
    /// The traces that are this run, its own first.
    pub parts: Vec<String>,
    pub nodes: Vec<RunAgent>,
    pub edges: Vec<GraphEdge>,
}

/// All hand-overs of one kind between two agents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GraphEdge {
    pub from: String,
    pub to: String,
    pub count: u32,
    pub passing: Passing,
    /// Of the surest of them, 0 to 1.
    pub confidence: f64,
    #[serde(with = "time::serde::rfc3339")]
    pub first_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    /// One for each rule.
    pub found: Vec<Found>,
}

/// 16 hex digits.
pub fn hex(number: u64) -> String {
    format!("{number:016x}")
}

/// 16 hex digits; 0 is none.
pub fn hex_or_none(number: u64) -> Option<String> {
    (number != 0).then(|| hex(number))
}
