//! Rows of `llm_calls`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// One call at the front door, answered or refused: a row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct LlmCallRow {
    /// Nil when the key was unknown: such a call belongs to nobody.
    pub team: [u8; 16],
    /// Start of the call, microseconds since the Unix epoch.
    pub ts: i64,
    pub call_id: [u8; 16],
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub parent_span_id: [u8; 8],
    pub key_id: [u8; 16],
    pub user_id: [u8; 16],
    pub session_id: String,
    pub execution_id: [u8; 16],
    pub crew: String,
    pub task: String,
    pub agent: String,
    pub parent_agent: String,
    pub end_user: String,
    pub application: String,
    pub framework: String,
    pub tags: Vec<String>,
    /// Field name (`agent`, `session`, ...) to source (`aop_header`, `body`, ...).
    pub identity_sources: Vec<(String, String)>,
    pub trace_source: String,
    pub agent_rule: String,
    /// 0 to 100.
    pub agent_confidence: u8,
    pub operation: String,
    /// Of the attempt that answered, or the last one tried; empty for a refused call.
    pub provider: String,
    pub deployment: String,
    pub route: String,
    pub requested_model: String,
    pub response_model: String,
    pub stream: bool,
    pub attempts: u8,
    pub provider_response_id: String,
    /// `CallStatus::as_str`.
    pub status: String,
    pub http_status: u16,
    pub error_code: String,
    pub error_message: String,
    pub finish_reason: String,
    /// Microseconds, as all `_us`; 0: not applicable.
    pub duration_us: u64,
    pub first_token_us: u64,
    pub upstream_us: u64,
    pub overhead_us: u32,
    pub queue_us: u32,
    pub connect_us: u32,
    pub in_uncached: u32,
    pub in_cache_read: u32,
    pub in_cache_write_5m: u32,
    pub in_cache_write_1h: u32,
    pub in_audio: u32,
    pub in_image: u32,
    pub out_text: u32,
    pub out_reasoning: u32,
    pub out_audio: u32,
    /// `none`, `provider`, `estimated` or `partial`.
    pub usage_source: String,
    /// Ledger units: 10^-12 dollars (`aop_domain::money::to_ledger_units`).
    pub cost_input: i64,
    pub cost_cache: i64,
    pub cost_output: i64,
    pub cost: i64,
    /// False: the price is unknown, and all four costs are 0.
    pub cost_known: bool,
    pub price_version: u32,
    /// Names of the tools the model called.
    pub tool_names: Vec<String>,
    pub message_count: u16,
    pub request_bytes: u64,
    pub response_bytes: u64,
    pub body_truncated: bool,
    pub input_preview: String,
    pub output_preview: String,
    pub node: String,
    /// 0 keeps the row for 50 years.
    pub retention_days: u16,
    /// What the traffic shows, as found, before any correction; 0 and empty: none.
    pub conversation: u64,
    pub parent_conversation: u64,
    pub agent_fingerprint: u64,
    pub prompt_fingerprint: u64,
    pub found_agent: String,
    pub found_rule: String,
    /// 0 to 100.
    pub found_confidence: u8,
    /// What a framework's own call is for: `planner`, `selector`, `memory`, ...
    pub internal: String,
    pub run_rule: String,
    /// 0 to 100.
    pub run_confidence: u8,
    /// The answer without its ids: the same for an answer that comes again.
    pub answer_key: u64,
    /// `full`, `redacted` or `metadata`; empty in rows of older versions, which are full.
    pub recording: String,
    /// Secrets and personal data that were taken out before the record was kept.
    pub redactions: u32,
    /// `hit`, `miss`, `bypass`; empty: the response cache is off for this call.
    pub cache: String,
    /// Ledger units: what a hit would have cost.
    pub cost_saved: i64,
    /// A JSON list of `{name, stage, action, what, count}`; empty when no guardrail found anything.
    pub guardrails: String,
    /// Rules of the runaway guard that it met: `rule action count limit`, in one text each.
    pub runaway: Vec<String>,
    /// Ledger units; the part of `cost` that tries beside the answer's may have cost.
    pub wasted_cost: i64,
    /// Meter, with `#` and its variant where it has one, and how many millionths of it.
    pub units: Vec<(String, i64)>,
    /// Method and path of a call to a provider's own API; empty for others.
    pub passed: String,
    /// A JSON list of `{name, point, act, detail}`; empty when no hook did anything.
    pub hooks: String,
    /// Price class that the provider served; empty: the default one, or not recorded.
    pub service_tier: String,
    /// Under which names its price was looked for; both empty: not recorded.
    pub price_provider: String,
    pub price_model: String,
    /// The last re-pricing that changed its cost; nil: it has the cost that it was metered at.
    pub repricing: [u8; 16],
    /// The token that it was made with, and whom that proves; both empty: a key of ours.
    pub token_issuer: String,
    pub token_subject: String,
    /// Fields of the request that the provider was not sent.
    pub dropped_fields: Vec<String>,
}

impl Table for LlmCallRow {
    const TABLE: &'static str = "llm_calls";
}
