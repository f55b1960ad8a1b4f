//! Rows of `hook_events`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// A call that a webhook is to tell of. When it was stored is the server's to say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct HookEventRow {
    pub team: [u8; 16],
    pub hook_id: [u8; 16],
    pub call_id: [u8; 16],
    /// Start of that call, microseconds since the Unix epoch.
    pub ts: i64,
}

impl Table for HookEventRow {
    const TABLE: &'static str = "hook_events";
}
