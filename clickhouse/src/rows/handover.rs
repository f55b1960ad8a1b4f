//! Rows of `handovers`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// Work passed from one agent to another, as the call `call_id` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct HandoverRow {
    pub team: [u8; 16],
    /// Start of that call, microseconds since the Unix epoch.
    pub ts: i64,
    pub trace_id: [u8; 16],
    pub call_id: [u8; 16],
    /// Its hand-overs, counted from 0.
    pub number: u16,
    /// Span of the call that passed on, as a number; 0: forgotten.
    pub from_span: u64,
    pub from_conversation: u64,
    pub from_agent: u64,
    /// Span of the first call of whoever took over; 0: not known.
    pub to_span: u64,
    pub to_conversation: u64,
    /// The one who took over, as the one who passed on calls it.
    pub target: String,
    /// `transfer` or `delegate`.
    pub passing: String,
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
    pub retention_days: u16,
}

impl Table for HandoverRow {
    const TABLE: &'static str = "handovers";
}
