//! Errors keep their kind from one dialect to another, in bodies and in streams.

use aop_dialects::form::{Fault, FaultKind, StreamEvent};
use aop_dialects::{chat, messages, responses};
use serde_json::Value;

use crate::fold::{read, written};

const OPENAI: &[u8] = include_bytes!("fixtures/chat/error.json");
const ANTHROPIC: &[u8] = include_bytes!("fixtures/messages/error.json");

#[test]
fn a_documented_error_of_openai_is_one_of_anthropics_kind_for_its_client() {
    let fault = chat::read_error(429, OPENAI);
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Billing, Some("insufficient_quota")));
    let body: Value = serde_json::from_slice(&messages::write_error(&fault)).unwrap();
    assert_eq!(body["type"], "error");
    assert_eq!(body["error"]["type"], "billing_error");
    assert!(body["error"]["message"].as_str().unwrap().starts_with("You exceeded"));
}

#[test]
fn a_documented_error_of_anthropic_is_one_of_openais_kind_for_its_client() {
    let fault = messages::read_error(529, ANTHROPIC);
    assert_eq!((fault.kind, fault.status), (FaultKind::Overloaded, 529));
    let body: Value = serde_json::from_slice(&chat::write_error(&fault)).unwrap();
    assert_eq!(body["error"]["message"], "Overloaded");
    assert_eq!(body["error"]["type"], "overloaded_error");
}

#[test]
fn a_body_that_is_no_error_of_the_dialect_is_an_error_all_the_same() {
    for body in [&b"<html>bad gateway</html>"[..], b"", b"{}", b"[1]", b"\"x\""] {
        for fault in [chat::read_error(502, body), messages::read_error(502, body)] {
            assert_eq!((fault.kind, fault.status), (FaultKind::Internal, 502));
            assert!(!fault.message.is_empty());
        }
    }
}

#[test]
fn after_an_error_a_stream_says_nothing_that_looks_like_an_end() {
    let fault = Fault::new(FaultKind::Overloaded, "too busy");
    let events = [
        StreamEvent::Start { id: "1".into(), model: "m".into() },
        StreamEvent::Error(fault),
        StreamEvent::Stop(aop_dialects::form::StopReason::End),
        StreamEvent::End,
    ];
    let text =
        |dialect: &dyn aop_dialects::ClientDialect| String::from_utf8(written(dialect, &events)).unwrap();

    let chat_text = text(&chat::Chat);
    assert!(chat_text.contains("\"error\":{\"message\":\"too busy\"") && !chat_text.contains("[DONE]"));
    assert!(!chat_text.contains("\"finish_reason\":\"stop\""));
    let messages_text = text(&messages::Messages);
    assert!(messages_text.ends_with("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n"));
    let responses_text = text(&responses::Responses);
    assert!(responses_text.contains("event: error\n") && !responses_text.contains("response.completed"));

    for (bytes, reader) in [
        (chat_text, chat::reader()),
        (messages_text, messages::reader()),
        (responses_text, responses::reader()),
    ] {
        let last = read(reader, &[bytes.as_bytes()]).pop().unwrap();
        let StreamEvent::Error(fault) = last else { panic!("{last:?}") };
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Overloaded, "too busy"));
    }
}
