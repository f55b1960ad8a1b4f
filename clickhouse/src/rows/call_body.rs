//! Rows of `call_bodies`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// What one call said and got, as hashes into `messages` of the same team, day and retention class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct CallBodyRow {
    pub team: [u8; 16],
    /// As the call's.
    pub ts: i64,
    pub call_id: [u8; 16],
    pub input_hashes: Vec<[u8; 16]>,
    /// Index of the first input the previous call of the conversation did not have; 0 when that is not known.
    pub new_from: u16,
    pub output_hashes: Vec<[u8; 16]>,
    /// All zero: no tools.
    pub tools_hash: [u8; 16],
    /// JSON: the request without messages and tools.
    pub params: String,
    /// JSON: the response without its messages.
    pub response: String,
    /// That of the call.
    pub retention_days: u16,
}

impl Table for CallBodyRow {
    const TABLE: &'static str = "call_bodies";
}
