//! A stand-in for the collector: takes sealed segments and keeps their spans and logs.

use std::sync::Arc;

use aop_domain::frame::Item;
use aop_domain::frame::Segment;
use aop_domain::record::{LogRecord, RecordKind, SpanRecord};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use parking_lot::Mutex;
use prost::Message;

#[derive(Default)]
pub(crate) struct Received {
    pub(crate) spans: Vec<SpanRecord>,
    pub(crate) logs: Vec<LogRecord>,
}

pub(crate) struct Collector {
    pub(crate) url: String,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let received = Arc::new(Mutex::new(Received::default()));
        let app = Router::new().route("/ingest/segments", post(take)).with_state(Arc::clone(&received));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, received }
    }

    /// The last state of every span of a type, in the order they began.
    pub(crate) fn spans(&self, span_type: &str) -> Vec<SpanRecord> {
        let received = self.received.lock();
        let mut last: Vec<SpanRecord> = Vec::new();
        for span in received.spans.iter().filter(|span| span.span_type == span_type) {
            match last.iter_mut().find(|known| known.span_id == span.span_id) {
                Some(known) if span.ended_at_us > 0 || known.ended_at_us == 0 => known.clone_from(span),
                Some(_) => {}
                None => last.push(span.clone()),
            }
        }
        last.sort_by_key(|span| span.started_at_us);
        last
    }

    pub(crate) fn logs(&self) -> Vec<String> {
        self.received.lock().logs.iter().map(|log| log.message.clone()).collect()
    }
}

async fn take(State(received): State<Arc<Mutex<Received>>>, body: Bytes) {
    let segment = Segment::parse(body).unwrap();
    let mut received = received.lock();
    for item in segment.items() {
        let Item::Frame(frame) = item else { panic!("a damaged segment was sent") };
        match RecordKind::try_from(frame.kind).unwrap() {
            RecordKind::Span => received.spans.push(SpanRecord::decode(frame.payload).unwrap()),
            RecordKind::Log => received.logs.push(LogRecord::decode(frame.payload).unwrap()),
            RecordKind::Call => panic!("a runner writes no calls"),
        }
    }
}
