//! Clients of the gateway: they hold conversations, half of them streamed, and note every answer that came whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::BOOTSTRAP_KEY;

/// How many ask at the same time.
pub const CLIENTS: usize = 6;
/// Calls of one conversation: each sends the history of the ones before it.
const TURNS: u64 = 5;
const BETWEEN_CALLS: Duration = Duration::from_millis(8);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What the client knows of a call that was answered whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The client's own name for the call.
    pub session: String,
    pub tokens: u64,
}

/// By the id that the gateway gave the call.
pub type Acknowledged = HashMap<[u8; 16], Answered>;

pub struct Clients {
    asking: JoinSet<Acknowledged>,
    stop: Arc<AtomicBool>,
}

impl Clients {
    pub fn start(gateway_url: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build().unwrap();
        let url = format!("{gateway_url}/v1/chat/completions");
        let mut asking = JoinSet::new();
        for number in 0..CLIENTS {
            asking.spawn(ask_until(http.clone(), url.clone(), number, Arc::clone(&stop)));
        }
        Self { asking, stop }
    }

    /// Lets every client have its last answer, and gives what all of them noted.
    pub async fn finish(self) -> Acknowledged {
        self.stop.store(true, Ordering::Relaxed);
        self.asking.join_all().await.into_iter().flatten().collect()
    }
}

async fn ask_until(http: reqwest::Client, url: String, number: usize, stop: Arc<AtomicBool>) -> Acknowledged {
    let mut noted = Acknowledged::new();
    for turn in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let session = format!("client {number} call {turn}");
        if let Some((id, tokens)) = ask(&http, &url, &session, number, turn).await {
            let before = noted.insert(id, Answered { session, tokens });
            assert_eq!(before, None, "the gateway gave two calls the same id");
        }
        tokio::time::sleep(BETWEEN_CALLS).await;
    }
    noted
}

/// The call's id and its tokens, when its answer came whole. Anything else is what a client of a killed gateway sees.
async fn ask(
    http: &reqwest::Client,
    url: &str,
    session: &str,
    number: usize,
    turn: u64,
) -> Option<([u8; 16], u64)> {
    let stream = number.is_multiple_of(2);
    let first = turn - turn % TURNS;
    let history = (first..=turn).map(|at| {
        let content = format!("client {number} turn {at} {}", "x".repeat(200));
        json!({"role": "user", "content": content})
    });
    let mut body = json!({"model": "sim-fast", "stream": stream, "messages": history.collect::<Vec<_>>()});
    if stream {
        body["stream_options"] = json!({"include_usage": true});
    }
    let request = http.post(url).bearer_auth(BOOTSTRAP_KEY).header("x-aop-session-id", session);
    let answer = request.json(&body).send().await.ok().filter(|answer| answer.status() == 200)?;
    let id: uuid::Uuid = answer.headers()["x-aop-call-id"].to_str().unwrap().parse().unwrap();
    let text = answer.text().await.ok()?;
    let last = if stream { last_chunk(&text)? } else { serde_json::from_str(&text).ok()? };
    let tokens = last["usage"]["total_tokens"].as_u64().expect("an answer has its usage");
    Some((id.into_bytes(), tokens))
}

/// The chunk before `[DONE]`: the one with the usage.
fn last_chunk(stream: &str) -> Option<Value> {
    let events = stream.trim_end().strip_suffix("data: [DONE]")?;
    serde_json::from_str(events.trim_end().rsplit_once("data: ")?.1).ok()
}
