//! Every noun against a real Postgres: `AOP_TEST_DATABASE_URL` names the server (`make test` starts one).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod api_keys;
mod crews;
mod gateway;
mod installation;
mod kills;
mod limits;
mod models;
mod one_time_links;
#[path = "../../../../tests/shared/patience.rs"]
mod patience;
mod refresh_tokens;
mod runaway;
mod token_rules;

use uuid::Uuid;

/// A new id of any kind.
fn new_id<T: From<Uuid>>() -> T {
    T::from(Uuid::now_v7())
}
