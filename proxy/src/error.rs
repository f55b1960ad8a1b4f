//! Why the gateway cannot start.

use aop_domain::error_kind::ErrorKind;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the {what}'s address '{url}' is not an http URL; set it to one like http://127.0.0.1:8081")]
    BadUrl { what: &'static str, url: String },
    #[error("the spool cannot be opened: {0}")]
    Spool(#[from] aop_spool::OpenError),
    #[error("the address {listen} cannot be listened on: {error}; choose another with AOP_LISTEN")]
    Listen { listen: std::net::SocketAddr, error: std::io::Error },
    #[error("a metric is misnamed: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl StartError {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadUrl { .. } => ErrorKind::Invalid,
            Self::Spool(error) => error.kind(),
            Self::Listen { .. } => ErrorKind::Conflict,
            Self::Metrics(_) => ErrorKind::Internal,
        }
    }
}
