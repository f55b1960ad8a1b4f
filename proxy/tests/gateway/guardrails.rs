//! Guardrails at the front door: what is blocked, masked and noted, before and after, in streams too (G10).

use std::sync::Arc;

use aop_domain::guard::{Action, CachePolicy, CacheScope, Check, ContentPolicy, Detector, Guardrail, Stage};
use aop_domain::id::{GuardrailId, TeamId};
use aop_domain::record::CallStatus;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, status_of, team};
use crate::upstreams::Fixed;

fn rail(n: u8, stage: Stage, action: Action, check: Check) -> Guardrail {
    Guardrail {
        id: GuardrailId::from_bytes([n; 16]),
        team_id: Some(team()),
        name: format!("rail {n}"),
        stage,
        check,
        action,
        keys: vec![],
        models: vec![],
    }
}

fn deny(phrase: &str) -> Check {
    Check::DenyList { phrases: vec![phrase.into()] }
}

fn emails() -> Check {
    Check::Detectors { detectors: vec![Detector::Email] }
}

fn world(rails: Vec<Guardrail>) -> World {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.guard(|guard| guard.guardrails = rails.into_iter().map(Arc::new).collect());
    world
}

/// Says `said`, and is answered with `told`, a few bytes at a time.
fn body(said: &str, told: &str, stream: bool) -> Value {
    json!({
        "model": "sim-fast", "stream": stream, "max_tokens": 10_000,
        "messages": [{"role": "user", "content": said}],
        "sim": {"text": told, "split_bytes": 11},
    })
}

