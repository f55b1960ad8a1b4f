//! Failures: of the server itself, and exceptions of statements as ClickHouse numbers them.

use std::path::PathBuf;

/// Why the embedded server cannot start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the ClickHouse library at {path} cannot be loaded: {reason}. Run `make setup` to fetch the pinned engines."
    )]
    Library { path: PathBuf, reason: String },
    #[error(
        "ClickHouse cannot open its data in {0}: another process has it open, or the folder cannot be written"
    )]
    Data(PathBuf),
    #[error("the embedded ClickHouse listens on this machine only; {0} is not a loopback address")]
    NotLoopback(std::net::SocketAddr),
    #[error("the embedded ClickHouse needs a password")]
    NoPassword,
    #[error("the embedded ClickHouse cannot listen on {address}: {source}")]
    Listen { address: std::net::SocketAddr, source: std::io::Error },
    #[error("the embedded ClickHouse cannot use {path}: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
}

/// A failed statement: `Code: 60. DB::Exception: ... (UNKNOWN_TABLE)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) code: u32,
    /// The whole line, as ClickHouse words it.
    pub(crate) text: String,
}

pub(crate) const SYNTAX_ERROR: u32 = 62;
const BAD_ARGUMENTS: u32 = 36;
const LOGICAL_ERROR: u32 = 49;
const TOO_MANY_SIMULTANEOUS_QUERIES: u32 = 202;
const CANNOT_READ_ALL_DATA: u32 = 33;
const SESSION_NOT_FOUND: u32 = 372;
const SESSION_IS_LOCKED: u32 = 373;
const QUERY_IS_TOO_LARGE: u32 = 475;
const AUTHENTICATION_FAILED: u32 = 516;
const CANNOT_DECOMPRESS: u32 = 271;

impl Exception {
    fn new(code: u32, name: &str, message: &str) -> Self {
        Self { code, text: format!("Code: {code}. DB::Exception: {message} ({name})") }
    }

    /// From the engine's own text.
    pub(crate) fn parse(text: &str) -> Self {
        let digits = text.split("Code: ").nth(1).unwrap_or_default();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        Self { code: digits[..end].parse().unwrap_or(LOGICAL_ERROR), text: text.trim_end().to_owned() }
    }

    pub(crate) fn internal(message: &str) -> Self {
        Self::new(LOGICAL_ERROR, "LOGICAL_ERROR", message)
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(BAD_ARGUMENTS, "BAD_ARGUMENTS", message)
    }

    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            QUERY_IS_TOO_LARGE,
            "QUERY_IS_TOO_LARGE",
            &format!("a statement holds at most {limit_bytes} bytes"),
        )
    }

    pub(crate) fn unauthenticated() -> Self {
        let message =
            "default: Authentication failed: password is incorrect, or there is no user with such name.";
        Self::new(AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED", message)
    }

    pub(crate) fn busy() -> Self {
        let message =
            "Too many simultaneous queries: none of the running ones ended in time. Try again later.";
        Self::new(TOO_MANY_SIMULTANEOUS_QUERIES, "TOO_MANY_SIMULTANEOUS_QUERIES", message)
    }

    pub(crate) fn body_cut(reason: &str) -> Self {
        Self::new(
            CANNOT_READ_ALL_DATA,
            "CANNOT_READ_ALL_DATA",
            &format!("the request's body did not come whole: {reason}"),
        )
    }

    pub(crate) fn not_decompressed(reason: &str) -> Self {
        Self::new(CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", reason)
    }

    pub(crate) fn session_not_found() -> Self {
        Self::new(SESSION_NOT_FOUND, "SESSION_NOT_FOUND", "Session not found")
    }

    pub(crate) fn session_locked() -> Self {
        Self::new(SESSION_IS_LOCKED, "SESSION_IS_LOCKED", "Session is locked by a concurrent client")
    }

    pub(crate) fn unsupported_streaming(&self) -> bool {
        self.text.contains("Streaming query is not supported")
    }

    /// As ClickHouse's HTTP interface maps them.
    pub(crate) fn http_status(&self) -> u16 {
        match self.code {
            AUTHENTICATION_FAILED | 192 | 193 | 194 => 403,
            497 => 403,
            // Something in the request is wrong.
            6 | 26 | 27 | 36 | 38 | 41 | 43 | 53 | 62 | 69 | 70 | 72 | 130 | 271 | 344 | 456 | 457 | 475
            | 510 => 400,
            // Something named in it does not exist.
            16 | 46 | 47 | 50 | 60 | 63 | 81 | 115 | SESSION_NOT_FOUND => 404,
            TOO_MANY_SIMULTANEOUS_QUERIES => 503,
            159 => 408,
            _ => 500,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_of_the_engine_keeps_code_and_text() {
        let exception = Exception::parse("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)\n");
        assert_eq!((exception.code, exception.http_status()), (60, 404));
        assert!(exception.text.ends_with("(UNKNOWN_TABLE)"));
    }

    #[test]
    fn a_text_without_a_code_is_a_failure_of_ours() {
        assert_eq!(Exception::parse("std::bad_alloc").http_status(), 500);
    }
}
