//! What a runner is told at its start. The binary fills it; nothing here reads the environment.

use std::time::Duration;

use aop_service::keys::MasterKey;
use aop_service::outbound::Policy;

#[derive(Debug, Clone)]
pub struct Config {
    pub database_url: String,
    /// The front door, e.g. `http://127.0.0.1:8080`: the only way to a model.
    pub gateway_url: String,
    pub collector_url: String,
    pub master_key: MasterKey,
    /// A directory of this runner alone.
    pub spool: aop_spool::Config,
    /// Name of this machine or process in logs and claims.
    pub node: String,
    /// Runs at once.
    pub concurrency: usize,
    pub heartbeat_every: Duration,
    /// A run without a heartbeat for so long is taken over.
    pub stale_after: Duration,
    /// How often the queue is looked at when no notification comes.
    pub poll_every: Duration,
    /// Longest run of a crew that sets no limit of its own.
    pub run_timeout: Duration,
    /// Where the HTTP request tool may go.
    pub tool_policy: Policy,
}

impl Config {
    /// Production defaults around what has none.
    pub fn new(
        database_url: impl Into<String>,
        gateway_url: impl Into<String>,
        collector_url: impl Into<String>,
        master_key: MasterKey,
        spool: aop_spool::Config,
        node: impl Into<String>,
    ) -> Self {
        Self {
            database_url: database_url.into(),
            gateway_url: gateway_url.into(),
            collector_url: collector_url.into(),
            master_key,
            spool,
            node: node.into(),
            concurrency: 8,
            heartbeat_every: Duration::from_secs(2),
            stale_after: Duration::from_secs(15),
            poll_every: Duration::from_secs(1),
            run_timeout: Duration::from_secs(3600),
            tool_policy: Policy::public(),
        }
    }
}
