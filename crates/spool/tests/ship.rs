//! The shipper against a collector that answers as told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../tests/shared/patience.rs"]
mod patience;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::frame::{Item, Segment};
use aop_domain::record::RecordKind;
use aop_spool::{Config, Spool, ship};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use parking_lot::Mutex;
use patience::PATIENCE;
use tokio_util::sync::CancellationToken;

/// Answers what is planned, then 200; keeps what it got.
#[derive(Clone, Default)]
struct Collector {
    plan: Arc<Mutex<VecDeque<(StatusCode, bool)>>>,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes, StatusCode)>>>,
}

impl Collector {
    fn planned(answers: &[(u16, bool)]) -> Self {
        let plan = answers.iter().map(|(status, verdict)| (StatusCode::from_u16(*status).unwrap(), *verdict));
        Self { plan: Arc::new(Mutex::new(plan.collect())), ..Self::default() }
    }

    async fn start(&self) -> String {
        let app = Router::new().route("/ingest/segments", post(take)).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    fn payloads(&self, status: StatusCode) -> Vec<Bytes> {
        let got = self.got.lock();
        let segments = got.iter().filter(|(_, _, answered)| *answered == status);
        let items = segments.flat_map(|(_, body, _)| Segment::parse(body.clone()).unwrap().items());
        let frame = |item| if let Item::Frame(frame) = item { Some(frame.payload) } else { None };
        items.filter_map(frame).collect()
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let (status, verdict) = collector.plan.lock().pop_front().unwrap_or((StatusCode::OK, false));
    collector.got.lock().push((headers, body, status));
    let verdict = if verdict { ship::UNREADABLE } else { "none" };
    (status, [(ship::VERDICT_HEADER, verdict)])
}

fn spool(dir: &Path) -> Arc<Spool> {
    let config = Config {
        seal_after: Duration::from_millis(10),
        sync_every: Duration::from_millis(2),
        ..Config::new(dir)
    };
    Arc::new(Spool::open(config).unwrap())
}

fn start(spool: &Arc<Spool>, url: String) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    // The client is plain HTTP here, but it is built with TLS, and TLS asks for its one provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let shutdown = CancellationToken::new();
    let config = ship::Config { in_flight: 1, ..ship::Config::new(url, "token") };
    let running = ship::run(Arc::clone(spool), config, shutdown.clone());
    (shutdown, tokio::spawn(async move { running.await.unwrap() }))
}

async fn eventually(what: &str, happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what} did not happen");
}

#[tokio::test]
async fn segments_arrive_whole_in_order_with_their_names_and_are_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, collector) = (spool(dir.path()), Collector::default());
    let (shutdown, running) = start(&spool, collector.start().await);
    for i in 0..5u8 {
        spool.append(RecordKind::Call, &[&[i]]).unwrap();
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    eventually("shipping", || collector.payloads(StatusCode::OK).len() == 5).await;
    eventually("deletion", || spool.stats().segments == 0).await;
    assert_eq!(
        collector.payloads(StatusCode::OK),
        (0..5u8).map(|i| Bytes::from(vec![i])).collect::<Vec<_>>()
    );
    let (headers, body, _) = collector.got.lock()[0].clone();
    let header = Segment::parse(body).unwrap().header;
    assert_eq!(headers["x-aop-internal"], "token");
    assert_eq!(headers["x-aop-writer"], header.writer.to_string());
    assert_eq!(headers["x-aop-segment"], header.segment.to_string());
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_segment_is_sent_until_it_is_taken_and_the_same_bytes_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, collector) =
        (spool(dir.path()), Collector::planned(&[(503, false), (401, false), (422, false)]));
    let (_shutdown, _running) = start(&spool, collector.start().await);
    spool.append(RecordKind::Span, &[b"again"]).unwrap();
    eventually("shipping", || spool.stats().shipped_segments == 1).await;
    let bodies: Vec<Bytes> = collector.got.lock().iter().map(|(_, body, _)| body.clone()).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(spool.stats().ship_failures, 3);
    assert_eq!(spool.stats().quarantined, 0, "only the collector's own verdict sets a segment aside");
}

#[tokio::test]
async fn what_the_collector_calls_unreadable_is_set_aside_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, collector) = (spool(dir.path()), Collector::planned(&[(422, true)]));
    let (_shutdown, _running) = start(&spool, collector.start().await);
    spool.append(RecordKind::Call, &[b"bad"]).unwrap();
    eventually("the verdict", || spool.stats().quarantined == 1).await;
    spool.append(RecordKind::Call, &[b"good"]).unwrap();
    eventually("shipping", || spool.stats().shipped_segments == 1).await;
    assert_eq!(collector.payloads(StatusCode::OK), [Bytes::from_static(b"good")]);
    assert_eq!(std::fs::read_dir(dir.path().join("quarantine")).unwrap().count(), 1);
    assert_eq!(spool.stats().segments, 0);
}

#[tokio::test]
async fn what_was_not_acknowledged_is_shipped_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = spool(dir.path());
    first.append(RecordKind::Call, &[b"waiting"]).unwrap();
    // Nobody listens there.
    let (shutdown, running) = start(&first, "http://127.0.0.1:9".to_owned());
    eventually("a failure", || first.stats().ship_failures > 0).await;
    shutdown.cancel();
    running.await.unwrap();
    drop(first);
    let (second, collector) = (spool(dir.path()), Collector::default());
    let (_shutdown, _running) = start(&second, collector.start().await);
    eventually("shipping", || collector.payloads(StatusCode::OK).len() == 1).await;
    assert_eq!(collector.payloads(StatusCode::OK), [Bytes::from_static(b"waiting")]);
}
