//! One gateway process takes over from another while calls run: a binary is replaced and no connection is lost.
//!
//! The process that serves holds `owner.lock` and listens on `handover.sock` in its run directory. A process that is to
//! take over asks there and is given, as open descriptors, the lock, that socket itself and the listening sockets
//! ([`wire`]): both processes then hold the *same* sockets with the same queue of connections, so there is no moment in
//! which a connection could be refused or lost. The new one gets ready ([`take`]); only when it could answer does the
//! old one write down what inference remembers, and stop accepting ([`give`]). It ends the calls it has, answers
//! what still comes on open connections with `connection: close`, and goes.
//!
//! If the new one fails before that, its descriptors close with it and the old one has never stopped serving.
//! While both live, each has a spool of its own ([`dirs`]); what a spool of a process that has gone still holds is
//! shipped by the one that serves ([`leftovers`]).

pub(crate) mod dirs;
pub(crate) mod gate;
pub(crate) mod give;
pub(crate) mod leftovers;
pub(crate) mod take;
mod wire;

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::error::StartError;

const LOCK: &str = "owner.lock";
const SOCKET: &str = "handover.sock";

/// How a process begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Nobody serves here.
    #[default]
    Fresh,
    /// Somebody does; its sockets are taken over.
    TakeOver,
}

/// What whoever runs a gateway tells it, and hears of it.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Cancelled from outside: stop.
    pub shutdown: CancellationToken,
    /// Cancelled from inside: connections are accepted.
    pub serving: CancellationToken,
    /// Cancelled from inside: another process accepts them now.
    pub replaced: CancellationToken,
}

impl Life {
    pub fn until(shutdown: CancellationToken) -> Self {
        Self { shutdown, ..Self::default() }
    }
}

/// What the process that serves holds and can give to the next one.
#[derive(Debug)]
pub(crate) struct Held {
    /// Whoever has this open owns the run directory. The lock goes with the last descriptor, not with ours.
    owner: File,
    /// Where the next one asks. `None`: it could not be made, and nobody can take over.
    asked_at: Option<UnixListener>,
    listeners: Vec<(SocketAddr, TcpListener)>,
}

/// [`Held`] until it is given away.
pub(crate) type Keep = Mutex<Option<Held>>;

impl Held {
    /// As the first process here.
    pub(crate) fn fresh(run_dir: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::RunDir { dir: run_dir.to_owned(), error };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(run_dir).map_err(failed)?;
        let mut options = File::options();
        let owner = options.create(true).truncate(false).write(true).mode(0o600).open(run_dir.join(LOCK));
        let owner = owner.map_err(failed)?;
        owner.try_lock().map_err(|_| StartError::Owned(run_dir.to_owned()))?;
        Ok(Self { owner, asked_at: listen_for_successors(run_dir), listeners: Vec::new() })
    }

    /// The listening socket for this address: one that was given, or a new one.
    pub(crate) fn listen(&mut self, listen: SocketAddr, setting: &'static str) -> Result<(), StartError> {
        if self.listeners.iter().any(|(address, _)| *address == listen) {
            return Ok(());
        }
        let listener =
            TcpListener::bind(listen).map_err(|error| StartError::Listen { listen, setting, error })?;
        self.listeners.push((listen, listener));
        Ok(())
    }

    /// Closes what was given and is not wanted here: nobody would accept from it.
    pub(crate) fn keep_only(&mut self, wanted: &[SocketAddr]) {
        self.listeners.retain(|(address, _)| wanted.contains(address));
    }
}

/// The lock is held: whatever stands there is of a process that has gone.
fn listen_for_successors(run_dir: &Path) -> Option<UnixListener> {
    let path = run_dir.join(SOCKET);
    let _ = std::fs::remove_file(&path);
    match UnixListener::bind(&path) {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "no other process will be able to take over from this one");
            None
        }
    }
}
