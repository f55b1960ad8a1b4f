//! What happened, in ClickHouse: the schema, the rows the collector writes and the questions the API asks.
//!
//! One connection type, [`ClickHouse`], works the same on the embedded engine and on a server or cluster: it speaks
//! ClickHouse's HTTP interface through the official client. Every read takes a `TeamId`.
//!
//! Never belongs here: decoding of spool records (that is the collector's), HTTP handlers, Postgres, prices, or SQL made from
//! a caller's text: values travel as server-side parameters only.

pub mod agents;
pub mod analytics;
pub mod calls;
pub mod hook_events;
pub mod learned;
pub mod logs;
pub mod repricing;
pub mod runs;
pub mod traces;

mod client;
mod corrected;
mod error;
mod insert;
mod migrate;
mod read;
mod rows;
mod sought;
#[cfg(feature = "testing")]
pub mod testing;

pub use client::{ClickHouse, Config};
pub use error::{Error, code};
pub use insert::MAX_BATCH_ROWS;
pub use migrate::Topology;
pub use read::{Page, TimeRange};
pub use rows::{
    AgentLinkRow, CallBodyRow, CallRepricingRow, ConversationLinkRow, HandoverRow, HookEventRow, LlmCallRow,
    LogRow, MessageRow, SpanRow, Table, TraceLinkRow,
};
