//! Streams whose client leaves after the first words, before any provider has told its usage: what came is counted, in every
//! dialect, at providers of every wire, and through /passthrough (M1).

use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::routing::OnAbort;
use aop_domain::usage::UsageSource;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, KEY, World, client, status_of};
use crate::upstreams::{Act, Fixed};

const WIDE_KEY: &str = "aop-wide-key";
const DOORS: [&str; 3] = ["/v1/chat/completions", "/v1/messages", "/v1/responses"];
const SAID: &str = "Tell me a long story about wind parks.";

/// What a provider of each kind has said when its client leaves: its beginning and two words.
const BEGUN: [(&str, &str, &[&str]); 5] = [
    (
        "openai_chat",
        "/v1",
        &[
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":{"role":"assistant","content":"hello there"},"finish_reason":null}]}"#,
        ],
    ),
    (
        "anthropic",
        "/v1",
        &[
            r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"up","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello there"}}"#,
        ],
    ),
    (
        "openai_responses",
        "/v1",
        &[
            r#"{"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","created_at":1,"model":"up","status":"in_progress","output":[]}}"#,
            r#"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"i","role":"assistant","status":"in_progress","content":[]}}"#,
            r#"{"type":"response.content_part.added","sequence_number":2,"item_id":"i","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}"#,
            r#"{"type":"response.output_text.delta","sequence_number":3,"item_id":"i","output_index":0,"content_index":0,"delta":"hello there"}"#,
        ],
    ),
    (
        "gemini",
        "/v1beta",
        &[r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hello there"}]},"index":0}]}"#],
    ),
    (
        "cohere",
        "/v2",
        &[
            r#"{"type":"message-start","id":"c","delta":{"message":{"role":"assistant","content":[]}}}"#,
            r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
            r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"hello there"}}}}"#,
        ],
    ),
];

async fn simulator() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    format!("http://{address}")
}

fn question(door: &str, model: &str) -> Value {
    let said = json!([{"role": "user", "content": SAID}]);
    match door {
        "/v1/responses" => json!({"model": model, "input": SAID, "stream": true}),
        "/v1/messages" => json!({"model": model, "max_tokens": 500, "messages": said, "stream": true}),
        _ => json!({"model": model, "messages": said, "stream": true}),
    }
}

