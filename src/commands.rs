//! One file per subcommand.

pub(crate) mod api;
pub(crate) mod clickhouse;
pub(crate) mod collector;
pub(crate) mod engines;
pub(crate) mod identity;
pub(crate) mod list_settings;
pub(crate) mod migrate;
pub(crate) mod proxy;
pub(crate) mod runner;
pub(crate) mod simulator;
pub(crate) mod up;
pub(crate) mod upgrade;

use std::future::Future;

use tokio_util::sync::CancellationToken;

use crate::settings;

/// Runs one part: logging, a runtime of `threads` workers, and a token that is cancelled at SIGINT or SIGTERM.
fn run_part<F, Fut>(threads: usize, part: F) -> anyhow::Result<()>
where
    F: FnOnce(CancellationToken) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    aop_service::telemetry::init(settings::environment("AOP_LOG").as_deref());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let result = runtime.block_on(async {
        let shutdown = aop_service::shutdown::on_signal()?;
        part(shutdown).await
    });
    // A blocking task that hangs must not keep a finished process alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

/// `AOP_NODE`, or the name of this machine.
fn node_name(reader: &mut settings::Reader<'_>) -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    reader.text_or("AOP_NODE", host.as_deref().unwrap_or("aop"))
}
