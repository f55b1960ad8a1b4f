//! Fixtures as Amazon documents the wire, and properties.

#![allow(clippy::unwrap_used, clippy::panic)]

mod read_back;

use aop_domain::usage::Usage;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Bedrock;
use super::frames::encode;
use crate::form::{Content, FaultKind, StopReason, StreamEvent, Thinking};
use crate::providers::testing::{self, json, put_together, target, unsigned};
use crate::providers::{Endpoint, Provider, Target};
use crate::{Policy, chat, messages};

/// The events of a stream, one a line: name and payload.
const STREAM: &str = include_str!("fixtures/stream.txt");

fn framed(lines: &str) -> Vec<u8> {
    let lines = lines.lines().filter(|line| !line.is_empty());
    lines
        .flat_map(|line| {
            let (name, payload) = line.split_once(' ').unwrap();
            event(name, payload)
        })
        .collect()
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    encode(&headers, payload.as_bytes())
}

fn written(request: &crate::form::Request) -> Value {
    json(&Bedrock.write_request(request, Policy::RefuseUnsupported).unwrap().body)
}

#[test]
fn a_messages_request_says_all_it_says_in_converses_words() {
    let request = messages::read_request(include_bytes!("fixtures/messages_request.json")).unwrap();
    let written = Bedrock.write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(json(&written.body), json(include_bytes!("fixtures/request.json")));
    assert_eq!(written.dropped, ["metadata.user_id"]);
}

#[test]
fn an_answer_with_thinking_and_a_call_is_read() {
    let answer = Bedrock.read_response(include_bytes!("fixtures/response.json")).unwrap();
    assert_eq!(answer.stop, StopReason::ToolCalls);
    let thinking =
        Thinking { text: "Paris it is.".to_owned(), signature: Some("ErUBCkYIBRgC".to_owned()), id: None };
    assert_eq!(answer.parts[0].content, Content::Thinking(thinking));
    assert_eq!(answer.parts[1].content, Content::RedactedThinking("bedrock:ZW5jcnlwdGVk".to_owned()));
    assert_eq!(answer.parts[2].content, Content::Text("Let me look.".to_owned()));
    let Content::ToolCall(call) = &answer.parts[3].content else { panic!("{:?}", answer.parts) };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", "get_weather"));
    assert_eq!(json(call.arguments.as_bytes()), json!({"city": "Paris"}));
    let usage = Usage {
        in_uncached: 30,
        in_cache_read: 1_000,
        in_cache_write_5m: 200,
        in_cache_write_1h: 300,
        out_text: 62,
        ..Usage::default()
    };
    assert_eq!(answer.usage, Some(usage));
    assert_eq!(usage.total(), 1_592, "as totalTokens says");
}

#[test]
fn the_events_of_a_stream_make_the_same_answer_as_the_whole() {
    let streamed = put_together(&testing::events(Bedrock.stream_reader(), [&framed(STREAM)[..]]));
    let mut whole = Bedrock.read_response(include_bytes!("fixtures/response.json")).unwrap();
    whole.service_tier = None;
    assert_eq!(streamed, whole);
}

#[test]
fn a_stream_that_breaks_off_or_is_damaged_has_no_end() {
    let whole = framed(STREAM);
    let cut = testing::events(Bedrock.stream_reader(), [&whole[..whole.len() / 2]]);
    assert!(!cut.iter().any(|event| matches!(event, StreamEvent::End | StreamEvent::Error(_))));
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    let events = testing::events(Bedrock.stream_reader(), [&damaged[..]]);
    let Some(StreamEvent::Error(fault)) = events.last() else { panic!("{events:?}") };
    assert_eq!(fault.kind, FaultKind::Internal);
}

