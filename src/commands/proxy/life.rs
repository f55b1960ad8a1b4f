//! From outside a front door: signals, and whoever asks that the binary on the disk take over.

use std::thread;
use std::time::Duration;

use aop_proxy::{Config, Life, Start};
use aop_service::shutdown;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::supervisor::child;
use crate::upgrade::control::Control;
use crate::upgrade::program::Program;
use crate::upgrade::{notify, report, successor};

/// What a replacement needs to know.
struct Here {
    life: Life,
    start: Start,
    program: Program,
    spool_dir: std::path::PathBuf,
    ready_within: Duration,
}

/// pingora makes its own runtimes, so all this is waited for on a thread of its own.
pub(super) fn begin(start: Start, config: &Config) -> anyhow::Result<Life> {
    let life = Life::default();
    let here = Here {
        life: life.clone(),
        start,
        program: Program::own()?,
        spool_dir: config.run_dir.clone(),
        ready_within: config.limits.take_over_within,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Taken before anything is started: a signal that nobody listens for ends the process.
    let upgrades = {
        let _inside = runtime.enter();
        signal(SignalKind::user_defined2())?
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let stopped = async {
                match shutdown::on_signal() {
                    Ok(signalled) => signalled.cancelled().await,
                    Err(error) => tracing::error!(%error, "signals cannot be waited for; stopping"),
                }
                here.life.shutdown.cancel();
                // A second signal still has to be heard.
                std::future::pending::<()>().await;
            };
            tokio::join!(stopped, here.follow(upgrades));
        });
    })?;
    Ok(life)
}

impl Here {
    async fn follow(&self, mut signals: tokio::signal::unix::Signal) {
        self.life.serving.cancelled().await;
        match self.start {
            Start::Fresh => notify::ready(),
            Start::TakeOver => report::serves(),
        }
        let control = if child::has_supervisor() { None } else { Some(Control::listen(&self.spool_dir)) };
        let asked = async || match &control {
            Some(control) => control.asked().await,
            None => std::future::pending().await,
        };
        while !self.life.replaced.is_cancelled() {
            let asked = tokio::select! {
                asked = asked() => Some(asked),
                _ = signals.recv() => None,
            };
            let outcome = self.replace().await;
            match &outcome {
                Ok(done) => tracing::info!("{done}"),
                Err(why) => tracing::error!("the upgrade did not happen: {why}"),
            }
            if let Some(asked) = asked {
                asked.answer(&outcome).await;
            }
        }
    }

    /// Starts the binary on the disk and lets it take over. This process goes on when it does not.
    async fn replace(&self) -> Result<String, String> {
        if child::has_supervisor() {
            return Err("this front door is a part of `aop up`: ask that one".to_owned());
        }
        if self.life.shutdown.is_cancelled() {
            return Err("this front door is stopping".to_owned());
        }
        let program = self.program.on_disk();
        let program = program.map_err(|error| format!("{}: {error}", self.program.shown().display()))?;
        let version = program.version().await?;
        let mut command = Command::new(program.path());
        command.args(["proxy", "--take-over"]);
        let successor = successor::start(command, self.ready_within).await?;
        let pid = successor.id().unwrap_or_default();
        notify::main_process(pid);
        // It outlives this one; it is not waited for.
        drop(successor);
        Ok(format!(
            "the front door runs {version} now as process {pid}; process {} ends the calls it has, still running with {}",
            std::process::id(),
            env!("CARGO_PKG_VERSION")
        ))
    }
}
