//! What a route's settings do to real calls: names, breaker, other models as fallbacks, hedging, sessions, and what is
//! written down of each decision.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_domain::gateway::Route;
use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::routing::{ErrorClass, Fallback, Strategy};
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, chat, status_of};
use crate::upstreams::{Act, Fixed, OK_BODY};

const TOO_LONG: &str = r#"{"error":{"message":"too many tokens","code":"context_length_exceeded"}}"#;
const BUSY: &str = r#"{"error":{"message":"busy"}}"#;

fn route(world: &mut World, name: &str, upstreams: &[SocketAddr], change: impl FnOnce(&mut Route)) {
    let bases: Vec<String> = upstreams.iter().map(|address| format!("http://{address}/v1")).collect();
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    world.route(name, "openai", name, &bases, change);
}

fn falls_back(route: &mut Route, fallbacks: &[(ErrorClass, &str)]) {
    let fallback = |(on, model): &(ErrorClass, &str)| Fallback { on: *on, model: (*model).into() };
    route.policy.fallbacks = fallbacks.iter().map(fallback).collect();
}

fn all_equal(route: &mut Route) {
    route.targets.iter_mut().for_each(|target| target.priority = 0);
}

fn tried(record: &CallRecord) -> Vec<(&str, &str)> {
    record.attempts.iter().map(|attempt| (attempt.deployment.as_str(), attempt.reason.as_str())).collect()
}

fn model_sent(upstream: &Fixed) -> String {
    let request = upstream.requests().pop().expect("a request came");
    serde_json::from_slice::<Value>(&request.body).unwrap()["model"].as_str().unwrap().to_owned()
}

/// Silent for a second, then it answers.
async fn slow() -> Fixed {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{OK_BODY}",
        OK_BODY.len()
    );
    Fixed::start(vec![Act::Wait(Duration::from_secs(1)), Act::Send(answer.into_bytes())], true).await
}

#[tokio::test]
async fn a_deployment_that_keeps_failing_is_passed_over_and_the_record_says_so() {
    let (failing, good) = (Fixed::json(503, "", BUSY).await, Fixed::answering().await);
    let mut world = World::new();
    world.model("m", &[failing.address, good.address]);
    let gateway = Gateway::start(world).await;
    for _ in 0..9 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    assert_eq!(failing.requests().len(), 5, "after its five failures nobody asks it any more");
    let records = gateway.recorded(9).await;
    assert_eq!(tried(&records[4]), [("m-0", "route:first"), ("m-1", "fallback")]);
    assert_eq!(tried(&records[5]), [("m-1", "route:first")]);
    let (first, last) = (&records[0].attempts[0], &records[8].attempts[0]);
    assert_eq!(
        (first.strategy.as_str(), first.considered.as_str()),
        ("weighted", "m-0: weight 1; m-1: weight 1")
    );
    assert!(last.considered.starts_with("m-1: weight 1; m-0: rests "), "{}", last.considered);
    let metrics = gateway.get("/metrics").await.text;
    assert!(metrics.contains("aop_proxy_breakers_opened_total 1"), "{metrics}");
    assert!(metrics.contains("aop_proxy_deployments{state=\"open\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_call_is_never_refused_because_everything_rests() {
    let failing = Fixed::json(503, "", BUSY).await;
    let mut world = World::new();
    world.model("m", &[failing.address]);
    let gateway = Gateway::start(world).await;
    for _ in 0..3 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 503);
    }
    let records = gateway.recorded(3).await;
    assert_eq!(tried(&records[2]), [("m-0", "last_resort")], "asked, but once only");
    assert_eq!(failing.requests().len(), 6, "three tries, two until it rested and were enough, one");
}

#[tokio::test]
async fn a_wrong_request_does_not_make_a_deployment_rest() {
    let refusing = Fixed::json(400, "", r#"{"error":{"message":"bad temperature"}}"#).await;
    let good = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[refusing.address, good.address]);
    let gateway = Gateway::start(world).await;
    for _ in 0..12 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 400);
    }
    assert_eq!((refusing.requests().len(), good.requests().len()), (12, 0));
}

#[tokio::test]
async fn another_model_answers_what_was_too_long_for_the_first() {
    let (short, long) = (Fixed::json(400, "", TOO_LONG).await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "short", &[short.address, short.address], |route| {
        falls_back(route, &[(ErrorClass::RateLimited, "nowhere"), (ErrorClass::ContextTooLong, "long")]);
    });
    world.model("long", &[long.address]);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("short")).await.status, 200);
    assert_eq!((short.requests().len(), model_sent(&long).as_str()), (1, "long"));
    let record = gateway.only_record().await;
    assert_eq!((record.requested_model.as_str(), record.route.as_str()), ("short", "long"));
    assert_eq!(tried(&record), [("short-0", "route:first"), ("long-0", "model_fallback:context_too_long")]);
}

