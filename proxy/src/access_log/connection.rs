//! The line of a connection that came to nothing: there was no room for it, or no request came over it that could be read.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use super::{AccessLog, when};
use crate::call::micros;

/// What became of it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nothing {
    /// There are too many; it was closed without a word.
    Refused,
    /// The header of its first request did not come in time.
    HeaderTimeout,
    /// It was closed before a request, or what came was none.
    NoRequest,
}

#[derive(Debug, Serialize)]
struct Line {
    kind: &'static str,
    time: String,
    source: Option<IpAddr>,
    error_code: Nothing,
    duration_us: u64,
}

pub(crate) fn note(log: &AccessLog, now_us: i64, source: Option<IpAddr>, what: Nothing, lasted: Duration) {
    let duration_us = micros(lasted);
    let started_at_us = now_us.saturating_sub(i64::try_from(duration_us).unwrap_or(i64::MAX));
    log.put(&Line { kind: "connection", time: when(started_at_us), source, error_code: what, duration_us });
}