/// What a chat stream says.
fn text_of(events: &[String]) -> String {
    let said = |event: &String| {
        let value: Value = serde_json::from_str(event).ok()?;
        value["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
    };
    events.iter().filter_map(said).collect()
}

#[tokio::test]
async fn a_request_that_says_what_it_must_not_is_blocked_in_each_dialects_words() {
    let gateway = Gateway::start(world(vec![rail(1, Stage::Before, Action::Block, deny("project x"))])).await;
    let reply = gateway.chat(&body("about Project X", "no", false)).await;
    assert_eq!(reply.error(), (400, "guardrail_blocked".into()));
    assert!(reply.text.contains("rail 1"), "{}", reply.text);
    let reply = gateway.post("/v1/messages", body("about Project X", "no", true).to_string()).await;
    assert_eq!((reply.status, reply.json()["type"].as_str()), (400, Some("error")));
    assert_eq!(gateway.chat(&body("about something else", "yes", false)).await.status, 200);
    let records = gateway.recorded(3).await;
    assert_eq!((status_of(&records[0]), records[0].attempts.len()), (CallStatus::Blocked, 0));
    let did = &records[0].guardrails[0];
    assert_eq!((did.name.as_str(), did.stage.as_str(), did.action.as_str()), ("rail 1", "before", "block"));
    assert_eq!((did.what.as_str(), did.count), ("phrase", 1));
    assert!(records[2].guardrails.is_empty());
    let metrics = gateway.get("/metrics").await.text;
    assert!(metrics.contains("aop_proxy_guardrail_findings_total{action=\"block\"} 2"), "{metrics}");
}

#[tokio::test]
async fn what_is_masked_in_a_request_reaches_neither_the_provider_nor_the_record() {
    let upstream = Fixed::answering().await;
    let mut world = world(vec![rail(1, Stage::Before, Action::Mask, emails())]);
    world.model("m", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    let mut asked = body("write to ann@example.com", "", true);
    asked["model"] = json!("m");
    gateway.chat(&asked).await;
    let sent: Value = serde_json::from_slice(&upstream.requests()[0].body).unwrap();
    assert_eq!(sent["messages"][0]["content"], "write to [email]");
    assert_eq!(sent["stream_options"]["include_usage"], true, "what else is changed still is");
    let record = gateway.only_record().await;
    assert!(!String::from_utf8_lossy(&record.request_body).contains("ann@"));
    assert_eq!(record.guardrails[0].action, "mask");
}

#[tokio::test]
async fn an_answer_is_masked_whole_and_in_a_stream_that_is_cut_anywhere() {
    let told = "Ask ann@example.com or bob@example.org, they know.";
    let gateway = Gateway::start(world(vec![rail(1, Stage::After, Action::Mask, emails())])).await;
    let whole = gateway.chat(&body("who?", told, false)).await;
    assert_eq!(whole.json()["choices"][0]["message"]["content"], "Ask [email] or [email], they know.");
    let stream = gateway.chat(&body("who?", told, true)).await;
    assert_eq!(text_of(&stream.events()), "Ask [email] or [email], they know.");
    assert_eq!(stream.events().last().map(String::as_str), Some("[DONE]"));
    // Translated: the same in the client's dialect.
    let messages = gateway.post("/v1/messages", body("who?", told, true).to_string()).await;
    assert!(!messages.text.contains("ann@") && messages.text.contains("message_stop"), "{}", messages.text);
    for record in gateway.recorded(3).await {
        assert_eq!(status_of(&record), CallStatus::Ok);
        assert_eq!((record.guardrails[0].stage.as_str(), record.guardrails[0].count), ("after", 2));
        assert!(
            !String::from_utf8_lossy(&record.response_body).contains("ann@example.com"),
            "kept as it was given"
        );
        assert!(record.usage.unwrap().output() > 0);
    }
}

#[tokio::test]
async fn an_answer_that_is_blocked_does_not_arrive_and_is_paid_for() {
    let told = format!("{} the launch code is 1234", "words before it ".repeat(60));
    let gateway =
        Gateway::start(world(vec![rail(1, Stage::After, Action::Block, deny("launch code"))])).await;
    let whole = gateway.chat(&body("tell", &told, false)).await;
    assert_eq!(whole.error(), (400, "guardrail_blocked".into()));
    let stream = gateway.chat_until_cut(&body("tell", &told, true)).await;
    assert!(stream.contains("guardrail_blocked"), "{stream}");
    assert!(!stream.contains("launch") && !stream.contains("[DONE]"), "{stream}");
    for record in gateway.recorded(2).await {
        assert_eq!(status_of(&record), CallStatus::Blocked);
        assert_eq!(record.error_code, "guardrail_blocked");
        assert!(record.usage.unwrap().output() > 0, "the provider worked for it");
        assert!(!String::from_utf8_lossy(&record.response_body).contains("launch code"));
    }
}

#[tokio::test]
async fn a_flag_notes_and_changes_nothing_and_filters_hold() {
    let mut of_others = rail(2, Stage::Both, Action::Block, deny("hello"));
    of_others.team_id = Some(TeamId::from_bytes([8; 16]));
    let mut of_another_model = rail(3, Stage::Both, Action::Block, deny("hello"));
    of_another_model.models = vec!["gpt-*".into()];
    let rails = vec![rail(1, Stage::Both, Action::Flag, deny("hello")), of_others, of_another_model];
    let gateway = Gateway::start(world(rails)).await;
    let reply = gateway
        .post_as(KEY, "/v1/chat/completions", body("hello", "hello you", false).to_string(), &[])
        .await;
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "hello you");
    let record = gateway.only_record().await;
    let did: Vec<_> = record.guardrails.iter().map(|did| (did.name.as_str(), did.stage.as_str())).collect();
    assert_eq!(did, [("rail 1", "before"), ("rail 1", "after")]);
}

#[tokio::test]
async fn a_cached_answer_is_the_one_its_guardrails_let_through() {
    let mut world = world(vec![rail(1, Stage::After, Action::Mask, emails())]);
    let cache = Some(CachePolicy { ttl_s: 60, scope: CacheScope::Team });
    world.guard(|guard| {
        guard.teams.insert(team(), ContentPolicy { recording: None, cache });
    });
    let gateway = Gateway::start(world).await;
    for told in ["miss", "hit"] {
        let reply = gateway.chat(&body("who?", "ask ann@example.com", true)).await;
        assert_eq!(reply.headers["x-aop-cache"], told);
        assert_eq!(text_of(&reply.events()), "ask [email]");
    }
}
