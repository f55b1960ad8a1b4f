//! A provider's or the gateway's error, and what kind of failure it is. Each dialect has its own names for the kinds.

/// One error answer, or the error event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The HTTP status that belongs to it.
    pub status: u16,
    /// For people; one sentence.
    pub message: String,
    /// A stable code, where the dialect has one (`context_length_exceeded`).
    pub code: Option<String>,
    /// The field at fault, where the dialect names it.
    pub param: Option<String>,
}

/// Kinds that more than one dialect tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    InvalidRequest,
    Authentication,
    Billing,
    Permission,
    NotFound,
    TooLarge,
    RateLimited,
    Timeout,
    /// The provider has too much to do just now.
    Overloaded,
    /// The provider failed.
    Internal,
}

impl FaultKind {
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            408 | 504 => Self::Timeout,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Internal,
        }
    }

    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Timeout => 504,
            Self::Overloaded => 503,
            Self::Internal => 500,
        }
    }
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, status: kind.status(), message: message.into(), code: None, param: None }
    }
}
