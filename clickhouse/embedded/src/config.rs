//! What the embedded server is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How to run the embedded server.
#[derive(Clone)]
pub struct Config {
    /// `libchdb.so`.
    pub library: PathBuf,
    /// Folder of the data; made when it is missing. One process at a time.
    pub data_path: PathBuf,
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Of the user `default`. Never empty.
    pub password: String,
    pub limits: Limits,
}

/// Bounds on what the server takes. The defaults suit a small machine.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory of the whole engine, bytes.
    pub server_memory_bytes: u64,
    /// Memory of one query, unless it asks for another amount.
    pub query_memory_bytes: u64,
    /// Time of one query, unless it asks for another.
    pub query_time: Duration,
    /// Reads that run at the same time.
    pub reads: usize,
    /// Inserts and other changes that run at the same time: places of their own, so that reads never keep a record out.
    pub writes: usize,
    /// How long a statement waits for a place before it is refused.
    pub wait: Duration,
    /// Threads of one query.
    pub query_threads: usize,
    /// A statement without streamed data (and an answer that cannot be streamed) holds at most this, bytes.
    pub statement_bytes: usize,
    /// Sessions (`session_id`) that are kept.
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            server_memory_bytes: 3 << 30,
            query_memory_bytes: 1 << 30,
            query_time: Duration::from_secs(300),
            reads: 24,
            writes: 8,
            wait: Duration::from_secs(10),
            query_threads: std::thread::available_parallelism().map_or(2, usize::from).min(8),
            statement_bytes: 256 << 20,
            sessions: 256,
        }
    }
}

impl Limits {
    /// Arguments of the connection that starts the engine.
    pub(crate) fn server_arguments(&self) -> Vec<String> {
        vec![
            format!("--max_server_memory_usage={}", self.server_memory_bytes),
            // Caches count against the memory of the server; their defaults are for big machines.
            format!("--mark_cache_size={}", self.server_memory_bytes / 16),
            format!("--uncompressed_cache_size={}", self.server_memory_bytes / 32),
        ]
    }

    /// Settings every connection begins with.
    pub(crate) fn query_arguments(&self) -> Vec<String> {
        vec![
            format!("--max_memory_usage={}", self.query_memory_bytes),
            format!("--max_execution_time={}", self.query_time.as_secs()),
            format!("--max_threads={}", self.query_threads),
            // An insert is answered when it is stored, and not before.
            "--async_insert=0".to_owned(),
        ]
    }
}
