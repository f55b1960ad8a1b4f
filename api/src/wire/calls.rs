//! LLM calls as lists and as one call in full. Money is decimal text in US dollars; an unknown cost is absent, never 0.

mod convert;
mod receipt;

pub use receipt::CallReceipt;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::wire::guardrails::GuardrailOutcome;
use crate::wire::hooks::HookOutcome;
use crate::wire::policies::RecordingLevel;
use crate::wire::repricings::CallRepricing;
use crate::wire::runaway::RunawayMark;
use crate::wire::usage::{TokenSource, TokenUsage};

/// How a call or an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    Ok,
    ClientError,
    RateLimited,
    Budget,
    Blocked,
    UpstreamError,
    Timeout,
    Cancelled,
    Internal,
}

impl CallStatus {
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::ClientError,
        Self::RateLimited,
        Self::Budget,
        Self::Blocked,
        Self::UpstreamError,
        Self::Timeout,
        Self::Cancelled,
        Self::Internal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ClientError => "client_error",
            Self::RateLimited => "rate_limited",
            Self::Budget => "budget",
            Self::Blocked => "blocked",
            Self::UpstreamError => "upstream_error",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// An unknown text is shown as our own failure, the one status nobody chooses.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == text).unwrap_or(Self::Internal)
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallFilter {
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
    pub status: Option<CallStatus>,
    /// The model asked for or the one that answered.
    pub model: Option<String>,
    pub provider: Option<String>,
    pub agent: Option<String>,
    pub crew: Option<String>,
    pub key_id: Option<Uuid>,
    pub session_id: Option<String>,
    pub end_user: Option<String>,
    /// The issuer of the token that the call was made with, as in its `iss`.
    pub token_issuer: Option<String>,
    /// Whom that token proves, as in its `sub`.
    pub token_subject: Option<String>,
    /// 32 hex digits.
    pub trace_id: Option<String>,
    pub execution_id: Option<Uuid>,
}

/// One answered or refused request at the front door. Absent: not known or not applicable.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallSummary {
    pub call_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub trace_id: String,
    pub span_id: String,
    pub parent_span_id: Option<String>,
    pub key_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub session_id: Option<String>,
    pub execution_id: Option<Uuid>,
    pub crew: Option<String>,
    pub task: Option<String>,
    /// As corrected.
    pub agent: Option<String>,
    /// The agent's key: 16 hex digits, the same in every call and run.
    pub agent_key: Option<String>,
    pub parent_agent: Option<String>,
    /// The customer's own user.
    pub end_user: Option<String>,
    pub application: Option<String>,
    pub framework: Option<String>,
    /// `chat_completions`, `completions`, `embeddings`, ...
    pub operation: String,
    pub requested_model: String,
    pub response_model: Option<String>,
    pub provider: Option<String>,
    pub deployment: Option<String>,
    pub stream: bool,
    pub status: CallStatus,
    pub http_status: u16,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub finish_reason: Option<String>,
    pub duration_us: u64,
    /// Absent when no token came or the answer was not streamed.
    pub first_token_us: Option<u64>,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub usage_source: TokenSource,
    /// US dollars as decimal text; absent when unknown.
    pub cost: Option<String>,
    /// Upstream tries; 0 for a refused call.
    pub attempt_count: u32,
    /// What the response cache had to do with it: `hit`, `miss` or `bypass`. Absent: it is off for this call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// Tools the answer called.
    pub tool_names: Vec<String>,
    pub input_preview: String,
    pub output_preview: String,
    /// 16 hex digits: the same for calls that go on with each other.
    pub conversation: Option<String>,
    /// What a framework's own call is for: `planner`, `selector`, `memory`, ...
    pub internal: Option<String>,
    /// Rules of the runaway guard that it met.
    pub runaway: Vec<RunawayMark>,
    /// The issuer (`iss`) of the token that it was made with. Absent: with a key.
    pub token_issuer: Option<String>,
    /// Whom that token proves (`sub`), unlike what the caller says of itself.
    pub token_subject: Option<String>,
}

