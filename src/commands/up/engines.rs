//! The two engines of an embedded installation: started when no outside one is given, and waited for.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::Signal;
use tokio::process::Command;

use aop_clickhouse::ClickHouse;
use aop_service::secret::Secret;
use aop_store::embedded::{Embedded, Launcher};

use crate::data_dir::DataDir;
use crate::settings::{Reader, environment};
use crate::supervisor::{Part, Replace, Supervisor};
use crate::upgrade::program::Program;

/// A first start creates a database cluster; a start after a crash replays a log.
const POSTGRES_READY_WITHIN: Duration = Duration::from_secs(60);
const CLICKHOUSE_READY_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(40);

/// What the operator gives instead of embedded engines.
pub(crate) struct Given {
    database_url: Option<Secret>,
    clickhouse: Option<aop_clickhouse::Config>,
    engines_dir: Option<PathBuf>,
}

impl Given {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let database_url = reader.secret("DATABASE_URL");
        let clickhouse =
            reader.text("AOP_CLICKHOUSE_URL").map(|_| super::super::migrate::clickhouse_config(reader));
        Self { database_url, clickhouse, engines_dir: reader.text("AOP_ENGINES_DIR").map(PathBuf::from) }
    }
}

/// Whether data must survive a power cut. Tests throw theirs away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    Needed,
    NotNeeded,
}

/// Where the engines are, embedded or given.
pub(crate) struct Engines {
    pub database_url: Secret,
    pub clickhouse: aop_clickhouse::Config,
}

impl Engines {
    /// The settings that tell a part where the engines are.
    pub(crate) fn variables(&self) -> Vec<(&'static str, Secret)> {
        vec![
            ("DATABASE_URL", self.database_url.clone()),
            ("AOP_CLICKHOUSE_URL", Secret::new(self.clickhouse.url.clone())),
            ("AOP_CLICKHOUSE_USER", Secret::new(self.clickhouse.user.clone())),
            ("AOP_CLICKHOUSE_PASSWORD", Secret::new(self.clickhouse.password.clone())),
            ("AOP_CLICKHOUSE_DATABASE", Secret::new(self.clickhouse.database.clone())),
        ]
    }
}

pub(crate) async fn start(
    supervisor: &mut Supervisor,
    data: &DataDir,
    given: &Given,
    durability: Durability,
) -> anyhow::Result<Engines> {
    let engines_dir = find_engines_dir(given.engines_dir.as_deref());
    // Both are set going before either is waited for.
    let clickhouse = match &given.clickhouse {
        Some(config) => config.clone(),
        None => start_clickhouse(supervisor, data, &engines_dir)?,
    };
    let database_url = match &given.database_url {
        Some(url) => url.clone(),
        None => start_postgres(supervisor, data, &engines_dir, durability).await?,
    };
    wait_for_clickhouse(&clickhouse).await?;
    Ok(Engines { database_url, clickhouse })
}

fn find_engines_dir(given: Option<&Path>) -> PathBuf {
    if let Some(dir) = given {
        return dir.to_path_buf();
    }
    let beside_build = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.ancestors().nth(3)?.join("engines/node_modules")));
    beside_build.filter(|dir| dir.is_dir()).unwrap_or_else(|| PathBuf::from("engines/node_modules"))
}

async fn start_postgres(
    supervisor: &mut Supervisor,
    data: &DataDir,
    engines_dir: &Path,
    durability: Durability,
) -> anyhow::Result<Secret> {
    let program = std::env::current_exe()?;
    let embedded = Embedded {
        data_dir: data.root().to_path_buf(),
        engines_dir: engines_dir.to_path_buf(),
        launcher: Launcher { program, arguments: vec!["engine-postgres".into()] },
        port: None,
        durable: durability == Durability::Needed,
        max_connections: 100,
    };
    let prepared = tokio::task::spawn_blocking(move || embedded.prepare()).await??;
    let arguments = prepared.arguments()?;
    let log = data.folder("logs")?.join("postgres.log");
    supervisor.start(Part {
        name: "postgres",
        replace: Replace::Never,
        command: Box::new(move |program: &Program| {
            let mut command = Command::new(program.path());
            command.arg("engine-postgres").args(&arguments).stdout(Stdio::null()).stderr(log_file(&log));
            super::parts::own_group(&mut command);
            command
        }),
        stop_signal: Signal::SIGINT,
        stop_within: Duration::from_secs(10),
    })?;
    prepared.wait_ready(POSTGRES_READY_WITHIN).await?;
    Ok(Secret::new(prepared.database_url()))
}

fn start_clickhouse(
    supervisor: &mut Supervisor,
    data: &DataDir,
    engines_dir: &Path,
) -> anyhow::Result<aop_clickhouse::Config> {
    let listen = free_address()?;
    let url = format!("http://{listen}");
    let folder = data.folder("clickhouse")?;
    let password = data.secret("clickhouse.password")?;
    let engines_dir = engines_dir.to_path_buf();
    let shown = password.clone();
    let log = environment("AOP_LOG").unwrap_or_else(|| "warn".to_owned());
    supervisor.start(Part {
        name: "clickhouse",
        replace: Replace::Never,
        command: Box::new(move |program: &Program| {
            let mut command = Command::new(program.path());
            command
                .arg("clickhouse")
                .env("AOP_CLICKHOUSE_LISTEN", &listen)
                .env("AOP_CLICKHOUSE_DIR", &folder)
                .env("AOP_CLICKHOUSE_PASSWORD", shown.expose())
                .env("AOP_ENGINES_DIR", &engines_dir)
                .env("AOP_LOG", &log);
            super::parts::own_group(&mut command);
            command
        }),
        stop_signal: Signal::SIGTERM,
        stop_within: Duration::from_secs(10),
    })?;
    Ok(aop_clickhouse::Config {
        url,
        user: "default".to_owned(),
        password: password.expose().clone(),
        database: "aop".to_owned(),
    })
}

async fn wait_for_clickhouse(config: &aop_clickhouse::Config) -> anyhow::Result<()> {
    let clickhouse = ClickHouse::connect(config)?;
    let answered = async {
        while clickhouse.ping().await.is_err() {
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(CLICKHOUSE_READY_WITHIN, answered).await.with_context(|| {
        format!("ClickHouse at {} did not answer within {CLICKHOUSE_READY_WITHIN:?}", config.url)
    })
}

/// Postgres reports every start and stop: in a file of its own, where it does not bury what people should read. A file
/// that has grown large makes way for a new one when the engine starts.
fn log_file(path: &Path) -> Stdio {
    const LARGE_BYTES: u64 = 16 << 20;
    if path.metadata().is_ok_and(|found| found.len() > LARGE_BYTES) {
        let _ = std::fs::rename(path, path.with_extension("log.1"));
    }
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.map_or_else(|_| Stdio::null(), Stdio::from)
}

/// A loopback address that is free now. The part that gets it binds it a moment later.
pub(crate) fn free_address() -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.to_string())
}
