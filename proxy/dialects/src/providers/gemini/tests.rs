//! Fixtures as Google documents the wire, and properties.

#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod read_back;

use aop_domain::usage::Usage;
use proptest::prelude::*;
use serde_json::json;

use super::{Gemini, Vertex};
use crate::form::{Content, FaultKind, StopReason, StreamEvent, Thinking};
use crate::providers::testing::{self, json, put_together, target, unsigned};
use crate::providers::{Endpoint, Provider, Target};
use crate::{Policy, chat, messages};

const STREAM: &[u8] = include_bytes!("fixtures/stream.sse");

fn written(chat_request: &serde_json::Value) -> serde_json::Value {
    let request = chat::read_request(chat_request.to_string().as_bytes()).unwrap();
    json(&Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap().body)
}

#[test]
fn a_chat_request_says_all_it_says_in_geminis_words() {
    let request = chat::read_request(include_bytes!("fixtures/chat_request.json")).unwrap();
    let written = Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(json(&written.body), json(include_bytes!("fixtures/request.json")));
    assert_eq!(written.dropped, ["messages[1].content[1].detail", "tools[0].strict", "user"]);
}

#[test]
fn an_answer_with_thoughts_a_call_and_its_proof_is_read() {
    let answer = Gemini.read_response(include_bytes!("fixtures/response.json")).unwrap();
    assert_eq!(answer.id, "kXo0aZbTKs_VvdIPnt6I6Qs");
    assert_eq!(answer.model, "gemini-3-pro-preview");
    assert_eq!(answer.stop, StopReason::ToolCalls);
    let Content::Thinking(thinking) = &answer.parts[0].content else { panic!("{:?}", answer.parts) };
    assert_eq!(thinking.text, "The user wants the weather.");
    assert_eq!(thinking.signature.as_deref(), Some("gemini:EpkCCpYCAXLI2nw+1A=="));
    let Content::ToolCall(call) = &answer.parts[1].content else { panic!("{:?}", answer.parts) };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("call_gw_kXo0aZbTKs_VvdIPnt6I6Qs_0", "get_weather"));
    assert_eq!(json(call.arguments.as_bytes()), json!({"city": "Paris"}));
    let usage = answer.usage.unwrap();
    assert_eq!(
        usage,
        Usage {
            in_uncached: 500,
            in_cache_read: 1_024,
            in_audio: 32,
            in_image: 258,
            out_text: 21,
            out_reasoning: 77,
            ..Usage::default()
        }
    );
    assert_eq!(usage.total(), 1_912, "as totalTokenCount says");
}

#[test]
fn the_pieces_of_a_stream_make_the_same_answer_as_the_whole() {
    let streamed = put_together(&testing::events(Gemini.stream_reader(), [STREAM]));
    assert_eq!(streamed, Gemini.read_response(include_bytes!("fixtures/stream_whole.json")).unwrap());
    assert_eq!(streamed.stop, StopReason::End);
}

