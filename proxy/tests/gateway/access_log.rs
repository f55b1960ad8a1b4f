//! The access log and the metrics: what each line and each figure says, and that no secret is among it.

use std::path::Path;

use serde_json::Value;

use aop_proxy::AccessLogTo;

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
