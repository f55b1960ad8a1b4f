//! Amazon's binary event stream through /passthrough: it passes byte by byte, and is metered in its middle and at its end (G1).

use aop_domain::guard::{ContentPolicy, RecordingLevel};
use aop_domain::limits::{Kind, Window};
use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::usage::UsageSource;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, World, client, status_of, team};

const WIDE_KEY: &str = "aop-wide-key";
const PATH: &str = "/passthrough/bedrock/model/sim-fast/converse-stream";

async fn simulator() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    format!("http://{address}")
}

async fn world() -> World {
    let mut world = World::new();
    world.key(WIDE_KEY, |key| key.permissions.push("passthrough".into()));
    world.provider("bedrock", "bedrock", &simulator().await, "AKID:secret@eu-west-1");
    world.price("sim-fast", r#"{"input":"0.000001","output":"0.01"}"#);
    world
}

/// What came of a stream, and whether it came to its end.
async fn stream(gateway: &Gateway, sim: &Value) -> (Vec<u8>, bool) {
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Tell me about wind parks."}]}], "sim": sim});
    let request = client().post(gateway.url(PATH)).bearer_auth(WIDE_KEY).json(&body);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/vnd.amazon.eventstream");
    let mut came = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) => came.extend_from_slice(&piece),
            Ok(None) => return (came, true),
            Err(_) => return (came, false),
        }
    }
}

fn tokens(record: &CallRecord) -> (u64, u64) {
    record.usage.map_or((0, 0), |usage| (usage.input(), usage.output()))
}

#[tokio::test]
async fn what_a_whole_stream_tells_of_itself_is_recorded_and_priced() {
    let gateway = Gateway::start(world().await).await;
    for split_bytes in [json!(null), json!(7)] {
        let (came, is_whole) = stream(&gateway, &json!({"words": 20, "split_bytes": split_bytes})).await;
        assert!(is_whole && came.windows(8).any(|name| name == b"metadata"));
    }
    for record in gateway.recorded(2).await {
        let (input, output) = tokens(&record);
        assert!(input > 3 && output > 10, "{record:?}");
        assert_eq!((status_of(&record), record.finish_reason.as_str()), (CallStatus::Ok, "end_turn"));
        assert_eq!(record.usage_source, UsageSource::Provider as i32);
        assert!(record.cost_known && record.first_token_us > 0);
    }
}

#[tokio::test]
async fn what_it_says_is_recorded_like_any_stream_and_redacted_like_one() {
    let mut world = world().await;
    world.guard(|guard| {
        let policy = ContentPolicy { recording: Some(RecordingLevel::Redacted), ..ContentPolicy::default() };
        guard.teams.insert(team(), policy);
    });
    let gateway = Gateway::start(world).await;
    let said = "Write to anna.berg@example.com soon.";
    let (came, _) = stream(&gateway, &json!({"text": said})).await;
    assert!(!came.is_empty());
    let record = gateway.only_record().await;
    assert!(record.response_is_sse && !record.body_truncated);
    let kept = String::from_utf8(record.response_body.to_vec()).unwrap();
    let text: String = kept
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|event| event.pointer("/delta/text")?.as_str().map(str::to_owned))
        .collect();
    assert!(text.starts_with("Write to ") && text.ends_with(" soon."), "{kept}");
    assert!(!text.contains("anna.berg") && record.redactions > 0, "{text}");
    assert!(kept.contains("\"stop_reason\":\"end_turn\""), "{kept}");
}

#[tokio::test]
async fn its_first_token_is_the_first_word_and_not_the_beginning_of_the_stream() {
    let gateway = Gateway::start(world().await).await;
    // The message that begins the answer comes at once, each word 60 ms after what was before it.
    stream(&gateway, &json!({"words": 3, "pace_ms": 60})).await;
    let record = gateway.only_record().await;
    let first_byte_us = record.attempts[0].first_byte_us;
    assert!(record.first_token_us >= first_byte_us + 50_000, "{} {first_byte_us}", record.first_token_us);
    assert!(record.first_token_us < record.duration_us, "and before its end");
}

#[tokio::test]
async fn a_stream_that_its_provider_cuts_is_counted_as_far_as_it_came() {
    let gateway = Gateway::start(world().await).await;
    let (_, is_whole) = stream(&gateway, &json!({"words": 400, "cut_after": 300})).await;
    assert!(!is_whole);
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::UpstreamError, "upstream_cut"));
    let (input, output) = tokens(&record);
    assert!(input > 0 && output > 100, "{record:?}");
    assert_eq!(record.usage_source, UsageSource::Partial as i32);
    assert!(record.cost_known);
}

#[tokio::test]
async fn an_exception_in_the_stream_is_the_calls_error() {
    let gateway = Gateway::start(world().await).await;
    let (came, _) = stream(&gateway, &json!({"words": 40, "error_after": 10})).await;
    assert!(came.windows(25).any(|name| name == b"modelStreamErrorException"), "it passes as it is");
    let record = gateway.only_record().await;
    assert_eq!(
        (status_of(&record), record.error_code.as_str()),
        (CallStatus::UpstreamError, "upstream_error")
    );
    assert!(record.error_message.contains("asked to fail in the middle"), "{}", record.error_message);
}

#[tokio::test]
async fn it_is_cut_with_an_exception_when_its_budget_is_gone() {
    let mut world = world().await;
    // Two thousand tokens of output.
    world.limit("budget", Kind::Spend, Window::Total, 20_000_000_000_000, |_| {});
    let gateway = Gateway::start(world).await;
    let (came, is_whole) = stream(&gateway, &json!({"words": 50_000})).await;
    assert!(!is_whole, "it does not end as if it were whole");
    let text = String::from_utf8_lossy(&came);
    let end = text.rfind("exception").unwrap_or_else(|| panic!("no exception: {}", text.len()));
    assert!(text[end..].contains("'budget'"), "{}", &text[end..]);
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::Budget, "budget_exceeded"));
    let (_, output) = tokens(&record);
    // While it runs it is measured by its bytes; what came is counted in tokens.
    assert!((1_600..4_000).contains(&output), "cut at about two thousand: {output}");
}
