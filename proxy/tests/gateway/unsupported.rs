//! Fields that a target has no word for: refused by name, or left out where the route, or with its leave the caller, says
//! so; and then told, recorded, and never in silence (G2).

use aop_domain::guard::{CachePolicy, CacheScope, ContentPolicy};
use aop_domain::record::CacheOutcome;
use aop_domain::routing::Unsupported;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, KEY, Reply, World, team};

const CHAT: &str = "/v1/chat/completions";

/// Models of a provider that speaks messages, one for each thing that a route can say.
async fn world() -> World {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    let mut world = World::new();
    for wish in Unsupported::ALL {
        world.route(wish.as_str(), "anthropic", "sim-fast", &[&base], |route| {
            route.policy.unsupported = wish;
        });
    }
    world
}

fn asks(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}], "seed": 7, "user": "ada",
        "logprobs": true})
}

async fn ask(gateway: &Gateway, model: &str, caller: Option<&'static str>) -> Reply {
    let headers: Vec<_> = caller.map(|wish| ("x-aop-unsupported", wish)).into_iter().collect();
    gateway.post_as(KEY, CHAT, asks(model).to_string(), &headers).await
}

#[tokio::test]
async fn the_route_decides_and_a_caller_may_always_ask_for_a_refusal() {
    let gateway = Gateway::start(world().await).await;
    let expected =
        [("refuse", [400, 400, 400]), ("caller_decides", [400, 200, 400]), ("drop", [200, 200, 400])];
    for (model, statuses) in expected {
        for (caller, status) in [None, Some("drop"), Some("refuse")].into_iter().zip(statuses) {
            let reply = ask(&gateway, model, caller).await;
            assert_eq!(reply.status, status, "{model} {caller:?}: {}", reply.text);
            let dropped = reply.headers.get("x-aop-dropped").map(String::as_str);
            if status == 200 {
                assert_eq!(dropped, Some("seed, logprobs"), "{model} {caller:?}");
            } else {
                assert_eq!(reply.error(), (400, "unsupported_field".to_owned()));
                assert_eq!((&reply.json()["error"]["param"], dropped), (&json!("seed"), None));
            }
        }
    }
    let records = gateway.recorded(9).await;
    for record in &records {
        let expected: &[&str] = if record.http_status == 200 { &["seed", "logprobs"] } else { &[] };
        assert_eq!(record.dropped_fields, expected, "{}", record.requested_model);
    }
}

#[tokio::test]
async fn a_stream_tells_what_was_left_out_too() {
    let gateway = Gateway::start(world().await).await;
    let mut body = asks("drop");
    body["stream"] = true.into();
    let reply = gateway.post_as(KEY, CHAT, body.to_string(), &[]).await;
    assert_eq!((reply.status, reply.headers["x-aop-dropped"].as_str()), (200, "seed, logprobs"));
    assert!(reply.text.contains("[DONE]"));
    assert_eq!(gateway.only_record().await.dropped_fields, ["seed", "logprobs"]);
}

#[tokio::test]
async fn an_answer_that_is_given_again_still_says_what_it_was_asked_without() {
    let mut world = world().await;
    world.guard(|guard| {
        let cache = Some(CachePolicy { ttl_s: 60, scope: CacheScope::Team });
        guard.teams.insert(team(), ContentPolicy { recording: None, cache });
    });
    let gateway = Gateway::start(world).await;
    for _ in 0..2 {
        let reply = ask(&gateway, "caller_decides", Some("drop")).await;
        assert_eq!((reply.status, reply.headers["x-aop-dropped"].as_str()), (200, "seed, logprobs"));
    }
    assert_eq!(ask(&gateway, "caller_decides", None).await.status, 400, "the kept answer is not for it");
    let records = gateway.recorded(3).await;
    assert_eq!(records[1].cache, CacheOutcome::Hit as i32);
    assert_eq!(records[1].dropped_fields, ["seed", "logprobs"]);
}

#[tokio::test]
async fn the_model_that_was_asked_for_decides_for_those_that_stand_in_for_it() {
    let mut world = world().await;
    let nowhere = "http://127.0.0.1:9/v1";
    for (name, wish) in [("strict", Unsupported::Refuse), ("lax", Unsupported::Drop)] {
        let stand_in = if wish == Unsupported::Drop { "refuse" } else { "drop" };
        world.route(name, "openai", "gone", &[nowhere], |route| {
            route.policy.unsupported = wish;
            route.max_attempts = 1;
            route.policy.fallbacks = vec![aop_domain::routing::Fallback {
                on: aop_domain::routing::ErrorClass::Any,
                model: stand_in.into(),
            }];
        });
    }
    let gateway = Gateway::start(world).await;
    let reply = ask(&gateway, "lax", None).await;
    assert_eq!((reply.status, reply.headers["x-aop-dropped"].as_str()), (200, "seed, logprobs"));
    assert_ne!(ask(&gateway, "strict", None).await.status, 200);
}
