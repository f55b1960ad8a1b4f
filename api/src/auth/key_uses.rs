//! When keys were last used. Noted in memory and written in one batch every few seconds, so that a busy key costs one row
//! update and not one per request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use aop_domain::id::KeyId;
use aop_store::Store;

const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Cheap to clone. Holds at most one entry per existing key.
#[derive(Clone, Default)]
pub struct KeyUses(Arc<Mutex<HashMap<KeyId, OffsetDateTime>>>);

impl KeyUses {
    pub fn note(&self, key: KeyId, at: OffsetDateTime) {
        self.0.lock().insert(key, at);
    }

    /// Writes what was noted, until `shutdown`, and once more then.
    pub async fn run(self, store: Store, shutdown: CancellationToken) {
        loop {
            let stopping = tokio::select! {
                () = shutdown.cancelled() => true,
                () = tokio::time::sleep(WRITE_EVERY) => false,
            };
            self.write(&store).await;
            if stopping {
                return;
            }
        }
    }

    async fn write(&self, store: &Store) {
        let uses: Vec<_> = self.0.lock().drain().collect();
        if uses.is_empty() {
            return;
        }
        if let Err(error) = aop_store::api_keys::touch_last_used(store, &uses).await {
            // Kept for the next round; a newer use that came in meanwhile wins.
            let mut kept = self.0.lock();
            for (key, at) in uses {
                kept.entry(key).or_insert(at);
            }
            tracing::warn!(%error, "could not write when keys were last used; trying again");
        }
    }
}
