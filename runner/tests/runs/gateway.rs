//! A stand-in for the gateway: OpenAI's wire, answers by script. It checks the run credential as the gateway does, keeps
//! what it was asked, and notices a caller that leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aop_service::keys::{DerivedKey, KeyDomain, MasterKey};
use aop_service::run_credential::{self, RunClaims};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// How the gateway answers one call.
#[derive(Clone)]
pub(crate) enum Script {
    Text(String),
    /// Streamed word by word, so far apart.
    Slow(String, Duration),
    /// Not streamed: this message, for 0.001 dollars.
    Whole(Value),
    /// (id, tool, arguments) of parallel calls.
    Tools(Vec<(&'static str, &'static str, Value)>),
    Refuse(u16, &'static str),
    RefuseFor(u16, u64),
    /// Begins and never ends.
    Stall,
    /// Begins and breaks off without an end.
    Cut,
}

#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) claims: RunClaims,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

impl Asked {
    pub(crate) fn system(&self) -> &str {
        self.body["messages"][0]["content"].as_str().unwrap()
    }

    pub(crate) fn user(&self) -> &str {
        self.body["messages"][1]["content"].as_str().unwrap()
    }
}

type Scripter = dyn Fn(&Asked, usize) -> Script + Send + Sync;

pub(crate) struct Gateway {
    pub(crate) url: String,
    state: Arc<Shared>,
}

struct Shared {
    key: DerivedKey,
    script: Box<Scripter>,
    asked: Mutex<Vec<Asked>>,
    left: AtomicUsize,
}

impl Gateway {
    /// `script` is given the call and how many came before it.
    pub(crate) async fn start(
        master_key: &MasterKey,
        script: impl Fn(&Asked, usize) -> Script + Send + Sync + 'static,
    ) -> Self {
        let key = master_key.derive(KeyDomain::RunCredential);
        let state = Arc::new(Shared {
            key,
            script: Box::new(script),
            asked: Mutex::default(),
            left: AtomicUsize::new(0),
        });
        let app = Router::new().route("/v1/chat/completions", post(answer)).with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, state }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().clone()
    }

    /// Callers that left before their answer was whole.
    pub(crate) fn left(&self) -> usize {
        self.state.left.load(Ordering::SeqCst)
    }
}

async fn answer(State(state): State<Arc<Shared>>, headers: HeaderMap, body: axum::Json<Value>) -> Response {
    let now_s = aop_service::clock::Clock::System.now_s();
    let token = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let Ok(claims) = run_credential::verify(token, &state.key, now_s) else {
        return refuse(401, "The credential is not valid.");
    };
    let asked = Asked { claims, body: body.0, headers };
    let number = {
        let mut all = state.asked.lock();
        all.push(asked.clone());
        all.len() - 1
    };
    match (state.script)(&asked, number) {
        Script::Refuse(status, message) => refuse(status, message),
        Script::RefuseFor(status, seconds) => {
            let mut response = refuse(status, "Too many requests.");
            response.headers_mut().insert("retry-after", seconds.into());
            response
        }
        Script::Text(text) => whole(vec![content(&text)], "stop", Duration::ZERO, state),
        Script::Whole(message) => {
            let body = json!({ "model": "scripted-1", "choices": [{ "index": 0, "message": message }] });
            let call_id = uuid::Uuid::now_v7().to_string();
            ([("x-aop-cost", "0.001"), ("x-aop-call-id", &call_id)], axum::Json(body)).into_response()
        }
        Script::Slow(text, pace) => {
            let words = text.split_inclusive(' ').map(content).collect();
            whole(words, "stop", pace, state)
        }
        Script::Tools(calls) => {
            whole(calls.iter().enumerate().map(tool_call).collect(), "tool_calls", Duration::ZERO, state)
        }
        Script::Stall => stream(vec![content("Hm")], Duration::ZERO, Some(state)),
        Script::Cut => stream(vec![content("Hm")], Duration::ZERO, None),
    }
}

fn refuse(status: u16, message: &str) -> Response {
    let body = json!({ "error": { "message": message, "type": "x", "code": "scripted", "param": null } });
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn content(text: &str) -> Value {
    json!({ "model": "scripted-1", "choices": [{ "index": 0, "delta": { "content": text } }] })
}

fn tool_call((index, (id, name, arguments)): (usize, &(&str, &str, Value))) -> Value {
    let call = json!({ "index": index, "id": id, "type": "function",
                       "function": { "name": name, "arguments": arguments.to_string() } });
    json!({ "model": "scripted-1", "choices": [{ "index": 0, "delta": { "tool_calls": [call] } }] })
}

/// A stream with its end: finish reason, what it cost (0.001 dollars, 10 tokens in, 5 out), `[DONE]`.
fn whole(mut chunks: Vec<Value>, finish: &str, pace: Duration, state: Arc<Shared>) -> Response {
    chunks.push(json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": finish }] }));
    let end = ": aop {\"call_id\":\"c\",\"cost\":\"0.001\",\"input_tokens\":10,\"output_tokens\":5}\n\ndata: [DONE]\n\n";
    let guard = Leaving { state, whole: false };
    let texts = chunks.into_iter().map(|chunk| format!("data: {chunk}\n\n")).chain([end.to_owned()]);
    let texts: Vec<String> = texts.collect();
    let last = texts.len() - 1;
    let body = stream::iter(texts.into_iter().enumerate()).scan(guard, move |guard, (number, text)| {
        guard.whole = number == last;
        futures::future::ready(Some(text))
    });
    let body = body.then(move |text| async move {
        tokio::time::sleep(pace).await;
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    sse(Body::from_stream(body))
}

/// A stream that stalls (with somebody to notice the caller leaving) or breaks off.
fn stream(chunks: Vec<Value>, pace: Duration, stalls: Option<Arc<Shared>>) -> Response {
    let texts = chunks.into_iter().map(|chunk| format!("data: {chunk}\n\n"));
    let begun = stream::iter(texts).then(move |text| async move {
        tokio::time::sleep(pace).await;
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    match stalls {
        None => sse(Body::from_stream(begun)),
        Some(state) => {
            let guard = Leaving { state, whole: false };
            sse(Body::from_stream(begun.chain(stream::once(async move {
                let _guard = guard;
                std::future::pending().await
            }))))
        }
    }
}

fn sse(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}

/// Counts a caller that left when the stream is dropped before it was whole.
struct Leaving {
    state: Arc<Shared>,
    whole: bool,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if !self.whole {
            self.state.left.fetch_add(1, Ordering::SeqCst);
        }
    }
}
