//! The access log and the metrics: what each line and each figure says, and that no secret is among it.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::{any, get, post};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite;

use aop_proxy::{AccessLogOf, AccessLogTo};

use crate::harness::{Gateway, KEY, PROVIDER_KEY, World, chat, eventually};
use crate::metrics_page;
use crate::upstreams::Fixed;

async fn lines(path: &Path, count: usize) -> Vec<Value> {
    eventually(&format!("{count} lines are written"), || async {
        let text = std::fs::read_to_string(path).ok()?;
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines.len() >= count).then_some(lines)
    })
    .await
}

#[tokio::test]
async fn every_call_leaves_one_line_with_its_figures_and_without_its_contents() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let mut gateway = Gateway::start_with(world, |config| {
        config.access_log = AccessLogTo::File(path.clone());
    })
    .await;
    let reply = gateway.chat(&chat("m")).await;
    assert_eq!(gateway.chat(&chat("none")).await.status, 404);
    assert_eq!(gateway.post_as("guessed", "/v1/messages", "{}", &[]).await.status, 401);

    let written = lines(&path, 3).await;
    let answered = &written[0];
    assert_eq!(answered["call_id"], reply.headers["x-request-id"].as_str());
    assert_eq!(answered["trace_id"], reply.headers["x-aop-trace-id"].as_str());
    for (field, expected) in [
        ("kind", "call"),
        ("operation", "chat_completions"),
        ("model", "m"),
        ("provider", "provider-0"),
        ("deployment", "m-0"),
        ("status", "ok"),
        ("error_code", ""),
        ("cache", "off"),
        ("source", "127.0.0.1"),
        ("key_id", "01010101-0101-0101-0101-010101010101"),
        ("team_id", "01010101-0101-0101-0101-010101010101"),
    ] {
        assert_eq!(answered[field], expected, "{field}");
    }
    assert_eq!((&answered["http_status"], &answered["attempts"]), (&200.into(), &1.into()));
    for figure in ["duration_us", "upstream_us", "request_bytes", "response_bytes"] {
        assert!(answered[figure].as_u64().unwrap() > 0, "{figure}: {answered}");
    }
    assert_eq!(
        (&written[1]["error_code"], &written[1]["http_status"]),
        (&"model_not_found".into(), &404.into())
    );
    assert_eq!((&written[2]["error_code"], &written[2]["key_id"]), (&"invalid_api_key".into(), &Value::Null));
    gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    for secret in [KEY, PROVIDER_KEY, "guessed", "Say hello", "hello"] {
        assert!(!text.contains(secret), "{secret} is in the access log: {text}");
    }
}

