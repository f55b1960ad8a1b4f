//! A new binary for a running installation: asked for with `aop upgrade` or SIGUSR2. The schema first, then what reads
//! records before what writes them, the front door last. Engines, the simulator and this process stay what they are
//! until the whole installation is started again.

use std::time::Duration;

use tokio::process::Command;
use tokio::signal::unix::Signal;

use super::banner;
use super::parts::{Plan, own_group};
use crate::data_dir::DataDir;
use crate::supervisor::Supervisor;
use crate::supervisor::child::{ParentPid, belongs_to};
use crate::upgrade::control::Control;
use crate::upgrade::program::Program;

/// A migration may have to rewrite a table.
const MIGRATED_WITHIN: Duration = Duration::from_secs(600);

/// One upgrade after the other, for as long as it is polled.
pub(super) async fn serve(
    supervisor: &Supervisor,
    data: &DataDir,
    plan: &Plan,
    mut signals: Signal,
    within: Duration,
) {
    let control = Control::listen(data.root());
    loop {
        let asked = tokio::select! {
            asked = control.asked() => Some(asked),
            _ = signals.recv() => None,
        };
        banner::step("upgrading to the binary on the disk");
        let outcome = upgrade(supervisor, plan, within).await;
        match &outcome {
            Ok(done) => banner::step(done),
            Err(why) => tracing::error!("the upgrade did not happen: {why}"),
        }
        if let Some(asked) = asked {
            asked.answer(&outcome).await;
        }
    }
}

async fn upgrade(supervisor: &Supervisor, plan: &Plan, within: Duration) -> Result<String, String> {
    let program = supervisor.program().on_disk();
    let program = program.map_err(|error| format!("{}: {error}", supervisor.program().shown().display()))?;
    let version = program.version().await?;
    migrate(&program, plan).await?;
    let mut replaced: Vec<&str> = Vec::new();
    for name in supervisor.replaceable() {
        supervisor.replace(name, &program, within).await.map_err(|why| {
            let done = match replaced.as_slice() {
                [] => "nothing was replaced".to_owned(),
                parts => format!("replaced before it: {}", parts.join(", ")),
            };
            format!("the {name} runs on as it was: {why} ({done})")
        })?;
        replaced.push(name);
    }
    Ok(format!("running {version} now: {}", replaced.join(", ")))
}

async fn migrate(program: &Program, plan: &Plan) -> Result<(), String> {
    let mut command = Command::new(program.path());
    command.arg("migrate").envs(plan.environment()).stdin(std::process::Stdio::null());
    belongs_to(&mut command, ParentPid::this());
    own_group(&mut command);
    let why = match tokio::time::timeout(MIGRATED_WITHIN, command.output()).await {
        Ok(Ok(output)) if output.status.success() => return Ok(()),
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            said.lines().last().unwrap_or("it says nothing").to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it takes longer than {MIGRATED_WITHIN:?}"),
    };
    Err(format!("the schema could not be brought up to date: {why} (nothing was replaced)"))
}
