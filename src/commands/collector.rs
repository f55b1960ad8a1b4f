//! `aop collector`: takes records from spools into ClickHouse.

use crate::settings::{Reader, environment};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let config = aop_collector::Config {
        listen: reader.address("AOP_COLLECTOR_LISTEN", "127.0.0.1:8082"),
        clickhouse: super::migrate::clickhouse_config(&mut reader),
        internal_token: reader.master_key().internal_token(),
        data_dir: reader.path("AOP_COLLECTOR_DIR"),
    };
    reader.finish()?;
    super::run_part(2, |shutdown| async move { Ok(aop_collector::run(config, shutdown).await?) })
}
