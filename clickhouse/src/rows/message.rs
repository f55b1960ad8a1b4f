//! Rows of `messages`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// One message, tool list, prompt or raw body, stored once per team, day and retention class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct MessageRow {
    pub team: [u8; 16],
    /// Days since the Unix epoch, of the call that brought it.
    pub day: u16,
    /// First 16 bytes of the BLAKE3 hash of `content`.
    pub hash: [u8; 16],
    /// `system`, `user`, `assistant`, `tool`, ...; `tools`: tool definitions; `input`: a prompt or embedding input; `raw`: a body that is none of these.
    pub role: String,
    /// Canonical JSON.
    pub content: String,
    /// Length of `content`.
    pub bytes: u32,
    /// That of the call; 0 keeps the row for 50 years.
    pub retention_days: u16,
}

impl Table for MessageRow {
    const TABLE: &'static str = "messages";
}
