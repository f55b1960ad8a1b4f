//! Keeps the parts of one installation running as children of one process: started in order, restarted when they
//! fall, replaced one by one when a new binary is to run, stopped in the opposite order. A child that outlives this
//! process is impossible: each asks the kernel to be killed with its parent (`child::die_with_parent`).

pub(crate) mod child;
mod watch;

use std::time::Duration;

use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::upgrade::program::Program;
use child::{ParentPid, spawn};
use watch::{Change, Watched};

/// One part and how to start it.
pub(crate) struct Part {
    pub name: &'static str,
    pub command: Box<dyn Fn(&Program) -> Command + Send>,
    /// The signal that asks it to stop, and how long it may take before it is killed.
    pub stop_signal: nix::sys::signal::Signal,
    pub stop_within: Duration,
    pub replace: Replace,
}

/// How a part comes to run another binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replace {
    /// Only with the whole installation.
    Never,
    /// The old process is stopped, then the new one started. It is there when it answers at this address, or, where there
    /// is none to ask, when it has lived for a moment.
    Restart(Option<String>),
    /// The new process takes over from the old one while both run, and the old one ends by itself.
    TakeOver,
}

/// Running parts, in the order they were started.
pub(crate) struct Supervisor {
    shutdown: CancellationToken,
    program: Program,
    parts: Vec<Running>,
}

struct Running {
    name: &'static str,
    replace: Replace,
    stopping: CancellationToken,
    changes: mpsc::Sender<Change>,
    watch: tokio::task::JoinHandle<()>,
}

impl Supervisor {
    pub(crate) fn new(shutdown: CancellationToken) -> std::io::Result<Self> {
        Ok(Self { shutdown, program: Program::own()?, parts: Vec::new() })
    }

    /// Starts a part and keeps it running until `stop_all`. Fails only when it cannot be started at all.
    pub(crate) fn start(&mut self, part: Part) -> anyhow::Result<()> {
        let first = spawn(&mut (part.command)(&self.program), ParentPid::this())?;
        let (name, replace, stopping) = (part.name, part.replace.clone(), CancellationToken::new());
        let (changes, asked) = mpsc::channel(1);
        let watched = Watched::new(part, self.program.clone(), first);
        let watch = tokio::task::spawn_local(watched.watch(stopping.clone(), asked));
        self.parts.push(Running { name, replace, stopping, changes, watch });
        Ok(())
    }

    /// What the parts were started from.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Names of the parts that can be replaced while the installation runs, in the order they were started.
    pub(crate) fn replaceable(&self) -> Vec<&'static str> {
        self.parts.iter().filter(|part| part.replace != Replace::Never).map(|part| part.name).collect()
    }

    /// Lets a part run this program. `Err`: why it does not; it runs what it ran before.
    pub(crate) async fn replace(
        &self,
        name: &str,
        program: &Program,
        within: Duration,
    ) -> Result<(), String> {
        let gone = || format!("there is no {name}");
        let part = self.parts.iter().find(|part| part.name == name).ok_or_else(gone)?;
        let (done, outcome) = oneshot::channel();
        let change = Change { program: program.clone(), within, done };
        part.changes.send(change).await.map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err("the installation is stopping".to_owned()))
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
        for part in self.parts.into_iter().rev() {
            part.stopping.cancel();
            let _ = part.watch.await;
        }
    }
}
