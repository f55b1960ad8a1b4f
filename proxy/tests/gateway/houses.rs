//! What Azure, Vertex AI's Anthropic models and Bedrock are really sent: addresses, credentials, signatures (G2).

use aop_dialects::providers::{self, Unsigned};
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, PROVIDER_KEY, World, chat, client};
use crate::upstreams::{Act, Fixed, Seen};

const AMAZON_KEY: &str = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG@eu-west-1";

fn line<'a>(seen: &'a Seen, name: &str) -> &'a str {
    let start = format!("{name}: ");
    seen.head.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default()
}

fn sent(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

#[tokio::test]
async fn azures_older_api_is_called_by_deployment_and_its_newer_one_like_openais() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    let base = |path: &str| format!("http://{}{path}", upstream.address);
    world.route("old", "azure", "my gpt", &[&base("/openai")], |_| {});
    world.route("new", "azure", "my-gpt", &[&base("/openai/v1")], |_| {});
    let gateway = Gateway::start(world).await;
    for model in ["old", "new"] {
        let reply = gateway.chat(&chat(model)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let image = gateway.post("/v1/images/generations", r#"{"model":"old","prompt":"x"}"#).await;
    assert_eq!(image.status, 200);
    let seen = upstream.requests();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.head.lines().next().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "post /openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21 http/1.1",
            "post /openai/v1/chat/completions http/1.1",
            "post /openai/deployments/my%20gpt/images/generations?api-version=2024-10-21 http/1.1",
        ]
    );
    for seen in &seen {
        assert_eq!((line(seen, "api-key"), line(seen, "authorization")), (PROVIDER_KEY, ""));
    }
    assert_eq!(sent(&seen[1])["model"], "my-gpt");
}

#[tokio::test]
async fn vertex_gets_anthropics_wire_with_the_model_in_the_path_from_every_client() {
    let answer = r#"{"id":"msg_vrtx_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}}"#;
    let upstream = Fixed::json(200, "", answer).await;
    let mut world = World::new();
    let base = format!("http://{}/v1/projects/p/locations/l", upstream.address);
    world.route("claude", "vertex_anthropic", "claude-x@20250101", &[&base], |_| {});
    let gateway = Gateway::start(world).await;
    let said = json!([{"role": "user", "content": "Hello"}]);
    let from_chat = gateway.chat(&json!({"model": "claude", "messages": said})).await;
    assert_eq!(from_chat.json()["choices"][0]["message"]["content"], "hello", "{from_chat:?}");
    let body = json!({"model": "claude", "max_tokens": 5, "messages": said}).to_string();
    let from_messages = gateway.post("/v1/messages", body).await;
    assert_eq!(from_messages.json()["content"][0]["text"], "hello", "{from_messages:?}");
    for seen in upstream.requests() {
        assert!(
            seen.head.starts_with(
                "post /v1/projects/p/locations/l/publishers/anthropic/models/claude-x@20250101:rawpredict "
            ),
            "{}",
            seen.head
        );
        let body = sent(&seen);
        assert_eq!((&body["anthropic_version"], body.get("model")), (&json!("vertex-2023-10-16"), None));
        assert!(seen.head.contains(PROVIDER_KEY), "{}", seen.head);
    }
    let records = gateway.recorded(2).await;
    assert!(records.iter().all(|record| record.usage.unwrap().total() == 13));
}

fn vertex(upstream: &Fixed) -> World {
    let mut world = World::new();
    let base = format!("http://{}/v1/projects/p/locations/l", upstream.address);
    world.route("claude", "vertex_anthropic", "claude-x@20250101", &[&base], |_| {});
    world
}

#[tokio::test]
async fn what_vertex_says_in_the_words_of_messages_passes_with_events_that_nobody_knows() {
    let events = [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_vrtx_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[],\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
        "event: of_tomorrow\ndata: {\"type\":\"of_tomorrow\",\"a\":1}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"of_tomorrow_delta\",\"b\":2}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ]
    .concat();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n{events}",
        events.len()
    );
    let upstream = Fixed::start(vec![Act::Send(answer.into_bytes())], true).await;
    let gateway = Gateway::start(vertex(&upstream)).await;
    let said = json!([{"role": "user", "content": [{"type": "of_tomorrow", "c": 3}]}]);
    let body = json!({"model": "claude", "max_tokens": 5, "messages": said, "stream": true}).to_string();
    let reply =
        gateway.post_as(KEY, "/v1/messages", body, &[("anthropic-beta", "of-tomorrow-2027-01-01")]).await;
    assert_eq!(reply.text, events);
    let [seen] = &upstream.requests()[..] else { panic!("one request") };
    assert!(seen.head.contains(":streamrawpredict ") && !seen.head.contains("of-tomorrow"), "{}", seen.head);
    assert_eq!(sent(seen)["messages"], said);
    let record = gateway.only_record().await;
    assert_eq!((record.usage.unwrap().total(), record.finish_reason.as_str()), (13, "end_turn"));
}

#[tokio::test]
async fn an_error_of_vertex_arrives_as_it_was_said_and_one_of_its_house_in_the_clients_words() {
    let of_the_model = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages: too few","of_tomorrow":1},"request_id":"req_vrtx_1"}"#;
    let of_its_house =
        r#"[{"error":{"code":429,"message":"Quota exceeded for aiplatform","status":"RESOURCE_EXHAUSTED"}}]"#;
    let body = r#"{"model":"claude","max_tokens":5,"messages":[]}"#;
    let upstream = Fixed::json(400, "", of_the_model).await;
    let reply = Gateway::start(vertex(&upstream)).await.post("/v1/messages", body).await;
    assert_eq!((reply.status, reply.text.as_str()), (400, of_the_model));
    let upstream = Fixed::json(429, "", of_its_house).await;
    let reply = Gateway::start(vertex(&upstream)).await.post("/v1/messages", body).await;
    let told = reply.json();
    assert_eq!(
        (reply.status, &told["type"], &told["error"]["type"]),
        (429, &json!("error"), &json!("rate_limit_error"))
    );
    assert_eq!(told["error"]["message"], "Quota exceeded for aiplatform");
}

#[tokio::test]
async fn vertex_counts_the_tokens_of_its_models_itself() {
    let upstream = Fixed::json(200, "", r#"{"input_tokens":1234}"#).await;
    let gateway = Gateway::start(vertex(&upstream)).await;
    let body = r#"{"model":"claude","messages":[{"role":"user","content":"Hello"}]}"#;
    let reply = gateway.post("/v1/messages/count_tokens", body).await;
    assert_eq!((reply.status, reply.json()), (200, json!({"input_tokens": 1234})));
    assert!(!reply.headers.contains_key("x-aop-usage-source"), "it is no estimate");
    let [seen] = &upstream.requests()[..] else { panic!("one request") };
    let path = "post /v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawpredict ";
    assert!(seen.head.starts_with(path), "{}", seen.head);
    let said = json!([{"role": "user", "content": "Hello"}]);
    let expected =
        json!({"model": "claude-x@20250101", "messages": said, "anthropic_version": "vertex-2023-10-16"});
    assert_eq!(sent(seen), expected);
    let record = gateway.only_record().await;
    assert_eq!((record.operation.as_str(), record.usage.unwrap().total()), ("count_tokens", 0));
}

/// The signature that this very request should have, by its own date.
fn signature_of(seen: &Seen, method: &str, path: &str) -> String {
    let stamp = line(seen, "x-amz-date").to_uppercase();
    let number = |range: std::ops::Range<usize>| stamp[range].parse::<i64>().unwrap();
    // Days from the civil date, then seconds.
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let (y, m) = if month <= 2 { (year - 1, month + 12) } else { (year, month) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + day - 719_469;
    let now_s = days * 86_400 + number(9..11) * 3_600 + number(11..13) * 60 + number(13..15);
    let bedrock = providers::find("bedrock").unwrap();
    let unsigned =
        Unsigned { method, authority: line(seen, "host"), path_and_query: path, body: &seen.body, now_s };
    let headers = bedrock.headers(Some(AMAZON_KEY), &unsigned).unwrap();
    headers.into_iter().find(|(name, _)| *name == "authorization").unwrap().1
}

#[tokio::test]
async fn a_request_to_bedrock_is_signed_as_it_is_sent() {
    let answer = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}},"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":4,"totalTokens":13}}"#;
    let upstream = Fixed::json(200, "", answer).await;
    let base = format!("http://{}", upstream.address);
    let mut world = World::new();
    world.route("nova", "bedrock", "amazon.nova-v1:0", &[&base], |_| {}).secret("nova", AMAZON_KEY);
    world.provider("bedrock", "bedrock", &base, AMAZON_KEY);
    world.key("aop-wide", |key| key.permissions.push("passthrough".into()));
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&chat("nova")).await;
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "hello", "{reply:?}");
    let path = "/model/amazon.nova-v1%3A0/converse";
    let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let request = client().post(gateway.url(&format!("/passthrough/bedrock{path}"))).bearer_auth("aop-wide");
    let passed = request
        .header("x-amz-date", "20000101T000000Z")
        .header("content-type", "application/json")
        .body(body);
    assert_eq!(passed.send().await.unwrap().status(), 200);
    let seen = upstream.requests();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        assert_eq!(seen.head.lines().next().unwrap(), format!("post {} http/1.1", path.to_lowercase()));
        assert_eq!(line(seen, "authorization"), signature_of(seen, "POST", path).to_lowercase());
        assert!(!line(seen, "x-amz-date").starts_with("2000") && !seen.head.contains(KEY));
    }
    assert_eq!(seen[1].body, body.as_bytes());
}
