//! Rows of `spans`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// One span. A call gives one `llm_call` span and one `attempt` span per upstream try below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct SpanRow {
    pub team: [u8; 16],
    /// Start, microseconds since the Unix epoch.
    pub ts: i64,
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub parent_span_id: [u8; 8],
    /// `crew`, `agent`, `task`, `tool`, `llm_call`, `attempt`, ...
    pub span_type: String,
    pub name: String,
    /// `running`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Microseconds since the Unix epoch; 0 while it runs.
    pub ended_at: i64,
    /// `gateway`, `runner` or `otlp`.
    pub source: String,
    pub key_id: [u8; 16],
    pub user_id: [u8; 16],
    pub session_id: String,
    pub execution_id: [u8; 16],
    pub crew: String,
    pub task: String,
    pub agent: String,
    pub parent_agent: String,
    /// Of `llm_call` and `attempt` spans; nil: none.
    pub call_id: [u8; 16],
    pub provider: String,
    pub model: String,
    /// Of `llm_call` spans only (as `output_tokens`, `cost`, `cost_known`), so that a sum over a trace counts each call once.
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Ledger units: 10^-12 dollars.
    pub cost: i64,
    pub cost_known: bool,
    pub first_token_us: u64,
    /// JSON text.
    pub inputs: String,
    /// JSON text.
    pub outputs: String,
    pub error_code: String,
    pub error_message: String,
    /// Of an `attempt` span: `deployment`, `http_status`, `connect_us`, `first_byte_us`, `reason`.
    pub attributes: Vec<(String, String)>,
    /// 0 keeps the row for 50 years.
    pub retention_days: u16,
    /// 0 while it runs, 1 when it ended. Of two rows with the same team, trace, span and `ts` the one with the higher version wins, so
    /// an ended span is written with the `ts` of its running row. `trace_index` counts and sums ended rows; a running row has no
    /// tokens and no cost.
    pub version: u8,
}

impl Table for SpanRow {
    const TABLE: &'static str = "spans";
}
