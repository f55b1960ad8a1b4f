//! Why the collector does not run.

use std::net::SocketAddr;
use std::path::PathBuf;

use aop_domain::error_kind::ErrorKind;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the collector cannot listen on {listen}: {error}")]
    Listen { listen: SocketAddr, error: std::io::Error },
    #[error("the collector's directory {dir} cannot be used: {error}")]
    DataDir { dir: PathBuf, error: std::io::Error },
    #[error(transparent)]
    ClickHouse(#[from] aop_clickhouse::Error),
    #[error("the collector's metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Listen { .. } => ErrorKind::Conflict,
            Self::DataDir { .. } | Self::Metrics(_) => ErrorKind::Internal,
            Self::ClickHouse(error) => error.kind(),
        }
    }
}
