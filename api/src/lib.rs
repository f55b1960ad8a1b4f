//! The management API: REST under `/api`, live records over WebSockets, and the web UI, for people and for keys.
//!
//! Reads what happened from ClickHouse and what people intend from Postgres. Never belongs here: calls of models (that is
//! the gateway's), SQL, inserts into ClickHouse, or anything the front door does to a call.

pub mod audit;
pub mod auth;
pub mod bootstrap;
pub mod catalog;
pub mod checks;
pub mod config;
pub mod error;
pub mod etag;
pub mod extract;
pub mod headers;
pub mod hooks;
pub mod idempotency;
pub mod live;
pub mod metrics;
pub mod openapi;
#[doc(hidden)]
pub mod probe;
pub mod profile;
pub mod range;
pub mod replays;
pub mod repricings;
pub mod router;
pub mod routes;
pub mod run_ledger;
pub mod server;
pub mod sso;
pub mod state;
pub mod tree;
pub mod ui;
pub mod what_if;
pub mod wire;

pub use config::Config;
pub use server::{Error, run};
