//! What every process of AOP needs: secrets and derived keys, telemetry, shutdown, the HTTP server loop,
//! problem responses and the one outbound HTTP client.
//!
//! Never belongs here: knowledge of any endpoint, table or provider. `aop-store` and `aop-clickhouse` are siblings, never imported.

pub mod clock;
pub mod http_server;
pub mod internal;
pub mod keys;
pub mod outbound;
pub mod problem;
pub mod run_credential;
pub mod secret;
pub mod shutdown;
pub mod telemetry;
pub mod token;
