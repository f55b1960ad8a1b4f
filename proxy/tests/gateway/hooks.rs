//! Hooks at the front door: tagged, masked, rejected, and noted for whoever tells of them (C7).

use std::sync::Arc;

use aop_domain::guard::{Check, Detector};
use aop_domain::hook::{Act, Filter, Hook, Point};
use aop_domain::id::{HookId, TeamId};
use aop_domain::limits::{Kind, LimitScope, Window};
use aop_domain::record::CallStatus;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, status_of, team};
use crate::upstreams::Fixed;

fn hook(n: u8, point: Point, filter: Filter, act: Act) -> Hook {
    let hook = Hook {
        id: HookId::from_bytes([n; 16]),
        team_id: team(),
        name: format!("hook {n}"),
        point,
        filter,
        act,
    };
    assert_eq!(hook.check(), Ok(()));
    hook
}

fn tag(tag: &str) -> Act {
    Act::Tag { tags: vec![tag.into()] }
}

fn webhook() -> Act {
    Act::Webhook { url: "https://example.com".into(), content: false, allow_private: false }
}

fn emails() -> Act {
    Act::Mask { check: Check::Detectors { detectors: vec![Detector::Email] } }
}

fn models(pattern: &str) -> Filter {
    Filter { models: vec![pattern.into()], ..Filter::default() }
}

fn world(hooks: Vec<Hook>) -> World {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.hooks(hooks.into_iter().map(Arc::new).collect());
    world
}

fn body(said: &str, told: &str, stream: bool) -> Value {
    json!({
        "model": "sim-fast", "stream": stream, "max_tokens": 1_000,
        "messages": [{"role": "user", "content": said}],
        "sim": {"text": told, "split_bytes": 7},
    })
}

#[tokio::test]
async fn a_call_that_fits_is_rejected_in_each_dialects_words_and_nobody_is_asked() {
    let reject = Act::Reject { message: "Not with this model.".into() };
    let gateway = Gateway::start(world(vec![hook(1, Point::Before, models("sim-*"), reject)])).await;
    let reply = gateway.chat(&body("hello", "no", true)).await;
    assert_eq!(reply.error(), (403, "rejected_by_hook".into()));
    assert_eq!(reply.headers["x-should-retry"], "false");
    assert!(reply.text.contains("hook 1") && reply.text.contains("Not with this model."), "{}", reply.text);
    let messages = gateway.post("/v1/messages", body("hello", "no", false).to_string()).await;
    assert_eq!((messages.status, &messages.json()["type"]), (403, &json!("error")));
    for record in gateway.recorded(2).await {
        assert_eq!((status_of(&record), record.attempts.len()), (CallStatus::Blocked, 0));
        assert_eq!((record.hooks[0].act.as_str(), record.hooks[0].point.as_str()), ("reject", "before"));
    }
}

#[tokio::test]
async fn tags_are_added_before_the_answer_for_limits_too_and_after_it_by_how_it_ended() {
    let failed = Filter {
        statuses: vec!["upstream_error".into()],
        errors: vec!["upstream_*".into()],
        ..Filter::default()
    };
    let of_blue = Filter { tags: vec!["blue".into()], ..Filter::default() };
    let hooks = vec![
        hook(1, Point::Before, of_blue, tag("marine")),
        hook(2, Point::After, failed.clone(), tag("broken")),
        hook(3, Point::After, failed, webhook()),
        hook(4, Point::Around, models("gpt-*"), tag("never")),
    ];
    let mut world = world(hooks);
    world.limit("marine", Kind::Requests, Window::Hour, 1, |limit| {
        limit.scope = LimitScope::Tag;
        limit.subject = Some("marine".into());
    });
    let gateway = Gateway::start(world).await;
    let blue = [("x-aop-tags", "blue")];
    let path = "/v1/chat/completions";
    assert_eq!(gateway.post_as(KEY, path, body("a", "b", false).to_string(), &blue).await.status, 200);
    let limited = gateway.post_as(KEY, path, body("a", "b", false).to_string(), &blue).await;
    assert_eq!(limited.error(), (429, "rate_limit_exceeded".into()), "the hook's tag counts");
    let fails = [("x-sim-status", "500")];
    assert_eq!(gateway.post_as(KEY, path, body("a", "b", false).to_string(), &fails).await.status, 500);
    let records = gateway.recorded(3).await;
    let tags = |at: usize| -> Vec<&str> {
        let identity = records[at].identity.as_ref().unwrap();
        identity.tags.iter().map(|tag| tag.value.as_str()).collect()
    };
    assert_eq!(tags(0), ["blue", "marine"]);
    assert_eq!(tags(2), ["broken"]);
    let acts: Vec<_> = records[2].hooks.iter().map(|did| (did.name.as_str(), did.act.as_str())).collect();
    assert_eq!(acts, [("hook 2", "tag"), ("hook 3", "webhook")]);
    assert_eq!(records[2].hooks[1].hook_id[..], [3; 16]);
    assert!(records[0].hooks.iter().all(|did| did.act == "tag"), "it ended well: nobody is told");
}

#[tokio::test]
async fn what_is_masked_reaches_neither_the_provider_nor_the_client_in_calls_that_fit() {
    let upstream = Fixed::answering().await;
    let hooks = vec![
        hook(1, Point::Before, models("m"), emails()),
        hook(2, Point::After, models("sim-fast"), emails()),
    ];
    let mut world = world(hooks);
    world.model("m", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    let mut asked = body("to ann@example.com", "", false);
    asked["model"] = json!("m");
    gateway.chat(&asked).await;
    let sent: Value = serde_json::from_slice(&upstream.requests()[0].body).unwrap();
    assert_eq!(sent["messages"][0]["content"], "to [email]");
    let stream = gateway.chat(&body("to ann@example.com", "from bob@example.com!", true)).await;
    assert!(!stream.text.contains("bob@"), "{}", stream.text);
    let records = gateway.recorded(2).await;
    let did = |at: usize| (records[at].hooks[0].name.as_str(), records[at].hooks[0].detail.as_str());
    assert_eq!((did(0), did(1)), (("hook 1", "email × 1"), ("hook 2", "email × 1")));
    assert!(String::from_utf8_lossy(&records[1].request_body).contains("ann@"), "only the answer is masked");
    assert!(records.iter().all(|record| record.guardrails.is_empty()));
}

#[tokio::test]
async fn another_teams_hooks_and_no_hooks_at_all_change_nothing() {
    let mut theirs = hook(1, Point::Before, Filter::default(), Act::Reject { message: "No.".into() });
    theirs.team_id = TeamId::from_bytes([9; 16]);
    let gateway = Gateway::start(world(vec![theirs])).await;
    assert_eq!(gateway.chat(&body("hello", "hi", false)).await.status, 200);
    assert!(gateway.only_record().await.hooks.is_empty());
}
