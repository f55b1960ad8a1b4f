//! Spools that nobody owns any more: of a process that was replaced and had not shipped everything, or that was killed.
//! The process that serves takes one after the other, ships what is in it and leaves it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use aop_spool::{OpenError, Spool, Stats, ship};

use super::dirs;
use crate::shared::Shared;

/// Between two looks for them.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Between two looks at whether one is empty.
const EMPTY_EVERY: Duration = Duration::from_millis(100);

/// Where they may be, and what is being shipped of them.
#[derive(Debug)]
pub(crate) struct Leftovers {
    root: PathBuf,
    own: PathBuf,
    spool: aop_spool::Config,
    shipping: Mutex<Option<Arc<Spool>>>,
}

impl Leftovers {
    pub(crate) fn new(root: &Path, own: &Path, spool: &aop_spool::Config) -> Self {
        let (root, own) = (root.to_owned(), own.to_owned());
        Self { root, own, spool: spool.clone(), shipping: Mutex::default() }
    }

    /// This process's figures with what it ships for others.
    pub(crate) fn with(&self, own: Stats) -> Stats {
        let Some(other) = self.shipping.lock().as_ref().map(|spool| spool.stats()) else { return own };
        Stats {
            bytes: own.bytes + other.bytes,
            segments: own.segments + other.segments,
            oldest_age_ms: own.oldest_age_ms.max(other.oldest_age_ms),
            ..own
        }
    }

    /// Keeps to one bound what the spools of all processes hold, until `stopping`: this one's may hold what the others
    /// leave of it.
    pub(crate) async fn share_bound(&self, spool: &Spool, stopping: &CancellationToken) {
        loop {
            let (root, own) = (self.root.clone(), self.own.clone());
            let held = tokio::task::spawn_blocking(move || dirs::held_by_others_bytes(&root, &own)).await;
            // It cannot panic; if it did, the last figure holds.
            if let Ok(bytes) = held {
                spool.share_bound(bytes);
            }
            if stopping.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    /// Until `stopping`.
    pub(crate) async fn ship(&self, shared: &Shared, to: &ship::Config, stopping: &CancellationToken) {
        loop {
            for number in 0..dirs::MOST {
                let dir = dirs::path(&self.root, number);
                if dir != self.own && dirs::has_leftovers(&dir) && !stopping.is_cancelled() {
                    self.empty(&dir, shared, to, stopping).await;
                }
            }
            if stopping.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    async fn empty(&self, dir: &Path, shared: &Shared, to: &ship::Config, stopping: &CancellationToken) {
        let config = aop_spool::Config { dir: dir.to_owned(), ..self.spool.clone() };
        let spool = match tokio::task::spawn_blocking(move || Spool::open(config)).await {
            Ok(Ok(spool)) => Arc::new(spool),
            // Its process still ends calls.
            Ok(Err(OpenError::Locked(_))) => return,
            Ok(Err(error)) => {
                tracing::error!(dir = %dir.display(), %error, "records of an earlier process cannot be shipped; they stay on the disk");
                return;
            }
            Err(error) => {
                tracing::error!(%error, "a spool of an earlier process was not opened");
                return;
            }
        };
        shared.limiter.settle_for(dir);
        *self.shipping.lock() = Some(Arc::clone(&spool));
        let is_empty = stopping.child_token();
        let until_empty = async {
            while spool.stats().segments > 0 && !is_empty.is_cancelled() {
                tokio::time::sleep(EMPTY_EVERY).await;
            }
            is_empty.cancel();
        };
        let (shipped, ()) =
            tokio::join!(ship::run(Arc::clone(&spool), to.clone(), is_empty.clone()), until_empty);
        if let Err(error) = shipped {
            tracing::error!(%error, "records of an earlier process cannot be shipped; they stay on the disk");
        }
        *self.shipping.lock() = None;
        // Its last owner's thread is waited for beside the runtime.
        let _ = tokio::task::spawn_blocking(move || drop(spool)).await;
    }
}
