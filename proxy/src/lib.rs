//! The data plane: the front door that every model call takes. It knows who calls, chooses a provider, relays the
//! answer as it comes, and keeps a record of it in the spool.
//!
//! A call's way is [`phases`], one file a phase. Facts (keys, routes, prices) come as one snapshot in memory
//! ([`snapshot`]); nothing on the way of a call waits for Postgres or ClickHouse.
//!
//! Never belongs here: ClickHouse, the management API's resources, running crews, or a provider's dialect outside the
//! room made for it.

mod access_log;
mod api_upstream;
mod background;
mod body;
mod cache;
mod call;
mod client;
mod config;
mod continuation;
mod count_tokens;
mod endpoint;
mod error;
pub mod estimate;
mod front;
mod gateway;
mod guardrails;
mod handover;
mod health;
mod hooks;
pub mod identity;
mod in_flight;
mod kills;
mod limits;
mod metering;
mod metrics;
mod models;
mod older;
mod percent;
mod phases;
#[doc(hidden)]
pub mod probe;
mod recording;
mod refusal;
mod room;
mod routing;
mod runaway;
mod server;
mod shared;
mod snapshot;
pub mod stream;
mod translate;
mod turns;
mod units;
mod unknown_callers;
mod upload;
mod upstream;
pub mod usage;

pub use access_log::{AccessLogOf, AccessLogTo};
pub use background::{Facts, GivenKill};
pub use config::{Config, Limits, SharedCache, Tls, TlsFiles, WhenAway, WhenFull};
pub use error::StartError;
pub use front::tls::CertificateError;
pub use handover::{Life, Start};
pub use limits::LimitFacts;
pub use refusal::{Code, Refusal};
pub use server::{run, run_with};
