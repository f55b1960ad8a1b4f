//! Limits and budgets at the front door: what a caller is told, what is recorded, and that they hold (G5).

use std::time::Duration;

use aop_domain::limits::{Kind, LimitScope, Window};
use aop_domain::record::CallStatus;
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, chat, eventually, status_of, team};
use crate::upstreams::{Act, Fixed, TOKEN, chunk, sse_head};

const PRICE: &str = r#"{"input":"0.001","output":"0.01"}"#;
/// What a call to [`Fixed::answering`] costs at that price: 3 tokens in, 2 out. Units of 10^-12 dollars.
const COST: i64 = 23_000_000_000;

async fn priced(upstream: &Fixed) -> World {
    let mut world = World::new();
    world.model("m", &[upstream.address]).price("m", PRICE).price("up-1", PRICE);
    world
}

#[tokio::test]
async fn a_budget_that_is_used_up_is_402_says_why_and_is_recorded() {
    let upstream = Fixed::answering().await;
    let mut world = priced(&upstream).await;
    world.limit("team budget", Kind::Spend, Window::Month, COST * 2 + 1, |_| {});
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let refused = gateway.chat(&chat("m")).await;
    assert_eq!(refused.error(), (402, "budget_exceeded".to_owned()));
    assert_eq!(refused.headers["x-should-retry"], "false");
    let error = &refused.json()["error"];
    assert_eq!(error["type"], "insufficient_quota");
    assert_eq!(error["scope"], "team");
    assert_eq!(error["scope_id"], team().to_string());
    assert_eq!((&error["limit"], &error["used"]), (&json!("0.046000000001"), &json!("0.046")));
    assert!(error["resets_at"].as_str().unwrap().ends_with("-01T00:00:00Z"), "{error}");
    let records = gateway.recorded(3).await;
    assert_eq!(status_of(&records[2]), CallStatus::Budget);
    assert!(records[2].attempts.is_empty(), "no provider was asked");
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn a_rate_limit_is_429_with_whole_seconds_and_its_headers_stand_on_success_too() {
    let upstream = Fixed::answering().await;
    let mut world = priced(&upstream).await;
    world.limit("rpm", Kind::Requests, Window::Hour, 2, |limit| limit.scope = LimitScope::Key);
    world.limit("tpm", Kind::Tokens, Window::Hour, 1_000_000, |_| {});
    let gateway = Gateway::start(world).await;
    let first = gateway.chat(&chat("m")).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.headers["x-ratelimit-limit-requests"], "2");
    assert_eq!(first.headers["x-ratelimit-remaining-requests"], "1");
    assert_eq!(first.headers["x-ratelimit-limit-tokens"], "1000000");
    assert!(first.headers["x-ratelimit-reset-requests"].ends_with('s'));
    let second = gateway.chat(&chat("m")).await;
    assert_eq!(second.headers["x-ratelimit-remaining-requests"], "0");
    // What the first call really used, and what the second holds until it is settled.
    let left: i64 = second.headers["x-ratelimit-remaining-tokens"].parse().unwrap();
    assert!((990_000..=999_995).contains(&left), "{left}");
    let refused = gateway.chat(&chat("m")).await;
    assert_eq!(refused.error(), (429, "rate_limit_exceeded".to_owned()));
    let wait: u32 = refused.headers["retry-after"].parse().unwrap();
    assert!((1..=3_600).contains(&wait));
    assert_eq!(refused.headers["x-ratelimit-remaining-requests"], "0");
    assert_eq!(refused.json()["error"]["scope"], "key");
    assert_eq!(refused.json()["error"]["used"], 2);
    assert_eq!(status_of(&gateway.recorded(3).await[2]), CallStatus::RateLimited);
}

#[tokio::test]
async fn two_hundred_clients_at_once_cannot_overspend_a_budget() {
    let upstream = Fixed::start(
        vec![
            Act::Wait(Duration::from_millis(20)),
            Act::Send(
                format!(
                    "HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
                    crate::upstreams::OK_BODY.len(),
                    crate::upstreams::OK_BODY
                )
                .into_bytes(),
            ),
        ],
        true,
    )
    .await;
    let mut world = priced(&upstream).await;
    world.limit("budget", Kind::Spend, Window::Total, COST * 10, |_| {});
    let gateway = Gateway::start(world).await;
    let client = crate::harness::client();
    let replies = join_all((0..200).map(|_| async {
        let request = client.post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        request.body(chat("m").to_string()).send().await.unwrap().status().as_u16()
    }))
    .await;
    assert!(replies.iter().all(|status| [200, 402].contains(status)), "{replies:?}");
    let records = gateway.recorded(200).await;
    let spent: Decimal = records
        .iter()
        .flat_map(|record| [&record.cost_input, &record.cost_cache, &record.cost_output])
        .filter_map(|cost| cost.parse::<Decimal>().ok())
        .sum();
    let one = Decimal::new(COST, 12);
    assert!(spent <= one * Decimal::from(10) + one, "{spent}");
    assert!(spent >= one, "{spent}");
}

