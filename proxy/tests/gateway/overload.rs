//! More than there is room for: what is over is refused early, in its caller's words, counted and recorded; who takes or
//! sends too slowly holds nothing.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::harness::{Gateway, KEY, Reply, World, chat, client, eventually, status_of};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, chunk, sse_head};
use aop_domain::record::CallStatus;

fn one_model(upstream: SocketAddr) -> World {
    let mut world = World::new();
    world.model("m", &[upstream]);
    world
}

impl Gateway {
    /// The figure that `/metrics` tells under this name and these labels.
    pub async fn figure(&self, series: &str) -> Option<f64> {
        let text = self.get("/metrics").await.text;
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        line.parse().ok()
    }

    /// A call that nobody waits for.
    fn begin(&self, body: &Value) -> JoinHandle<()> {
        let request = client().post(self.url("/v1/chat/completions")).bearer_auth(KEY).body(body.to_string());
        tokio::spawn(async move {
            // It is given up by the test.
            let _ = request.send().await;
        })
    }

    pub async fn until(&self, series: &str, expected: f64) {
        eventually(&format!("{series} is {expected}"), || async {
            (self.figure(series).await? == expected).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn calls_beyond_the_bound_are_refused_in_their_own_words_and_recorded() {
    let slow = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = Gateway::start_with(one_model(slow.address), |config| config.limits.calls_max = 2).await;
    let held = [gateway.begin(&chat("m")), gateway.begin(&chat("m"))];
    eventually("both calls are at the provider", || async { (slow.requests().len() == 2).then_some(()) })
        .await;

    let reply = gateway.chat(&chat("m")).await;
    assert_eq!(reply.error(), (503, "overloaded".to_owned()));
    assert_eq!(reply.headers["retry-after"], "1");
    let body = json!({"model": "m", "max_tokens": 5, "messages": []}).to_string();
    let theirs = gateway.post("/v1/messages", body).await;
    assert_eq!((theirs.status, &theirs.json()["type"]), (503, &json!("error")));
    assert_eq!(theirs.headers["retry-after"], "1");
    // Nothing of a body is read for it, and nobody unknown learns how busy the gateway is.
    let unknown = gateway.post_as("wrong", "/v1/chat/completions", chat("m").to_string(), &[]).await;
    assert_eq!(unknown.error().0, 401);

    let records = gateway.recorded(3).await;
    for record in &records[..2] {
        assert_eq!((status_of(record), record.error_code.as_str()), (CallStatus::Internal, "overloaded"));
        assert!(!record.key_id.is_empty() && record.http_status == 503);
    }
    gateway.until("aop_proxy_overload_refusals_total{scarce=\"calls\"}", 2.0).await;
    assert_eq!(slow.requests().len(), 2);
    held.iter().for_each(JoinHandle::abort);
    // The places come back with their calls: a wrong model is a refusal for another reason.
    eventually("there is room again", || async {
        (gateway.chat(&chat("other")).await.error().1 == "model_not_found").then_some(())
    })
    .await;
}

async fn idle(gateway: &Gateway, count: usize) -> Vec<TcpStream> {
    let mut connections = Vec::new();
    for _ in 0..count {
        connections.push(TcpStream::connect(gateway.address).await.unwrap());
    }
    connections
}

/// Connections with a call whose body does not come: one that waits for a request would make way.
async fn busy(gateway: &Gateway, count: usize) -> Vec<TcpStream> {
    let mut connections = idle(gateway, count).await;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 9\r\n\r\n"
    );
    for connection in &mut connections {
        connection.write_all(head.as_bytes()).await.unwrap();
    }
    connections
}

#[tokio::test]
async fn a_connection_too_many_is_told_and_far_too_many_are_closed() {
    let upstream = Fixed::answering().await;
    let gateway =
        Gateway::start_with(one_model(upstream.address), |config| config.limits.connections_max = 8).await;
    let mut held = busy(&gateway, 8).await;
    gateway.until("aop_proxy_calls_in_flight", 8.0).await;
    let told = gateway.chat(&chat("m")).await;
    assert_eq!(told.error(), (503, "overloaded".to_owned()));
    assert_eq!((told.headers["retry-after"].as_str(), told.headers["connection"].as_str()), ("1", "close"));
    let api = gateway.get("/api/models").await;
    assert_eq!((api.status, &api.json()["title"]), (503, &json!("Overloaded")));
    assert_eq!(upstream.requests().len(), 0);

    // Those that are only told wait for a request as well.
    held.extend(idle(&gateway, 8).await);
    let mut closed = TcpStream::connect(gateway.address).await.unwrap();
    let mut byte = [0];
    assert!(matches!(closed.read(&mut byte).await, Ok(0) | Err(_)), "closed without a word");
    drop(held);
    eventually("there is room again", || async {
        let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        let reply = request.body(chat("m").to_string()).send().await.ok()?;
        (reply.status() == 200).then_some(())
    })
    .await;
    gateway.until("aop_proxy_overload_refusals_total{scarce=\"connections\"}", 1.0).await;
}

#[tokio::test]
async fn when_connections_are_few_none_is_kept_for_a_next_request() {
    let upstream = Fixed::answering().await;
    let gateway =
        Gateway::start_with(one_model(upstream.address), |config| config.limits.connections_max = 8).await;
    let kept = gateway.chat(&chat("m")).await;
    assert_eq!(kept.status, 200);
    assert_ne!(kept.headers.get("connection").map(String::as_str), Some("close"));
    let _held = idle(&gateway, 6).await;
    gateway.until("aop_proxy_connections", 7.0).await;
    let last = gateway.chat(&chat("m")).await;
    assert_eq!((last.status, last.headers["connection"].as_str()), (200, "close"));
}

#[tokio::test]
async fn requests_to_the_management_api_have_a_bound_of_their_own() {
    let api = Fixed::start(vec![Act::WaitForClose], false).await;
    let upstream = Fixed::answering().await;
    let gateway = Gateway::start_with(one_model(upstream.address), |config| {
        config.api_url = format!("http://{}", api.address);
        config.limits.api_requests_max = 1;
    })
    .await;
    let request = client().get(gateway.url("/api/calls"));
    let held = tokio::spawn(async move { drop(request.send().await) });
    eventually("the request is at the API", || async {
        api.requests().iter().any(|seen| seen.head.starts_with("get /api/calls")).then_some(())
    })
    .await;
    let reply = gateway.get("/api/calls").await;
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (503, "1"));
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    assert_eq!(gateway.chat(&chat("m")).await.status, 200, "calls go on");
    held.abort();
}

/// A whole answer of so many bytes.
pub async fn large(bytes: usize) -> Fixed {
    let text = "x".repeat(bytes);
    let usage = r#"{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#;
    let body = format!(
        r#"{{"id":"c","model":"up","choices":[{{"message":{{"content":"{text}"}}}}],"usage":{usage}}}"#
    );
    Fixed::json(200, "", &body).await
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_holds_it_only_so_long() {
    let upstream = large(32 << 20).await;
    let gateway = Gateway::start_with(one_model(upstream.address), |config| {
        config.limits.client_write_timeout = Duration::from_secs(1);
        config.limits.client_min_bytes_per_s = 1 << 30;
    })
    .await;
    let mut deaf = TcpStream::connect(gateway.address).await.unwrap();
    let body = chat("m").to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    deaf.write_all(head.as_bytes()).await.unwrap();
    eventually("the answer is held", || async {
        (gateway.figure("aop_proxy_buffered_bytes").await? > 30e6).then_some(())
    })
    .await;
    gateway.until("aop_proxy_buffered_bytes", 0.0).await;
    gateway.until("aop_proxy_calls_in_flight", 0.0).await;
    let mut got = Vec::new();
    let _ = deaf.read_to_end(&mut got).await;
    assert!(got.len() < 32 << 20, "it was cut");
    assert_eq!(status_of(&gateway.only_record().await), CallStatus::Ok, "recorded before its end was sent");
}

#[tokio::test]
async fn an_answer_there_is_no_memory_for_is_refused_and_a_stream_goes_on_unkept() {
    let whole = large(1 << 20).await;
    let token = format!(
        "data: {{\"id\":\"c1\",\"model\":\"up-1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "hi ".repeat(100)
    );
    let mut bytes = sse_head();
    (0..1_000).for_each(|_| bytes.extend(chunk(&token)));
    bytes.extend(chunk(FINISH));
    bytes.extend(chunk(DONE));
    bytes.extend(LAST_CHUNK);
    let streamed = Fixed::start(vec![Act::Send(bytes)], true).await;
    let mut world = one_model(whole.address);
    world.model("s", &[streamed.address]);
    let gateway = Gateway::start_with(world, |config| config.limits.buffered_max_bytes = 100 << 10).await;

    assert_eq!(gateway.chat(&chat("m")).await.error(), (503, "overloaded".to_owned()));
    gateway.until("aop_proxy_overload_refusals_total{scarce=\"bytes\"}", 1.0).await;
    let mut body = chat("s");
    body["stream"] = json!(true);
    let reply: Reply = gateway.chat(&body).await;
    assert_eq!((reply.status, reply.events().len()), (200, 1_002), "every event came");
    let records = gateway.recorded(2).await;
    assert!(records[1].body_truncated && records[1].response_body.len() < 100 << 10);
    assert_eq!(status_of(&records[1]), CallStatus::Ok);
    gateway.until("aop_proxy_buffered_bytes", 0.0).await;
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up_and_its_memory_comes_back() {
    let upstream = Fixed::answering().await;
    let gateway = Gateway::start_with(one_model(upstream.address), |config| {
        config.limits.body_read_timeout = Duration::from_millis(300);
    })
    .await;
    let mut slow = TcpStream::connect(gateway.address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 1000000\r\n\r\n{}",
        " ".repeat(200_000)
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
    gateway.until("aop_proxy_buffered_bytes", 0.0).await;
    assert_eq!(gateway.only_record().await.error_code, "request_timeout");
}
