//! Keeps the parts of one installation running as children of one process: started in order, restarted when they
//! fall, stopped in the opposite order. A child that outlives this process is impossible: each asks the kernel to be
//! killed with its parent (`child::die_with_parent`).

pub(crate) mod child;

use std::time::Duration;

use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use child::{ParentPid, spawn, stop};

/// A part that keeps falling is restarted ever more slowly, up to this.
const SLOWEST_RESTART: Duration = Duration::from_secs(5);
const FASTEST_RESTART: Duration = Duration::from_millis(100);
/// A part that ran this long is healthy again: its next restart is quick.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);

/// One part and how to start it.
pub(crate) struct Part {
    pub name: &'static str,
    pub command: Box<dyn Fn() -> Command + Send>,
    /// The signal that asks it to stop, and how long it may take before it is killed.
    pub stop_signal: nix::sys::signal::Signal,
    pub stop_within: Duration,
}

/// Running parts, in the order they were started.
pub(crate) struct Supervisor {
    shutdown: CancellationToken,
    watched: Vec<(CancellationToken, tokio::task::JoinHandle<()>)>,
}

impl Supervisor {
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self { shutdown, watched: Vec::new() }
    }

    /// Starts a part and keeps it running until `stop_all`. Fails only when it cannot be started at all.
    pub(crate) fn start(&mut self, part: Part) -> anyhow::Result<()> {
        let first = spawn(&mut (part.command)(), ParentPid::this())?;
        let stopping = CancellationToken::new();
        let watch = tokio::task::spawn_local(watch(part, first, stopping.clone()));
        self.watched.push((stopping, watch));
        Ok(())
    }

    /// Resolves when shutdown is asked for.
    pub(crate) async fn until_shutdown(&self) {
        self.shutdown.cancelled().await;
    }

    /// The same, without holding on to the supervisor.
    pub(crate) fn shutdown_asked(&self) -> impl Future<Output = ()> + use<> {
        self.shutdown.clone().cancelled_owned()
    }

    /// Stops every part, last started first, each within its own time.
    pub(crate) async fn stop_all(self) {
        for (stopping, watch) in self.watched.into_iter().rev() {
            stopping.cancel();
            let _ = watch.await;
        }
    }
}

/// Waits for the part to end; restarts it unless it was asked to.
async fn watch(part: Part, mut running: Child, stopping: CancellationToken) {
    let mut pause = FASTEST_RESTART;
    loop {
        let started = tokio::time::Instant::now();
        tokio::select! {
            () = stopping.cancelled() => {
                stop(part.name, running, part.stop_signal, part.stop_within).await;
                return;
            }
            ended = running.wait() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                tracing::warn!(part = part.name, how, "a part ended by itself and is started again");
            }
        }
        pause = if started.elapsed() > HEALTHY_AFTER {
            FASTEST_RESTART
        } else {
            (pause * 2).min(SLOWEST_RESTART)
        };
        running = loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            match spawn(&mut (part.command)(), ParentPid::this()) {
                Ok(child) => break child,
                Err(error) => tracing::error!(part = part.name, %error, "a part cannot be started"),
            }
            pause = (pause * 2).min(SLOWEST_RESTART);
        };
    }
}
