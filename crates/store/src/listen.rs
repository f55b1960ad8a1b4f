//! Hearing of changes: Postgres says on a channel that something is another now.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Store;

/// Between attempts to listen while Postgres is away.
const RETRY: Duration = Duration::from_secs(1);

/// Listens until it is dropped. What is said while the connection is down is not heard: whoever listens also polls.
pub struct Listener {
    pub changed: Arc<Notify>,
    // A task of its own: a receive that is cancelled while it reconnects forgets that the connection was lost.
    task: JoinHandle<()>,
}

impl Listener {
    pub(crate) fn new(store: Store, channel: &'static str) -> Self {
        let changed = Arc::new(Notify::new());
        let task = tokio::spawn(listen(store, channel, Arc::clone(&changed)));
        Self { changed, task }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(store: Store, channel: &str, changed: Arc<Notify>) {
    loop {
        if let Err(error) = listen_until_broken(&store, channel, &changed).await {
            tracing::debug!(%error, channel, "cannot listen for changes; polling meanwhile");
        }
        sleep(RETRY).await;
    }
}

async fn listen_until_broken(store: &Store, channel: &str, changed: &Notify) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(store.pool()).await?;
    listener.listen(channel).await?;
    // What changed before this moment was not heard.
    changed.notify_one();
    loop {
        // `None`: the connection was lost and made again; what was said meanwhile is not known.
        listener.try_recv().await?;
        changed.notify_one();
    }
}
