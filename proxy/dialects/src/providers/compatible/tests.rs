//! What each row of the table changes, and what it leaves as it is.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{PRESETS, Preset};
use crate::form::{Content, FaultKind, StopReason, StreamEvent};
use crate::providers::testing::{self, json, put_together, target, unsigned};
use crate::providers::{Endpoint, Provider, Target};
use crate::{Dialect, Policy, chat};

const MISTRAL_STREAM: &[u8] = include_bytes!("fixtures/mistral_stream.sse");

fn preset(kind: &str) -> &'static Preset {
    PRESETS.iter().find(|preset| preset.kind == kind).unwrap()
}

fn asked(more: &Value) -> crate::form::Request {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    chat::read_request(body.to_string().as_bytes()).unwrap()
}

fn written(kind: &str, more: &Value) -> Value {
    json(&preset(kind).write_request(&asked(more), Policy::RefuseUnsupported).unwrap().body)
}

#[test]
fn a_bound_on_the_answer_reaches_every_provider_under_its_name() {
    for kind in PRESETS.iter().map(|preset| preset.kind) {
        let body = written(kind, &json!({"max_completion_tokens": 7}));
        let bounds = (body["max_tokens"].as_u64(), body["max_completion_tokens"].as_u64());
        assert!(matches!(bounds, (Some(7), None) | (None, Some(7))), "{kind}: {bounds:?}");
    }
    assert_eq!(written("deepseek", &json!({"max_completion_tokens": 7}))["max_tokens"], 7);
}

#[test]
fn mistral_gets_ids_of_nine_letters_that_still_belong_together() {
    let body = written(
        "mistral",
        &json!({"seed": 3, "stream": true, "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_HK27dTkRzTdYyQsM", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "D681PevKs", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_HK27dTkRzTdYyQsM", "content": "1"},
        {"role": "tool", "tool_call_id": "D681PevKs", "content": "2"}]}),
    );
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let call = id(&body["messages"][1]["tool_calls"][0]["id"]);
    assert!(call.len() == 9 && call.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{call}");
    assert_eq!(id(&body["messages"][2]["tool_call_id"]), call);
    assert_eq!(body["messages"][3]["tool_call_id"], "D681PevKs", "its own ids stay");
    assert_eq!((&body["random_seed"], &body["seed"]), (&json!(3), &Value::Null));
    assert!(body["stream_options"].is_null(), "it refuses what it does not know, and tells usage anyway");
}

#[test]
fn what_a_provider_does_not_take_is_refused_by_name_or_told() {
    let refused = |kind: &str, more: Value| {
        preset(kind).write_request(&asked(&more), Policy::RefuseUnsupported).unwrap_err()
    };
    let error = refused("mistral", json!({"logit_bias": {"1": 2}}));
    assert!(error.to_string().contains("'logit_bias' cannot be sent to a Mistral provider"), "{error}");
    let schema =
        json!({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}});
    assert_eq!(refused("deepseek", schema.clone()).field(), "response_format (json_schema)");
    let dropped = preset("deepseek").write_request(&asked(&schema), Policy::DropUnsupported).unwrap();
    assert_eq!(dropped.dropped, ["response_format (json_schema)"]);
    let hint = preset("mistral")
        .write_request(&asked(&json!({"user": "u", "n": 1})), Policy::RefuseUnsupported)
        .unwrap();
    assert_eq!(hint.dropped, ["user"]);
    assert_eq!(written("openrouter", &json!({"logit_bias": {"1": 2}}))["logit_bias"], json!({"1": 2}));
}

#[test]
fn thinking_is_asked_for_as_each_has_it() {
    let effort = |kind: &str, effort: &str| written(kind, &json!({"reasoning_effort": effort}));
    assert_eq!(effort("deepseek", "none")["thinking"], json!({"type": "disabled"}));
    assert_eq!(effort("deepseek", "high")["thinking"], json!({"type": "enabled"}));
    assert_eq!(effort("mistral", "low")["reasoning_effort"], "high");
    assert_eq!(effort("groq", "low")["reasoning_effort"], "low");
    let thought = json!({"messages": [{"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Ho", "reasoning_content": "Hm"}, {"role": "user", "content": "Hi"}]});
    assert_eq!(written("deepseek", &thought)["messages"][1]["reasoning_content"], "Hm");
    assert!(written("mistral", &thought)["messages"][1]["reasoning_content"].is_null());
}

