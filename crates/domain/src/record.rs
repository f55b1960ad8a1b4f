//! What travels proxy → spool → collector: protobuf messages with stable tags, so that a newer collector
//! reads an older spool. Adding a field is fine; a tag is never reused and never changes its type.
//!
//! Times are microseconds since the Unix epoch (`*_at_us`) or durations in microseconds (`*_us`, 0 = not applicable).
//! Ids are bytes: 16 (UUID or trace) or 8 (span); empty means none. Money is a decimal as text; empty means unknown.

use bytes::Bytes;

use crate::guard::RecordingLevel;
use crate::identity::ClaimedIdentity;
use crate::inference::InferenceRecord;
use crate::runaway::Mark;
use crate::usage::{Usage, UsageSource};

/// How a call or an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum CallStatus {
    Ok = 0,
    ClientError = 1,
    RateLimited = 2,
    Budget = 3,
    Blocked = 4,
    UpstreamError = 5,
    Timeout = 6,
    Cancelled = 7,
    /// Our own failure.
    Internal = 8,
}

impl CallStatus {
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
}

/// One answered or refused request at the front door.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CallRecord {
    #[prost(bytes = "bytes", tag = "1")]
    pub call_id: Bytes,
    #[prost(int64, tag = "2")]
    pub started_at_us: i64,
    // Proven by the key. Nil team: the key was unknown, so the call belongs to nobody.
    #[prost(bytes = "bytes", tag = "3")]
    pub team_id: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub key_id: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub user_id: Bytes,
    #[prost(bytes = "bytes", tag = "6")]
    pub trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "7")]
    pub span_id: Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub parent_span_id: Bytes,
    #[prost(message, optional, tag = "9")]
    pub identity: Option<ClaimedIdentity>,

    /// `chat_completions`, `completions`, `embeddings`, `models`, ...
    #[prost(string, tag = "10")]
    pub operation: String,
    #[prost(string, tag = "11")]
    pub requested_model: String,
    #[prost(string, tag = "12")]
    pub response_model: String,
    #[prost(string, tag = "13")]
    pub route: String,
    #[prost(bool, tag = "14")]
    pub stream: bool,
    #[prost(string, tag = "15")]
    pub provider_response_id: String,
    #[prost(enumeration = "CallStatus", tag = "16")]
    pub status: i32,
    #[prost(uint32, tag = "17")]
    pub http_status: u32,
    /// The stable error code of the answer (`model_not_found`, `upstream_cut`, ...); empty when ok.
    #[prost(string, tag = "18")]
    pub error_code: String,
    /// One sentence, without secrets.
    #[prost(string, tag = "19")]
    pub error_message: String,
    #[prost(string, tag = "20")]
    pub finish_reason: String,

    #[prost(uint64, tag = "21")]
    pub duration_us: u64,
    #[prost(uint64, tag = "22")]
    pub first_token_us: u64,
    /// Time spent waiting for upstreams, all attempts together.
    #[prost(uint64, tag = "23")]
    pub upstream_us: u64,
    #[prost(uint32, tag = "24")]
    pub overhead_us: u32,
    #[prost(uint32, tag = "25")]
    pub queue_us: u32,

    #[prost(message, optional, tag = "26")]
    pub usage: Option<Usage>,
    #[prost(enumeration = "UsageSource", tag = "27")]
    pub usage_source: i32,
    /// Decimal text, e.g. `0.000412`; empty in all three when the price is unknown.
    #[prost(string, tag = "28")]
    pub cost_input: String,
    #[prost(string, tag = "29")]
    pub cost_cache: String,
    #[prost(string, tag = "30")]
    pub cost_output: String,
    #[prost(bool, tag = "31")]
    pub cost_known: bool,
    #[prost(uint32, tag = "32")]
    pub price_version: u32,

    /// Every upstream try, in order. Empty for a refused call.
    #[prost(message, repeated, tag = "33")]
    pub attempts: Vec<AttemptRecord>,

    /// The body as the client sent it. Empty when content is not recorded.
    #[prost(bytes = "bytes", tag = "34")]
    pub request_body: Bytes,
    /// The body as the provider sent it: JSON, or the raw server-sent events of a stream (up to a bound).
    #[prost(bytes = "bytes", tag = "35")]
    pub response_body: Bytes,
    #[prost(bool, tag = "36")]
    pub response_is_sse: bool,
    #[prost(uint64, tag = "37")]
    pub request_bytes: u64,
    #[prost(uint64, tag = "38")]
    pub response_bytes: u64,
    /// The recorded body was cut at the recording bound.
    #[prost(bool, tag = "39")]
    pub body_truncated: bool,
    /// Name of the proxy that took the call.
    #[prost(string, tag = "40")]
    pub node: String,
    /// Days the record is kept. 0: the platform's default.
    #[prost(uint32, tag = "41")]
    pub retention_days: u32,
    /// Time from the last byte read of the request to a connection upstream, all attempts.
    #[prost(uint32, tag = "42")]
    pub connect_us: u32,
    /// What the traffic shows about the call, whatever `identity` says. Absent in records of older proxies.
    #[prost(message, optional, tag = "80")]
    pub inference: Option<InferenceRecord>,

    /// How much of what was said is in this record.
    #[prost(enumeration = "RecordingLevel", tag = "50")]
    pub recording: i32,
    /// Secrets and personal data that were taken out of it.
    #[prost(uint32, tag = "51")]
    pub redactions: u32,
    #[prost(enumeration = "CacheOutcome", tag = "52")]
    pub cache: i32,
    /// Decimal text: what the call would have cost without the cache; empty when nothing was saved or it is not known.
    #[prost(string, tag = "53")]
    pub cost_saved: String,
    /// The guardrails that found something, and what they did.
    #[prost(message, repeated, tag = "54")]
    pub guardrails: Vec<GuardrailOutcome>,
    /// Rules of the runaway guard that the call met.
    #[prost(message, repeated, tag = "90")]
    pub runaway: Vec<Mark>,
    /// What tries beside the answer's may have cost: decimal text, empty when none did or nobody knows.
    #[prost(string, tag = "91")]
    pub wasted_cost: String,
    /// What was used beside tokens: pictures, seconds, characters, searches.
    #[prost(message, repeated, tag = "60")]
    pub units: Vec<UnitRecord>,
    /// Of a call to a provider's own API: method and path there, e.g. `GET /v1/files`. Without its query.
    #[prost(string, tag = "61")]
    pub passed: String,
    /// The client's connection, as inference knows it; 0: unknown, or written by an older proxy.
    #[prost(fixed64, tag = "105")]
    pub connection: u64,
    /// Hooks that did something with the call, webhooks that are to tell of it among them.
    #[prost(message, repeated, tag = "110")]
    pub hooks: Vec<HookOutcome>,
    /// Price class that the provider says it served (`flex`, `batch`); empty: the default one, or written by an older proxy.
    #[prost(string, tag = "129")]
    pub service_tier: String,
    /// Under which names its price was looked for; absent: it reached no provider, or written by an older proxy.
    #[prost(message, optional, tag = "130")]
    pub price_name: Option<PriceName>,
    /// The token that the call was made with in place of a key of ours; absent: a key, or written by an older proxy.
    #[prost(message, optional, tag = "133")]
    pub token: Option<ProvenToken>,
    /// Fields of the request that the provider was not sent, because it has no word for them.
    #[prost(string, repeated, tag = "134")]
    pub dropped_fields: Vec<String>,
}

