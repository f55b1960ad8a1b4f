//! What a target cannot say is refused by name, or dropped and told where that is wished.

use aop_dialects::form::Request;
use aop_dialects::{ClientDialect, Policy, chat, messages, responses};
use serde_json::{Value, json};

fn chat_request(more: Value) -> Request {
    read(&chat::Chat, json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]}), more)
}

fn messages_request(more: Value) -> Request {
    let base = json!({"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]});
    read(&messages::Messages, base, more)
}

fn responses_request(more: Value) -> Request {
    read(&responses::Responses, json!({"model": "m", "input": "hi"}), more)
}

#[allow(clippy::needless_pass_by_value)]
fn read(dialect: &dyn ClientDialect, mut base: Value, more: Value) -> Request {
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    dialect.read_request(base.to_string().as_bytes()).unwrap()
}

#[test]
fn what_anthropic_cannot_say_of_a_chat_request_is_refused_by_name() {
    for (field, more) in [
        ("seed", json!({"seed": 1})),
        ("logprobs", json!({"logprobs": true})),
        ("n", json!({"n": 2})),
        ("logit_bias", json!({"logit_bias": {"1": 2}})),
        ("presence_penalty", json!({"presence_penalty": 0.5})),
        ("response_format", json!({"response_format": {"type": "json_object"}})),
        ("functions", json!({"functions": [{"name": "f"}]})),
        (
            "messages.content.audio",
            json!({"messages": [{"role": "user", "content": [
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}]}]}),
        ),
        ("messages[0].audio", json!({"messages": [{"role": "user", "content": "x", "audio": {"id": "a"}}]})),
        (
            "messages.role",
            json!({"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]}),
        ),
    ] {
        let request = chat_request(more);
        let error = messages::write_request(&request, Policy::RefuseUnsupported).unwrap_err();
        assert!(error.field().starts_with(field), "{field}: {error}");
        assert!(error.to_string().contains(field), "{error}");
        let written = messages::write_request(&request, Policy::DropUnsupported).unwrap();
        assert!(
            written.dropped.iter().any(|dropped| dropped.starts_with(field)),
            "{field}: {:?}",
            written.dropped
        );
    }
}

#[test]
fn what_a_chat_target_cannot_say_of_the_other_dialects_is_refused_by_name() {
    for (field, request) in [
        ("context_management", messages_request(json!({"context_management": {"edits": [1]}}))),
        (
            "tools[0]",
            messages_request(json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]})),
        ),
        (
            "messages.content.server_tool_use",
            messages_request(json!({"messages": [{"role": "assistant", "content": [
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]}]})),
        ),
        ("previous_response_id", responses_request(json!({"previous_response_id": "resp_1"}))),
        ("tools[0]", responses_request(json!({"tools": [{"type": "custom", "name": "apply_patch"}]}))),
        ("background", responses_request(json!({"background": true}))),
        (
            "messages.content.item_reference",
            responses_request(json!({"input": [
            {"type": "item_reference", "id": "x"}]})),
        ),
    ] {
        let error = chat::write_request(&request, Policy::RefuseUnsupported).unwrap_err();
        assert_eq!(error.field(), field);
    }
}

#[test]
fn hints_are_left_out_and_told_whatever_the_policy() {
    let request = messages_request(json!({"system": [
        {"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]}));
    let written = chat::write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["cache_control"]);
    assert!(!String::from_utf8_lossy(&written.body).contains("cache_control"));

    let request = chat_request(json!({"metadata": {"a": "b"}, "prompt_cache_key": "k", "store": false}));
    let written = messages::write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["metadata", "prompt_cache_key", "store"]);
}

#[test]
fn what_would_be_so_anyway_is_no_loss() {
    let more = json!({"n": 1, "frequency_penalty": 0, "response_format": {"type": "text"}, "logprobs": false,
        "modalities": ["text"], "logit_bias": {}, "stop": null, "tools": []});
    let written = messages::write_request(&chat_request(more), Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, [""; 0]);
    let more = json!({"truncation": "disabled", "background": false, "store": false, "include": []});
    let written = chat::write_request(&responses_request(more), Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, [""; 0]);
}

#[test]
fn a_field_of_the_wrong_type_is_named_with_its_place() {
    for (body, field) in [
        (
            json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]}),
            "messages[0].content[0].text",
        ),
        (json!({"model": "m", "messages": [{"role": "robot", "content": "x"}]}), "messages[0].role"),
        (json!({"model": "m", "messages": [], "temperature": "hot"}), "temperature"),
        (json!({"model": "m", "messages": [], "tools": [{"type": "function"}]}), "tools[0].function"),
        (json!({"messages": []}), "model"),
    ] {
        let error = chat::read_request(body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.field(), field);
    }
}
