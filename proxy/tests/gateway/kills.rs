//! The kill switch at the gateway: what is in flight ends, what is new is refused, until it is lifted.

use aop_domain::kill::KillKind;
use aop_domain::record::CallStatus;
use aop_domain::usage::UsageSource;
use futures::StreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, KEY, World, chat, client, eventually, status_of, team};
use crate::upstreams::{Act, Fixed, TOKEN, sse};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn kill(gateway: &Gateway, kind: KillKind, target: &str) {
    gateway.kills.send_replace(vec![(Uuid::from_u128(1), team(), kind, target.to_owned())]);
}

async fn gateway(upstream: &Fixed) -> Gateway {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    Gateway::start(world).await
}

#[tokio::test]
async fn a_stream_of_a_killed_run_ends_with_an_error_and_its_provider_is_told() {
    let upstream = Fixed::start(vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], false).await;
    let gateway = gateway(&upstream).await;
    let mut body = chat("m");
    body["stream"] = json!(true);
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
    let request = request.header("x-aop-trace-id", TRACE).body(body.to_string());
    let mut pieces = request.send().await.unwrap().bytes_stream();
    let mut text = String::from_utf8(pieces.next().await.unwrap().unwrap().to_vec()).unwrap();
    kill(&gateway, KillKind::Trace, TRACE);
    while let Some(Ok(piece)) = pieces.next().await {
        text.push_str(&String::from_utf8_lossy(&piece));
    }
    let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let error: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(error["error"]["code"], "run_killed", "{text}");
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::Cancelled, "run_killed"));
    assert_eq!(record.usage_source, UsageSource::Partial as i32, "what came is counted");
    eventually("the provider's connection is closed", || async { (upstream.drops() == 1).then_some(()) })
        .await;
}

#[tokio::test]
async fn a_call_that_waits_for_its_provider_ends_as_soon_as_its_agent_is_killed() {
    let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = gateway(&upstream).await;
    let asking = async {
        let body = chat("m").to_string();
        gateway.post_as(KEY, "/v1/chat/completions", body, &[("x-aop-agent", "Writer")]).await
    };
    let killing = async {
        eventually("the provider is asked", || async { (!upstream.requests().is_empty()).then_some(()) })
            .await;
        kill(&gateway, KillKind::Agent, "Writer");
    };
    let (reply, ()) = tokio::join!(asking, killing);
    assert_eq!(reply.error(), (403, "run_killed".to_owned()));
    assert_eq!(reply.headers["x-should-retry"], "false");
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.http_status), (CallStatus::Cancelled, 403));
    assert_eq!(record.attempts.len(), 1);
    assert_eq!(record.attempts[0].error_code, "run_killed");
    assert!(record.usage.unwrap().input() > 0, "the provider has read the request");
    eventually("the provider's connection is closed", || async { (upstream.drops() == 1).then_some(()) })
        .await;
}

#[tokio::test]
async fn new_calls_of_what_was_killed_are_refused_until_it_is_lifted() {
    let upstream = Fixed::answering().await;
    let gateway = gateway(&upstream).await;
    let gateway = &gateway;
    let call = |trace: &'static str| async move {
        let headers = [("x-aop-trace-id", trace)];
        gateway.post_as(KEY, "/v1/chat/completions", chat("m").to_string(), &headers).await
    };
    kill(gateway, KillKind::Trace, TRACE);
    eventually("the kill is in force", || async { (call(TRACE).await.status == 403).then_some(()) }).await;
    assert_eq!(call("11111111111111111111111111111111").await.status, 200, "another run");
    let asked = upstream.requests().len();
    let messages = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let headers = [("x-aop-trace-id", TRACE)];
    let refused = gateway.post_as(KEY, "/v1/messages", messages.to_string(), &headers).await;
    assert_eq!((refused.status, refused.headers["x-should-retry"].as_str()), (403, "false"));
    assert_eq!(
        (&refused.json()["type"], &refused.json()["error"]["type"]),
        (&json!("error"), &json!("permission_error"))
    );
    assert_eq!(upstream.requests().len(), asked, "no provider was asked");
    gateway.kills.send_replace(Vec::new());
    eventually("it is lifted", || async { (call(TRACE).await.status == 200).then_some(()) }).await;
}

#[tokio::test]
async fn a_key_of_another_team_is_not_touched() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    world.key("aop-other", |key| key.team_id = aop_domain::id::TeamId::from_bytes([9; 16]));
    let gateway = Gateway::start(world).await;
    let headers = [("x-aop-session-id", "s1")];
    let call =
        |key: &'static str| gateway.post_as(key, "/v1/chat/completions", chat("m").to_string(), &headers);
    kill(&gateway, KillKind::Session, "s1");
    eventually("the kill is in force", || async { (call(KEY).await.status == 403).then_some(()) }).await;
    assert_eq!(call("aop-other").await.status, 200);
}