/// What a token of another issuer proves of its bearer: unlike `ClaimedIdentity`, not the caller's own word.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ProvenToken {
    /// As it stands in `iss`.
    #[prost(string, tag = "1")]
    pub issuer: String,
    /// As it stands in `sub`, at most 255 characters; empty: the token has none.
    #[prost(string, tag = "2")]
    pub subject: String,
}

/// How the price table knows a call's model, beside the name that the provider answered with.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PriceName {
    #[prost(string, tag = "1")]
    pub provider: String,
    #[prost(string, tag = "2")]
    pub model: String,
}

/// What one hook did with one call.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HookOutcome {
    #[prost(bytes = "bytes", tag = "1")]
    pub hook_id: Bytes,
    #[prost(string, tag = "2")]
    pub name: String,
    /// `before`, `after` or `around`.
    #[prost(string, tag = "3")]
    pub point: String,
    /// `tag`, `mask`, `reject` or `webhook`.
    #[prost(string, tag = "4")]
    pub act: String,
    /// The tags, what was masked and how often, why it was rejected. Never what was said.
    #[prost(string, tag = "5")]
    pub detail: String,
}

/// So much of one thing that a call used.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UnitRecord {
    /// As in a price card: `image_out`, `second_in`, `character_in`, `query`.
    #[prost(string, tag = "1")]
    pub meter: String,
    /// A size, a kind; empty for most.
    #[prost(string, tag = "2")]
    pub variant: String,
    /// Decimal text.
    #[prost(string, tag = "3")]
    pub count: String,
}

/// What one guardrail did in one call.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GuardrailOutcome {
    #[prost(bytes = "bytes", tag = "1")]
    pub guardrail_id: Bytes,
    #[prost(string, tag = "2")]
    pub name: String,
    /// `before` or `after`.
    #[prost(string, tag = "3")]
    pub stage: String,
    /// `block`, `mask` or `flag`.
    #[prost(string, tag = "4")]
    pub action: String,
    /// What was found: a detector's name, `pattern` or `phrase`. Never the text itself.
    #[prost(string, tag = "5")]
    pub what: String,
    /// How often.
    #[prost(uint32, tag = "6")]
    pub count: u32,
}

/// What the response cache had to do with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum CacheOutcome {
    /// It is off for this call.
    Off = 0,
    /// Not there, or not fresh enough: a provider was asked.
    Miss = 1,
    /// Answered without a provider.
    Hit = 2,
    /// The caller wanted nothing of it.
    Bypass = 3,
}

