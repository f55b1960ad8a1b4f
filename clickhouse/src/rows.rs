//! Row types, one per table that the collector writes. Field order and types are those of `schema/`; the client
//! checks both against the server at the first insert.

mod call_body;
mod call_repricing;
mod handover;
mod hook_event;
mod link;
mod llm_call;
mod log;
mod message;
mod span;

use clickhouse::{RowOwned, RowWrite};

pub use call_body::CallBodyRow;
pub use call_repricing::CallRepricingRow;
pub use handover::HandoverRow;
pub use hook_event::HookEventRow;
pub use link::{AgentLinkRow, ConversationLinkRow, TraceLinkRow};
pub use llm_call::LlmCallRow;
pub use log::LogRow;
pub use message::MessageRow;
pub use span::SpanRow;

/// A row that can be inserted, and where it goes.
pub trait Table: RowOwned + RowWrite + Send + Sync {
    const TABLE: &'static str;
}
