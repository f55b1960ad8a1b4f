//! The API as its callers see it: through the router, on a real Postgres and a real ClickHouse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod agent_corrections;
mod bootstrap;
mod budgets;
mod catalog;
mod contract;
mod etag;
mod execution_records;
mod guardrails;
mod hooks;
mod idempotency;
mod in_flight;
mod invitations;
mod keys;
mod kills;
mod live;
#[path = "../../../tests/shared/metrics_page.rs"]
mod metrics_page;
mod oidc_keys;
mod oidc_provider;
mod password_reset;
mod policies;
mod records;
mod replays;
mod repricings;
mod runaway;
mod session;
mod sso;
mod sso_accounts;
mod sso_stage;
mod sso_tokens;
mod teams;
mod token_rules;
mod web;
mod what_if;
mod world;
