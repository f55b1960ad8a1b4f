//! What a detector finds is in nothing that is recorded, wherever and however it was said.
#![allow(clippy::unwrap_used)]

use aop_domain::guard::Detectors;
use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::record::{AttemptRecord, CallRecord, ProvenToken};
use aop_guard::find;
use aop_guard::redact::Redactor;
use proptest::prelude::*;
use serde_json::{Value, json};

const SECRETS: &[&str] = &[
    "sk-proj-abcdefghijklmnopqrstuvwx",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
    "ann.bee@example.com",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "900101-1234568",
    "123-45-6789",
    "+82 10-1234-5678",
    "010-1234-5678",
];

fn all() -> Detectors {
    Detectors::of_recording()
}

fn secret() -> impl Strategy<Value = &'static str> {
    prop::sample::select(SECRETS)
}

/// Text that sets its neighbours apart, of any script.
fn around() -> impl Strategy<Value = String> {
    " [ -~가-힣é\\n\\t\"\\\\]{0,20} ".prop_map(|text| text)
}

/// Every string of a value, names and numbers included.
fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            into.push(text.clone());
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
                strings(&inner, into);
            }
        }
        Value::Number(number) => into.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.push(name.clone());
            strings(value, into);
        }),
        _ => {}
    }
}

#[track_caller]
fn is_clean(body: &[u8]) {
    let mut found = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => strings(&value, &mut found),
        Err(_) => found.push(String::from_utf8_lossy(body).into_owned()),
    }
    for text in found {
        assert!(find(&text, all()).is_empty(), "{:?} in {text:?}", find(&text, all()));
    }
}

/// Every character as `\uXXXX`.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

proptest! {
    #[test]
    fn a_text_that_was_redacted_holds_nothing_to_find(text in "[ -~가-힣]{0,80}", secret in secret(), tail in ".{0,40}") {
        let said = format!("{text} {secret} {tail}");
        let clean = Redactor::new(all()).text(&said).unwrap();
        prop_assert!(find(&clean, all()).is_empty(), "{clean}");
        prop_assert!(!clean.contains(secret));
    }

    #[test]
    fn it_is_found_in_messages_in_arguments_of_tools_and_in_names(before in around(), secret in secret(), after in around()) {
        let said = format!("{before}{secret} {after}");
        let arguments = json!({"to": said, "deep": [json!({"again": said}).to_string()]}).to_string();
        let body = json!({
            "model": "m",
            "messages": [
                {"role": "user", "content": said},
                {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]},
                {"role": "tool", "content": [{"type": "text", "text": said}]},
            ],
            "metadata": {said.clone(): "x"},
        });
        let clean = Redactor::new(all()).body(body.to_string().as_bytes()).unwrap();
        is_clean(&clean);
        let value: Value = serde_json::from_slice(&clean).unwrap();
        prop_assert_eq!(&value["messages"][1]["tool_calls"][0]["function"]["name"], "f");
        let arguments = value["messages"][1]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        prop_assert!(serde_json::from_str::<Value>(arguments).is_ok(), "arguments stay JSON: {}", arguments);
    }

    #[test]
    fn escapes_hide_nothing(secret in secret(), whole in any::<bool>()) {
        let inner = format!(r#"{{"to": "{}""#, escaped(secret));
        // Whole JSON, and JSON that was cut off.
        let arguments = if whole { format!("{inner}}}") } else { inner };
        let body = format!(r#"{{"content": "{}", "arguments": {}}}"#, escaped(secret), json!(arguments));
        let clean = Redactor::new(all()).body(body.as_bytes()).unwrap();
        is_clean(&clean);
        prop_assert!(!String::from_utf8(clean).unwrap().contains(&escaped(secret)));
    }

    #[test]
    fn a_stream_that_tells_it_in_pieces_tells_it_no_more(
        before in around(), secret in secret(), after in around(), cuts in prop::collection::vec(1usize..6, 1..80), shape in 0..3usize,
    ) {
        let said = format!("{before}{secret} {after}");
        let letters: Vec<char> = said.chars().collect();
        let mut transcript = String::new();
        let mut at = 0;
        let mut cuts = cuts.into_iter().cycle();
        while at < letters.len() {
            let next = (at + cuts.next().unwrap()).min(letters.len());
            let piece: String = letters[at..next].iter().collect();
            at = next;
            let event = match shape {
                0 => json!({"choices": [{"index": 0, "delta": {"content": piece}}]}),
                1 => json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}}),
                _ => json!({"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "delta": piece}),
            };
            transcript.push_str(&format!("event: x\ndata: {event}\n\n: ping\n\n"));
        }
        transcript.push_str("data: [DONE]\n\n");
        let clean = Redactor::new(all()).stream(transcript.as_bytes()).unwrap();
        let (events, rest) = aop_guard::sse::split(&clean);
        prop_assert!(rest.is_empty());
        let mut told = String::new();
        for event in events {
            let Some(value) = aop_guard::sse::data(event).and_then(|data| serde_json::from_slice::<Value>(&data).ok()) else { continue };
            for piece in aop_guard::sse::pieces(&value) {
                told.push_str(value.pointer(&piece.pointer).unwrap().as_str().unwrap());
            }
        }
        prop_assert!(find(&told, all()).is_empty(), "{told}");
        prop_assert!(String::from_utf8(clean).unwrap().ends_with("data: [DONE]\n\n"));
    }
}

