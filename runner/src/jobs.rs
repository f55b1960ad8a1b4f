//! Scheduled jobs: one file each, every one safe to run twice and by several runners at once. A job that fails is logged
//! and tried again at its next turn; it never ends the process.

mod delete_expired_tokens;
mod delete_hook_deliveries;
mod delete_idempotency_keys;
mod delete_used_sso_states;

use std::time::Duration;

use aop_service::clock::Clock;
use aop_store::{Error, Store};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);

/// Runs every job now and then each hour, until `shutdown`.
pub(crate) async fn run(store: &Store, clock: &Clock, shutdown: CancellationToken) {
    let mut turns = tokio::time::interval(EVERY);
    while shutdown.run_until_cancelled(turns.tick()).await.is_some() {
        let now = OffsetDateTime::from_unix_timestamp(clock.now_s()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        tell("expired sign-in tokens", delete_expired_tokens::run(store, now).await);
        tell("used single sign-on states", delete_used_sso_states::run(store, now).await);
        tell("expired idempotency keys", delete_idempotency_keys::run(store, now).await);
        tell("webhooks that ended", delete_hook_deliveries::run(store, now).await);
    }
}

fn tell(what: &'static str, deleted: Result<u64, Error>) {
    match deleted {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(what, deleted, "forgotten"),
        Err(error) => tracing::warn!(what, %error, "could not be deleted; trying again in an hour"),
    }
}
