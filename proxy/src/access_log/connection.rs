//! The line of a connection that came to nothing: there was no room for it, its handshake failed, or no request came over it
//! that could be read.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use super::when;
use crate::call::micros;
use crate::shared::Shared;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nothing {
    /// There are too many; it was closed without a word.
    Refused,
    /// The header of its first request did not come in time.
    HeaderTimeout,
    /// It was closed before a request, or what came was none.
    NoRequest,
    /// The handshake of TLS was not over in time.
    HandshakeTimeout,
    /// The handshake of TLS failed.
    HandshakeFailed,
    /// It waited for a request when there was no more room, and made way for another connection.
    MadeWay,
    /// There are too many of its address; it was closed without a word.
    AddressRefused,
}

impl Nothing {
    pub(crate) const ALL: [(Self, &str); 7] = [
        (Self::Refused, "refused"),
        (Self::HeaderTimeout, "header_timeout"),
        (Self::NoRequest, "no_request"),
        (Self::HandshakeTimeout, "handshake_timeout"),
        (Self::HandshakeFailed, "handshake_failed"),
        (Self::MadeWay, "made_way"),
        (Self::AddressRefused, "address_refused"),
    ];
}

#[derive(Debug, Serialize)]
struct Line {
    kind: &'static str,
    time: String,
    source: Option<IpAddr>,
    error_code: Nothing,
    /// Of a handshake that failed, in the words of the TLS library.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    duration_us: u64,
}

/// It is counted, and leaves a line where everything does.
pub(crate) fn note(
    shared: &Shared,
    source: Option<IpAddr>,
    what: Nothing,
    detail: Option<String>,
    lasted: Duration,
) {
    shared.metrics.door.came_to(what);
    if !shared.access_log.is_of_everything() {
        return;
    }
    let duration_us = micros(lasted);
    let started_at_us = shared.clock.now_us().saturating_sub(i64::try_from(duration_us).unwrap_or(i64::MAX));
    let line =
        Line { kind: "connection", time: when(started_at_us), source, error_code: what, detail, duration_us };
    shared.access_log.put(&line);
}
