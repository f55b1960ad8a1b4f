//! Keeping the kills in force fresh: Postgres says when one was made or lifted, and every second they are read as well,
//! because some end by themselves and a notification may be lost with its connection.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use aop_domain::kill::Kills;

use super::load;
use crate::Store;

const CHANNEL: &str = "aop_kills";
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Between attempts to listen while Postgres is away.
const RETRY: Duration = Duration::from_secs(1);

/// Gives the kills in force to `take`, now and whenever they may have changed, until the future is dropped. While
/// Postgres is away, nothing is given: the last ones stay.
pub async fn watch(store: &Store, take: impl Fn(Kills)) {
    let changed = Arc::new(Notify::new());
    // A task of its own: a receive that is cancelled while it reconnects forgets that the connection was lost.
    let _listener = Listener(tokio::spawn(listen(store.clone(), Arc::clone(&changed))));
    let mut poll = interval(POLL_EVERY);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_reachable = true;
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            () = changed.notified() => {}
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

/// Ends with the watch.
struct Listener(tokio::task::JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen(store: Store, changed: Arc<Notify>) {
    loop {
        if let Err(error) = listen_until_broken(&store, &changed).await {
            tracing::debug!(%error, "cannot listen for kills; polling meanwhile");
        }
        sleep(RETRY).await;
    }
}

async fn listen_until_broken(store: &Store, changed: &Notify) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(store.pool()).await?;
    listener.listen(CHANNEL).await?;
    // What changed before this moment was not heard.
    changed.notify_one();
    loop {
        // `None`: the connection was lost and made again; what was said meanwhile is not known.
        listener.try_recv().await?;
        changed.notify_one();
    }
}
