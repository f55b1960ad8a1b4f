//! The gateway as a whole: the real proxy on a free port, real upstream servers, real spool.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod frames;
mod harness;
#[path = "../../../tests/shared/metrics_page.rs"]
mod metrics_page;
#[allow(dead_code)]
#[path = "../../../api/tests/it/oidc_keys.rs"]
mod oidc_keys;
mod upstreams;

mod abort;
mod access_log;
mod addresses;
mod bad_input;
mod bodies;
mod cache;
mod cache_shared;
mod claude_code;
mod claude_code_models;
mod continuations;
mod dialects;
mod front_door;
mod guardrail_services;
mod guardrails;
mod hooks;
mod houses;
mod in_flight;
mod inference;
mod keys;
mod kills;
mod left_early;
mod limits;
mod limits_of_three;
mod log_proxy;
mod media;
mod models;
mod non_gateway;
mod overload;
mod passthrough;
mod passthrough_amazon;
mod providers;
mod recording;
mod records;
mod routing;
mod routing_policy;
mod run_meter;
mod runaway;
mod streams;
mod tls;
mod tokens;
mod unsupported;
mod uploads;