#[test]
fn a_stream_that_breaks_off_has_no_end() {
    let half = &STREAM[..STREAM.len() / 2];
    let events = testing::events(Gemini.stream_reader(), [half]);
    assert!(!events.iter().any(|event| matches!(event, StreamEvent::End | StreamEvent::Stop(_))));
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_its_last_event() {
    let error = b"data: {\"error\": {\"code\": 503, \"message\": \"The model is overloaded.\", \"status\": \"UNAVAILABLE\"}}\r\n\r\n";
    let half = STREAM.split_inclusive(|byte| *byte == b'\n').take(2).flatten().copied().collect::<Vec<u8>>();
    let events = testing::events(Gemini.stream_reader(), [&half[..], error, STREAM]);
    let Some(StreamEvent::Error(fault)) = events.last() else { panic!("{events:?}") };
    assert_eq!((fault.kind, fault.status), (FaultKind::Overloaded, 503));
}

#[test]
fn a_blocked_prompt_is_an_answer_that_a_filter_took() {
    let blocked = include_bytes!("fixtures/blocked.json");
    let answer = Gemini.read_response(blocked).unwrap();
    assert_eq!((answer.stop, answer.parts), (StopReason::ContentFilter, vec![]));
    assert_eq!(answer.usage.unwrap().in_uncached, 14);
    let stream = format!("data: {}\n\n", json(blocked));
    let events = testing::events(Gemini.stream_reader(), [stream.as_bytes()]);
    assert_eq!(put_together(&events).stop, StopReason::ContentFilter);
}

#[test]
fn errors_are_told_apart() {
    let key = Gemini.read_error(400, include_bytes!("fixtures/error_key.json"));
    assert_eq!((key.kind, key.code.as_deref()), (FaultKind::Authentication, Some("invalid_argument")));
    assert_eq!(key.message, "API key not valid. Please pass a valid API key.");
    let quota = Gemini.read_error(429, include_bytes!("fixtures/error_quota.json"));
    assert_eq!((quota.kind, quota.code.as_deref()), (FaultKind::RateLimited, Some("resource_exhausted")));
    let long = json!([{"error": {"code": 400, "status": "INVALID_ARGUMENT",
        "message": "The input token count (1048600) exceeds the maximum number of tokens allowed (1048576)."}}]);
    let long = Gemini.read_error(400, long.to_string().as_bytes());
    assert_eq!(
        (long.kind, long.code.as_deref()),
        (FaultKind::InvalidRequest, Some("context_length_exceeded"))
    );
    let page = Gemini.read_error(502, b"<html>Bad Gateway</html>");
    assert_eq!(
        (page.kind, page.message.as_str()),
        (FaultKind::Internal, "The provider answered with status 502.")
    );
}

#[test]
fn calls_of_another_model_carry_what_google_documents_for_a_missing_signature() {
    let conversation = json!({"model": "gemini-3-pro-preview", "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"}, {"role": "tool", "tool_call_id": "b", "content": "2"}]});
    let parts = |model: &str| {
        let mut conversation = conversation.clone();
        conversation["model"] = model.into();
        written(&conversation)["contents"][1]["parts"].clone()
    };
    let signed = parts("gemini-3-pro-preview");
    assert_eq!(signed[0]["thoughtSignature"], "skip_thought_signature_validator");
    assert!(signed[1]["thoughtSignature"].is_null(), "only the first of one step");
    assert!(parts("gemini-2.5-flash")[0]["thoughtSignature"].is_null());
    let results = written(&conversation)["contents"][2]["parts"].clone();
    assert_eq!(results.as_array().unwrap().len(), 2, "results of one step stand in one turn");
}

#[test]
fn only_geminis_own_proofs_go_back_to_it() {
    let claude = json!({"model": "gemini-3-pro-preview", "max_tokens": 10, "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "ErUBCkYIBRgCIkDy"},
            {"type": "thinking", "thinking": "Hm!", "signature": "gemini:QUJD"},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "ok", "is_error": true}]}]});
    let request = messages::read_request(claude.to_string().as_bytes()).unwrap();
    let written = Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["thinking"]);
    let body = json(&written.body);
    assert_eq!(
        body["contents"][1]["parts"],
        json!([{"text": "Hm!", "thought": true},
            {"functionCall": {"name": "f", "args": {}, "id": "t1"}, "thoughtSignature": "QUJD"}])
    );
    assert_eq!(body["contents"][2]["parts"][0]["functionResponse"]["response"], json!({"error": "ok"}));
}

#[test]
fn its_proofs_do_not_go_to_anthropic() {
    let moved = json!({"model": "claude-sonnet-4", "max_tokens": 10, "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm!", "signature": "gemini:QUJD"},
            {"type": "redacted_thinking", "data": "bedrock:QUJD"},
            {"type": "text", "text": "Hello."}]},
        {"role": "user", "content": "And?"}]});
    let request = messages::read_request(moved.to_string().as_bytes()).unwrap();
    let written = messages::write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["thinking"]);
    let left = json(&written.body)["messages"][1]["content"].clone();
    assert!(!left.to_string().contains("QUJD") && left.to_string().contains("Hello."), "{left}");
}

#[test]
fn what_gemini_cannot_do_is_refused_by_name() {
    let refused = |field: &str, value: serde_json::Value| {
        let mut chat_request = json!({"model": "gemini-2.5-pro", "messages": [{"role": "user", "content": "Hi"}],
            "tools": [{"type": "function", "function": {"name": "f"}}]});
        chat_request[field] = value;
        let request = chat::read_request(chat_request.to_string().as_bytes()).unwrap();
        Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap_err().to_string()
    };
    assert!(
        refused("parallel_tool_calls", json!(false))
            .contains("'parallel_tool_calls' cannot be sent to a Gemini")
    );
    assert!(refused("logit_bias", json!({"1": 5})).contains("'logit_bias'"));
    assert!(
        refused("messages", json!([{"role": "tool", "tool_call_id": "x", "content": "1"}]))
            .contains("names no tool call")
    );
}