/// Asks for a stream and leaves once `enough` of it has come.
async fn leave(gateway: &Gateway, key: &str, path: &str, body: &Value, enough: impl Fn(&str) -> bool) {
    let request = client().post(gateway.url(path)).bearer_auth(key).json(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let mut pieces = answer.bytes_stream();
    let mut came = String::new();
    while !enough(&came) {
        let piece = pieces.next().await.unwrap_or_else(|| panic!("{path}: it ended with {came}")).unwrap();
        came.push_str(&String::from_utf8_lossy(&piece));
    }
}

#[track_caller]
fn is_counted_as_far_as_it_came(record: &CallRecord) {
    let what = format!("{} {}", record.operation, record.requested_model);
    assert_eq!(
        (status_of(record), record.error_code.as_str()),
        (CallStatus::Cancelled, "client_gone"),
        "{what}"
    );
    let usage = record.usage.unwrap_or_else(|| panic!("{what}: nothing was counted"));
    assert!(usage.input() > 4 && usage.output() > 1, "{what}: {usage:?}");
    assert_eq!(record.usage_source, UsageSource::Partial as i32, "{what}");
    assert!(record.cost_known, "{what}");
    let [attempt] = &record.attempts[..] else { panic!("{what}: {:?}", record.attempts) };
    assert_eq!((attempt.usage, attempt.may_be_billed), (record.usage, true), "{what}");
}

/// Every client leaves every provider once the two words have come; each provider says nothing more.
async fn left_by_all(on_abort: OnAbort) -> Vec<CallRecord> {
    let mut world = World::new();
    for (kind, path, events) in BEGUN {
        let upstream = Fixed::start(vec![Act::Send(begun(events)), Act::WaitForClose], false).await;
        let base = format!("http://{}{path}", upstream.address);
        world.route(kind, kind, "up", &[&base], |route| route.policy.on_abort = on_abort);
    }
    world.price("up", r#"{"input":"0.000001","output":"0.000002"}"#);
    let gateway = Gateway::start(world).await;
    let asked = BEGUN.iter().flat_map(|(kind, _, _)| DOORS.map(|door| (door, question(door, kind))));
    let asked: Vec<(&str, Value)> = asked.collect();
    let leaving =
        asked.iter().map(|(door, body)| leave(&gateway, KEY, door, body, |came| came.contains("there")));
    futures::future::join_all(leaving).await;
    gateway.recorded(asked.len()).await
}

fn begun(events: &[&str]) -> Vec<u8> {
    let mut answer =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for event in events {
        let event = format!("data: {event}\n\n");
        answer.extend(format!("{:x}\r\n{event}\r\n", event.len()).into_bytes());
    }
    answer
}

#[tokio::test]
async fn what_came_before_a_client_left_is_counted_for_every_client_at_every_provider() {
    let records = left_by_all(OnAbort::Cancel).await;
    assert_eq!(records.len(), BEGUN.len() * DOORS.len());
    records.iter().for_each(is_counted_as_far_as_it_came);
}

#[tokio::test]
async fn a_drain_that_its_cap_ends_counts_what_came_until_then() {
    let cap = OnAbort::DrainToCap { max_bytes: None, max_ms: Some(150) };
    left_by_all(cap).await.iter().for_each(is_counted_as_far_as_it_came);
}

#[tokio::test]
async fn through_passthrough_what_came_is_counted_with_no_limit_to_keep() {
    let base = simulator().await;
    let mut world = World::new();
    world.key(WIDE_KEY, |key| key.permissions.push("passthrough".into()));
    let said = json!([{"role": "user", "content": SAID}]);
    let sim = json!({"words": 2_000, "pace_ms": 40});
    let asked = [
        (
            "openai",
            "/v1",
            "",
            "/chat/completions",
            json!({"model": "sim-fast", "messages": said, "stream": true, "sim": sim}),
        ),
        (
            "anthropic",
            "/v1",
            "",
            "/messages",
            json!({"model": "sim-fast", "max_tokens": 9_000, "messages": said, "stream": true, "sim": sim}),
        ),
        (
            "responses",
            "/v1",
            "",
            "/responses",
            json!({"model": "sim-fast", "input": SAID, "stream": true, "sim": sim}),
        ),
        (
            "cohere",
            "/v2",
            "",
            "/chat",
            json!({"model": "sim-fast", "messages": said, "stream": true, "sim": sim}),
        ),
        (
            "gemini",
            "/v1beta",
            "",
            "/models/sim-fast:streamGenerateContent?alt=sse",
            json!({"contents": [{"role": "user", "parts": [{"text": SAID}]}], "sim": sim}),
        ),
        (
            "bedrock",
            "",
            "AKID:secret@eu-west-1",
            "/model/sim-fast/converse-stream",
            json!({"messages": [{"role": "user", "content": [{"text": SAID}]}], "sim": sim}),
        ),
    ];
    for (name, path, secret, _, _) in &asked {
        let kind = if *name == "responses" { "openai" } else { name };
        world.provider(name, kind, &format!("{base}{path}"), secret);
    }
    world.price("sim-fast", r#"{"input":"0.000001","output":"0.000002"}"#);
    let gateway = Gateway::start(world).await;
    let leaving = asked.iter().map(|(name, _, _, path, body)| {
        let path = format!("/passthrough/{name}{path}");
        // More than what each says before its first words.
        let gateway = &gateway;
        async move { leave(gateway, WIDE_KEY, &path, body, |came| came.len() > 2_500).await }
    });
    futures::future::join_all(leaving).await;
    let records = gateway.recorded(asked.len()).await;
    records.iter().for_each(is_counted_as_far_as_it_came);
}

#[tokio::test]
async fn a_whole_stream_of_a_provider_that_told_no_usage_is_estimated() {
    let base = simulator().await;
    let mut world = World::new();
    world.key(WIDE_KEY, |key| key.permissions.push("passthrough".into()));
    world.provider("openai", "openai", &format!("{base}/v1"), "");
    let gateway = Gateway::start(world).await;
    let said = json!([{"role": "user", "content": SAID}]);
    let body = json!({"model": "sim-fast", "messages": said, "stream": true, "sim": {"words": 40}});
    let reply =
        gateway.post_as(WIDE_KEY, "/passthrough/openai/chat/completions", body.to_string(), &[]).await;
    assert!(reply.text.contains("[DONE]"), "{reply:?}");
    let record = gateway.only_record().await;
    assert_eq!(record.usage_source, UsageSource::Estimated as i32);
    let usage = record.usage.unwrap();
    assert!(usage.input() > 8 && usage.output() > 30, "{usage:?}");
}
