//! Rows of `trace_links`, `conversation_links` and `agent_links`: what became known about earlier calls.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::Table;

/// The calls of trace `part` belong to trace `whole`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct TraceLinkRow {
    pub team: [u8; 16],
    /// Start of the call that showed it, microseconds since the Unix epoch.
    pub ts: i64,
    pub part: [u8; 16],
    pub whole: [u8; 16],
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
    pub retention_days: u16,
}

impl Table for TraceLinkRow {
    const TABLE: &'static str = "trace_links";
}

/// The calls of conversation `part` go on with conversation `whole`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct ConversationLinkRow {
    pub team: [u8; 16],
    /// Start of the call that showed it, microseconds since the Unix epoch.
    pub ts: i64,
    pub part: u64,
    pub whole: u64,
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
    pub retention_days: u16,
}

impl Table for ConversationLinkRow {
    const TABLE: &'static str = "conversation_links";
}

/// Calls of the key that were made before `ts` by the agent `was`, or in `conversation`, are calls of the agent `is`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Row, Serialize, Deserialize)]
pub struct AgentLinkRow {
    pub team: [u8; 16],
    /// Start of the call that showed it, microseconds since the Unix epoch.
    pub ts: i64,
    pub key_id: [u8; 16],
    /// One of the two is 0.
    pub was: u64,
    pub conversation: u64,
    pub is: u64,
    pub name: String,
    pub rule: String,
    /// 0 to 100.
    pub confidence: u8,
    pub retention_days: u16,
}

impl Table for AgentLinkRow {
    const TABLE: &'static str = "agent_links";
}