#[tokio::test]
async fn everything_that_comes_to_the_door_leaves_a_line_when_that_is_asked_for() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let api_url = api().await;
    let mut gateway = Gateway::start_with(world, |config| {
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
        config.api_url = api_url;
        config.limits.header_timeout = Duration::from_millis(300);
    })
    .await;
    gateway.chat(&chat("m")).await;
    let echoed = gateway.post_as("a-session", "/api/echo?ticket=secret-of-the-query", "four", &[]).await;
    assert_eq!(echoed.status, 200);
    gateway.get("/no/such/page").await;
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/ws/live?ticket=secret", gateway.address))
            .await
            .unwrap();
    socket.send(tungstenite::Message::text("one")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
    drop(tokio::net::TcpStream::connect(gateway.address).await.unwrap());
    let mut nonsense = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    nonsense.write_all(b"what is this\r\n\r\n").await.unwrap();
    let _silent = tokio::net::TcpStream::connect(gateway.address).await.unwrap();

    let of = |lines: &[Value], field: &str, is: &str| -> Vec<Value> {
        lines.iter().filter(|line| line[field] == is).cloned().collect()
    };
    let written = eventually("each has left its line", || async {
        let text = std::fs::read_to_string(&path).ok()?;
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let is_whole = !of(&lines, "path", "/ws/live").is_empty()
            && of(&lines, "error_code", "no_request").len() >= 2
            && !of(&lines, "error_code", "header_timeout").is_empty();
        is_whole.then_some(lines)
    })
    .await;
    assert_eq!(of(&written, "kind", "call").len(), 1, "a call has one line, its own: {written:?}");
    let [echo] = &of(&written, "path", "/api/echo")[..] else { panic!("{written:?}") };
    for (field, expected) in [
        ("kind", json!("request")),
        ("method", json!("POST")),
        ("protocol", json!("HTTP/1.1")),
        ("to", json!("api")),
        ("websocket", json!(false)),
        ("source", json!("127.0.0.1")),
        ("http_status", json!(200)),
        ("error_code", json!("")),
        ("request_bytes", json!(4)),
        ("request_id", json!("r-1")),
    ] {
        assert_eq!(echo[field], expected, "{field}");
    }
    assert!(echo["duration_us"].as_u64() > Some(0) && echo["response_bytes"].as_u64() > Some(0), "{echo}");
    assert_eq!(of(&written, "path", "/no/such/page")[0]["http_status"], 404);
    let live = &of(&written, "path", "/ws/live")[0];
    assert_eq!((&live["websocket"], &live["http_status"]), (&json!(true), &json!(101)));
    assert!(!of(&written, "to", "ready").is_empty(), "probes leave lines");
    for line in of(&written, "kind", "connection") {
        assert_eq!(line["source"], "127.0.0.1", "{line}");
    }
    gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    for secret in ["secret", "ticket", "a-session", KEY] {
        assert!(!text.contains(secret), "{secret} is in the access log: {text}");
    }
}

const BUSY: &str = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer aop-test-key\r\ncontent-length: 9\r\n\r\n";

#[tokio::test]
async fn a_connection_that_is_refused_leaves_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let gateway = Gateway::start_with(World::new(), |config| {
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
        config.limits.connections_max = 1;
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..40 {
        let mut busy = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        // One that waits for a request would make way. Whoever is refused may hear of it before it has asked.
        let _ = busy.write_all(BUSY.as_bytes()).await;
        held.push(busy);
    }
    let refused = eventually("one is refused", || async {
        let text = std::fs::read_to_string(&path).ok()?;
        text.lines().find(|line| line.contains("\"refused\"")).map(str::to_owned)
    })
    .await;
    let refused: Value = serde_json::from_str(&refused).unwrap();
    assert_eq!((&refused["kind"], &refused["source"]), (&json!("connection"), &json!("127.0.0.1")));
}

/// A management API that answers what it is sent, with a name for the request.
async fn api() -> String {
    let app = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/api/echo", post(|body: String| async move { ([("x-request-id", "r-1")], body) }))
        .route(
            "/ws/live",
            any(|upgrade: WebSocketUpgrade| async {
                upgrade.on_upgrade(|mut socket| async move {
                    while let Some(Ok(message)) = socket.recv().await {
                        let _ = socket.send(message).await;
                    }
                })
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_log_that_was_rotated_goes_on_in_a_new_file() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let dir = tempfile::tempdir().unwrap();
    let (path, moved) = (dir.path().join("access.log"), dir.path().join("access.log.1"));
    let gateway =
        Gateway::start_with(world, |config| config.access_log = AccessLogTo::File(path.clone())).await;
    gateway.chat(&chat("m")).await;
    lines(&path, 1).await;
    std::fs::rename(&path, &moved).unwrap();
    eventually("the file is made anew", || async { path.exists().then_some(()) }).await;
    gateway.chat(&chat("m")).await;
    lines(&path, 1).await;
    assert_eq!(lines(&moved, 1).await.len(), 1);
}

#[tokio::test]
async fn every_metric_is_documented() {
    let gateway = Gateway::start(World::new()).await;
    metrics_page::assert_documented("aop_proxy_", &gateway.get("/metrics").await.text);
}
