//! Rows of `logs`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// A line of log that belongs to a run, a trace or a span.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct LogRow {
    pub team: [u8; 16],
    /// Microseconds since the Unix epoch.
    pub ts: i64,
    /// Order among lines of the same microsecond: position in the writer's segment.
    pub seq: u32,
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub execution_id: [u8; 16],
    pub agent: String,
    /// `debug`, `info`, `warning` or `error`.
    pub level: String,
    pub message: String,
    pub attributes: Vec<(String, String)>,
    /// 0 keeps the row for 50 years.
    pub retention_days: u16,
}

impl Table for LogRow {
    const TABLE: &'static str = "logs";
}
