//! The embedded server as its clients see it: each test talks to a process of its own, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crash;
mod http;
mod limits;
mod official_client;
mod support;
mod tokens;
