//! What is kept of calls: everything, everything without secrets, or figures only (G10).

use aop_domain::guard::{ContentPolicy, RecordingLevel};
use aop_domain::id::KeyId;
use aop_domain::record::{CallRecord, CallStatus};
use prost::Message;
use serde_json::{Value, json};

use crate::harness::{Gateway, KEY, World, status_of, team};
use crate::upstreams::Fixed;

const SECRET: &str = "sk-proj-abcdefghijklmnopqrstuvwx";
const CARD: &str = "4111 1111 1111 1111";
const ADDRESS: &str = "ann.bee@example.com";
const SAID: [&str; 3] = [SECRET, CARD, ADDRESS];

fn recording(level: RecordingLevel) -> ContentPolicy {
    ContentPolicy { recording: Some(level), cache: None }
}

async fn gateway(level: RecordingLevel) -> Gateway {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.guard(|guard| {
        guard.teams.insert(team(), recording(level));
    });
    Gateway::start(world).await
}

/// Says it everywhere a caller can: in messages, in arguments and results of tools, as its user.
fn telling(model: &str, stream: bool) -> Value {
    let all = SAID.join(" and ");
    json!({
        "model": model,
        "stream": stream,
        "user": ADDRESS,
        "messages": [
            {"role": "user", "content": format!("My key is {all}.")},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "send", "arguments": json!({"to": all}).to_string()}},
            ]},
            {"role": "tool", "tool_call_id": "t1", "content": format!("sent to {all}")},
        ],
        "sim": {"text": format!("You said {all}."), "split_bytes": 7},
    })
}

#[track_caller]
fn holds_nothing(record: &CallRecord) {
    let bytes = String::from_utf8_lossy(&record.encode_to_vec()).into_owned();
    for said in SAID {
        assert!(!bytes.contains(said), "{said} in {record:#?}");
    }
}

#[tokio::test]
async fn a_redacted_record_holds_no_secret_and_the_answer_is_the_providers() {
    let gateway = gateway(RecordingLevel::Redacted).await;
    for stream in [false, true] {
        let reply = gateway.chat(&telling("sim-fast", stream)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        if !stream {
            let text = reply.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
            assert!(SAID.iter().all(|said| text.contains(said)), "the caller gets what was answered: {text}");
        }
    }
    for record in gateway.recorded(2).await {
        assert_eq!(record.recording, RecordingLevel::Redacted as i32);
        assert!(record.redactions >= 12, "{}", record.redactions);
        holds_nothing(&record);
        let request: Value = serde_json::from_slice(&record.request_body).unwrap();
        assert_eq!(request["messages"][0]["content"], "My key is [api_key] and [credit_card] and [email].");
        let answer = String::from_utf8_lossy(&record.response_body).into_owned();
        assert!(answer.contains("You said [api_key] and [credit_card] and [email]."), "{answer}");
        assert!(record.usage.unwrap().output() > 0, "figures stay");
        assert_eq!(record.identity.unwrap().end_user.unwrap().value, "[email]");
    }
}

#[tokio::test]
async fn metadata_keeps_figures_and_nothing_that_was_said() {
    let gateway = gateway(RecordingLevel::Metadata).await;
    gateway.chat(&telling("sim-fast", true)).await;
    let record = gateway.only_record().await;
    holds_nothing(&record);
    assert!(record.request_body.is_empty() && record.response_body.is_empty());
    assert!(!record.body_truncated, "nothing is missing that was to be kept");
    assert!(record.request_bytes > 0 && record.response_bytes > 0 && record.usage.unwrap().input() > 0);
}

#[tokio::test]
async fn an_error_that_repeats_a_secret_does_not_tell_the_record() {
    let body = json!({"error": {"message": format!("Incorrect API key provided: {SECRET}"), "type": "invalid_request_error"}});
    for level in [RecordingLevel::Redacted, RecordingLevel::Metadata] {
        let upstream = Fixed::json(400, "", &body.to_string()).await;
        let mut world = World::new();
        world.model("m", &[upstream.address]);
        world.guard(|guard| {
            guard.teams.insert(team(), recording(level));
        });
        let gateway = Gateway::start(world).await;
        assert_eq!(gateway.chat(&telling("m", false)).await.status, 400);
        // A model's name is the caller's own text too.
        gateway.chat(&telling(ADDRESS, false)).await;
        let records = gateway.recorded(2).await;
        assert_ne!(status_of(&records[0]), CallStatus::Ok);
        records.iter().for_each(holds_nothing);
    }
}

#[tokio::test]
async fn a_key_hides_more_than_its_team_and_never_less() {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.key("aop-second", |_| {});
    world.guard(|guard| {
        guard.teams.insert(team(), recording(RecordingLevel::Redacted));
        guard.keys.insert(KeyId::from_bytes([1; 16]), recording(RecordingLevel::Full));
        guard.keys.insert(KeyId::from_bytes([2; 16]), recording(RecordingLevel::Metadata));
    });
    let gateway = Gateway::start(world).await;
    for key in [KEY, "aop-second"] {
        gateway.post_as(key, "/v1/chat/completions", telling("sim-fast", false).to_string(), &[]).await;
    }
    let levels: Vec<i32> = gateway.recorded(2).await.iter().map(|record| record.recording).collect();
    assert_eq!(levels, [RecordingLevel::Redacted as i32, RecordingLevel::Metadata as i32]);
}

#[tokio::test]
async fn everything_is_kept_byte_for_byte_where_nobody_says_otherwise() {
    let gateway = gateway(RecordingLevel::Full).await;
    let body = telling("sim-fast", false).to_string();
    let reply = gateway.post("/v1/chat/completions", body.clone()).await;
    let record = gateway.only_record().await;
    assert_eq!(record.request_body, body.as_bytes());
    assert_eq!(record.response_body, reply.text.as_bytes());
    assert_eq!((record.recording, record.redactions), (0, 0));
}
