//! Fixtures as Cohere documents the wire, and properties.

#![allow(clippy::unwrap_used, clippy::panic)]

mod read_back;

use aop_domain::usage::Usage;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Cohere;
use crate::form::{Content, FaultKind, StopReason, StreamEvent, Thinking};
use crate::providers::testing::{self, json, put_together, target, unsigned};
use crate::providers::{Endpoint, Provider, Target};
use crate::{Policy, chat};

const STREAM: &[u8] = include_bytes!("fixtures/stream.sse");

fn asked(more: &Value) -> crate::form::Request {
    let mut body = json!({"model": "command-a-03-2025", "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    chat::read_request(body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_chat_request_says_all_it_says_in_coheres_words() {
    let request = chat::read_request(include_bytes!("fixtures/chat_request.json")).unwrap();
    let written = Cohere.write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(json(&written.body), json(include_bytes!("fixtures/request.json")));
    assert_eq!(written.dropped, ["user"]);
}

#[test]
fn an_answer_with_a_plan_and_calls_is_read() {
    let answer = Cohere.read_response(include_bytes!("fixtures/response.json")).unwrap();
    assert_eq!(
        (answer.id.as_str(), &answer.stop),
        ("c14c80c3-18eb-4519-9460-6c92edd8cfb4", &StopReason::ToolCalls)
    );
    let plan = Thinking { text: "I will look up the weather.".to_owned(), ..Thinking::default() };
    assert_eq!(answer.parts[0].content, Content::Thinking(plan));
    let Content::ToolCall(call) = &answer.parts[1].content else { panic!("{:?}", answer.parts) };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("get_weather_1byjy32y4hvq", "get_weather"));
    assert_eq!(json(call.arguments.as_bytes()), json!({"city": "Paris"}));
    assert_eq!(
        answer.usage,
        Some(Usage { in_uncached: 37, out_text: 25, ..Usage::default() }),
        "what is billed"
    );
}

#[test]
fn the_events_of_a_stream_make_the_same_answer_as_the_whole() {
    let streamed = put_together(&testing::events(Cohere.stream_reader(), [STREAM]));
    assert_eq!(streamed, Cohere.read_response(include_bytes!("fixtures/response.json")).unwrap());
}

#[test]
fn thinking_and_text_are_read_apart_whole_and_streamed() {
    let whole = Cohere.read_response(include_bytes!("fixtures/thinking_response.json")).unwrap();
    assert!(
        matches!(&whole.parts[0].content, Content::Thinking(thinking) if thinking.text == "Add them up.")
    );
    assert_eq!(whole.parts[1].content, Content::Text("Four, grüß dich.".to_owned()));
    let stream = include_bytes!("fixtures/thinking_stream.sse");
    assert_eq!(put_together(&testing::events(Cohere.stream_reader(), [&stream[..]])), whole);
}

#[test]
fn a_stream_that_breaks_off_or_fails_has_no_end() {
    let cut = testing::events(Cohere.stream_reader(), [&STREAM[..STREAM.len() - 300]]);
    assert!(!cut.iter().any(|event| matches!(event, StreamEvent::End | StreamEvent::Stop(_))));
    let failed = b"event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"out of luck\"}}\n\n";
    let events = testing::events(Cohere.stream_reader(), [&failed[..]]);
    let Some(StreamEvent::Error(fault)) = events.last() else { panic!("{events:?}") };
    assert_eq!(fault.message, "The provider failed in the middle of its answer: out of luck.");
    let whole = br#"{"id":"1","finish_reason":"TIMEOUT","message":{"role":"assistant"}}"#;
    assert!(Cohere.read_response(whole).is_err());
}

#[test]
fn errors_are_told_apart() {
    let error = |status, message: &str| {
        Cohere.read_error(status, json!({"id": "e", "message": message}).to_string().as_bytes())
    };
    assert_eq!(error(401, "invalid api token").kind, FaultKind::Authentication);
    assert_eq!(error(498, "invalid token").kind, FaultKind::Authentication);
    assert_eq!(error(402, "please add a payment method").kind, FaultKind::Billing);
    assert_eq!(error(422, "unknown field").kind, FaultKind::InvalidRequest);
    assert_eq!(error(429, "trial key limit").kind, FaultKind::RateLimited);
    let long = error(400, "too many tokens: size limit exceeded by 20 tokens");
    assert_eq!(long.code.as_deref(), Some("context_length_exceeded"));
    assert_eq!(Cohere.read_error(503, b"").message, "The provider answered with status 503.");
}

#[test]
fn what_cohere_cannot_do_is_refused_by_name() {
    let tools = |count: usize| -> Value {
        (0..count).map(|at| json!({"type": "function", "function": {"name": format!("f{at}")}})).collect()
    };
    let choice = json!({"type": "function", "function": {"name": "f0"}});
    let two = asked(&json!({"tools": tools(2), "tool_choice": choice}));
    assert_eq!(Cohere.write_request(&two, Policy::RefuseUnsupported).unwrap_err().field(), "tool_choice");
    let one = asked(&json!({"tools": tools(1), "tool_choice": choice}));
    assert_eq!(
        json(&Cohere.write_request(&one, Policy::RefuseUnsupported).unwrap().body)["tool_choice"],
        "REQUIRED"
    );
    let refused = asked(&json!({"logit_bias": {"1": 2}}));
    let message = Cohere.write_request(&refused, Policy::RefuseUnsupported).unwrap_err().to_string();
    assert!(message.contains("'logit_bias' cannot be sent to a Cohere provider"), "{message}");
}

#[test]
fn it_has_its_paths() {
    let path = |endpoint| Cohere.path(&Target { endpoint, ..target("/v2", "command-a", true) });
    assert_eq!(path(Endpoint::Generate).unwrap(), "/v2/chat");
    assert_eq!(path(Endpoint::Embeddings).unwrap(), "/compatibility/v1/embeddings");
    assert_eq!(path(Endpoint::CountTokens), None);
    assert_eq!(
        Cohere.headers(Some("k"), &unsigned("h", "/", b"")).unwrap(),
        [("authorization", "Bearer k".to_owned())]
    );
}

proptest! {
    #[test]
    fn a_request_loses_nothing_that_both_can_say(request in testing::requests()) {
        let written = Cohere.write_request(&request, Policy::RefuseUnsupported).unwrap();
        // Which of a turn's tool results failed is the one thing this wire has no word for.
        prop_assert!(written.dropped.iter().all(|field| field == "is_error"), "{:?}", written.dropped);
        prop_assert_eq!(read_back::read(&json(&written.body)), read_back::sayable(request));
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(places in prop::collection::vec(0usize..4_000, 0..12)) {
        testing::cuts_change_nothing(&Cohere, STREAM, &places);
    }

    #[test]
    fn nothing_a_server_sends_makes_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Cohere.read_response(&bytes);
        let _ = Cohere.read_error(500, &bytes);
        prop_assert!(!testing::events(Cohere.stream_reader(), [&bytes[..]]).contains(&StreamEvent::End));
    }
}
