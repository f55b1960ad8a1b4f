//! Three client dialects at providers that speak the same one, or another.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::usage::UsageSource;

use crate::harness::{Gateway, KEY, PROVIDER_KEY, Reply, World, client, status_of};
use crate::upstreams::Fixed;

/// A provider on the simulator's wires under an address of its own: the gateway does not know that it is one.
async fn provider() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    address
}

fn at(world: &mut World, model: &str, kind: &str, upstream_model: &str, address: SocketAddr) {
    world.route(model, kind, upstream_model, &[&format!("http://{address}/v1")], |_| {});
}

/// A gateway with one model at a provider of this kind.
async fn gateway(kind: &str, upstream_model: &str) -> Gateway {
    let mut world = World::new();
    at(&mut world, "m", kind, upstream_model, provider().await);
    Gateway::start(world).await
}

const PATHS: [(&str, &str); 3] =
    [("chat", "/v1/chat/completions"), ("messages", "/v1/messages"), ("responses", "/v1/responses")];
const KINDS: [&str; 4] = ["openai", "openai_chat", "openai_responses", "anthropic"];

fn path(dialect: &str) -> &'static str {
    PATHS.iter().find(|(name, _)| *name == dialect).unwrap().1
}

fn request(dialect: &str, stream: bool) -> Value {
    let messages = json!([{"role": "user", "content": "Tell me about wind parks."}]);
    match dialect {
        "chat" => json!({"model": "m", "messages": messages, "stream": stream}),
        "messages" => json!({"model": "m", "max_tokens": 500, "messages": messages, "stream": stream}),
        _ => json!({"model": "m", "input": "Tell me about wind parks.", "stream": stream}),
    }
}

