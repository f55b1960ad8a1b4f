//! What can go wrong before the embedded Postgres answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aop_domain::error_kind::ErrorKind;

#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "the embedded Postgres is not installed: '{}' does not exist; run 'make setup', or set DATABASE_URL to a Postgres of your own",
        .0.display()
    )]
    NotInstalled(PathBuf),
    #[error("cannot {what} '{}': {source}", .path.display())]
    Io { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("'{}' is not what the embedded Postgres needs: {problem}", .path.display())]
    Unusable { path: PathBuf, problem: String },
    #[error(
        "Postgres refuses to run as root and this machine has neither a user 'postgres' nor 'nobody'; create one, or run AOP as another user"
    )]
    NoAccount,
    #[error("the database cluster could not be made; initdb said: {0}")]
    Initdb(String),
    #[error(
        "a Postgres of an earlier run still works in '{}' and did not stop when asked; stop process {pid} and start again",
        .path.display()
    )]
    StillRunning { path: PathBuf, pid: i32 },
    #[error("the embedded Postgres did not answer within {} s; its own log says why", .limit.as_secs())]
    NotReady { limit: Duration },
    #[error("the embedded Postgres answers but refuses AOP: {0}")]
    Refused(sqlx::Error),
    #[error("cannot start the embedded Postgres: {0}")]
    Launch(String),
}

impl EmbeddedError {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotReady { .. } | Self::Refused(_) | Self::StillRunning { .. } => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    pub(super) fn io(what: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io { what, path: path.as_ref().to_owned(), source }
    }

    pub(super) fn refused(error: sqlx::Error) -> Self {
        Self::Refused(error)
    }
}