#[tokio::test]
async fn models_that_name_each_other_do_not_go_round_in_circles() {
    let failing = Fixed::json(500, "", BUSY).await;
    let mut world = World::new();
    let any = |model| [(ErrorClass::Any, model)];
    for (name, other) in [("a", "b"), ("b", "a")] {
        route(&mut world, name, &[failing.address], |route| {
            route.max_attempts = 1;
            falls_back(route, &any(other));
        });
    }
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("a")).await.status, 500);
    let record = gateway.only_record().await;
    assert_eq!(tried(&record), [("a-0", "route:first"), ("b-0", "model_fallback:error")]);
}

#[tokio::test]
async fn a_key_does_not_fall_back_to_a_model_it_may_not_call() {
    let (failing, good) = (Fixed::json(500, "", BUSY).await, Fixed::answering().await);
    let mut world = World::new();
    world.key("aop-narrow", |key| key.allowed_models = vec!["a".into(), "c".into()]);
    route(&mut world, "a", &[failing.address], |route| {
        route.max_attempts = 1;
        falls_back(route, &[(ErrorClass::Any, "b"), (ErrorClass::Any, "c")]);
    });
    world.model("b", &[good.address]).model("c", &[good.address]);
    let gateway = Gateway::start(world).await;
    for (key, model) in [("aop-narrow", "c"), (KEY, "b")] {
        let reply = gateway.post_as(key, "/v1/chat/completions", chat("a").to_string(), &[]).await;
        assert_eq!((reply.status, model_sent(&good).as_str()), (200, model), "{key}");
    }
}

#[tokio::test]
async fn a_wrong_request_is_no_reason_to_ask_another_model() {
    let refusing = Fixed::json(400, "", r#"{"error":{"message":"bad temperature"}}"#).await;
    let good = Fixed::answering().await;
    let mut world = World::new();
    route(&mut world, "a", &[refusing.address], |route| falls_back(route, &[(ErrorClass::Any, "b")]));
    world.model("b", &[good.address]);
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("a")).await.status, 400);
    assert!(good.requests().is_empty());
}

