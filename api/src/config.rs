//! What the process is told at start. The binary fills it; nothing here reads the environment.

use std::net::SocketAddr;

use aop_service::keys::MasterKey;
use aop_service::token::Issuer;

use crate::sso::ProviderSettings;

/// Settings of one API process.
#[derive(Clone)]
pub struct Config {
    /// Address to listen on, behind the front door.
    pub listen: SocketAddr,
    /// `postgres://` address.
    pub database_url: String,
    /// Connections to Postgres at most.
    pub database_connections: u32,
    pub clickhouse: aop_clickhouse::Config,
    pub master_key: MasterKey,
    /// Where live records come from, e.g. `http://127.0.0.1:8082`.
    pub collector_url: String,
    /// Address people reach the front door at, e.g. `http://127.0.0.1:8080`; used in snippets and to judge origins.
    pub public_url: String,
    /// Address of the built-in provider; `None` when it does not run.
    pub simulator_url: Option<String>,
    /// Where people can sign in with an account they have elsewhere.
    pub sso: Vec<ProviderSettings>,
    /// Whose tokens may act as virtual keys at the front door.
    pub token_issuers: Vec<Issuer>,
}