#[test]
fn efforts_are_levels_from_gemini_3_on_and_budgets_before() {
    let config = |model: &str, effort: &str| {
        let body = json!({"model": model, "reasoning_effort": effort, "messages": [{"role": "user", "content": "Hi"}]});
        written(&body)["generationConfig"]["thinkingConfig"].clone()
    };
    assert_eq!(config("gemini-3-flash", "low"), json!({"includeThoughts": true, "thinkingLevel": "low"}));
    assert_eq!(config("gemini-2.5-pro", "high"), json!({"includeThoughts": true, "thinkingBudget": 24_576}));
    assert_eq!(config("gemini-2.5-flash", "none"), json!({"thinkingBudget": 0}));
}

#[test]
fn each_house_has_its_paths_and_its_credential() {
    let path = Gemini.path(&target("/v1beta", "gemini-2.5-pro", true)).unwrap();
    assert_eq!(path, "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    let base = "/v1/projects/p/locations/us-central1";
    let path = Vertex.path(&target(base, "gemini-2.5-pro", false)).unwrap();
    assert_eq!(path, format!("{base}/publishers/google/models/gemini-2.5-pro:generateContent"));
    let count = Target { endpoint: Endpoint::CountTokens, ..target("/v1beta", "gemini-2.5-pro", false) };
    assert_eq!(Gemini.path(&count).unwrap(), "/v1beta/models/gemini-2.5-pro:countTokens");
    let embeddings =
        Target { endpoint: Endpoint::Embeddings, ..target("/v1beta", "text-embedding-005", false) };
    assert_eq!(Gemini.path(&embeddings), None);
    let unsigned = unsigned("h", "/", b"");
    assert_eq!(Gemini.headers(Some("k"), &unsigned).unwrap(), [("x-goog-api-key", "k".to_owned())]);
    assert_eq!(
        Vertex.headers(Some("ya29.t"), &unsigned).unwrap(),
        [("authorization", "Bearer ya29.t".to_owned())]
    );
    assert_eq!(Vertex.headers(Some("AIzaSy"), &unsigned).unwrap(), [("x-goog-api-key", "AIzaSy".to_owned())]);
}

#[test]
fn tokens_are_counted_with_the_same_contents() {
    let request = chat::read_request(
        br#"{"model":"gemini-2.5-pro","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}"#,
    )
    .unwrap();
    let gemini = json(&Gemini.write_count(&request, Policy::RefuseUnsupported).unwrap().unwrap());
    assert_eq!(gemini["generateContentRequest"]["model"], "models/gemini-2.5-pro");
    let contents = json!([{"role": "user", "parts": [{"text": "Hi"}]}]);
    assert_eq!(gemini["generateContentRequest"]["contents"], contents);
    let vertex = json(&Vertex.write_count(&request, Policy::RefuseUnsupported).unwrap().unwrap());
    assert_eq!(vertex, json!({"contents": contents}));
    assert_eq!(Gemini.read_count(br#"{"totalTokens": 31}"#), Some(31));
}

proptest! {
    #[test]
    fn a_request_loses_nothing_that_both_can_say(request in testing::requests()) {
        let written = Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap();
        prop_assert_eq!(&written.dropped, &Vec::<String>::new());
        prop_assert_eq!(read_back::read(&json(&written.body), &request.model), request);
    }

    #[test]
    fn an_answer_goes_out_and_comes_back_with_its_proofs(parts in answers::turns()) {
        let answer = Gemini.read_response(answers::whole(&parts).to_string().as_bytes()).unwrap();
        let streamed = put_together(&testing::events(Gemini.stream_reader(), [&answers::stream(&parts)[..]]));
        prop_assert_eq!(&streamed, &answer);
        // A client sends the turn back; what reaches the provider is what it once said.
        prop_assert_eq!(answers::sent_back(&answer), parts);
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(places in prop::collection::vec(0usize..4_000, 0..12)) {
        testing::cuts_change_nothing(&Gemini, STREAM, &places);
    }

    #[test]
    fn nothing_a_server_sends_makes_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Gemini.read_response(&bytes);
        let _ = Gemini.read_error(500, &bytes);
        let events = testing::events(Gemini.stream_reader(), [&bytes[..]]);
        prop_assert!(!events.contains(&StreamEvent::End));
    }
}

#[test]
fn a_proof_without_thoughts_is_kept_too() {
    let answer = json!({"candidates": [{"finishReason": "STOP", "content": {"parts":
        [{"text": "Hello.", "thoughtSignature": "QQ=="}]}}]});
    let answer = Gemini.read_response(answer.to_string().as_bytes()).unwrap();
    let proof = Thinking { signature: Some("gemini:QQ==".to_owned()), ..Thinking::default() };
    assert_eq!(answer.parts[1].content, Content::Thinking(proof));
}