#[tokio::test]
async fn aliases_and_patterns_lead_to_a_route_and_a_star_passes_the_name_on() {
    let (fixed, passed) = (Fixed::answering().await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "smart", &[fixed.address], |route| {
        route.policy.aliases = vec!["gpt-4o*".into(), "clever".into()];
    });
    let base = format!("http://{}/v1", passed.address);
    world.route("openai/*", "openai", "models/*", &[&base], |_| {});
    world.price("models/o3", r#"{"input":"0.1","output":"0.1"}"#);
    let gateway = Gateway::start(world).await;
    for (asked, sent, upstream) in
        [("gpt-4o-mini", "smart", &fixed), ("clever", "smart", &fixed), ("openai/o3", "models/o3", &passed)]
    {
        assert_eq!(gateway.chat(&chat(asked)).await.status, 200, "{asked}");
        assert_eq!(model_sent(upstream), sent, "{asked}");
    }
    assert_eq!(gateway.chat(&chat("other/o3")).await.error(), (404, "model_not_found".to_owned()));
    let records = gateway.recorded(4).await;
    assert_eq!((records[0].requested_model.as_str(), records[0].route.as_str()), ("gpt-4o-mini", "smart"));
    assert_eq!((records[2].attempts[0].upstream_model.as_str(), records[2].cost_known), ("models/o3", true));
    let listed = gateway.get("/v1/models").await.json();
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    assert_eq!(names, [json!("clever"), json!("smart")], "a pattern is no model's name");
}

#[tokio::test]
async fn a_second_deployment_answers_when_the_first_is_silent_and_both_are_recorded() {
    let (silent, good) = (Fixed::start(vec![Act::WaitForClose], false).await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "m", &[silent.address, good.address], |route| {
        route.policy.hedge_after_ms = Some(50);
    });
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let record = gateway.only_record().await;
    assert_eq!(tried(&record), [("m-0", "route:first"), ("m-1", "hedge")]);
    let ends: Vec<_> = record.attempts.iter().map(|a| (a.status, a.error_code.as_str())).collect();
    assert_eq!(ends, [(CallStatus::Cancelled as i32, "hedge_lost"), (CallStatus::Ok as i32, "")]);
    crate::harness::eventually("the loser's connection is closed", || async {
        (silent.drops() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_first_deployment_that_answers_after_all_beats_a_second_that_fails() {
    let (slow, failing) = (slow().await, Fixed::json(500, "", BUSY).await);
    let mut world = World::new();
    route(&mut world, "m", &[slow.address, failing.address], |route| {
        route.policy.hedge_after_ms = Some(50);
    });
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    let record = gateway.only_record().await;
    assert_eq!(tried(&record), [("m-0", "route:first"), ("m-1", "hedge")]);
    assert_eq!((record.attempts[0].status, record.attempts[1].http_status), (CallStatus::Ok as i32, 500));
    assert_eq!((status_of(&record), record.response_model.as_str()), (CallStatus::Ok, "up-1"));
}

#[tokio::test]
async fn a_quick_answer_is_not_hedged_and_a_quick_failure_falls_back_at_once() {
    let (failing, good) = (Fixed::json(500, "", BUSY).await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "m", &[failing.address, good.address], |route| {
        route.policy.hedge_after_ms = Some(5_000);
    });
    let gateway = Gateway::start(world).await;
    assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    assert_eq!(tried(&gateway.only_record().await), [("m-0", "route:first"), ("m-1", "fallback")]);
}

#[tokio::test]
async fn calls_of_one_session_go_to_one_deployment() {
    let servers = [Fixed::answering().await, Fixed::answering().await, Fixed::answering().await];
    let mut world = World::new();
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    route(&mut world, "m", &addresses, |route| {
        all_equal(route);
        route.policy.sticky = true;
    });
    let gateway = Gateway::start(world).await;
    for session in 0..12 {
        for _ in 0..3 {
            let headers = [("x-aop-session-id", &*format!("session-{session}"))];
            let reply = gateway.post_as(KEY, "/v1/chat/completions", chat("m").to_string(), &headers).await;
            assert_eq!(reply.status, 200);
        }
    }
    let records = gateway.recorded(36).await;
    for calls in records.chunks(3) {
        let asked: Vec<_> = calls.iter().map(|call| call.attempts[0].deployment.as_str()).collect();
        assert!(asked.iter().all(|name| *name == asked[0]), "{asked:?}");
        assert_eq!(
            (calls[0].attempts[0].reason.as_str(), calls[0].attempts[0].strategy.as_str()),
            ("sticky", "sticky")
        );
    }
    let used = servers.iter().filter(|server| !server.requests().is_empty()).count();
    assert!(used > 1, "sessions are shared out");
}

#[tokio::test]
async fn the_cheapest_deployment_is_asked_by_the_price_book() {
    let (dear, cheap) = (Fixed::answering().await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "m", &[dear.address, cheap.address], |route| {
        all_equal(route);
        route.policy.strategy = Strategy::LowestCost;
        for (at, target) in route.targets.iter_mut().enumerate() {
            let mut deployment = (*target.deployment).clone();
            deployment.upstream_model = ["dear", "cheap"][at].into();
            target.deployment = Arc::new(deployment);
        }
    });
    world.price("dear", r#"{"input":"0.001","output":"0.002"}"#);
    world.price("cheap", r#"{"input":"0.0001","output":"0.0002"}"#);
    let gateway = Gateway::start(world).await;
    for _ in 0..8 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    assert_eq!((dear.requests().len(), cheap.requests().len()), (0, 8));
    let record = gateway.recorded(8).await.remove(0);
    assert!(record.attempts[0].considered.starts_with("m-1: $0."), "{}", record.attempts[0].considered);
}

#[tokio::test]
async fn the_faster_deployment_gets_the_calls() {
    let (slow, fast) = (slow().await, Fixed::answering().await);
    let mut world = World::new();
    route(&mut world, "m", &[slow.address, fast.address], |route| {
        all_equal(route);
        route.policy.strategy = Strategy::LowestLatency;
    });
    let gateway = Gateway::start(world).await;
    let begun = Instant::now();
    for _ in 0..30 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    let (slow, fast) = (slow.requests().len(), fast.requests().len());
    assert!(slow < 15 && fast > 15, "{slow} slow, {fast} fast in {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_rate_limit_with_its_time_sends_the_next_calls_elsewhere_at_once() {
    let limited = Fixed::json(429, "retry-after: 30\r\n", BUSY).await;
    let good = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[limited.address, good.address]);
    let gateway = Gateway::start(world).await;
    for _ in 0..4 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    assert_eq!((limited.requests().len(), good.requests().len()), (1, 4));
}
