//! The runaway guard at the gateway: what repeats is marked, and stopped where the policy says so.

use aop_domain::record::CallStatus;
use aop_domain::runaway::{Action, Cap, Policy, Repeated};
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, chat, status_of, team};
use crate::upstreams::Fixed;

async fn gateway(upstream: &Fixed, policy: Option<Policy>) -> Gateway {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    if let Some(policy) = policy {
        world.runaway(team(), policy);
    }
    Gateway::start(world).await
}

fn looping(n: u32) -> Value {
    let step = |n: u32| {
        let id = format!("call_{n}");
        json!([
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": id, "type": "function", "function": {"name": "search", "arguments": "{\"q\":\"x\"}"}}]},
            {"role": "tool", "tool_call_id": id, "content": "nothing found"},
        ])
    };
    let mut messages = vec![json!({"role": "user", "content": "Find x."})];
    (0..n).for_each(|n| messages.extend(step(n).as_array().unwrap().clone()));
    json!({"model": "m", "messages": messages})
}

#[tokio::test]
async fn a_tool_asked_for_again_and_again_is_marked_and_the_calls_go_on() {
    let upstream = Fixed::answering().await;
    let gateway = gateway(&upstream, None).await;
    let headers = [("x-aop-trace-id", "4bf92f3577b34da6a3ce929d0e0e4736")];
    for n in 1..=7 {
        let reply = gateway.post_as(KEY, "/v1/chat/completions", looping(n).to_string(), &headers).await;
        assert_eq!(reply.status, 200);
    }
    let records = gateway.recorded(7).await;
    let marked: Vec<_> = records
        .iter()
        .map(|record| record.runaway.iter().map(|mark| (mark.rule.as_str(), mark.count.as_str())).collect())
        .collect::<Vec<Vec<_>>>();
    assert!(marked[..5].iter().all(Vec::is_empty), "{marked:?}");
    assert_eq!(marked[5..], [vec![("repeated_tool", "6")], vec![("repeated_tool", "7")]]);
}

#[tokio::test]
async fn a_policy_that_stops_refuses_the_call_and_asks_no_provider() {
    let upstream = Fixed::answering().await;
    let policy = Policy {
        repeated_call: Repeated { action: Action::Stop, times: 3 },
        run_calls: Cap { action: Action::Off, limit: Some(1) },
        ..Policy::default()
    };
    let gateway = gateway(&upstream, Some(policy)).await;
    for _ in 0..2 {
        assert_eq!(gateway.chat(&chat("m")).await.status, 200);
    }
    let refused = gateway.chat(&chat("m")).await;
    assert_eq!(refused.error(), (403, "run_stopped_by_guard".to_owned()));
    assert_eq!(refused.headers["x-should-retry"], "false");
    assert_eq!(upstream.requests().len(), 2);
    let records = gateway.recorded(3).await;
    assert_eq!(status_of(&records[2]), CallStatus::Blocked);
    assert_eq!(records[2].runaway[0].action, "stop");
    let other = json!({"model": "m", "messages": [{"role": "user", "content": "Something else."}]});
    assert_eq!(gateway.chat(&other).await.status, 200);
}
