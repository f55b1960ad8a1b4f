//! Postgres: what people *intend* (users, keys, models, crews, runs), one file per noun, and the embedded server.
//!
//! The only crate that knows `migrations/` and the only one that speaks SQL to Postgres. Every statement is checked
//! against the schema when this crate is compiled. Never belongs here: HTTP, password hashing, encryption (secrets
//! arrive sealed, keys arrive as MACs), rules about who may do what, and anything that ClickHouse holds.
//!
//! The habits of every noun: `noun::verb(&Store, TeamId, ...)`; a row that is not there, or belongs to another team,
//! is `None` (or `false`); lists are newest first and continue `before` an id; ids are UUIDv7 made by the caller.

pub mod agent_corrections;
pub mod api_keys;
pub mod audit_log;
pub mod content_policies;
pub mod crews;
pub mod embedded;
mod error;
pub mod execution_events;
pub mod execution_open_spans;
pub mod execution_tasks;
pub mod executions;
pub mod gateway;
pub mod guardrails;
pub mod hook_deliveries;
pub mod hooks;
pub mod idempotency_keys;
pub mod invitations;
pub mod kills;
pub mod limit_leases;
pub mod limits;
pub mod listen;
pub mod locks;
pub mod model_deployments;
pub mod password_resets;
pub mod prices;
pub mod provider_credentials;
pub mod providers;
pub mod refresh_tokens;
pub mod replays;
pub mod repricings;
pub mod routes;
pub mod runaway_policies;
mod scope;
pub mod settings;
pub mod sso_identities;
pub mod sso_used_states;
mod store;
pub mod team_members;
pub mod teams;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token_rules;
pub mod users;

pub use error::Error;
pub use scope::Scope;
pub use store::Store;
