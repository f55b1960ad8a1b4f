//! Scheduled jobs: one file each, every one safe to run twice and by several runners at once. A job that fails is logged
//! and tried again at its next turn; it never ends the process.

mod delete_expired_tokens;

use std::time::Duration;

use aop_service::clock::Clock;
use aop_store::Store;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);

/// Runs every job now and then each hour, until `shutdown`.
pub(crate) async fn run(store: &Store, clock: &Clock, shutdown: CancellationToken) {
    let mut turns = tokio::time::interval(EVERY);
    while shutdown.run_until_cancelled(turns.tick()).await.is_some() {
        match delete_expired_tokens::run(store, clock.now_s()).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "expired sign-in tokens are forgotten"),
            Err(error) => {
                tracing::warn!(%error, "expired sign-in tokens could not be deleted; trying again in an hour")
            }
        }
    }
}
