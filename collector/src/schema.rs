//! The schema comes before the first row.
//!
//! A row that is inserted while a rollup's view is still missing is in the ledger and never in the rollup. So nothing is
//! stored until this process has seen the whole schema in place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aop_clickhouse::{ClickHouse, Topology};

const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether the schema of this version is in place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    current: Arc<AtomicBool>,
}

impl Schema {
    pub(crate) fn is_current(&self) -> bool {
        self.current.load(Ordering::Acquire)
    }

    /// Tries until ClickHouse has it.
    pub(crate) async fn bring_up(&self, clickhouse: &ClickHouse) {
        let mut pause = Duration::from_millis(100);
        while let Err(error) = clickhouse.migrate(&Topology::Single).await {
            tracing::warn!(%error, "the ClickHouse schema is not in place yet; trying again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.current.store(true, Ordering::Release);
        tracing::info!("the ClickHouse schema is in place");
    }
}
