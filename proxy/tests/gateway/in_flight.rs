//! Calls in flight, as a collector hears of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aop_domain::in_flight::{Batch, Heard, InFlight, State, Wanted};
use axum::extract::State as Shared;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::harness::{Gateway, KEY, PATIENCE, World, chat, eventually};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, chunk, sse};

/// A collector that only listens.
#[derive(Clone)]
pub(crate) struct Listener {
    wanted: watch::Sender<Wanted>,
    batches: Arc<Mutex<Vec<Batch>>>,
}

impl Listener {
    pub(crate) async fn start() -> (Self, String) {
        let listener = Self { wanted: watch::Sender::new(Wanted::default()), batches: Arc::default() };
        let app = Router::new()
            .route("/live/wanted", get(wanted))
            .route("/live/calls", post(told))
            .with_state(listener.clone());
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, app).await });
        (listener, url)
    }

    pub(crate) fn want(&self, version: u64, listen: bool, texts: &[Uuid]) {
        self.wanted.send_replace(Wanted { version, listen, texts: texts.to_vec() });
    }

    pub(crate) fn calls(&self) -> Vec<InFlight> {
        self.batches.lock().unwrap().iter().flat_map(|batch| batch.calls.clone()).collect()
    }

    fn text(&self) -> String {
        let batches = self.batches.lock().unwrap();
        batches.iter().flat_map(|batch| &batch.texts).map(|piece| piece.text.as_str()).collect()
    }

    fn ended(&self) -> Vec<(Uuid, String)> {
        let batches = self.batches.lock().unwrap();
        let ended = batches.iter().flat_map(|batch| &batch.ended);
        ended.map(|ended| (ended.call_id, ended.status.clone())).collect()
    }
}

async fn wanted(
    Shared(listener): Shared<Listener>,
    axum::extract::Query(known): axum::extract::Query<Known>,
) -> Json<Wanted> {
    let mut wanted = listener.wanted.subscribe();
    let changed = wanted.wait_for(|wanted| wanted.version != known.version);
    let _ = tokio::time::timeout(PATIENCE, changed).await;
    let now = wanted.borrow().clone();
    Json(now)
}

#[derive(serde::Deserialize)]
struct Known {
    version: u64,
}

async fn told(Shared(listener): Shared<Listener>, Json(batch): Json<Batch>) -> Json<Heard> {
    listener.batches.lock().unwrap().push(batch);
    Json(Heard::default())
}

async fn gateway(upstream: &Fixed, collector_url: String) -> Gateway {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    Gateway::start_with(world, |config| config.collector_url = collector_url).await
}

#[tokio::test]
async fn a_call_is_told_from_its_arrival_to_its_end_with_its_agent_and_its_text() {
    let (listener, url) = Listener::start().await;
    let (is_waiting, is_read) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let acts = vec![
        Act::WaitFor(Arc::clone(&is_waiting)),
        Act::Send(sse(&[TOKEN])),
        Act::SendUntil(chunk(TOKEN), Arc::clone(&is_read)),
        Act::Send([chunk(FINISH), chunk(DONE), LAST_CHUNK.to_vec()].concat()),
    ];
    let upstream = Fixed::start(acts, true).await;
    let gateway = gateway(&upstream, url).await;
    listener.want(1, true, &[]);
    let mut body = chat("m");
    body["stream"] = json!(true);
    let asking = gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &[("x-aop-agent", "Writer")]);
    let watching = async {
        let waiting = eventually("the call is told of", || async { listener.calls().first().cloned() }).await;
        assert_eq!((waiting.agent.as_str(), waiting.state), ("Writer", State::Waiting));
        assert_eq!((waiting.requested_model.as_str(), waiting.node.as_str()), ("m", "test-node"));
        listener.want(2, true, &[waiting.call_id]);
        is_waiting.notify_one();
        let answering = eventually("its first token is told of", || async {
            listener.calls().into_iter().find(|call| call.state == State::Answering)
        })
        .await;
        assert_eq!(answering.call_id, waiting.call_id);
        assert_eq!((answering.provider.as_str(), answering.attempt_count), ("provider-0", 1));
        assert!(answering.first_token_us.is_some() && answering.output_tokens > 0);
        // From where the gateway hears of the wish.
        eventually("its text is told", || async { listener.text().starts_with("hi hi ").then_some(()) })
            .await;
        is_read.notify_one();
        waiting.call_id
    };
    let (reply, id) = tokio::join!(asking, watching);
    assert_eq!(reply.headers["x-aop-call-id"], id.to_string());
    eventually("its end is told", || async {
        listener.ended().contains(&(id, "ok".to_owned())).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_is_told_while_nobody_listens_and_everything_once_somebody_does() {
    let (listener, url) = Listener::start().await;
    let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = gateway(&upstream, url).await;
    let body = chat("m");
    let asking = gateway.chat(&body);
    // What it comes to is nobody's business here.
    let watching = async {
        eventually("the provider is asked", || async { (!upstream.requests().is_empty()).then_some(()) })
            .await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(listener.batches.lock().unwrap().is_empty());
        listener.want(1, true, &[]);
        eventually("the call is told of", || async { listener.calls().first().cloned() }).await;
        let first = listener.batches.lock().unwrap()[0].clone();
        assert!(first.is_full);
        assert_eq!(first.calls.iter().map(|call| call.call_id).collect::<HashSet<_>>().len(), 1);
    };
    tokio::select! {
        () = watching => {}
        _ = asking => unreachable!("nobody answers"),
    }
}
