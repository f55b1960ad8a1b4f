//! Answers on Gemini's wire, made at random: the parts of one turn, whole, streamed, and as a client sends them back.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::form::{Message, Request, Response, Role};
use crate::providers::Provider;
use crate::providers::gemini::Gemini;
use crate::{Dialect, Policy};

/// The parts of a turn as Gemini makes them: thoughts, text whose proof follows, calls of which the first is proven.
pub(super) fn turns() -> impl Strategy<Value = Vec<Value>> {
    let words = || "[a-z ]{1,8}";
    let call =
        ("[a-z]{1,6}", "[a-z]{1,6}").prop_map(|(name, value)| json!({"name": name, "args": {"a": value}}));
    let calls = prop::collection::vec(call, 0..3);
    (prop::option::of(words()), prop::option::of(words()), calls, any::<bool>()).prop_map(
        |(thought, said, calls, ids)| {
            let mut parts: Vec<Value> = Vec::new();
            parts.extend(said.map(|text| json!({"text": text})));
            // Unproven thoughts are not sent back, so these have a call to carry their proof.
            let thought = thought.filter(|_| !calls.is_empty());
            parts.extend(thought.map(|text| json!({"text": text, "thought": true})));
            for (at, mut call) in calls.into_iter().enumerate() {
                if ids {
                    call["id"] = format!("fc_{at}").into();
                }
                parts.push(json!({"functionCall": call}));
                if at == 0 {
                    parts.last_mut().unwrap()["thoughtSignature"] = "c2ln".into();
                }
            }
            if parts.iter().all(|part| part["functionCall"].is_null()) {
                parts.push(json!({"text": "", "thoughtSignature": "dGV4dA=="}));
            }
            parts
        },
    )
}

fn envelope(parts: &[Value]) -> Value {
    json!({"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}],
        "modelVersion": "gemini-3-pro", "responseId": "r1"})
}

pub(super) fn whole(parts: &[Value]) -> Value {
    let mut answer = envelope(parts);
    answer["candidates"][0]["finishReason"] = "STOP".into();
    answer["usageMetadata"] = json!({"promptTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 8});
    answer
}

/// A chunk for each letter of a text, and for each other part; the reason in a last one.
pub(super) fn stream(parts: &[Value]) -> Vec<u8> {
    let mut chunks = Vec::new();
    for part in parts {
        let text = part["text"].as_str().unwrap_or_default();
        for letter in text.chars() {
            let mut piece = part.clone();
            piece["text"] = letter.to_string().into();
            chunks.push(envelope(&[piece]));
        }
        if text.is_empty() {
            chunks.push(envelope(std::slice::from_ref(part)));
        }
    }
    chunks.push(whole(&[]));
    chunks.iter().flat_map(|chunk| format!("data: {chunk}\r\n\r\n").into_bytes()).collect()
}

/// What reaches the provider when the answer is a turn of the next request.
pub(super) fn sent_back(answer: &Response) -> Vec<Value> {
    let mut request = Request::new(Dialect::Messages, "gemini-3-pro");
    request.messages = vec![Message::new(Role::Assistant, answer.parts.clone())];
    let written = Gemini.write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert!(written.dropped.is_empty(), "{:?}", written.dropped);
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    body["contents"][0]["parts"].as_array().cloned().unwrap_or_default()
}
