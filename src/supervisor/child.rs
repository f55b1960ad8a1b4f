//! One child process: bound to the life of its parent, stopped with patience, then without.

use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// Tells a child who its parent was when it was started, so that it can see whether that one is already gone.
const PARENT_VARIABLE: &str = "AOP_PARENT_PID";

#[derive(Clone, Copy)]
pub(crate) struct ParentPid(u32);

impl ParentPid {
    pub(crate) fn this() -> Self {
        Self(std::process::id())
    }
}

/// Starts the command with no standard input; its output goes where ours goes.
pub(crate) fn spawn(command: &mut Command, parent: ParentPid) -> std::io::Result<Child> {
    command.env(PARENT_VARIABLE, parent.0.to_string()).stdin(Stdio::null()).kill_on_drop(true).spawn()
}

/// Is this process a part of another one?
pub(crate) fn has_supervisor() -> bool {
    std::env::var_os(PARENT_VARIABLE).is_some()
}

/// A part that was started from an open file is called by the file's number; people look for `aop`.
pub(crate) fn keep_name() {
    let _ = nix::sys::prctl::set_name(c"aop");
}

/// Starts a process that is told how to reach us on its standard input by `command` itself.
pub(crate) fn belongs_to(command: &mut Command, parent: ParentPid) {
    command.env(PARENT_VARIABLE, parent.0.to_string()).kill_on_drop(true);
}

/// Called first thing in every part: when the parent dies, so does this process, at once. Every part is built to be
/// killed at any moment, and an engine that outlives its supervisor would hold the data directory.
pub(crate) fn die_with_parent() {
    let Ok(parent) = std::env::var(PARENT_VARIABLE) else { return };
    let _ = nix::sys::prctl::set_pdeathsig(Some(Signal::SIGKILL));
    // The parent may have died before the line above took effect.
    if nix::unistd::getppid().to_string() != parent {
        std::process::exit(0);
    }
}

/// Asks the child to stop, waits, and kills it when it takes too long.
pub(crate) async fn stop(name: &'static str, mut child: Child, signal: Signal, within: Duration) {
    stop_running(name, &mut child, signal, within).await;
}

/// [`stop`] of one whose place another takes.
pub(crate) async fn stop_running(name: &'static str, child: &mut Child, signal: Signal, within: Duration) {
    let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()) else { return };
    let _ = kill(Pid::from_raw(pid), signal);
    if tokio::time::timeout(within, child.wait()).await.is_err() {
        tracing::warn!(part = name, "a part did not stop in time and is killed");
        let _ = child.kill().await;
    }
}
