//! Why the gateway cannot start.

use std::path::PathBuf;

use aop_domain::error_kind::ErrorKind;

use crate::front::tls::CertificateError;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the {what}'s address '{url}' is not an http URL; set it to one like http://127.0.0.1:8081")]
    BadUrl { what: &'static str, url: String },
    #[error(
        "{0} is in use by another gateway: stop that one, replace it with --take-over, or give this one a directory of its own"
    )]
    Owned(PathBuf),
    #[error(
        "the directory {dir} cannot be used: {error}; set AOP_SPOOL_DIR to one that this process may write"
    )]
    RunDir { dir: PathBuf, error: std::io::Error },
    #[error("the gateway did not take over: {0}")]
    NotTakenOver(String),
    #[error("the spool cannot be opened: {0}")]
    Spool(#[from] aop_spool::OpenError),
    #[error("the address {listen} cannot be listened on: {error}; choose another with {setting}")]
    Listen { listen: std::net::SocketAddr, setting: &'static str, error: std::io::Error },
    #[error("TLS cannot be served: {0}; check AOP_TLS_CERTIFICATE and AOP_TLS_KEY")]
    Certificate(#[from] CertificateError),
    #[error("TLS cannot be served: {0}")]
    Tls(String),
    #[error("the journal of limits cannot be opened in the spool's directory: {0}")]
    Journal(std::io::Error),
    #[error("tokens of other issuers cannot be taken: {0}")]
    TokenIssuers(String),
    #[error("the access log cannot be opened: {0}; check AOP_ACCESS_LOG")]
    AccessLog(std::io::Error),
    #[error(
        "the shared response cache cannot be used: {0}; check AOP_CACHE_REDIS_URL and AOP_CACHE_REDIS_CA"
    )]
    SharedCache(String),
    #[error("a metric is misnamed: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl StartError {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadUrl { .. }
            | Self::Certificate(_)
            | Self::AccessLog(_)
            | Self::RunDir { .. }
            | Self::SharedCache(_) => ErrorKind::Invalid,
            Self::Spool(error) => error.kind(),
            Self::Listen { .. } | Self::Owned(_) | Self::NotTakenOver(_) => ErrorKind::Conflict,
            Self::Metrics(_) | Self::TokenIssuers(_) | Self::Tls(_) | Self::Journal(_) => ErrorKind::Internal,
        }
    }
}
