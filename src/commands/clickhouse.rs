//! `aop clickhouse`: the embedded ClickHouse as a process of its own, so that a crash of the engine is only its own.

use std::path::PathBuf;

use aop_clickhouse_embedded::{Config, Limits};

use crate::settings::{Reader, environment};

/// The engine's library inside the engines' directory.
const LIBRARY: &str = if cfg!(target_arch = "aarch64") {
    "@chdb/lib-linux-arm64-gnu/libchdb.so"
} else {
    "@chdb/lib-linux-x64-gnu/libchdb.so"
};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let listen = reader.address("AOP_CLICKHOUSE_LISTEN", "127.0.0.1:8123");
    let data_path = reader.path("AOP_CLICKHOUSE_DIR");
    let password = reader.required("AOP_CLICKHOUSE_PASSWORD");
    let engines = PathBuf::from(reader.text_or("AOP_ENGINES_DIR", "engines/node_modules"));
    reader.finish()?;
    let config =
        Config { library: engines.join(LIBRARY), data_path, listen, password, limits: Limits::default() };
    super::run_part(2, |shutdown| async move { Ok(aop_clickhouse_embedded::run(config, shutdown).await?) })
}
