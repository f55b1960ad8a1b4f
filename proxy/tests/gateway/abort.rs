//! What becomes of an answer whose client goes away, and what tries that were given up may cost.

use std::sync::Arc;
use std::time::Duration;

use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::routing::OnAbort;
use aop_domain::usage::UsageSource;
use futures::StreamExt;
use serde_json::json;
use tokio::sync::Notify;

use crate::harness::{Gateway, KEY, World, chat, client, eventually, hasty_before, status_of};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, OK_BODY, TOKEN, USAGE, chunk, sse};

const CARD: &str = r#"{"input":"0.000001","output":"0.000002"}"#;

async fn gateway(upstream: &Fixed, on_abort: OnAbort) -> Gateway {
    let mut world = World::new();
    let base = format!("http://{}/v1", upstream.address);
    world.route("m", "openai", "m", &[&base], |route| route.policy.on_abort = on_abort);
    Gateway::start(world).await
}

/// A stream whose client leaves after the first token.
async fn left_stream(gateway: &Gateway) -> CallRecord {
    let mut body = chat("m");
    body["stream"] = json!(true);
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
    let mut pieces = request.body(body.to_string()).send().await.unwrap().bytes_stream();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    gateway.only_record().await
}

/// One token, then the rest when the client has surely gone.
async fn slow_stream(tokens: usize) -> Fixed {
    let mut rest: Vec<u8> = std::iter::repeat_n(chunk(TOKEN), tokens).flatten().collect();
    rest.extend([chunk(FINISH), chunk(USAGE), chunk(DONE), LAST_CHUNK.to_vec()].concat());
    let acts = vec![Act::Send(sse(&[TOKEN])), Act::Wait(Duration::from_millis(300)), Act::Send(rest)];
    Fixed::start(acts, true).await
}

#[tokio::test]
async fn a_drained_stream_has_the_providers_own_figures() {
    let upstream = slow_stream(3).await;
    let record = left_stream(&gateway(&upstream, OnAbort::Drain).await).await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::Cancelled, "client_gone"));
    assert_eq!(record.usage_source, UsageSource::Provider as i32);
    assert_eq!(record.usage.unwrap().total(), 9);
    assert_eq!(record.finish_reason, "stop");
    assert_eq!(upstream.drops(), 0, "the provider was read to its end");
}

#[tokio::test]
async fn a_drain_ends_at_its_cap_of_bytes() {
    let upstream = slow_stream(2_000).await;
    let cap = OnAbort::DrainToCap { max_bytes: Some(1_000), max_ms: None };
    let record = left_stream(&gateway(&upstream, cap).await).await;
    assert_eq!(status_of(&record), CallStatus::Cancelled);
    assert_eq!(record.usage_source, UsageSource::Partial as i32);
}

#[tokio::test]
async fn a_drain_ends_at_its_cap_of_time() {
    let upstream = Fixed::start(vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], true).await;
    let cap = OnAbort::DrainToCap { max_bytes: None, max_ms: Some(200) };
    let record = left_stream(&gateway(&upstream, cap).await).await;
    assert_eq!(record.error_code, "client_gone");
    eventually("the provider is let go", || async { (upstream.drops() == 1).then_some(()) }).await;
}

#[tokio::test]
async fn a_whole_answer_is_drained_too() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{OK_BODY}",
        OK_BODY.len()
    );
    let has_left = Arc::new(Notify::new());
    let acts = vec![Act::WaitFor(Arc::clone(&has_left)), Act::Send(answer.into_bytes())];
    let upstream = Fixed::start(acts, true).await;
    let gateway = gateway(&upstream, OnAbort::Drain).await;
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
    let asking = request.body(chat("m").to_string()).send();
    let leaving =
        eventually("the provider is asked", || async { (!upstream.requests().is_empty()).then_some(()) });
    tokio::select! {
        _ = asking => panic!("answered before the client left"),
        () = leaving => {}
    }
    // The gateway sees that the connection is closed.
    tokio::time::sleep(Duration::from_millis(500)).await;
    has_left.notify_one();
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.usage.unwrap().total()), (CallStatus::Cancelled, 5));
    assert_eq!(record.usage_source, UsageSource::Provider as i32);
}

#[tokio::test]
async fn a_try_that_timed_out_is_counted_with_what_it_may_have_cost() {
    let (silent, good) = (Fixed::start(vec![Act::WaitForClose], false).await, Fixed::answering().await);
    let mut world = World::new();
    let bases = [silent.address, good.address].map(|address| format!("http://{address}/v1"));
    world.route("m", "openai", "m", &bases.each_ref().map(String::as_str), hasty_before);
    world.price("m", CARD).price("up-1", CARD);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let record = gateway.only_record().await;
    let [given_up, answered] = &record.attempts[..] else { panic!("{:?}", record.attempts) };
    assert!(given_up.may_be_billed && answered.may_be_billed);
    assert_eq!(given_up.usage.unwrap().input(), 3, "as many as the answer's provider counted");
    assert_eq!((given_up.usage_source, given_up.cost.as_str()), (UsageSource::Partial as i32, "0.000003"));
    assert_eq!((answered.usage.unwrap().total(), answered.cost.as_str()), (5, "0.000007"));
    assert_eq!((record.wasted_cost.as_str(), record.cost_known), ("0.000003", true));
}

#[tokio::test]
async fn a_try_that_the_provider_refused_costs_nothing() {
    let (busy, good) =
        (Fixed::json(503, "", r#"{"error":{"message":"busy"}}"#).await, Fixed::answering().await);
    let mut world = World::new();
    world.model("m", &[busy.address, good.address]).price("m", CARD).price("up-1", CARD);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let record = gateway.only_record().await;
    assert!(!record.attempts[0].may_be_billed);
    assert_eq!((record.attempts[0].cost.as_str(), record.wasted_cost.as_str()), ("", ""));
}