#[test]
fn a_number_that_is_a_card_is_no_number_any_more() {
    let clean = Redactor::new(all()).body(br#"{"card": 4111111111111111, "created": 1790000000}"#).unwrap();
    assert_eq!(String::from_utf8(clean).unwrap(), r#"{"card":"[credit_card]","created":1790000000}"#);
}

#[test]
fn what_holds_nothing_stays_byte_for_byte() {
    let mut redactor = Redactor::new(all());
    assert_eq!(redactor.body(br#"{ "a" : 1.50 , "b":"plain \u00e9" }"#), None);
    assert_eq!(redactor.stream(b"data: {\"choices\":[]}\n\ndata: [DONE]\n\n"), None);
    assert_eq!(redactor.taken, 0);
}

#[test]
fn half_an_event_is_left_out() {
    let transcript = b"data: {\"a\":1}\n\ndata: {\"x\":\"ann@exam";
    assert_eq!(Redactor::new(all()).stream(transcript).unwrap(), b"data: {\"a\":1}\n\n");
}

#[test]
fn every_text_of_a_record_is_covered() {
    let said = || "for ann.bee@example.com".to_owned();
    let claim = || Some(Claim::new(said(), IdentitySource::Body));
    let mut record = CallRecord {
        operation: "chat_completions".into(),
        requested_model: said(),
        response_model: said(),
        route: said(),
        provider_response_id: said(),
        error_code: said(),
        error_message: said(),
        finish_reason: said(),
        node: said(),
        identity: Some(ClaimedIdentity {
            session: claim(),
            execution: claim(),
            crew: claim(),
            task: claim(),
            agent: claim(),
            parent_agent: claim(),
            end_user: claim(),
            application: claim(),
            framework: claim(),
            tags: claim().into_iter().collect(),
            trace_source: 0,
            agent_rule: said(),
            agent_confidence: 0,
        }),
        token: Some(ProvenToken { issuer: said(), subject: said() }),
        attempts: vec![AttemptRecord {
            provider: said(),
            deployment: said(),
            upstream_model: said(),
            error_code: said(),
            error_message: said(),
            reason: said(),
            strategy: "weighted".into(),
            considered: said(),
            ..AttemptRecord::default()
        }],
        ..CallRecord::default()
    };
    let mut redactor = Redactor::new(all());
    redactor.record(&mut record);
    assert!(!format!("{record:?}").contains("ann.bee"), "{record:#?}");
    assert_eq!(redactor.taken, 28);
}
