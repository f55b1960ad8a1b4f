//! What all runs of this process share.

use std::sync::Arc;
use std::time::Duration;

use aop_service::clock::Clock;
use aop_service::keys::{DerivedKey, KeyDomain};
use aop_spool::Spool;
use aop_store::Store;
use uuid::Uuid;

use crate::gateway::Gateway;
use crate::tools::Toolbox;
use crate::{Config, Error};

pub(crate) struct Engine {
    /// Names this very process, not only its machine: a restarted runner does not keep its predecessor's claims alive.
    pub(crate) name: String,
    pub(crate) store: Store,
    pub(crate) gateway: Gateway,
    pub(crate) toolbox: Toolbox,
    pub(crate) spool: Arc<Spool>,
    pub(crate) credential_key: DerivedKey,
    pub(crate) clock: Clock,
    pub(crate) run_timeout: Duration,
}

impl Engine {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        // Two connections listen and beat; runs share the rest.
        let connections = u32::try_from(config.concurrency).unwrap_or(u32::MAX).saturating_add(3).min(32);
        Ok(Self {
            name: format!("{}-{}", config.node, Uuid::now_v7()),
            store: Store::connect(&config.database_url, connections).await?,
            gateway: Gateway::new(&config.gateway_url)?,
            toolbox: Toolbox::new(config.tool_policy)?,
            spool: Arc::new(Spool::open(config.spool.clone())?),
            credential_key: config.master_key.derive(KeyDomain::RunCredential),
            clock: Clock::System,
            run_timeout: config.run_timeout,
        })
    }
}
