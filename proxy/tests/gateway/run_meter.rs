//! What a run, and whoever asks, is told of a call's cost: the figures of the ledger. Nobody else is told.

use futures::StreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, client, master, team};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, USAGE, sse};
use aop_domain::id::{ExecutionId, KeyId, SpanId, TraceId, UserId};
use aop_service::keys::KeyDomain;
use aop_service::run_credential::{self, RunClaims};

fn credential() -> String {
    let claims = RunClaims {
        team_id: team(),
        user_id: UserId::from_bytes([9; 16]),
        key_id: KeyId::NIL,
        execution_id: ExecutionId::from_bytes([3; 16]),
        trace_id: TraceId([4; 16]),
        parent_span_id: SpanId([5; 8]),
        crew: "demo".into(),
        task: "research".into(),
        agent: "Researcher".into(),
        parent_agent: String::new(),
        expires_at_s: 4_000_000_000,
    };
    run_credential::sign(&claims, &master().derive(KeyDomain::RunCredential)).unwrap()
}

async fn ask(upstream: &Fixed, priced: bool, key: &str) -> (Gateway, String) {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    if priced {
        world.price("m", r#"{"input":"0.000002","output":"0.00001"}"#);
    }
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": true});
    let reply = gateway.post_as(key, "/v1/chat/completions", body.to_string(), &[]).await;
    (gateway, reply.text)
}

fn told(text: &str) -> Option<Value> {
    text.lines().find_map(|line| line.strip_prefix(": aop ")).map(|json| serde_json::from_str(json).unwrap())
}

async fn whole() -> Fixed {
    let mut bytes = sse(&[TOKEN, FINISH, USAGE, DONE]);
    bytes.extend(LAST_CHUNK);
    Fixed::start(vec![Act::Send(bytes)], true).await
}

#[tokio::test]
async fn a_run_is_told_what_the_ledger_says() {
    let (gateway, text) = ask(&whole().await, true, &credential()).await;
    let told = told(&text).expect("the comment");
    let record = gateway.only_record().await;
    let parts = [&record.cost_input, &record.cost_cache, &record.cost_output];
    let sum: Decimal = parts.iter().map(|part| part.parse::<Decimal>().unwrap()).sum();
    assert!(record.cost_known && !sum.is_zero());
    assert_eq!(told["cost"], sum.normalize().to_string());
    let usage = record.usage.unwrap();
    assert_eq!(
        (told["input_tokens"].as_u64(), told["output_tokens"].as_u64()),
        (Some(usage.input()), Some(usage.output()))
    );
    assert!(text.contains("data: [DONE]\n\n"), "the answer itself is whole: {text}");
}

#[tokio::test]
async fn a_cost_that_is_unknown_is_told_as_unknown() {
    let (_gateway, text) = ask(&whole().await, false, &credential()).await;
    assert_eq!(told(&text).expect("the comment")["cost"], Value::Null);
}

#[tokio::test]
async fn a_run_is_told_of_a_cut_stream_before_the_error() {
    let upstream = Fixed::start(vec![Act::Send(sse(&[TOKEN]))], false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": true});
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(credential());
    let mut pieces = request.body(body.to_string()).send().await.unwrap().bytes_stream();
    let mut text = String::new();
    // The body breaks off after the error event: what came before that is what counts.
    while let Some(Ok(piece)) = pieces.next().await {
        text.push_str(&String::from_utf8_lossy(&piece));
    }
    let comment = text.find(": aop ").expect("the comment");
    assert!(comment < text.find("data: {\"error\"").expect("the error"), "{text}");
}

#[tokio::test]
async fn everybody_else_gets_the_providers_bytes() {
    let (_gateway, text) = ask(&whole().await, true, KEY).await;
    assert_eq!(text, [TOKEN, FINISH, DONE].concat());
}

#[tokio::test]
async fn whoever_asks_is_told_at_the_end_of_a_stream_and_in_the_header_of_a_whole_answer() {
    let mut world = World::new();
    world.simulated("sim-fast").price("sim-fast", r#"{"input":"0.000002","output":"0.00001"}"#);
    let gateway = Gateway::start(world).await;
    let asked = [("x-aop-include-cost", "true")];
    let mut body = json!({"model": "sim-fast", "messages": [{"role": "user", "content": "hi"}]});
    let whole = gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &asked).await;
    let cost: Decimal = whole.headers["x-aop-cost"].parse().unwrap();
    body["stream"] = json!(true);
    let streamed = gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &asked).await;
    let told = told(&streamed.text).expect("the comment");
    assert_eq!(told["cost"], cost.to_string());
    assert!(!cost.is_zero());
    body["stream"] = json!(false);
    let silent = gateway.post_as(KEY, "/v1/chat/completions", body.to_string(), &[]).await;
    assert!(!silent.headers.contains_key("x-aop-cost"));
}