#[test]
fn an_exception_is_the_last_event_of_a_stream() {
    let headers = [
        (":exception-type", "throttlingException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    let exception = encode(&headers, br#"{"message":"Too many tokens, please wait before trying again."}"#);
    let start = event("messageStart", r#"{"role":"assistant"}"#);
    let events = testing::events(Bedrock.stream_reader(), [&start[..], &exception, &framed(STREAM)]);
    let Some(StreamEvent::Error(fault)) = events.last() else { panic!("{events:?}") };
    assert_eq!(
        (fault.kind, fault.status, fault.code.as_deref()),
        (FaultKind::RateLimited, 429, Some("throttlingException"))
    );
    let headers = [
        (":error-code", "InternalError"),
        (":error-message", "An internal error."),
        (":message-type", "error"),
    ];
    let events = testing::events(Bedrock.stream_reader(), [&encode(&headers, b"")[..]]);
    assert!(matches!(&events[..], [StreamEvent::Error(fault)] if fault.message == "An internal error."));
}

#[test]
fn a_stream_without_usage_ends_all_the_same() {
    let lines: Vec<&str> = STREAM.lines().filter(|line| !line.starts_with("metadata")).collect();
    let answer = put_together(&testing::events(Bedrock.stream_reader(), [&framed(&lines.join("\n"))[..]]));
    assert_eq!((answer.stop, answer.usage), (StopReason::ToolCalls, None));
}

#[test]
fn errors_are_told_apart() {
    let error = |status, body: &str| Bedrock.read_error(status, body.as_bytes());
    let long = error(400, r#"{"message":"Input is too long for requested model."}"#);
    assert_eq!(
        (long.kind, long.code.as_deref()),
        (FaultKind::InvalidRequest, Some("context_length_exceeded"))
    );
    let signature = error(403, r#"{"message":"The security token included in the request is invalid."}"#);
    assert_eq!(signature.kind, FaultKind::Authentication);
    let denied =
        error(403, r#"{"message":"You don't have access to the model with the specified model ID."}"#);
    assert_eq!(denied.kind, FaultKind::Permission);
    let named =
        error(400, r#"{"__type":"com.amazon.coral.service#ThrottlingException","Message":"Rate exceeded"}"#);
    assert_eq!((named.kind, named.message.as_str()), (FaultKind::RateLimited, "Rate exceeded"));
    assert_eq!(error(424, "{}").kind, FaultKind::Internal);
    assert_eq!(error(503, "<html>").message, "The provider answered with status 503.");
}

#[test]
fn what_only_some_models_take_goes_only_to_them() {
    let body = |model: &str| {
        json!({"model": model, "reasoning_effort": "high", "max_tokens": 20_000,
        "messages": [{"role": "user", "content": "Hi"}]})
    };
    let request = |model: &str| chat::read_request(body(model).to_string().as_bytes()).unwrap();
    let more = |model: &str| written(&request(model))["additionalModelRequestFields"].clone();
    assert_eq!(
        more("us.anthropic.claude-sonnet-4-20250514-v1:0"),
        json!({"thinking": {"type": "enabled", "budget_tokens": 16_384}})
    );
    assert_eq!(
        more("anthropic.claude-opus-4-6-v1"),
        json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}})
    );
    assert_eq!(
        more("amazon.nova-2-lite-v1:0"),
        json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}})
    );
    assert_eq!(more("openai.gpt-oss-120b-1:0"), json!({"reasoning_effort": "high"}));
    let refused = Bedrock
        .write_request(&request("meta.llama3-1-70b-instruct-v1:0"), Policy::RefuseUnsupported)
        .unwrap_err();
    assert_eq!(refused.field(), "reasoning_effort");
    let dropped =
        Bedrock.write_request(&request("meta.llama3-1-70b-instruct-v1:0"), Policy::DropUnsupported).unwrap();
    assert_eq!(dropped.dropped, ["reasoning_effort"]);
}

#[test]
fn a_choice_of_no_tool_is_a_request_without_tools() {
    let body = json!({"model": "m", "tool_choice": "none", "messages": [{"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": {"name": "f"}}]});
    let request = chat::read_request(body.to_string().as_bytes()).unwrap();
    assert!(written(&request)["toolConfig"].is_null());
}

#[test]
fn requests_are_signed_with_a_key_or_carry_one() {
    let path = Bedrock.path(&target("", "anthropic.claude-3-haiku-20240307-v1:0", true)).unwrap();
    assert_eq!(path, "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream");
    let profile =
        Bedrock.path(&target("", "arn:aws:bedrock:us-east-1:1:inference-profile/x", false)).unwrap();
    assert_eq!(profile, "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse");
    let request = unsigned("bedrock-runtime.us-east-1.amazonaws.com", &path, b"{}");
    let headers = Bedrock.headers(Some("AKIDEXAMPLE:secret:token"), &request).unwrap();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["authorization", "x-amz-date", "x-amz-security-token"]);
    let begins = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=";
    assert!(headers[0].1.starts_with(begins), "{}", headers[0].1);
    assert!(!headers[0].1.contains("secret"), "the key itself never travels");
    let key = Bedrock.headers(Some("bedrock-api-key-x"), &request).unwrap();
    assert_eq!(key, [("authorization", "Bearer bedrock-api-key-x".to_owned())]);
    assert!(!Bedrock.headers_are_static());
}

