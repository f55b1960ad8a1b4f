//! `aop engines -- COMMAND`: the embedded engines for as long as a command runs. The tests run under it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitCode;

use anyhow::Context;
use tokio::task::LocalSet;

use super::up::engines;
use crate::cli::EnginesArgs;
use crate::data_dir::DataDir;
use crate::settings::{Reader, environment};
use crate::supervisor::Supervisor;

pub(crate) fn run(args: &EnginesArgs) -> anyhow::Result<ExitCode> {
    aop_service::telemetry::init(Some(environment("AOP_LOG").as_deref().unwrap_or("warn")));
    let temporary = tempfile::Builder::new().prefix("aop-engines-").tempdir()?;
    let data = DataDir::open(args.data.as_deref().unwrap_or(temporary.path()))?;
    let mut reader = Reader::new(&environment);
    let given = engines::Given::read(&mut reader);
    reader.finish()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut supervisor = Supervisor::new(aop_service::shutdown::on_signal()?)?;
        let started = engines::start(&mut supervisor, &data, &given, engines::Durability::NotNeeded).await;
        let code = match &started {
            Ok(engines) => run_command(args, engines, &supervisor).await,
            Err(_) => Ok(ExitCode::FAILURE),
        };
        supervisor.stop_all().await;
        started.map(drop)?;
        code
    })
}

async fn run_command(
    args: &EnginesArgs,
    engines: &engines::Engines,
    supervisor: &Supervisor,
) -> anyhow::Result<ExitCode> {
    let (program, arguments) = args.command.split_first().context("no command was given")?;
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).kill_on_drop(true);
    for (name, value) in engines.variables() {
        command.env(name, value.expose());
    }
    command.env("AOP_TEST_DATABASE_URL", engines.database_url.expose());
    command.env("AOP_TEST_CLICKHOUSE_URL", &engines.clickhouse.url);
    command.env("AOP_TEST_CLICKHOUSE_PASSWORD", &engines.clickhouse.password);
    let mut running =
        command.spawn().with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    let status = tokio::select! {
        status = running.wait() => status?,
        () = supervisor.until_shutdown() => running.wait().await?,
    };
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
