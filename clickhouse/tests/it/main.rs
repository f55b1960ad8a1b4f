//! The schema, the inserts and the reads on a real engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod analytics;
mod calls;
mod fixture;
mod inserts;
mod learned;
mod logs;
mod repricing;
mod traces;
