//! `/healthz` (the process lives), `/readyz` (everything a call and the UI need is there) and `/metrics`.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde::Serialize;

use crate::metrics::Now;
use crate::shared::Shared;

/// Each part that must be there.
#[derive(Debug, Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    /// Keys and routes are loaded.
    snapshot: bool,
    /// A record would find room.
    spool: bool,
    /// The management API answers.
    api: bool,
    /// The process is not stopping.
    serving: bool,
}

pub(crate) fn readiness(shared: &Shared) -> Readiness {
    let snapshot = shared.index.load().is_some();
    let spool = shared.spool.has_room();
    let api = shared.api_reachable.load(Ordering::Relaxed);
    let serving = !shared.draining.load(Ordering::Relaxed);
    Readiness { ready: snapshot && spool && api && serving, snapshot, spool, api, serving }
}

pub(crate) async fn alive(session: &mut Session) -> pingora_core::Result<()> {
    send(session, 200, "application/json", Bytes::from_static(br#"{"alive":true}"#)).await
}

pub(crate) async fn ready(shared: &Shared, session: &mut Session) -> pingora_core::Result<()> {
    let readiness = readiness(shared);
    let status = if readiness.ready { 200 } else { 503 };
    let body = serde_json::to_vec(&readiness).unwrap_or_default();
    send(session, status, "application/json", body.into()).await
}

pub(crate) async fn metrics(shared: &Shared, session: &mut Session) -> pingora_core::Result<()> {
    let now = Now {
        in_flight: shared.in_flight(),
        connections: shared.room.connections.taken() + shared.room.told.taken(),
        buffered_bytes: shared.body_budget.used(),
        snapshot_version: shared.index.load().as_ref().map_or(0, |index| index.snapshot.version),
        cache_bytes: shared.cache.weight_bytes(),
        deployments: shared.board.states(),
        spool: shared.spool.stats(),
    };
    let text = shared.metrics.text(&now);
    send(session, 200, "text/plain; version=0.0.4; charset=utf-8", text.into()).await
}

async fn send(
    session: &mut Session,
    status: u16,
    kind: &'static str,
    body: Bytes,
) -> pingora_core::Result<()> {
    let mut answer = ResponseHeader::build(status, Some(4))?;
    answer.insert_header(header::CONTENT_TYPE, kind)?;
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    answer.insert_header(header::CACHE_CONTROL, "no-store")?;
    let has_no_body = session.req_header().method == http::Method::HEAD;
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body((!has_no_body).then_some(body), true).await
}
