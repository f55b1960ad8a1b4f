//! Large bodies, and bytes that must reach the provider as they came.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Gateway, KEY, PATIENCE, World, chat};
use crate::upstreams::{Fixed, OK_BODY};

#[tokio::test]
async fn the_providers_bytes_are_the_clients_bytes() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    let body = "{ \"model\" : \"m\",\n\t\"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9 é\"} ], \"unknown\": 1.50e1 , \"unknown\": 2 }";
    let reply = gateway.post("/v1/chat/completions", body).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, OK_BODY));
    assert_eq!(String::from_utf8(upstream.requests()[0].body.clone()).unwrap(), body);
}

#[tokio::test]
async fn only_the_models_name_is_rewritten() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    let base = format!("http://{}/v1", upstream.address);
    world.route("alias", "openai", "real \"model\"", &[&base], |_| {});
    let gateway = Gateway::start(world).await;
    let body = r#"{"x":"alias","model":"alias","messages":[{"role":"user","content":"alias"}]}"#;
    assert_eq!(gateway.post("/v1/chat/completions", body).await.status, 200);
    let sent = String::from_utf8(upstream.requests()[0].body.clone()).unwrap();
    assert_eq!(
        sent,
        r#"{"x":"alias","model":"real \"model\"","messages":[{"role":"user","content":"alias"}]}"#
    );
    let record = gateway.only_record().await;
    assert_eq!((record.requested_model.as_str(), record.response_model.as_str()), ("alias", "up-1"));
    assert_eq!(record.request_body, body.as_bytes(), "the record holds what the client sent");
}

#[tokio::test]
async fn bodies_of_5_and_40_megabytes_pass_whole_and_are_replayed_on_fallback() {
    let failing = Fixed::json(503, "", r#"{"error":{"message":"busy"}}"#).await;
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    let bases = [format!("http://{}/v1", failing.address), format!("http://{}/v1", upstream.address)];
    world.route("big", "openai", "upstream-big", &[&bases[0], &bases[1]], |_| {});
    let gateway = Gateway::start(world).await;
    for megabytes in [5, 40] {
        let content = "lorem ipsum ".repeat(megabytes * (1 << 20) / 12);
        let body = json!({"model": "big", "messages": [{"role": "user", "content": content}]}).to_string();
        let reply = gateway.post("/v1/chat/completions", body.clone()).await;
        assert_eq!(reply.status, 200, "{megabytes} MB: {reply:?}");
        let expected = body.replace("\"model\":\"big\"", "\"model\":\"upstream-big\"");
        for server in [&failing, &upstream] {
            assert!(
                server.requests().last().unwrap().body == expected.as_bytes(),
                "{megabytes} MB arrived whole"
            );
        }
    }
    let records = gateway.recorded(2).await;
    assert!(records.iter().all(|record| record.body_truncated && record.request_body.len() == 4 << 20));
    assert!(records[1].request_bytes > 40 << 20);
}

#[tokio::test]
async fn a_chunked_body_and_a_client_that_waits_for_100_continue_are_served() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let body = chat("sim-fast").to_string().into_bytes();
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        body.chunks(7).map(|piece| Ok(piece.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    assert_eq!(gateway.post("/v1/chat/completions", stream).await.status, 200);

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut connection = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1024];
    let read = tokio::time::timeout(PATIENCE, connection.read(&mut answer)).await.unwrap().unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&answer[..read]));
    connection.write_all(&body).await.unwrap();
    let read = tokio::time::timeout(PATIENCE, connection.read(&mut answer)).await.unwrap().unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..read]));
}

#[tokio::test]
async fn few_busy_keep_alive_connections_do_not_wait_for_acknowledgments() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let client = crate::harness::client();
    let body = chat("sim-fast").to_string();
    let mut fastest = Duration::MAX;
    for _ in 0..30 {
        let begun = std::time::Instant::now();
        let request = client.post(gateway.url("/v1/chat/completions")).bearer_auth(KEY).body(body.clone());
        assert!(!request.send().await.unwrap().text().await.unwrap().is_empty());
        fastest = fastest.min(begun.elapsed());
    }
    // A stall costs every call of a busy connection 40 ms: however slow the machine, then not one is faster.
    assert!(fastest < Duration::from_millis(38), "{fastest:?}");
}

#[tokio::test]
async fn a_pipelining_client_gets_both_answers() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let body = chat("sim-fast").to_string();
    let request = |close: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n{close}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let both = request("") + &request("connection: close\r\n");
    let answer = gateway.raw(both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
}

#[tokio::test]
async fn too_many_buffered_bytes_are_refused_not_kept() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start_with(world, |config| config.limits.buffered_max_bytes = 10_000).await;
    let body = json!({"model": "sim-fast", "messages": [{"role": "user", "content": "x".repeat(20_000)}]});
    let reply = gateway.chat(&body).await;
    assert_eq!(reply.error(), (503, "overloaded".to_owned()));
    assert_eq!(reply.headers["retry-after"], "1");
    assert_eq!(gateway.chat(&chat("sim-fast")).await.status, 200, "the bytes were given back");
}