impl CacheOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Miss => "miss",
            Self::Hit => "hit",
            Self::Bypass => "bypass",
        }
    }
}

impl CallRecord {
    pub fn usage_source_or_none(&self) -> UsageSource {
        UsageSource::try_from(self.usage_source).unwrap_or(UsageSource::None)
    }
}

/// One try at one deployment.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttemptRecord {
    #[prost(bytes = "bytes", tag = "1")]
    pub span_id: Bytes,
    #[prost(string, tag = "2")]
    pub provider: String,
    #[prost(string, tag = "3")]
    pub deployment: String,
    #[prost(string, tag = "4")]
    pub upstream_model: String,
    #[prost(int64, tag = "5")]
    pub started_at_us: i64,
    #[prost(uint64, tag = "6")]
    pub duration_us: u64,
    #[prost(uint32, tag = "7")]
    pub connect_us: u32,
    #[prost(uint64, tag = "8")]
    pub first_byte_us: u64,
    #[prost(uint32, tag = "9")]
    pub http_status: u32,
    #[prost(enumeration = "CallStatus", tag = "10")]
    pub status: i32,
    #[prost(string, tag = "11")]
    pub error_code: String,
    #[prost(string, tag = "12")]
    pub error_message: String,
    /// Why this deployment was chosen: `route:first`, `sticky`, `fallback`, `retry`, `probe`, `last_resort`, `hedge`,
    /// `model_fallback:<what the model before failed with>`.
    #[prost(string, tag = "13")]
    pub reason: String,
    /// What ordered the deployments; empty when there was only one.
    #[prost(string, tag = "14")]
    pub strategy: String,
    /// Every deployment there was, with what spoke for or against it. On the first try of a route only; bounded.
    #[prost(string, tag = "15")]
    pub considered: String,
    /// What the try used, as far as it is known; of the one that answered, what the call did.
    #[prost(message, optional, tag = "90")]
    pub usage: Option<Usage>,
    #[prost(enumeration = "UsageSource", tag = "91")]
    pub usage_source: i32,
    /// Decimal text in dollars; empty: unknown.
    #[prost(string, tag = "92")]
    pub cost: String,
    /// The provider was at work on it: it may send a bill, whatever became of the answer.
    #[prost(bool, tag = "93")]
    pub may_be_billed: bool,
}

/// A span written by the runner (crew, agent, task, tool) or, later, received over OTLP.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SpanRecord {
    #[prost(bytes = "bytes", tag = "1")]
    pub team_id: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    pub span_id: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub parent_span_id: Bytes,
    /// `crew`, `agent`, `task`, `tool`, `llm_call`, `attempt`, ...
    #[prost(string, tag = "5")]
    pub span_type: String,
    #[prost(string, tag = "6")]
    pub name: String,
    /// `running`, `completed`, `failed`, `cancelled`. A running span is written again when it ends; the later one wins.
    #[prost(string, tag = "7")]
    pub status: String,
    #[prost(int64, tag = "8")]
    pub started_at_us: i64,
    /// 0 while it runs.
    #[prost(int64, tag = "9")]
    pub ended_at_us: i64,
    #[prost(message, optional, tag = "10")]
    pub identity: Option<ClaimedIdentity>,
    #[prost(bytes = "bytes", tag = "11")]
    pub user_id: Bytes,
    #[prost(bytes = "bytes", tag = "12")]
    pub key_id: Bytes,
    /// JSON text.
    #[prost(string, tag = "13")]
    pub inputs: String,
    /// JSON text.
    #[prost(string, tag = "14")]
    pub outputs: String,
    #[prost(string, tag = "15")]
    pub error_message: String,
    /// `gateway`, `runner`, `otlp`.
    #[prost(string, tag = "16")]
    pub source: String,
    #[prost(message, repeated, tag = "17")]
    pub attributes: Vec<Attribute>,
    #[prost(uint32, tag = "18")]
    pub retention_days: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A line of log that belongs to a run or a span.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LogRecord {
    #[prost(bytes = "bytes", tag = "1")]
    pub team_id: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    pub span_id: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub execution_id: Bytes,
    #[prost(int64, tag = "5")]
    pub created_at_us: i64,
    /// `debug`, `info`, `warning`, `error`.
    #[prost(string, tag = "6")]
    pub level: String,
    #[prost(string, tag = "7")]
    pub message: String,
    #[prost(string, tag = "8")]
    pub agent: String,
    #[prost(message, repeated, tag = "9")]
    pub attributes: Vec<Attribute>,
    #[prost(uint32, tag = "10")]
    pub retention_days: u32,
}

/// What kind of record a spool frame holds. The number is stored on disk: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RecordKind {
    Call = 1,
    Span = 2,
    Log = 3,
}

impl TryFrom<u8> for RecordKind {
    type Error = u8;

    fn try_from(kind: u8) -> Result<Self, u8> {
        match kind {
            1 => Ok(Self::Call),
            2 => Ok(Self::Span),
            3 => Ok(Self::Log),
            other => Err(other),
        }
    }
}
