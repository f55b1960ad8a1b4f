//! The line of a request that is no model call: one to the management API or the UI, a WebSocket, a probe. Names are
//! stable; new ones are only added.

use std::net::IpAddr;
use std::time::Instant;

use pingora_core::{Error, ErrorSource};
use pingora_proxy::Session;
use serde::Serialize;

use super::{AccessLog, when};
use crate::call::micros;

/// Longer paths are cut: nobody's address is this long.
const LONGEST_PATH_BYTES: usize = 512;

/// A request, from its header to its last byte.
pub(crate) struct Asked {
    pub(crate) started: Instant,
    pub(crate) started_at_us: i64,
    pub(crate) to: &'static str,
    pub(crate) source: Option<IpAddr>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    kind: &'static str,
    time: String,
    /// What the one who answered calls it, when it has a name.
    request_id: Option<&'a str>,
    source: Option<IpAddr>,
    method: &'a str,
    /// Without its query, which may hold what is nobody's business.
    path: &'a str,
    protocol: &'static str,
    to: &'static str,
    websocket: bool,
    /// `None`: its client went before there was an answer.
    http_status: Option<u16>,
    /// What cut it short: `client_gone`, `api_failed`, `internal`; empty when nothing did.
    error_code: &'static str,
    duration_us: u64,
    request_bytes: usize,
    response_bytes: usize,
}

/// A request has ended.
pub(crate) fn note(log: &AccessLog, asked: &Asked, session: &Session, error: Option<&Error>) {
    let header = session.req_header();
    let path = header.uri.path();
    let answer = session.response_written();
    let line = Line {
        kind: "request",
        time: when(asked.started_at_us),
        request_id: answer.and_then(|answer| answer.headers.get("x-request-id")?.to_str().ok()),
        source: asked.source,
        method: header.method.as_str(),
        path: &path[..path.floor_char_boundary(LONGEST_PATH_BYTES)],
        protocol: if session.is_http2() { "HTTP/2" } else { "HTTP/1.1" },
        to: asked.to,
        websocket: session.is_upgrade_req(),
        http_status: answer.map(|answer| answer.status.as_u16()),
        error_code: error.map_or("", |error| code(error.esource())),
        duration_us: micros(asked.started.elapsed()),
        request_bytes: session.body_bytes_read(),
        response_bytes: session.body_bytes_sent(),
    };
    log.put(&line);
}

fn code(source: &ErrorSource) -> &'static str {
    match source {
        ErrorSource::Downstream => "client_gone",
        ErrorSource::Upstream => "api_failed",
        ErrorSource::Internal | ErrorSource::Unset => "internal",
    }
}
