//! The embedded Postgres by itself, for tests and development:
//! `aop-postgres run DATA_DIR ENGINES_DIR [--not-durable]` prints its URL when it is ready and runs until it is
//! told to stop; `aop-postgres engine ...` is the child that becomes Postgres.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

use aop_store::embedded::{Embedded, Launcher, Prepared, exec_postgres};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let outcome = match arguments.next().as_deref().and_then(|word| word.to_str()) {
        Some("engine") => Err(exec_postgres(arguments).into()),
        Some("run") => run(arguments),
        _ => Err("say 'run DATA_DIR ENGINES_DIR [--not-durable]'".into()),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // Nothing can be done when even standard error is closed.
    let _ = writeln!(std::io::stderr(), "{error}");
    ExitCode::FAILURE
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<(), Box<dyn Error>> {
    let (Some(data_dir), Some(engines_dir)) = (arguments.next(), arguments.next()) else {
        return Err("DATA_DIR and ENGINES_DIR are needed".into());
    };
    let program = std::env::current_exe()?;
    let embedded = Embedded {
        data_dir: data_dir.into(),
        engines_dir: engines_dir.into(),
        launcher: Launcher { program: program.clone(), arguments: vec!["engine".into()] },
        port: None,
        durable: !arguments.any(|word| word == "--not-durable"),
        max_connections: 300,
    };
    let prepared = embedded.prepare()?;
    // From the main thread: it lives as long as this process.
    let child = Command::new(program).arg("engine").args(prepared.arguments()?).spawn()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(until_stopped(&prepared, child))
}

async fn until_stopped(prepared: &Prepared, mut child: Child) -> Result<(), Box<dyn Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let pid = Pid::from_raw(i32::try_from(child.id())?);
    prepared.wait_ready(Duration::from_secs(60)).await?;
    writeln!(std::io::stdout(), "{}", prepared.database_url())?;
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        status = &mut ended => return Err(format!("Postgres ended by itself: {}", status??).into()),
    }
    kill(pid, Signal::SIGINT)?;
    ended.await??;
    Ok(())
}
