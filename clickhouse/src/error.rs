//! What can go wrong between us and ClickHouse, and whether trying again can help.

use aop_domain::error_kind::ErrorKind;

/// A failed statement. The text never holds a password: the client sends it in a header, and ClickHouse never repeats it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// ClickHouse answered with an exception of this code.
    #[error("ClickHouse refused the statement (code {code}): {message}")]
    Refused { code: u32, message: String },
    /// No whole answer came: refused connection, reset, timeout.
    #[error(
        "ClickHouse at {url} did not answer: {reason}. Check that it runs and that AOP_CLICKHOUSE_URL is right."
    )]
    Unreachable { url: String, reason: String },
    /// An answer or a row that does not fit our types.
    #[error(
        "ClickHouse and this version of AOP disagree about a table: {0}. Run the migrations of this version."
    )]
    Mismatch(String),
    /// The caller asked for something that cannot be asked.
    #[error("{0}")]
    Invalid(String),
    #[error("ClickHouse took longer than {limit_s} s")]
    Timeout { limit_s: u64 },
}

/// Exception codes we act on (`src/Common/ErrorCodes.cpp` of ClickHouse).
pub mod code {
    pub const SYNTAX_ERROR: u32 = 62;
    pub const UNKNOWN_TABLE: u32 = 60;
    pub const UNKNOWN_DATABASE: u32 = 81;
    pub const TIMEOUT_EXCEEDED: u32 = 159;
    pub const TOO_MANY_SIMULTANEOUS_QUERIES: u32 = 202;
    pub const MEMORY_LIMIT_EXCEEDED: u32 = 241;
    pub const TOO_MANY_PARTS: u32 = 252;
    pub const QUERY_WAS_CANCELLED: u32 = 394;
    pub const AUTHENTICATION_FAILED: u32 = 516;
}

/// Codes after which the same batch can succeed later. Everything else means that the batch, the schema or the
/// settings are wrong, and the same bytes would be refused again.
const RETRYABLE: &[u32] = &[
    3, // UNEXPECTED_END_OF_FILE
    code::TIMEOUT_EXCEEDED,
    164, // READONLY
    code::TOO_MANY_SIMULTANEOUS_QUERIES,
    203, // NO_FREE_CONNECTION
    209, // SOCKET_TIMEOUT
    210, // NETWORK_ERROR
    225, // NO_ZOOKEEPER
    236, // ABORTED
    code::MEMORY_LIMIT_EXCEEDED,
    242, // TABLE_IS_READ_ONLY
    243, // NOT_ENOUGH_SPACE
    code::TOO_MANY_PARTS,
    279, // ALL_CONNECTION_TRIES_FAILED
    285, // TOO_FEW_LIVE_REPLICAS
    286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    319, // UNKNOWN_STATUS_OF_INSERT
    code::QUERY_WAS_CANCELLED,
    425,                    // SYSTEM_ERROR
    574,                    // EXTERNAL_SERVER_IS_NOT_RESPONDING
    999,                    // KEEPER_EXCEPTION
    code::UNKNOWN_DATABASE, // the server was restored or is being set up: the migrations will make it
    code::UNKNOWN_TABLE,
    code::AUTHENTICATION_FAILED, // a password is being rotated
];

impl Error {
    /// Whether the same statement can succeed later without anyone changing it. A batch that is not retryable must be set
    /// aside, or it blocks everything behind it.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { code, .. } => RETRYABLE.contains(code),
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            // The row types of this binary and the tables of the server differ: an upgrade under way resolves it.
            Self::Mismatch(_) => true,
            Self::Invalid(_) => false,
        }
    }

    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { code: code::TIMEOUT_EXCEEDED, .. } | Self::Timeout { .. } => ErrorKind::Timeout,
            Self::Refused { code, .. } if RETRYABLE.contains(code) => ErrorKind::Unavailable,
            Self::Unreachable { .. } => ErrorKind::Unavailable,
            Self::Refused { .. } | Self::Mismatch(_) => ErrorKind::Internal,
            Self::Invalid(_) => ErrorKind::Invalid,
        }
    }

    pub(crate) fn from_client(error: clickhouse::error::Error, url: &str) -> Self {
        use clickhouse::error::Error as E;
        match error {
            E::BadResponse(message) => match exception_code(&message) {
                Some(code) => Self::Refused { code, message },
                None => Self::Unreachable { url: url.to_owned(), reason: message },
            },
            E::Network(_) | E::TimedOut | E::Compression(_) | E::Decompression(_) => {
                Self::Unreachable { url: url.to_owned(), reason: with_causes(&error) }
            }
            other => Self::Mismatch(with_causes(&other)),
        }
    }
}

/// `Code: 241. DB::Exception: ...` gives 241.
fn exception_code(message: &str) -> Option<u32> {
    let digits = message.split("Code: ").nth(1)?;
    digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let line = cause.to_string();
        if !text.contains(&line) {
            text = format!("{text}: {line}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_keeps_its_code() {
        let text =
            "Code: 241. DB::Exception: (total) memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)".to_owned();
        let error = Error::from_client(clickhouse::error::Error::BadResponse(text), "http://x");
        assert!(matches!(error, Error::Refused { code: 241, .. }));
        assert!(error.is_retryable());
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[test]
    fn a_statement_that_does_not_parse_is_not_tried_again() {
        let text = "Code: 62. DB::Exception: Syntax error".to_owned();
        let error = Error::from_client(clickhouse::error::Error::BadResponse(text), "http://x");
        assert!(!error.is_retryable());
        assert_eq!(error.kind(), ErrorKind::Internal);
    }

    #[test]
    fn an_answer_that_is_no_exception_means_the_server_is_away() {
        let error =
            Error::from_client(clickhouse::error::Error::BadResponse("502 Bad Gateway".into()), "http://x");
        assert!(matches!(error, Error::Unreachable { .. }));
    }
}
