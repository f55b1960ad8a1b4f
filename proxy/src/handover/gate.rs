//! The front door's listening sockets as a service of pingora: opened when it is this process's turn, closed when it is
//! another's, while the connections that were accepted go on.

use std::net::TcpListener;
use std::os::fd::IntoRawFd;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora_core::server::{Fds, ListenFds, ShutdownWatch};
use pingora_core::services::Service;
use pingora_core::services::listening::Service as Listening;
use tokio::sync::watch;

use super::take::{Turn, Why};
use super::{Keep, Life};
use crate::front::Doors;
use crate::shared::Shared;

pub(crate) struct Gate {
    /// One for each address.
    pub(crate) inner: Vec<Listening<Doors>>,
    pub(crate) keep: Arc<Keep>,
    /// Somebody else serves until then.
    pub(crate) turn: Option<Turn>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) life: Life,
    /// Why this process never served.
    pub(crate) failed: Arc<Mutex<Option<Why>>>,
}

#[async_trait]
impl Service for Gate {
    async fn start_service(&mut self, _: Option<ListenFds>, shutdown: ShutdownWatch, tasks: usize) {
        let sockets = match sockets(&self.keep) {
            Ok(sockets) => sockets,
            Err(error) => return self.fail(format!("the listening sockets cannot be used: {error}")),
        };
        if let Some(turn) = self.turn.take()
            && let Err(why) = turn.wait(&self.shared).await
        {
            return self.fail(why);
        }
        self.shared.inference.serves();
        self.life.serving.cancel();
        let (close, closed) = watch::channel(false);
        let replaced = self.life.replaced.clone();
        let closing = async move {
            let mut shutdown = shutdown;
            tokio::select! {
                () = replaced.cancelled() => {}
                _ = shutdown.wait_for(|stops| *stops) => {}
            }
            // The service below may have ended by itself.
            let _ = close.send(true);
        };
        let doors = self
            .inner
            .iter_mut()
            .map(|door| Service::start_service(door, Some(Arc::clone(&sockets)), closed.clone(), tasks));
        tokio::join!(closing, futures::future::join_all(doors));
    }

    fn name(&self) -> &str {
        "front door"
    }

    fn threads(&self) -> Option<usize> {
        self.inner.first().and_then(Service::threads)
    }
}

impl Gate {
    fn fail(&self, why: Why) {
        *self.failed.lock() = Some(why);
        self.life.shutdown.cancel();
    }
}

/// Copies of the sockets for pingora, which closes its own ones when it stops accepting.
fn sockets(keep: &Keep) -> std::io::Result<ListenFds> {
    let mut table = Fds::new();
    if let Some(held) = &*keep.lock() {
        for (address, listener) in &held.listeners {
            let copy: TcpListener = listener.try_clone()?;
            copy.set_nonblocking(true)?;
            table.add(address.to_string(), copy.into_raw_fd());
        }
    }
    // A lock of the version that pingora uses.
    Ok(Arc::new(table.into()))
}
