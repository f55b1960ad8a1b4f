//! Streams as real servers send them, with what each leaves out or gets wrong.

use aop_dialects::form::*;
use aop_dialects::{chat, messages, responses};

use crate::fold::{read, whole, written};

fn chat_stream(lines: &[&str]) -> Vec<StreamEvent> {
    let text: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
    read(chat::reader(), &[text.as_bytes()])
}

#[test]
fn a_server_that_sends_no_done_has_ended_with_its_finish_reason() {
    let events = chat_stream(&[
        r#"{"id":"1","model":"m","choices":[{"delta":{"content":"hi"}}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
    ]);
    assert_eq!(whole(&events).stop, StopReason::End);
}

#[test]
fn a_body_that_ends_without_a_finish_reason_has_not_ended() {
    let events = chat_stream(&[r#"{"id":"1","model":"m","choices":[{"delta":{"content":"hi"}}]}"#]);
    assert!(!events.contains(&StreamEvent::End));
}

#[test]
fn tool_calls_without_numbers_are_told_apart_by_their_ids() {
    let call = |id: &str| {
        format!(
            r#"{{"choices":[{{"delta":{{"tool_calls":[{{"id":"{id}","function":{{"name":"f","arguments":"{{}}"}}}}]}}}}]}}"#
        )
    };
    let (one, two) = (call("a"), call("b"));
    let response = whole(&chat_stream(&[&one, &two, r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#]));
    assert_eq!(response.parts.len(), 2);
    assert_eq!(response.stop, StopReason::ToolCalls, "some servers say stop after tool calls");
}

#[test]
fn pieces_of_two_tool_calls_in_turn_end_as_an_error_and_not_as_a_mixture() {
    let piece = |index: u32| {
        format!(
            r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{index},"id":"c","function":{{"name":"f","arguments":"{{"}}}}]}}}}]}}"#
        )
    };
    let (one, two) = (piece(0), piece(1));
    let events = chat_stream(&[&one, &two, &one, "[DONE]"]);
    assert!(matches!(events.last(), Some(StreamEvent::Error(_))), "{events:?}");
}

#[test]
fn thinking_is_read_under_each_of_its_names() {
    for name in ["reasoning_content", "reasoning"] {
        let chunk = format!(r#"{{"choices":[{{"delta":{{"{name}":"hm"}}}}]}}"#);
        let response = whole(&chat_stream(&[&chunk, r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#]));
        let expected = Thinking { text: "hm".into(), ..Thinking::default() };
        assert_eq!(response.parts, [Part::new(Content::Thinking(expected))]);
    }
}

#[test]
fn nothing_follows_an_error_in_the_middle_of_a_stream() {
    let stream = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n\
                  event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let events = read(messages::reader(), &[stream.as_bytes()]);
    assert!(matches!(&events[..], [StreamEvent::Error(fault)] if fault.kind == FaultKind::Overloaded));
}

#[test]
fn data_that_is_not_json_is_an_error_in_every_dialect() {
    for reader in [chat::reader(), messages::reader(), responses::reader()] {
        let events = read(reader, &[b"data: {\"half\n\n"]);
        assert!(matches!(&events[..], [StreamEvent::Error(_)]));
    }
}

#[test]
fn a_message_start_tells_the_input_when_the_provider_did_so_first() {
    let events = read(messages::reader(), &[include_bytes!("fixtures/messages/stream.sse")]);
    let text = String::from_utf8(written(&messages::Messages, &events)).unwrap();
    let start = text.lines().nth(1).unwrap();
    assert!(start.contains("\"cache_read_input_tokens\":100"), "{start}");
    assert!(text.contains("event: ping\n"));
}

#[test]
fn usage_is_told_to_a_chat_client_only_when_it_asked() {
    let events = read(chat::reader(), &[include_bytes!("fixtures/chat/stream.sse")]);
    let mut answering = crate::fold::answering();
    let mut written = |wished: bool| {
        answering.stream_usage = wished;
        let mut writer = aop_dialects::ClientDialect::stream_writer(&chat::Chat, answering.clone());
        let mut out = bytes::BytesMut::new();
        events.iter().for_each(|event| writer.write(event, &mut out));
        String::from_utf8(out.to_vec()).unwrap()
    };
    assert!(written(true).contains("\"prompt_tokens\":100"));
    assert!(!written(false).contains("prompt_tokens"));
}

#[test]
fn the_last_event_of_a_responses_stream_holds_the_whole_answer() {
    let events = read(messages::reader(), &[include_bytes!("fixtures/messages/stream.sse")]);
    let text = String::from_utf8(written(&responses::Responses, &events)).unwrap();
    let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let event: serde_json::Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(event["type"], "response.completed");
    let response = responses::read_response(event["response"].to_string().as_bytes()).unwrap();
    let kinds: Vec<&str> = response.parts.iter().map(|part| part.content.what()).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_call"]);
    let numbers: Vec<u64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|data| {
            serde_json::from_str::<serde_json::Value>(data).unwrap()["sequence_number"].as_u64()
        })
        .collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>(), "events are numbered without a gap");
}
