//! Runs from the queue to their end, against a real Postgres and a gateway on the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cancel;
mod collector;
mod failure;
mod gateway;
#[path = "../../../tests/shared/patience.rs"]
mod patience;
mod replays;
mod story;
mod takeover;
mod world;
