//! Whatever a stranger sends: the right status, one clear sentence, a record, and no crash.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Gateway, KEY, PATIENCE, World, chat, status_of};
use aop_domain::record::CallStatus;

async fn gateway() -> Gateway {
    let mut world = World::new();
    world.simulated("sim-fast").simulated("sim-tools");
    Gateway::start(world).await
}

async fn refused(gateway: &Gateway, body: impl Into<reqwest::Body>) -> (u16, String) {
    gateway.post("/v1/chat/completions", body).await.error()
}

#[tokio::test]
async fn malformed_bodies_get_400_with_the_reason_and_are_recorded() {
    let gateway = gateway().await;
    let deep = format!(r#"{{"model":"sim-fast","messages":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "invalid_json"),
        (b"hello".to_vec(), "invalid_json"),
        (b"[]".to_vec(), "invalid_json"),
        (b"{\"model\":\"sim-fast\",\"messages\":[}".to_vec(), "invalid_json"),
        (b"{\"model\":\"sim-fast\",\"messages\":[]} trailing".to_vec(), "invalid_json"),
        (b"{\"model\":\"\xff\",\"messages\":[]}".to_vec(), "invalid_utf8"),
        (deep.into_bytes(), "json_too_deep"),
        (br#"{"model":"sim-fast","model":"sim-tools","messages":[]}"#.to_vec(), "duplicate_field"),
        (br#"{"model":"sim-fast","mod\u0065l":"sim-tools","messages":[]}"#.to_vec(), "duplicate_field"),
        (br#"{"model":"sim-fast","messages":[],"metadata":{"a":1,"a":2}}"#.to_vec(), "duplicate_field"),
        (br#"{"messages":[]}"#.to_vec(), "missing_field"),
        (br#"{"model":"sim-fast"}"#.to_vec(), "missing_field"),
        (br#"{"model":1,"messages":[]}"#.to_vec(), "invalid_field"),
        (br#"{"model":"","messages":[]}"#.to_vec(), "invalid_field"),
        (br#"{"model":"sim-fast","messages":{}}"#.to_vec(), "invalid_field"),
        (br#"{"model":"sim-fast","messages":[],"stream":"yes"}"#.to_vec(), "invalid_field"),
        (br#"{"model":"sim-fast","messages":[],"user":{}}"#.to_vec(), "invalid_field"),
        (br#"{"model":"sim-fast","messages":[],"stream":true,"stream_options":1}"#.to_vec(), "invalid_field"),
    ];
    for (body, code) in &cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(refused(&gateway, body.clone()).await, (400, (*code).to_owned()), "{shown}");
    }
    let records = gateway.recorded(cases.len()).await;
    assert!(records.iter().all(|record| status_of(record) == CallStatus::ClientError));
    assert!(records.iter().all(|record| *record.team_id == *crate::harness::team().as_bytes()));
    assert_eq!(gateway.chat(&chat("sim-fast")).await.status, 200, "the gateway still answers");
}

#[tokio::test]
async fn a_syntax_error_is_told_with_its_place() {
    let gateway = gateway().await;
    let reply = gateway.post("/v1/chat/completions", "{\"model\": \"sim-fast\",\n  oops}").await;
    assert!(reply.text.contains("line 2, column 3"), "{}", reply.text);
}

#[tokio::test]
async fn an_unknown_model_is_404_with_the_nearest_names() {
    let gateway = gateway().await;
    let reply = gateway.chat(&chat("sim-fats")).await;
    assert_eq!(reply.error(), (404, "model_not_found".to_owned()));
    assert!(reply.text.contains("sim-fast"), "{}", reply.text);
    let record = gateway.only_record().await;
    assert_eq!((record.requested_model.as_str(), record.http_status), ("sim-fats", 404));
    assert!(record.attempts.is_empty());
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let gateway = gateway().await;
    assert_eq!(gateway.post("/v1/nothing", "{}").await.error(), (404, "unknown_url".to_owned()));
    let reply = gateway.get("/v1/chat/completions").await;
    assert_eq!(reply.error(), (405, "method_not_allowed".to_owned()));
    assert_eq!(reply.headers["allow"], "POST");
    assert_eq!(gateway.recorded(2).await.len(), 2);
}

#[tokio::test]
async fn header_bombs_are_refused() {
    let gateway = gateway().await;
    let many: Vec<(String, String)> = (0..150).map(|n| (format!("x-h{n}"), "v".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = chat("sim-fast").to_string();
    let reply = gateway.post_as(KEY, "/v1/chat/completions", body.clone(), &many).await;
    assert_eq!(reply.error(), (431, "headers_too_large".to_owned()));
    let large = "x".repeat(40_000);
    let reply = gateway.post_as(KEY, "/v1/chat/completions", body.clone(), &[("x-large", &large)]).await;
    assert_eq!(reply.error(), (431, "headers_too_large".to_owned()));
    let path = format!("/v1/chat/completions?{}", "a".repeat(10_000));
    assert_eq!(gateway.post(&path, body).await.error(), (414, "uri_too_long".to_owned()));
    let thousands = "x-a: b\r\n".repeat(1000);
    let answer = gateway
        .raw(format!("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n{thousands}\r\n").as_bytes())
        .await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn a_body_too_large_is_413_however_it_is_framed() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start_with(world, |config| config.limits.body_max_bytes = 100_000).await;
    let large = vec![b' '; 300_000];
    assert_eq!(refused(&gateway, large.clone()).await, (413, "body_too_large".to_owned()));
    let pieces = futures::stream::iter(
        large.chunks(10_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>(),
    );
    assert_eq!(
        refused(&gateway, reqwest::Body::wrap_stream(pieces)).await,
        (413, "body_too_large".to_owned())
    );
}

#[tokio::test]
async fn compressed_bodies_are_refused_with_the_reason() {
    let gateway = gateway().await;
    let reply = gateway.post_as(KEY, "/v1/chat/completions", "x", &[("content-encoding", "gzip")]).await;
    assert_eq!(reply.error(), (400, "invalid_header".to_owned()));
}

#[tokio::test]
async fn a_body_that_stalls_is_408() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway =
        Gateway::start_with(world, |config| config.limits.body_read_timeout = Duration::from_millis(200))
            .await;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 100\r\n\r\n{{\"mo"
    );
    let answer = gateway.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    assert_eq!(gateway.only_record().await.error_code, "request_timeout");
}

#[tokio::test]
async fn a_header_that_drips_is_cut_off_in_the_end() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway =
        Gateway::start_with(world, |config| config.limits.header_timeout = Duration::from_millis(300)).await;
    let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    let begun = std::time::Instant::now();
    let dripped = async {
        use tokio::io::AsyncWriteExt;
        for byte in b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ".iter().cycle() {
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dripped).await.expect("the connection is closed");
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_connection_that_only_half_exists_does_no_harm() {
    let gateway = gateway().await;
    for bytes in
        [&b""[..], b"GET", b"\x16\x03\x01\x02\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n\r\n\r\n"]
    {
        gateway.raw_for(bytes, Duration::from_millis(100)).await;
    }
    assert_eq!(gateway.chat(&chat("sim-fast")).await.status, 200);
}

#[tokio::test]
async fn smuggled_lengths_are_refused() {
    let gateway = gateway().await;
    for framing in ["content-length: 5\r\ncontent-length: 6", "content-length: -1", "content-length: 1x"] {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n{framing}\r\n\r\nhello!"
        );
        let answer = gateway.raw(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
    }
}

#[tokio::test]
async fn an_operation_the_model_does_not_support_is_refused() {
    let mut world = World::new();
    world.route("sim-embed", "simulator", "sim-embed", &["simulator:"], |route| {
        route.operations = vec!["embedding".into()];
    });
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("sim-embed")).await.error(), (400, "operation_not_supported".to_owned()));
    let reply = gateway.post("/v1/embeddings", json!({"model": "sim-embed", "input": "x"}).to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn http_1_1_without_a_host_is_refused_and_http_1_0_is_not() {
    let gateway = gateway().await;
    let body = chat("sim-fast").to_string();
    let call = |version: &str, host: &str| {
        let length = body.len();
        format!(
            "POST /v1/chat/completions HTTP/{version}\r\n{host}authorization: Bearer {KEY}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let get = |path: &str, version: &str| format!("GET {path} HTTP/{version}\r\nconnection: close\r\n\r\n");
    let answer = async |bytes: String| gateway.raw(bytes.as_bytes()).await;

    let refused = answer(call("1.1", "")).await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("\"invalid_header\""), "{refused}");
    assert_eq!(gateway.only_record().await.error_code, "invalid_header");
    for path in ["/healthz", "/readyz", "/metrics", "/api/me", "/"] {
        let refused = answer(get(path, "1.1")).await;
        assert!(
            refused.starts_with("HTTP/1.1 400") && refused.contains("no Host header"),
            "{path}: {refused}"
        );
    }
    let older = answer(call("1.0", "")).await;
    assert!(older.contains(" 200 OK\r\n") && older.contains("\"usage\""), "{older}");
    assert!(answer(get("/healthz", "1.0")).await.contains(" 200 OK\r\n"));
    let empty = answer(call("1.1", "host:\r\n")).await;
    assert!(empty.starts_with("HTTP/1.1 200"), "an empty one is one: {empty}");
}
