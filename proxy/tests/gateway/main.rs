//! The gateway as a whole: the real proxy on a free port, real upstream servers, real spool.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod harness;
mod upstreams;

mod bad_input;
mod bodies;
mod dialects;
mod houses;
mod inference;
mod keys;
mod limits;
mod log_proxy;
mod media;
mod models;
mod non_gateway;
mod passthrough;
mod providers;
mod records;
mod routing;
mod routing_policy;
mod run_meter;
mod streams;
mod tls;
mod uploads;