/// The text of an answer, whole or streamed, and that the stream ended as its dialect wants.
fn text(dialect: &str, reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    if !reply.headers["content-type"].starts_with("text/event-stream") {
        return whole_text(dialect, &reply.json());
    }
    let events = reply.events();
    let last = events.last().unwrap();
    match dialect {
        "chat" => assert_eq!(last, "[DONE]"),
        "messages" => assert_eq!(last, r#"{"type":"message_stop"}"#),
        _ => assert!(last.contains(r#""type":"response.completed""#), "{last}"),
    }
    let events = events.iter().filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let piece = |event: &Value| match dialect {
        "chat" => event["choices"][0]["delta"]["content"].as_str().map(str::to_owned),
        "messages" => event["delta"]["text"].as_str().map(str::to_owned),
        _ if event["type"] == "response.output_text.delta" => event["delta"].as_str().map(str::to_owned),
        _ => None,
    };
    events.filter_map(|event| piece(&event)).collect()
}

fn whole_text(dialect: &str, body: &Value) -> String {
    let text = |list: &Value| {
        let texts = list.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str());
        texts.collect::<String>()
    };
    match dialect {
        "chat" => body["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned(),
        "messages" => text(&body["content"]),
        _ => body["output"].as_array().unwrap().iter().map(|item| text(&item["content"])).collect(),
    }
}

async fn call(gateway: &Gateway, dialect: &str, body: &Value) -> Reply {
    gateway.post(path(dialect), body.to_string()).await
}

#[tokio::test]
async fn every_client_dialect_is_answered_by_every_kind_of_provider_whole_and_streamed() {
    let mut world = World::new();
    let address = provider().await;
    for kind in KINDS {
        at(&mut world, kind, kind, "sim-fast", address);
    }
    let gateway = Gateway::start(world).await;
    let mut calls = 0;
    let mut texts = Vec::new();
    for kind in KINDS {
        for (dialect, _) in PATHS {
            for stream in [false, true] {
                let mut body = request(dialect, stream);
                body["model"] = kind.into();
                let reply = call(&gateway, dialect, &body).await;
                texts.push((kind, dialect, stream, text(dialect, &reply)));
                calls += 1;
            }
        }
    }
    let expected = texts[0].3.clone();
    assert!(expected.len() > 20);
    for (kind, dialect, stream, text) in texts {
        assert_eq!(text, expected, "{dialect} at {kind}, stream {stream}");
    }
    for record in gateway.recorded(calls).await {
        assert_eq!(status_of(&record), CallStatus::Ok, "{record:?}");
        assert_eq!(record.usage_source_or_none(), UsageSource::Provider, "{record:?}");
        assert!(record.usage.unwrap().out_text > 0 && record.first_token_us > 0, "{record:?}");
        assert!(!record.finish_reason.is_empty() && !record.provider_response_id.is_empty(), "{record:?}");
        assert_eq!(record.response_model, "sim-fast");
    }
}

#[tokio::test]
async fn messages_pass_to_anthropic_byte_for_byte_with_their_headers_and_query() {
    let upstream = Fixed::json(200, "request-id: req_1\r\nanthropic-ratelimit-unified-status: allowed\r\n",
        r#"{"id":"msg_1","type":"message","model":"claude-x","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":2},"new_field":1}"#).await;
    let mut world = World::new();
    at(&mut world, "claude", "anthropic", "claude-x", upstream.address);
    let gateway = Gateway::start(world).await;
    let body = "{ \"max_tokens\" : 5,\n \"model\":\"claude\",\"unknown\":{\"b\":1,\"a\":[ ]},\"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"\\u0041\"}] }";
    let headers = [("anthropic-version", "2099-01-01"), ("anthropic-beta", "a,b"), ("anthropic-new", "x")];
    let reply = gateway.post_as(KEY, "/v1/messages?beta=true", body, &headers).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.text.contains(r#""new_field":1"#));
    assert_eq!(reply.headers["request-id"], "req_1");
    assert_eq!(reply.headers["anthropic-ratelimit-unified-status"], "allowed");

    let seen = upstream.seen.lock().unwrap()[0].clone();
    let head = seen.head.to_lowercase();
    assert!(head.starts_with("post /v1/messages?beta=true http/1.1"), "{head}");
    assert_eq!(String::from_utf8(seen.body).unwrap(), body.replace("\"claude\"", "\"claude-x\""));
    assert!(head.contains(&format!("x-api-key: {PROVIDER_KEY}")), "{head}");
    assert!(head.contains("anthropic-version: 2099-01-01") && head.contains("anthropic-beta: a,b"), "{head}");
    assert!(head.contains("anthropic-new: x"), "{head}");
    assert!(!head.contains("2023-06-01") && !head.contains("authorization") && !head.contains(KEY), "{head}");

    let record = gateway.only_record().await;
    let usage = record.usage.unwrap();
    assert_eq!((usage.in_uncached, usage.in_cache_read, usage.out_text), (10, 5, 2));
    assert_eq!((record.operation.as_str(), record.finish_reason.as_str()), ("messages", "end_turn"));
}

#[tokio::test]
async fn a_client_of_anthropics_may_show_its_key_as_it_is_used_to() {
    let gateway = gateway("anthropic", "sim-fast").await;
    let body = request("messages", false).to_string();
    let reply = gateway.post_as("", "/v1/messages", body, &[("x-api-key", KEY)]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn errors_of_the_gateway_are_in_the_envelope_of_the_endpoint() {
    let gateway = gateway("anthropic", "sim-fast").await;
    let error = |reply: &Reply| {
        let body = reply.json();
        assert_eq!(body["type"], "error", "{reply:?}");
        (reply.status, body["error"]["type"].as_str().unwrap().to_owned())
    };
    let mut unknown = request("messages", false);
    unknown["model"] = "nothing".into();
    let reply = call(&gateway, "messages", &unknown).await;
    assert_eq!(error(&reply), (404, "not_found_error".to_owned()));
    let reply = gateway.post_as("aop-wrong", "/v1/messages", unknown.to_string(), &[]).await;
    assert_eq!(error(&reply), (401, "authentication_error".to_owned()));
    let reply = gateway.post("/v1/messages/count_tokens", r#"{"model":"m"}"#).await;
    assert_eq!(error(&reply), (400, "invalid_request_error".to_owned()));
    let mut unknown = request("responses", false);
    unknown["model"] = "nothing".into();
    assert_eq!(call(&gateway, "responses", &unknown).await.error(), (404, "model_not_found".to_owned()));
    assert_eq!(gateway.recorded(4).await.len(), 4, "a refused call is recorded too");
}

#[tokio::test]
async fn an_error_of_the_same_dialect_passes_as_it_is_and_another_is_translated() {
    let theirs = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 200001 tokens > 200000 maximum"},"request_id":"req_9"}"#;
    let upstream = Fixed::json(400, "", theirs).await;
    let mut world = World::new();
    at(&mut world, "m", "anthropic", "claude-x", upstream.address);
    let gateway = Gateway::start(world).await;
    let reply = call(&gateway, "messages", &request("messages", false)).await;
    assert_eq!((reply.status, reply.text.as_str()), (400, theirs));
    let reply = call(&gateway, "chat", &request("chat", false)).await;
    let body = reply.json();
    assert_eq!((reply.status, &body["error"]["type"]), (400, &json!("invalid_request_error")));
    assert!(body["error"]["message"].as_str().unwrap().starts_with("prompt is too long"));
    assert!(body.get("type").is_none(), "OpenAI's envelope has no type beside the error: {body}");
}

#[tokio::test]
async fn a_wait_is_told_in_whole_seconds() {
    let upstream = Fixed::json(
        429,
        "retry-after: Sat, 21 Nov 2020 00:00:30 GMT\r\nx-should-retry: true\r\n",
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
    )
    .await;
    let mut world = World::new();
    world.route("m", "anthropic", "c", &[&format!("http://{}", upstream.address)], |route| {
        route.max_attempts = 1
    });
    let gateway = Gateway::start(world).await;
    let reply = call(&gateway, "messages", &request("messages", true)).await;
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, "0"));
    assert_eq!(reply.headers["x-should-retry"], "true");
}

#[tokio::test]
async fn what_a_provider_cannot_say_is_refused_by_name_or_left_out_and_told() {
    let gateway = gateway("anthropic", "sim-fast").await;
    let mut body = request("chat", false);
    body["seed"] = 7.into();
    let reply = call(&gateway, "chat", &body).await;
    assert_eq!(reply.error(), (400, "unsupported_field".to_owned()));
    assert_eq!(reply.json()["error"]["param"], "seed");
    let drop = [("x-aop-unsupported", "drop")];
    let reply = gateway.post_as(KEY, path("chat"), body.to_string(), &drop).await;
    assert_eq!((reply.status, reply.headers["x-aop-dropped"].as_str()), (200, "seed"));
    let odd = [("x-aop-unsupported", "maybe")];
    let reply = gateway.post_as(KEY, path("chat"), body.to_string(), &odd).await;
    assert_eq!(reply.error(), (400, "invalid_header".to_owned()));
    let records = gateway.recorded(3).await;
    assert!(records[0].attempts.is_empty(), "no provider was asked");
    assert_eq!(records[0].error_code, "unsupported_field");
}

#[tokio::test]
async fn a_target_that_can_say_it_answers_in_place_of_one_that_cannot() {
    let mut world = World::new();
    let base = format!("http://{}/v1", provider().await);
    world.route("m", "anthropic", "sim-fast", &[&base, &base], |route| {
        let deployment = Arc::make_mut(&mut route.targets[1].deployment);
        Arc::make_mut(&mut deployment.provider).kind = "openai".into();
    });
    let gateway = Gateway::start(world).await;
    let mut body = request("chat", false);
    body["seed"] = 7.into();
    assert_eq!(call(&gateway, "chat", &body).await.status, 200);
    let record = gateway.only_record().await;
    assert_eq!(record.attempts.len(), 1);
    assert_eq!(record.attempts[0].provider, "provider-1");
}

/// What came of a stream before its connection was closed. (After a provider's own error event, which passes as it is,
/// the body ends as the provider ended it.)
async fn all_that_came(gateway: &Gateway, dialect: &str, body: &Value) -> String {
    let request = client().post(gateway.url(path(dialect))).bearer_auth(KEY).body(body.to_string());
    let mut pieces = request.send().await.unwrap().bytes_stream();
    let mut text = String::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => text.push_str(std::str::from_utf8(&piece).unwrap()),
            Err(_) => break,
        }
    }
    text
}

/// The last event of a broken stream, and that nothing in it looked like an end.
fn broken(dialect: &str, text: &str) -> Value {
    for end in ["[DONE]", "message_stop", "response.completed"] {
        assert!(!text.contains(end), "{dialect}: {text}");
    }
    let last =
        text.lines().rfind(|line| line.starts_with("data: ")).unwrap_or_else(|| panic!("{dialect}: {text}"));
    serde_json::from_str(&last["data: ".len()..]).unwrap()
}

#[tokio::test]
async fn a_stream_that_breaks_ends_in_an_error_of_the_clients_dialect_and_never_cleanly() {
    let mut world = World::new();
    let address = provider().await;
    for kind in KINDS {
        for fault in ["cut", "end", "error"] {
            let name = format!("{kind}-{fault}");
            at(&mut world, &name, kind, &format!("sim-fail-{fault}"), address);
        }
    }
    let gateway = Gateway::start(world).await;
    let mut calls = 0;
    for kind in KINDS {
        for fault in ["cut", "end", "error"] {
            for (dialect, _) in PATHS {
                let mut body = request(dialect, true);
                body["model"] = format!("{kind}-{fault}").into();
                let last = broken(dialect, &all_that_came(&gateway, dialect, &body).await);
                let message = last["error"]["message"].as_str().unwrap_or_default();
                assert!(!message.is_empty(), "{dialect} at {kind}, {fault}: {last}");
                if dialect == "messages" {
                    assert_eq!(last["type"], "error");
                }
                calls += 1;
            }
        }
    }
    for record in gateway.recorded(calls).await {
        assert_eq!(status_of(&record), CallStatus::UpstreamError, "{record:?}");
        assert_eq!(record.usage_source_or_none(), UsageSource::Partial, "{record:?}");
    }
}

fn used(record: &CallRecord) -> (u32, u32, u32) {
    let usage = record.usage.unwrap();
    (usage.in_cache_read, usage.in_cache_write_5m, usage.in_cache_write_1h)
}

#[tokio::test]
async fn cache_classes_are_the_providers_whatever_the_client_is_shown() {
    let gateway = gateway("anthropic", "sim-usage").await;
    for (dialect, _) in PATHS {
        for stream in [false, true] {
            text(dialect, &call(&gateway, dialect, &request(dialect, stream)).await);
        }
    }
    let records = gateway.recorded(6).await;
    let expected = used(&records[0]);
    assert!(expected.0 > 0 && expected.1 > 0 && expected.2 > 0, "{expected:?}");
    for record in &records {
        assert_eq!(used(record), expected);
    }
}

#[tokio::test]
async fn tools_are_called_and_their_results_taken_across_dialects() {
    let gateway = gateway("openai_chat", "sim-tools").await;
    let tool = json!({"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}});
    let mut body = request("messages", true);
    body["tools"] = json!([tool]);
    let reply = call(&gateway, "messages", &body).await;
    let starts: Vec<Value> = reply
        .events()
        .iter()
        .filter_map(|data| serde_json::from_str::<Value>(data).ok())
        .filter(|event| event["content_block"]["type"] == "tool_use")
        .map(|event| event["content_block"].clone())
        .collect();
    assert_eq!(starts.len(), 2, "{}", reply.text);
    assert!(reply.text.contains("input_json_delta") && reply.text.contains(r#""stop_reason":"tool_use""#));

    let calls: Vec<Value> = starts
        .iter()
        .map(|call| json!({"type": "tool_use", "id": call["id"], "name": "weather", "input": {}}))
        .collect();
    let results: Vec<Value> = starts
        .iter()
        .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": "rain"}))
        .collect();
    body["messages"] = json!([
        {"role": "user", "content": "How is it?"},
        {"role": "assistant", "content": calls},
        {"role": "user", "content": results},
    ]);
    let reply = call(&gateway, "messages", &body).await;
    assert!(text("messages", &reply).contains("rain; rain"), "{}", reply.text);
}

#[tokio::test]
async fn tokens_are_counted_by_the_provider_or_estimated_and_cost_nothing() {
    let mut world = World::new();
    let address = provider().await;
    at(&mut world, "counts", "anthropic", "sim-fast", address);
    at(&mut world, "does-not", "openai_chat", "sim-fast", address);
    world.price("sim-fast", r#"{"input": "1"}"#);
    let gateway = Gateway::start(world).await;
    let count = |model: &str| {
        let body = json!({"model": model, "system": "You are careful.",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Tell me about wind parks."}]}]});
        gateway.post("/v1/messages/count_tokens", body.to_string())
    };
    let (told, estimated) = (count("counts").await, count("does-not").await);
    assert!(told.json()["input_tokens"].as_u64().unwrap() > 8, "{told:?}");
    assert!(!told.headers.contains_key("x-aop-usage-source"));
    let tokens = estimated.json()["input_tokens"].as_u64().unwrap();
    assert!((10..40).contains(&tokens), "{estimated:?}");
    assert_eq!(estimated.headers["x-aop-usage-source"], "estimated");
    for record in gateway.recorded(2).await {
        assert_eq!((record.operation.as_str(), record.usage.unwrap().total()), ("count_tokens", 0));
        assert_eq!(status_of(&record), CallStatus::Ok);
    }
}

#[tokio::test]
async fn a_chat_provider_serves_no_other_endpoint_than_it_has() {
    let gateway = gateway("anthropic", "sim-fast").await;
    let reply = gateway.post("/v1/embeddings", r#"{"model":"m","input":"x"}"#).await;
    assert_eq!(reply.error(), (400, "operation_not_supported".to_owned()));
}
