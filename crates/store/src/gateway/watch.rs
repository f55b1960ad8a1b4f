//! Keeping the snapshot fresh: Postgres says when something changed, and every few seconds the version is asked for
//! as well, because a notification that is sent while the connection is down is lost.

use std::sync::Arc;
use std::time::Duration;

use aop_domain::gateway::GatewaySnapshot;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::load::{load_snapshot, load_version};
use crate::listen::Listener;
use crate::{Error, Store};

const CHANNEL: &str = "aop_gateway";
/// Changes that come together (a script that makes a hundred keys) are read once.
const SETTLE: Duration = Duration::from_millis(20);

/// Loads the snapshot and keeps it fresh until `shutdown`. While Postgres is away the last one stays; it is never
/// taken back. Fails only when the first load fails.
pub async fn watch(
    store: Store,
    poll_every: Duration,
    shutdown: CancellationToken,
) -> Result<watch::Receiver<Arc<GatewaySnapshot>>, Error> {
    let listener = Listener::new(store.clone(), CHANNEL);
    let first = load_snapshot(&store).await?;
    let (sender, receiver) = watch::channel(Arc::new(first));
    tokio::spawn(refresh(store, sender, poll_every, listener, shutdown));
    Ok(receiver)
}

async fn refresh(
    store: Store,
    sender: watch::Sender<Arc<GatewaySnapshot>>,
    poll_every: Duration,
    listener: Listener,
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
            () = listener.changed.notified() => sleep(SETTLE).await,
        }
        let outcome = refresh_once(&store, &sender).await;
        report(&outcome, &mut is_reachable);
    }
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