#[tokio::test]
async fn a_stream_is_cut_with_an_error_event_when_its_budget_is_gone() {
    let long = TOKEN.replace("hi ", &"word ".repeat(200));
    let mut acts = vec![Act::Send(sse_head())];
    for _ in 0..50 {
        acts.push(Act::Send(chunk(&long)));
        acts.push(Act::Wait(Duration::from_millis(10)));
    }
    acts.push(Act::WaitForClose);
    let upstream = Fixed::start(acts, false).await;
    let mut world = priced(&upstream).await;
    // Two thousand tokens of output; the provider sends more than ten thousand.
    world.limit("budget", Kind::Spend, Window::Total, 20_000_000_000_000, |_| {});
    let gateway = Gateway::start(world).await;
    let mut body = chat("m");
    body["stream"] = json!(true);
    let reply = gateway.chat_until_cut(&body).await;
    let last: Value =
        serde_json::from_str(reply.lines().rev().find_map(|l| l.strip_prefix("data: ")).unwrap()).unwrap();
    assert_eq!(last["error"]["code"], "budget_exceeded", "{last}");
    assert!(!reply.contains("[DONE]"));
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Budget);
    let spent: Decimal = record.cost_output.parse().unwrap();
    assert!(spent < Decimal::from(26), "cut soon after the twenty dollars: {spent}");
    eventually("the provider is told", || async { (upstream.drops() == 1).then_some(()) }).await;
}

#[tokio::test]
async fn calls_at_once_are_bounded_and_free_again_when_one_ends() {
    let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
    let fast = Fixed::answering().await;
    let mut world = priced(&upstream).await;
    world.model("fast", &[fast.address]);
    world.limit("one at a time", Kind::Concurrency, Window::Now, 1, |limit| limit.scope = LimitScope::Key);
    let gateway = Gateway::start(world).await;
    let slow = tokio::spawn({
        let url = gateway.url("/v1/chat/completions");
        async move { crate::harness::client().post(url).bearer_auth(KEY).body(chat("m").to_string()).send().await }
    });
    eventually("the slow call is at its provider", || async {
        (upstream.requests().len() == 1).then_some(())
    })
    .await;
    let refused = gateway.chat(&chat("fast")).await;
    assert_eq!(refused.error(), (429, "rate_limit_exceeded".to_owned()));
    assert_eq!(refused.headers["retry-after"], "1");
    slow.abort();
    eventually("there is room again", || async {
        (gateway.chat(&chat("fast")).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_that_no_provider_answered_costs_nothing() {
    let upstream = Fixed::json(400, "", r#"{"error":{"message":"no"}}"#).await;
    let mut world = priced(&upstream).await;
    world.limit("budget", Kind::Spend, Window::Total, COST, |_| {});
    let gateway = Gateway::start(world).await;
    for _ in 0..5 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 400);
    }
    let quota = gateway.get("/v1/quota").await.json();
    assert_eq!(quota["data"][0]["used"], "0");
}

#[tokio::test]
async fn a_caller_can_ask_for_its_own_quota() {
    let upstream = Fixed::answering().await;
    let mut world = priced(&upstream).await;
    world.limit("team budget", Kind::Spend, Window::Month, COST * 4, |_| {});
    world.limit("other team", Kind::Spend, Window::Month, COST, |limit| {
        limit.team_id = Some(aop_domain::id::TeamId::from_bytes([9; 16]));
    });
    world.limit("each key", Kind::Requests, Window::Day, 10, |limit| limit.scope = LimitScope::Key);
    world.limit("a model", Kind::Requests, Window::Day, 10, |limit| limit.scope = LimitScope::Model);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let quota = gateway.get("/v1/quota").await.json();
    assert_eq!(quota["object"], "list");
    let shown: Vec<Value> = quota["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["name"], one["scope"], one["kind"], one["window"], one["limit"], one["used"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["team budget", "team", "spend", "month", "0.092", "0.023"]),
            json!(["each key", "key", "requests", "day", 10, 1]),
        ]
    );
    let nobody = gateway.post_as("aop-unknown", "/v1/quota", "", &[]).await;
    assert_eq!(nobody.status, 401);
}
