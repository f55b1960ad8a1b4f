//! What can go wrong with a spool.

use std::io;
use std::path::PathBuf;

use aop_domain::error_kind::ErrorKind;
use aop_domain::frame::MAX_PAYLOAD_BYTES;

/// A record was not taken. Nothing of it is in the spool.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The caller sheds the bodies and calls `append_ledger`.
    #[error(
        "the spool is full: {used_bytes} bytes wait for the collector; start the collector or give the spool more room"
    )]
    Full { used_bytes: u64 },
    #[error(
        "a record of {bytes} bytes is larger than the spool takes ({MAX_PAYLOAD_BYTES}); record less of its bodies"
    )]
    TooLarge { bytes: usize },
    #[error("the spool is closed: the process is stopping")]
    Closed,
    #[error("writing to the spool failed: {0}")]
    Io(#[from] io::Error),
}

impl AppendError {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Full { .. } | Self::Closed => ErrorKind::Unavailable,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Io(_) => ErrorKind::Internal,
        }
    }
}

/// The spool could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the spool in {0} is in use by another process: stop it, or give this one a directory of its own"
    )]
    Locked(PathBuf),
    #[error("the spool's {path} cannot be used: {error}")]
    Io { path: PathBuf, error: io::Error },
}

impl OpenError {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Locked(_) => ErrorKind::Conflict,
            Self::Io { .. } => ErrorKind::Internal,
        }
    }
}
