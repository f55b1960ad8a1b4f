//! Why a runner could not start or had to stop. A failed run is not here: it is recorded with the run.

use aop_domain::error_kind::ErrorKind;
use aop_service::outbound::OutboundError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the runner cannot use Postgres: {0}")]
    Store(#[from] aop_store::Error),
    #[error("the runner cannot use its spool: {0}")]
    Spool(#[from] aop_spool::OpenError),
    #[error("the runner's HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the runner's tools could not be made: {0}")]
    Tools(#[from] OutboundError),
    #[error("a task of the runner ended unexpectedly: {0}")]
    Ended(tokio::task::JoinError),
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Spool(error) => error.kind(),
            Self::Client(_) | Self::Tools(_) | Self::Ended(_) => ErrorKind::Internal,
        }
    }
}