/// One call in full: what was asked, what was answered, what it cost and how it was routed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallDetail {
    #[serde(flatten)]
    pub summary: CallSummary,
    pub provider_response_id: Option<String>,
    /// The route that answered to the requested model.
    pub route: Option<String>,
    pub tags: Vec<String>,
    pub identity: IdentityFacts,
    pub usage: TokenUsage,
    /// Of the answer. Together with `wasted_cost` they are the call's cost.
    pub costs: Option<CostParts>,
    /// What tries that were given up may have cost beside the answer; absent when none did.
    pub wasted_cost: Option<String>,
    pub price_version: Option<u32>,
    pub upstream_us: u64,
    /// Time the gateway itself added.
    pub overhead_us: u64,
    pub queue_us: u64,
    pub connect_us: u64,
    pub attempts: Vec<Attempt>,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// The recorded bodies were cut at the recording bound.
    pub body_truncated: bool,
    /// Absent when content is not recorded or no longer kept.
    pub content: Option<CallContent>,
    /// Name of the proxy that took the call.
    pub node: String,
    /// Days this record is kept.
    pub retention_days: u16,
    /// How much of its content is kept.
    pub recording: RecordingLevel,
    /// Secrets and personal data that were taken out before it was kept.
    pub redactions: u32,
    /// What the answer would have cost without the response cache, US dollars as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_saved: Option<String>,
    /// What guardrails did.
    pub guardrails: Vec<GuardrailOutcome>,
    /// What hooks did.
    pub hooks: Vec<HookOutcome>,
    /// What was used beside tokens.
    pub units: Vec<Unit>,
    /// Of a call to a provider's own API: method and path there.
    pub passed: Option<String>,
    /// Fields of the request that were left out, because the provider has no word for them.
    pub dropped_fields: Vec<String>,
    /// What re-pricings made of its cost, oldest first: before the first stands what it was metered at. `cost` is what holds now.
    pub repricings: Vec<CallRepricing>,
}

/// So much of one thing that a call used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unit {
    /// As in a price card: `image_out`, `second_in`, `character_in`, `query`.
    pub meter: String,
    /// A size; empty for most.
    pub variant: String,
    /// Decimal text.
    pub count: String,
}

/// How the call's identity was found. Sources: `signed`, `aop_header`, `path`, `trace_context`, `vendor_header`, `body`,
/// `inferred`, `corrected`, `generated`, `none`.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityFacts {
    /// Source of each claimed field, by field name.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub sources: BTreeMap<String, String>,
    pub trace_source: String,
    /// The rule that gave the agent, e.g. `header:x-aop-agent`.
    pub agent_rule: Option<String>,
    /// 0 to 100: 100 for what was stated.
    pub agent_confidence: u8,
    /// The agent as found, before corrections; 16 hex digits, as the system prompt's.
    pub fingerprint: Option<String>,
    pub prompt: Option<String>,
    /// Why the call is in its trace, and how surely (0 to 100).
    pub run_rule: Option<String>,
    pub run_confidence: u8,
}

/// US dollars as decimal text.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostParts {
    pub input: String,
    pub cache: String,
    pub output: String,
}

/// One try at one deployment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    pub span_id: String,
    pub provider: String,
    pub deployment: Option<String>,
    pub upstream_model: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub duration_us: u64,
    pub connect_us: Option<u64>,
    pub first_byte_us: Option<u64>,
    /// Absent when no answer came.
    pub http_status: Option<u16>,
    /// `completed`, `failed` or `cancelled`.
    pub status: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// Why this deployment was chosen: `route:first`, `sticky`, `fallback`, `retry`, `probe`, `last_resort`, `hedge`,
    /// `continuation`, `model_fallback:<what the model before failed with>`.
    pub reason: Option<String>,
    /// What ordered the deployments; absent when there was only one.
    pub strategy: Option<String>,
    /// Every deployment there was, with what spoke for or against it; on the first try of a model only.
    pub considered: Option<String>,
    /// The provider was at work on it, and may send a bill whatever became of the answer.
    pub may_be_billed: bool,
    pub input_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
    pub usage_source: TokenSource,
    /// US dollars as decimal text; absent when unknown or nothing.
    pub cost: Option<String>,
}

/// The conversation of a call, put together again from its stored messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallContent {
    /// In the order they were sent.
    pub input: Vec<Message>,
    /// Index of the first message in `input` that the call before did not carry.
    pub new_from: u32,
    pub output: Vec<Message>,
    /// The tool definitions as they were sent; null when there were none.
    pub tools: serde_json::Value,
    /// The request without its messages and tools.
    pub params: serde_json::Value,
    /// The response without its messages.
    pub response: serde_json::Value,
}

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// The same message has the same hash in every call.
    pub hash: String,
    /// `system`, `user`, `assistant`, `tool`, ...; `missing` when it is no longer kept.
    pub role: String,
    /// The message as it was sent, in the provider's own shape.
    pub content: serde_json::Value,
}
