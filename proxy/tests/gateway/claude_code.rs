//! What Claude Code demands of a gateway, beyond what `dialects` shows of messages that pass (G1): its credentials, its
//! questions before the first message, and streams that keep it from giving up.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, PROVIDER_KEY, World, client};
use crate::upstreams::{Act, Fixed, LAST_CHUNK, chunk, sse_head};

async fn in_front_of(upstream: &Fixed) -> Gateway {
    let mut world = World::new();
    world.route(
        "claude-new",
        "anthropic",
        "claude-new",
        &[&format!("http://{}/v1", upstream.address)],
        |_| {},
    );
    Gateway::start(world).await
}

fn ask(gateway: &Gateway, method: Method, path: &str) -> reqwest::RequestBuilder {
    // The same credential twice, as it sends it behind a gateway.
    let request = client().request(method, gateway.url(path)).bearer_auth(KEY).header("x-api-key", KEY);
    request
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "claude-code-20250219,new-2099-01-01")
}

fn message(stream: bool) -> Value {
    json!({"model": "claude-new", "max_tokens": 5, "stream": stream,
        "messages": [{"role": "user", "content": "hi"}]})
}

#[tokio::test]
async fn a_credential_that_is_shown_twice_is_one_credential_and_neither_goes_on() {
    let upstream = Fixed::json(200, "", r#"{"id":"msg_1","type":"message","content":[],"usage":{}}"#).await;
    let gateway = in_front_of(&upstream).await;
    let reply =
        ask(&gateway, Method::POST, "/v1/messages?beta=true").json(&message(false)).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    let head = upstream.requests().remove(0).head.to_lowercase();
    assert!(!head.contains(KEY) && !head.contains("authorization:"), "{head}");
    assert!(head.contains(&format!("x-api-key: {PROVIDER_KEY}")), "{head}");
    assert!(head.contains("anthropic-beta: claude-code-20250219,new-2099-01-01"), "{head}");
}

#[tokio::test]
async fn its_questions_before_the_first_message_are_answered_at_once_and_never_with_a_redirect() {
    let gateway = in_front_of(&Fixed::json(500, "", "{}").await).await;
    let models = ask(&gateway, Method::GET, "/v1/models?limit=1000").send().await.unwrap();
    assert_eq!((models.status().as_u16(), models.url().path()), (200, "/v1/models"));
    let models: Value = models.json().await.unwrap();
    assert_eq!((&models["data"][0]["id"], &models["has_more"]), (&json!("claude-new"), &json!(false)));
    assert!(models["data"][0]["display_name"].is_string());
    let hello = ask(&gateway, Method::HEAD, "/api/hello").send().await.unwrap();
    assert!(hello.status().as_u16() >= 400, "it may be refused: {}", hello.status());
}

#[tokio::test]
async fn pings_comments_and_events_nobody_knows_pass_as_they_came() {
    let events = [
        ": keep-alive\n\n",
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-new\",\"usage\":{\"input_tokens\":3}}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: of_tomorrow\ndata: {\"type\":\"of_tomorrow\", \"b\":1, \"a\":2}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ];
    let mut acts = vec![Act::Send(sse_head())];
    acts.extend(events.iter().map(|event| Act::Send(chunk(event))));
    acts.push(Act::Send(LAST_CHUNK.into()));
    let upstream = Fixed::start(acts, true).await;
    let gateway = in_front_of(&upstream).await;
    let reply =
        ask(&gateway, Method::POST, "/v1/messages?beta=true").json(&message(true)).send().await.unwrap();
    assert_eq!(reply.text().await.unwrap(), events.concat());
    let usage = gateway.only_record().await.usage.unwrap();
    assert_eq!((usage.in_uncached, usage.out_text), (3, 2));
}
