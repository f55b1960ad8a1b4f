//! What travels over the management API: request and response shapes, one file per area. They are the contract that
//! `openapi.json` is generated from, so they stay apart from the rows of any store and convert from them.

pub mod absent;
pub mod agent_corrections;
pub mod analytics;
pub mod api_keys;
pub mod auth;
pub mod budgets;
pub mod calls;
pub mod crews;
pub mod diff;
pub mod executions;
pub mod guardrails;
pub mod hooks;
pub mod in_flight;
pub mod info;
pub mod kills;
pub mod links;
pub mod live;
pub mod logs;
mod mirrored;
pub mod models;
pub mod page;
pub mod policies;
pub mod prices;
pub mod problem;
pub mod providers;
pub mod replays;
pub mod run_metrics;
pub mod runaway;
pub mod sso;
pub mod teams;
pub mod time;
pub mod token_rules;
pub mod traces;
pub mod tree;
pub mod usage;
pub mod users;