#[test]
fn deepseeks_reasoning_and_cache_counts_are_read() {
    let answer = preset("deepseek").read_response(include_bytes!("fixtures/deepseek_response.json")).unwrap();
    assert!(matches!(&answer.parts[0].content, Content::Thinking(thinking) if thinking.text == "Easy."));
    let usage = answer.usage.unwrap();
    assert_eq!(
        (usage.in_cache_read, usage.in_uncached, usage.out_reasoning, usage.out_text),
        (64, 11, 20, 10)
    );
}

#[test]
fn mistrals_thinking_is_read_from_its_lists() {
    let whole = preset("mistral").read_response(include_bytes!("fixtures/mistral_response.json")).unwrap();
    assert!(matches!(&whole.parts[0].content, Content::Thinking(thinking) if thinking.text == "2+2 is 4."));
    assert_eq!(whole.parts[1].content, Content::Text("Four.".to_owned()));
    assert_eq!(whole.stop, StopReason::End);
    let mut streamed = put_together(&testing::events(preset("mistral").stream_reader(), [MISTRAL_STREAM]));
    streamed.created_s = whole.created_s;
    assert_eq!(streamed, whole);
}

#[test]
fn mistrals_own_shape_of_error_is_read() {
    let error = preset("mistral").read_error(422, include_bytes!("fixtures/mistral_error.json"));
    assert_eq!(error.kind, FaultKind::InvalidRequest);
    let limited = preset("mistral").read_error(429, br#"{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#);
    assert_eq!(
        (limited.kind, limited.message.as_str()),
        (FaultKind::RateLimited, "Requests rate limit exceeded")
    );
}

#[test]
fn each_has_its_paths_and_bytes_pass_only_where_that_is_safe() {
    let path = |kind: &str, endpoint| {
        let base = preset(kind)
            .base_url
            .split_once("://")
            .unwrap()
            .1
            .split_once('/')
            .map_or(String::new(), |(_, path)| format!("/{path}"));
        preset(kind).path(&Target { endpoint, ..target(&base, "m", false) })
    };
    assert_eq!(path("groq", Endpoint::Generate).unwrap(), "/openai/v1/chat/completions");
    assert_eq!(path("deepseek", Endpoint::Generate).unwrap(), "/chat/completions");
    assert_eq!(path("groq", Endpoint::Embeddings), None);
    assert_eq!(path("mistral", Endpoint::Embeddings).unwrap(), "/v1/embeddings");
    assert_eq!(path("mistral", Endpoint::Native(Dialect::Chat)), None);
    assert_eq!(path("vllm", Endpoint::Native(Dialect::Chat)).unwrap(), "/v1/chat/completions");
    let as_they_are: Vec<&str> =
        PRESETS.iter().filter(|preset| preset.speaks(Dialect::Chat)).map(|preset| preset.kind).collect();
    assert_eq!(as_they_are, ["groq", "xai", "openrouter", "fireworks", "vllm"]);
    let request = unsigned("h", "/", b"");
    assert_eq!(preset("ollama").headers(None, &request).unwrap(), []);
    assert_eq!(
        preset("xai").headers(Some("k"), &request).unwrap(),
        [("authorization", "Bearer k".to_owned())]
    );
}

proptest! {
    #[test]
    fn a_request_loses_nothing_that_both_can_say(request in testing::requests(), at in 0..PRESETS.len()) {
        let preset = &PRESETS[at];
        prop_assume!(preset.takes_schemas || request.output == crate::form::Output::Text);
        prop_assume!(!preset.short_call_ids);
        let written = preset.write_request(&request, Policy::RefuseUnsupported).unwrap();
        // Which of a turn's tool results failed is the one thing this wire has no word for.
        prop_assert!(written.dropped.iter().all(|field| field == "is_error"), "{:?}", written.dropped);
        let plain = json(&chat::write_request(&request, Policy::RefuseUnsupported).unwrap().body);
        let mut body = json(&written.body);
        if let Some(bound) = body.as_object_mut().unwrap().shift_remove("max_tokens") {
            body["max_completion_tokens"] = bound;
        }
        prop_assert_eq!(body, plain);
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(places in prop::collection::vec(0usize..4_000, 0..12)) {
        testing::cuts_change_nothing(preset("mistral"), MISTRAL_STREAM, &places);
    }

    #[test]
    fn nothing_a_server_sends_makes_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = preset("mistral").read_response(&bytes);
        let events = testing::events(preset("mistral").stream_reader(), [&b"data: "[..], &bytes, b"\n\n"]);
        prop_assert!(!events.contains(&StreamEvent::End));
    }
}
