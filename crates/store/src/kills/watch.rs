//! Keeping the kills in force fresh: Postgres says when one was made or lifted, and every second they are read as well,
//! because some end by themselves and a notification may be lost with its connection.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use aop_domain::kill::Kills;

use super::load;
use crate::Store;
use crate::listen::Listener;

const CHANNEL: &str = "aop_kills";
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Gives the kills in force to `take`, now and whenever they may have changed, until the future is dropped. While
/// Postgres is away, nothing is given: the last ones stay.
pub async fn watch(store: &Store, take: impl Fn(Kills)) {
    let listener = Listener::new(store.clone(), CHANNEL);
    let mut poll = interval(POLL_EVERY);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_reachable = true;
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            () = listener.changed.notified() => {}
        }
        match load(store).await {
            Ok(kills) => {
                is_reachable = true;
                take(kills);
            }
            Err(error) => {
                if std::mem::take(&mut is_reachable) {
                    tracing::warn!(%error, "kills cannot be read; the last ones stay in force");
                }
            }
        }
    }
}
