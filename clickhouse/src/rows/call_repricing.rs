//! Rows of `call_repricings`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// One call that a re-pricing gives another cost. Amounts in ledger units: 10^-12 dollars.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct CallRepricingRow {
    pub team: [u8; 16],
    pub repricing: [u8; 16],
    pub slice: u32,
    /// Start of the call, microseconds since the Unix epoch.
    pub ts: i64,
    pub call_id: [u8; 16],
    /// The re-pricing that changed its cost before; nil: none.
    pub was_repricing: [u8; 16],
    /// When it was decided, microseconds since the Unix epoch.
    pub made_at: i64,
    pub trace_id: [u8; 16],
    pub execution_id: [u8; 16],
    pub key_id: [u8; 16],
    pub provider: String,
    /// As rollups name it: the one that answered, else the one asked for.
    pub model: String,
    pub agent: String,
    pub crew: String,
    pub status: String,
    pub old_cost_input: i64,
    pub old_cost_cache: i64,
    pub old_cost_output: i64,
    pub old_cost: i64,
    pub old_cost_known: bool,
    pub old_price_version: u32,
    /// The new cost is known: what a price does not know is left as it was.
    pub new_cost_input: i64,
    pub new_cost_cache: i64,
    pub new_cost_output: i64,
    pub new_cost: i64,
    pub new_price_version: u32,
    pub retention_days: u16,
}

impl Table for CallRepricingRow {
    const TABLE: &'static str = "call_repricings";
}
