//! The engine: connections, places for statements, and the one connection that stops others' queries.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::{Config, Limits};
use crate::error::{Error, Exception};
use crate::library::{Connection, Library};
use crate::session::Sessions;
use crate::tokens;

/// Requests that run or wait at the same time; more are refused at once.
pub(crate) const ADMITTED: usize = 256;
/// What every query's `log_comment` begins with.
const MARK: &str = "aop-";

pub(crate) struct Engine {
    library: &'static Library,
    arguments: Vec<String>,
    pub(crate) limits: Limits,
    /// Open as long as the engine runs: the engine stops with its last connection. Used to stop queries.
    control: Mutex<Option<Connection>>,
    pub(crate) admitted: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    pub(crate) sessions: Sessions,
}

impl Engine {
    /// Loads the library and opens the data. Takes up to a second; blocks.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.data_path)
            .map_err(|source| Error::Folder { path: config.data_path.clone(), source })?;
        repair(&config.data_path)?;
        let library = Library::load(&config.library)?;
        let path = format!("--path={}", config.data_path.display());
        let arguments: Vec<String> =
            ["clickhouse".to_owned(), path].into_iter().chain(config.limits.query_arguments()).collect();
        let first: Vec<String> = arguments.iter().cloned().chain(config.limits.server_arguments()).collect();
        let control = library.connect(&first).ok_or_else(|| Error::Data(config.data_path.clone()))?;
        Ok(Self {
            library,
            arguments,
            control: Mutex::new(Some(control)),
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            reads: Arc::new(Semaphore::new(config.limits.reads)),
            writes: Arc::new(Semaphore::new(config.limits.writes)),
            sessions: Sessions::new(config.limits.sessions),
            limits: config.limits.clone(),
        })
    }

    /// A fresh connection whose queries carry `mark`. Costs about 0.3 ms.
    pub(crate) fn connect(&self, mark: &str) -> Result<Connection, Exception> {
        let arguments: Vec<String> =
            self.arguments.iter().cloned().chain([format!("--log_comment={mark}")]).collect();
        self.library.connect(&arguments).ok_or_else(|| Exception::internal("the engine gave no connection"))
    }

    /// Waits for a place among the readers or the writers. Blocks; to be called off the runtime's own threads.
    pub(crate) fn place(&self, writes: bool) -> Result<OwnedSemaphorePermit, Exception> {
        let places = if writes { &self.writes } else { &self.reads };
        let wait = tokio::time::timeout(self.limits.wait, Arc::clone(places).acquire_owned());
        match tokio::runtime::Handle::current().block_on(wait) {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Exception::busy()),
        }
    }

    /// Stops the queries that carry `mark`.
    fn kill(&self, condition: &str) {
        if let Some(control) = self.control.lock().as_mut()
            && let Err(exception) =
                control.query(format!("KILL QUERY WHERE {condition} ASYNC").as_bytes(), "Null", &[])
        {
            tracing::warn!(error = exception.text, "a query could not be stopped");
        }
    }

    /// Stops every query of ours; for the end of the server.
    pub(crate) fn kill_all(&self) {
        self.kill(&format!("startsWith(Settings['log_comment'], '{MARK}')"));
    }

    /// Closes everything and stops the engine's threads. Statements must have ended.
    pub(crate) fn close(&self) {
        self.sessions.clear();
        *self.control.lock() = None;
        if !self.library.shutdown() {
            tracing::debug!("some threads of the engine end with the process");
        }
    }
}

/// What a kill left behind, while nobody else has the data open.
fn repair(data: &Path) -> Result<(), Error> {
    let failed = |source| Error::Folder { path: data.to_owned(), source };
    let Some(_held) = tokens::lock(data).map_err(failed)? else { return Err(Error::Data(data.to_owned())) };
    let taken = tokens::take_out_unused(data).map_err(failed)?;
    if taken > 0 {
        tracing::info!(taken, "tokens of batches that a kill kept from being stored were taken out");
    }
    Ok(())
}

/// One running statement, as its client sees it. Dropped before the statement ended (the client left), it stops it.
pub(crate) struct Ticket {
    engine: Arc<Engine>,
    pub(crate) run: Arc<Run>,
}

/// One running statement, as the thread that runs it sees it.
pub(crate) struct Run {
    pub(crate) mark: String,
    ended: AtomicBool,
    abandoned: AtomicBool,
}

impl Ticket {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        let mark = format!("{MARK}{}", uuid::Uuid::now_v7().simple());
        let run = Run { mark, ended: AtomicBool::new(false), abandoned: AtomicBool::new(false) };
        Self { engine, run: Arc::new(run) }
    }
}

impl Run {
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.run.abandoned.store(true, Ordering::Release);
        if self.run.ended.load(Ordering::Acquire) {
            return;
        }
        let (engine, run) = (Arc::clone(&self.engine), Arc::clone(&self.run));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(stop(engine, run));
        }
    }
}

/// The statement may not have reached the engine yet, or may be where it cannot be stopped: asks until it has ended.
async fn stop(engine: Arc<Engine>, run: Arc<Run>) {
    let condition = format!("Settings['log_comment'] = '{}'", run.mark);
    let mut pause = Duration::from_millis(20);
    while !run.ended.load(Ordering::Acquire) {
        let (engine, condition) = (Arc::clone(&engine), condition.clone());
        if tokio::task::spawn_blocking(move || engine.kill(&condition)).await.is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}
