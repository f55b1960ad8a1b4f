//! `aop runner`: executes crews through the front door.

use crate::settings::{Reader, environment};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let mut spool = aop_spool::Config::new(reader.path("AOP_SPOOL_DIR"));
    spool.max_bytes = reader.number("AOP_SPOOL_MAX_BYTES", spool.max_bytes);
    let mut config = aop_runner::Config::new(
        reader.required("DATABASE_URL"),
        reader.url("AOP_GATEWAY_URL", "http://127.0.0.1:8080"),
        reader.url("AOP_COLLECTOR_URL", "http://127.0.0.1:8082"),
        reader.master_key(),
        spool,
        super::node_name(&mut reader),
    );
    let concurrency = reader.number("AOP_RUNNER_CONCURRENCY", 8);
    config.concurrency = usize::try_from(concurrency).unwrap_or(8).max(1);
    reader.finish()?;
    super::run_part(2, |shutdown| async move { Ok(aop_runner::run(config, shutdown).await?) })
}
