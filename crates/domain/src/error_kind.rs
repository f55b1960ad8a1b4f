//! The closed list of failures. Rich errors stay local to a crate; each maps to one of these, and
//! each of these maps to a status in one place (`aop-service::problem` for the API, `proxy`'s reply for the gateway).

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    /// The caller's idea of a resource is out of date.
    PreconditionFailed,
    TooLarge,
    /// Well-formed, but it contradicts an earlier request.
    Unprocessable,
    BudgetExceeded,
    RateLimited,
    UpstreamFailed,
    Timeout,
    Unavailable,
    Internal,
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    Client,
    Upstream,
    Ours,
}

impl ErrorKind {
    pub fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::BudgetExceeded => 402,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::Unprocessable => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::UpstreamFailed => 502,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    pub fn fault(self) -> Fault {
        match self {
            Self::UpstreamFailed | Self::Timeout => Fault::Upstream,
            Self::Unavailable | Self::Internal => Fault::Ours,
            _ => Fault::Client,
        }
    }
}