#[test]
fn tokens_are_counted_with_the_same_conversation() {
    let request =
        chat::read_request(br#"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}"#)
            .unwrap();
    let count = Target { endpoint: Endpoint::CountTokens, ..target("", "m", false) };
    assert_eq!(Bedrock.path(&count).unwrap(), "/model/m/count-tokens");
    let body = json(&Bedrock.write_count(&request, Policy::RefuseUnsupported).unwrap().unwrap());
    assert_eq!(
        body,
        json!({"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}}})
    );
    assert_eq!(Bedrock.read_count(br#"{"inputTokens": 9}"#), Some(9));
}

proptest! {
    #[test]
    fn a_request_loses_nothing_that_both_can_say(request in testing::requests()) {
        let written = Bedrock.write_request(&request, Policy::RefuseUnsupported).unwrap();
        prop_assert_eq!(&written.dropped, &Vec::<String>::new());
        prop_assert_eq!(read_back::read(&json(&written.body), &request.model), request);
    }

    #[test]
    fn a_turn_goes_out_and_comes_back(blocks in turns()) {
        let whole = json!({"output": {"message": {"role": "assistant", "content": blocks}}, "stopReason": "end_turn"});
        let answer = Bedrock.read_response(whole.to_string().as_bytes()).unwrap();
        let streamed = put_together(&testing::events(Bedrock.stream_reader(), [&framed(&streamed(&blocks))[..]]));
        prop_assert_eq!(&streamed, &answer);
        let mut request = crate::form::Request::new(crate::Dialect::Messages, "anthropic.claude");
        request.messages = vec![crate::form::Message::new(crate::form::Role::Assistant, answer.parts)];
        prop_assert_eq!(&written(&request)["messages"][0]["content"], &Value::from(blocks));
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(places in prop::collection::vec(0usize..8_000, 0..12)) {
        testing::cuts_change_nothing(&Bedrock, &framed(STREAM), &places);
    }

    #[test]
    fn nothing_a_server_sends_makes_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..200), name in ".{0,20}") {
        let _ = Bedrock.read_response(&bytes);
        let _ = Bedrock.read_error(500, &bytes);
        let mut stream = event(&name, "{\"delta\":{\"toolUse\":{\"input\":\"x\"}}}");
        stream.extend_from_slice(&bytes);
        prop_assert!(!testing::events(Bedrock.stream_reader(), [&stream[..]]).contains(&StreamEvent::End));
    }
}

/// The blocks of one turn as the service makes them.
fn turns() -> impl Strategy<Value = Vec<Value>> {
    let words = || "[a-zé ]{1,9}";
    let thought = words()
        .prop_map(|text| json!({"reasoningContent": {"reasoningText": {"text": text, "signature": "c2ln"}}}));
    let redacted = Just(json!({"reasoningContent": {"redactedContent": "ZGF0YQ=="}}));
    let said = words().prop_map(|text| json!({"text": text}));
    let call = ("[a-z]{1,6}", words()).prop_map(
        |(name, value)| json!({"toolUse": {"toolUseId": "tooluse_1", "name": name, "input": {"a": value}}}),
    );
    (prop::option::of(prop_oneof![thought, redacted]), said, prop::collection::vec(call, 0..3))
        .prop_map(|(thought, said, calls)| thought.into_iter().chain([said]).chain(calls).collect())
}

/// The same blocks as the lines of a stream, a letter at a time.
fn streamed(blocks: &[Value]) -> String {
    let mut lines = vec!["messageStart {\"role\":\"assistant\"}".to_owned()];
    for (at, block) in blocks.iter().enumerate() {
        let mut delta = |delta: Value| {
            lines.push(format!("contentBlockDelta {}", json!({"contentBlockIndex": at, "delta": delta})))
        };
        let letters = |text: &Value| text.as_str().unwrap().chars().map(String::from).collect::<Vec<_>>();
        let reasoning = &block["reasoningContent"];
        if block["text"].is_string() {
            letters(&block["text"]).into_iter().for_each(|letter| delta(json!({"text": letter})));
        } else if reasoning["redactedContent"].is_string() {
            delta(json!({"reasoningContent": reasoning}));
        } else if reasoning.is_object() {
            letters(&reasoning["reasoningText"]["text"])
                .into_iter()
                .for_each(|letter| delta(json!({"reasoningContent": {"text": letter}})));
            delta(json!({"reasoningContent": {"signature": reasoning["reasoningText"]["signature"]}}));
        } else {
            let call = &block["toolUse"];
            let start = json!({"contentBlockIndex": at, "start": {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}});
            lines.push(format!("contentBlockStart {start}"));
            let input = Value::from(call["input"].to_string());
            for letter in letters(&input) {
                lines.push(format!(
                    "contentBlockDelta {}",
                    json!({"contentBlockIndex": at, "delta": {"toolUse": {"input": letter}}})
                ));
            }
        }
        lines.push(format!("contentBlockStop {}", json!({"contentBlockIndex": at})));
    }
    lines.push("messageStop {\"stopReason\":\"end_turn\"}".to_owned());
    lines.join("\n")
}
