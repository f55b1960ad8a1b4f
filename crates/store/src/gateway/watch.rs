//! Keeping the snapshot fresh: Postgres says when something changed, and every few seconds the version is asked for
//! as well, because a notification that is sent while the connection is down is lost.

use std::sync::Arc;
use std::time::Duration;

use aop_domain::gateway::GatewaySnapshot;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::load::{load_snapshot, load_version};
use crate::{Error, Store};

const CHANNEL: &str = "aop_gateway";
/// Changes that come together (a script that makes a hundred keys) are read once.
const SETTLE: Duration = Duration::from_millis(20);
/// Between attempts to listen while Postgres is away.
const RETRY: Duration = Duration::from_secs(1);

/// Loads the snapshot and keeps it fresh until `shutdown`. While Postgres is away the last one stays; it is never
/// taken back. Fails only when the first load fails.
pub async fn watch(
    store: Store,
    poll_every: Duration,
    shutdown: CancellationToken,
) -> Result<watch::Receiver<Arc<GatewaySnapshot>>, Error> {
    let changed = Arc::new(Notify::new());
    let listener = tokio::spawn(listen(store.clone(), changed.clone()));
    let first = match load_snapshot(&store).await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            listener.abort();
            return Err(error);
        }
    };
    let (sender, receiver) = watch::channel(Arc::new(first));
    tokio::spawn(refresh(store, sender, changed, poll_every, listener, shutdown));
    Ok(receiver)
}

/// A task of its own: a receive that is cancelled while it reconnects forgets that the connection was lost.
async fn listen(store: Store, changed: Arc<Notify>) {
    loop {
        if let Err(error) = listen_until_broken(&store, &changed).await {
            tracing::debug!(%error, "cannot listen for changes of the gateway's configuration; polling meanwhile");
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

async fn refresh(
    store: Store,
    sender: watch::Sender<Arc<GatewaySnapshot>>,
    changed: Arc<Notify>,
    poll_every: Duration,
    listener: JoinHandle<()>,
    shutdown: CancellationToken,
) {
    let mut poll = interval(poll_every);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_reachable = true;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = sender.closed() => break,
            _ = poll.tick() => {}
            () = changed.notified() => sleep(SETTLE).await,
        }
        let outcome = refresh_once(&store, &sender).await;
        report(&outcome, &mut is_reachable);
    }
    listener.abort();
}

async fn refresh_once(store: &Store, sender: &watch::Sender<Arc<GatewaySnapshot>>) -> Result<(), Error> {
    let version = sender.borrow().version;
    // Not "greater": a database restored from a backup counts from an older number.
    if load_version(store).await? != version {
        sender.send_replace(Arc::new(load_snapshot(store).await?));
    }
    Ok(())
}

/// One line when Postgres goes away and one when it is back, not one every few seconds.
fn report(outcome: &Result<(), Error>, is_reachable: &mut bool) {
    match outcome {
        Ok(()) if !*is_reachable => tracing::info!("the gateway's configuration is fresh again"),
        Err(error) if *is_reachable => {
            tracing::warn!(%error, "the gateway's configuration cannot be read; the last one stays in use");
        }
        _ => {}
    }
    *is_reachable = outcome.is_ok();
}
