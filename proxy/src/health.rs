//! `/healthz` (the process lives), `/readyz` (everything a call and the UI need is there) and `/metrics`.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use aop_service::secret::Secret;
use bytes::Bytes;
use http::{HeaderMap, header};
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde::Serialize;
use subtle::ConstantTimeEq;

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
    // When another process serves this address, what is asked here on an open connection is answered all the same.
    let serving = !shared.draining.load(Ordering::Relaxed) || shared.handed_over.load(Ordering::Relaxed);
    Readiness { ready: snapshot && spool && api && serving, snapshot, spool, api, serving }
}

/// Could this process answer calls, if connections came to it?
pub(crate) fn can_serve(shared: &Shared, with_api: bool) -> bool {
    let now = readiness(shared);
    // Where the process before filled the bound that is one for both, this one has no less room than that one.
    now.snapshot && (now.spool || shared.spool.has_room_alone()) && (now.api || !with_api)
}

/// One sentence.
pub(crate) fn what_lacks(shared: &Shared) -> &'static str {
    match readiness(shared) {
        Readiness { snapshot: false, .. } => "keys and routes could not be read; check DATABASE_URL",
        Readiness { spool: false, .. } => "the spool has no room; check the disk of AOP_SPOOL_DIR",
        Readiness { api: false, .. } => "the management API does not answer; check AOP_API_URL",
        _ => "nothing, it was late",
    }
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

/// Figures tell what an installation does: they are for who runs it. With a token set, for whoever shows it; otherwise for
/// programs on the same machine, and not through another proxy there, which would let anybody in.
fn may_read_metrics(token: Option<&Secret>, source: Option<IpAddr>, headers: &HeaderMap) -> bool {
    match token {
        Some(token) => {
            let shown = headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok());
            let shown = shown.and_then(|shown| shown.split_once(' '));
            shown.is_some_and(|(scheme, shown)| {
                let is_it: bool = shown.trim().as_bytes().ct_eq(token.expose().as_bytes()).into();
                scheme.eq_ignore_ascii_case("bearer") && is_it
            })
        }
        None => {
            let is_passed_on = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
            source.is_some_and(|source| source.to_canonical().is_loopback())
                && !is_passed_on.iter().any(|name| headers.contains_key(*name))
        }
    }
}

const METRICS_CLOSED: &str = r#"{"error":"Metrics are for programs on the gateway's own machine, or for who shows the token in AOP_METRICS_TOKEN as Authorization: Bearer."}"#;

pub(crate) async fn metrics(shared: &Shared, session: &mut Session) -> pingora_core::Result<()> {
    let source = session.client_addr().and_then(|address| address.as_inet()).map(|address| address.ip());
    if !may_read_metrics(shared.metrics_token.as_ref(), source, &session.req_header().headers) {
        let status = if shared.metrics_token.is_some() { 401 } else { 403 };
        return send(session, status, "application/json", Bytes::from_static(METRICS_CLOSED.as_bytes()))
            .await;
    }
    let now = Now {
        in_flight: shared.in_flight(),
        connections: shared.room.connections.taken() + shared.room.told.taken(),
        addresses: shared.addresses.count(),
        streams: shared.room.streams.taken(),
        buffered_bytes: shared.body_budget.used(),
        snapshot_version: shared.index.load().as_ref().map_or(0, |index| index.snapshot.version),
        cache_bytes: shared.cache.weight_bytes(),
        deployments: shared.board.states(),
        spool: shared.leftovers.with(shared.spool.stats()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn figures_are_for_the_machine_itself_or_for_who_shows_the_token() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            let pairs = pairs.iter().map(|(name, value)| {
                (name.parse::<header::HeaderName>().unwrap(), HeaderValue::from_static(value))
            });
            pairs.collect()
        };
        let token = Secret::new("t0ken".to_owned());
        let (here, there) = ("127.0.0.1".parse().ok(), "10.0.0.7".parse().ok());
        for (token, source, shown, may) in [
            (None, here, headers(&[]), true),
            (None, "::1".parse().ok(), headers(&[]), true),
            (None, "::ffff:127.0.0.1".parse().ok(), headers(&[]), true),
            (None, there, headers(&[]), false),
            (None, None, headers(&[]), false),
            (None, here, headers(&[("x-forwarded-for", "10.0.0.7")]), false),
            (None, there, headers(&[("authorization", "Bearer ")]), false),
            (Some(&token), there, headers(&[("authorization", "Bearer t0ken")]), true),
            (Some(&token), there, headers(&[("authorization", "bearer t0ken")]), true),
            (Some(&token), there, headers(&[("authorization", "Bearer t0ke")]), false),
            (Some(&token), there, headers(&[("authorization", "Basic t0ken")]), false),
            (Some(&token), here, headers(&[]), false),
        ] {
            assert_eq!(may_read_metrics(token, source, &shown), may, "{source:?} {shown:?}");
        }
    }
}
