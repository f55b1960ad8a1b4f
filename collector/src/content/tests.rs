//! What bodies become. The bodies here are of the shapes that providers and clients send.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Content, fold};

fn chat(messages: &Value) -> Content {
    Content::of(
        json!({"model": "m", "messages": messages, "temperature": 0.5}).to_string().as_bytes(),
        b"",
        false,
    )
}

fn answered(response: &Value) -> Content {
    Content::of(b"", response.to_string().as_bytes(), false)
}

#[test]
fn an_answer_is_the_same_piece_when_it_comes_back_as_history() {
    let answer = answered(&json!({"choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": null, "refusal": null, "annotations": [],
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}}],
    }}]}));
    let history = chat(&json!([
        {"role": "user", "content": "sum"},
        {"tool_calls": [{"function": {"arguments": "{\"a\":1}", "name": "add"}, "id": "c1", "type": "function"}],
         "role": "assistant"},
    ]));
    assert_eq!(answer.outputs[0].hash, history.inputs[1].hash);
    assert_eq!(answer.tool_names, ["add"]);
    assert_eq!(answer.output_preview, "add");
}

#[test]
fn messages_that_say_different_things_are_different_pieces() {
    let one = chat(&json!([{"role": "user", "content": "a"}, {"role": "system", "content": "a"}]));
    assert_ne!(one.inputs[0].hash, one.inputs[1].hash);
}

#[test]
fn the_request_keeps_everything_that_is_no_message_and_no_tool() {
    let request = json!({
        "model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url"}]}],
        "tools": [{"type": "function", "function": {"name": "f"}}], "stream": true, "x_unknown": {"deep": [1, 2]},
    });
    let content = Content::of(request.to_string().as_bytes(), b"", false);
    let params: Value = serde_json::from_str(&content.params).unwrap();
    assert_eq!(params, json!({"model": "m", "stream": true, "x_unknown": {"deep": [1, 2]}}));
    assert_eq!(content.tools.unwrap().role, "tools");
    assert_eq!(content.input_preview, "look");
}

#[test]
fn the_preview_is_the_last_thing_a_person_or_a_tool_said() {
    let content = chat(&json!([
        {"role": "system", "content": "You are {role}."},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "answer"},
        {"role": "tool", "tool_call_id": "c", "content": "42"},
        {"role": "assistant", "content": "prefill"},
    ]));
    assert_eq!(content.input_preview, "42");
}

#[test]
fn prompts_and_embedding_inputs_are_pieces_of_their_own() {
    let texts = Content::of(br#"{"model":"e","input":["one","two"]}"#, b"", false);
    assert_eq!(
        texts.inputs.iter().map(|piece| piece.content.as_str()).collect::<Vec<_>>(),
        [r#""one""#, r#""two""#]
    );
    let tokens = Content::of(br#"{"model":"e","input":[1,2,3]}"#, b"", false);
    assert_eq!(tokens.inputs.len(), 1);
    let prompt = Content::of(
        br#"{"model":"c","prompt":"Once"}"#,
        br#"{"choices":[{"text":" upon","index":0}]}"#,
        false,
    );
    assert_eq!(prompt.input_preview, "Once");
    assert_eq!(prompt.outputs[0].content, r#"{"content":" upon","role":"assistant"}"#);
}

#[test]
fn an_embeddings_numbers_are_counted_not_kept() {
    let content = answered(&json!({"data": [
        {"index": 0, "embedding": [0.1, 0.2, 0.3]}, {"index": 1, "embedding": "AACAPwAAAEAAAEBA"},
    ], "usage": {"prompt_tokens": 4}}));
    let response: Value = serde_json::from_str(&content.response).unwrap();
    assert_eq!(response["data"], json!([{"index": 0, "dimensions": 3}, {"index": 1, "dimensions": 3}]));
}

#[test]
fn bodies_that_cannot_be_read_are_kept_whole() {
    let content = Content::of(b"{\"model\": \"m\", \"mess", b"<html>502</html>", false);
    assert_eq!(content.inputs[0].role, "raw");
    assert_eq!(content.inputs[0].content, r#""{\"model\": \"m\", \"mess""#);
    assert_eq!(content.outputs[0].content, r#""<html>502</html>""#);
    let invalid_utf8 = Content::of(b"\xff\xfe", b"", false);
    assert_eq!(invalid_utf8.inputs[0].content, "\"\u{fffd}\u{fffd}\"");
}

#[test]
fn an_error_answer_has_no_message_but_shows_in_the_preview() {
    let content = answered(&json!({"error": {"message": "no such model", "code": "model_not_found"}}));
    assert!(content.outputs.is_empty());
    assert_eq!(content.output_preview, "no such model");
    assert!(content.response.contains("model_not_found"));
}

#[test]
fn a_stream_folds_to_the_answer_it_would_have_been() {
    let transcript = [
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"add","arguments":""}}]}}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}},{"index":1,"id":"c2","type":"function","function":{"name":"mul","arguments":"{}"}}]}}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":3}}"#,
        "[DONE]",
    ]
    .map(|data| format!("data: {data}\n\n"))
    .concat();
    let folded = fold::fold(transcript.as_bytes()).unwrap();
    assert_eq!(folded["object"], "chat.completion");
    assert_eq!(folded["usage"], json!({"prompt_tokens": 3}));
    assert_eq!(folded["choices"][0]["finish_reason"], "tool_calls");
    let content = Content::of(b"", transcript.as_bytes(), true);
    let whole = answered(
        &json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello", "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}},
            {"id": "c2", "type": "function", "function": {"name": "mul", "arguments": "{}"}},
        ]}}]}),
    );
    assert_eq!(content.outputs, whole.outputs);
    assert_eq!(content.tool_names, ["add", "mul"]);
}

#[test]
fn a_cut_stream_keeps_what_came_before_the_cut_and_the_error() {
    let transcript =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"par\"}}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"t\"}}]}\n\n\
        data: {\"error\":{\"message\":\"the upstream ended early\"}}\n\ndata: {\"choi";
    let content = Content::of(b"", transcript, true);
    assert_eq!(content.output_preview, "part");
    assert!(content.response.contains("the upstream ended early"));
}

#[test]
fn a_stream_that_is_no_stream_is_kept_whole() {
    let content = Content::of(b"", b"upstream connect error", true);
    assert_eq!(content.outputs[0].role, "raw");
}

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z가\\\\\"\n ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let names = prop_oneof![
            Just("messages"),
            Just("role"),
            Just("content"),
            Just("tool_calls"),
            Just("index"),
            Just("choices"),
            Just("delta"),
            Just("message"),
            Just("text"),
            Just("data"),
            Just("embedding"),
            Just("input"),
            Just("tools"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.prop_map(str::to_owned), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_of_any_shape_is_too_much(request in any_json(), response in any_json(), sse in any::<bool>()) {
        let response = if sse { format!("data: {response}\n\ndata: {request}\n\n") } else { response.to_string() };
        let content = Content::of(request.to_string().as_bytes(), response.as_bytes(), sse);
        for piece in content.inputs.iter().chain(&content.outputs).chain(&content.tools) {
            prop_assert!(serde_json::from_str::<Value>(&piece.content).is_ok());
        }
    }

    #[test]
    fn the_order_of_keys_never_makes_another_piece(text in "[a-z]{1,20}", name in "[a-z]{1,8}") {
        let one = chat(&json!([{"role": "user", "content": [{"type": "text", "text": text}], "name": name}]));
        let other = chat(&json!([{"name": name, "content": [{"text": text, "type": "text"}], "role": "user"}]));
        prop_assert_eq!(&one.inputs[0].hash, &other.inputs[0].hash);
    }

    #[test]
    fn a_text_cut_into_any_chunks_folds_to_the_same_message(text in "\\PC{0,60}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let chars: Vec<char> = text.chars().collect();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(chars.len() + 1)).collect();
        ends.push(chars.len());
        ends.sort_unstable();
        let mut start = 0;
        let mut transcript = String::new();
        for end in ends {
            let piece: String = chars[start..end].iter().collect();
            let chunk = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]});
            transcript.push_str(&format!("data: {chunk}\n\n"));
            start = end;
        }
        let streamed = Content::of(b"", transcript.as_bytes(), true);
        let whole = answered(&json!({"choices": [{"message": {"role": "assistant", "content": text}}]}));
        prop_assert_eq!(streamed.outputs, whole.outputs);
    }
}

#[test]
fn a_message_of_anthropics_is_the_same_piece_streamed_whole_and_as_history() {
    let blocks = json!([
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "cat"}},
    ]);
    let whole = answered(&json!({"id": "msg_1", "type": "message", "role": "assistant", "content": blocks,
        "stop_reason": "tool_use", "usage": {"input_tokens": 3, "output_tokens": 5}}));
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "content": [],
            "stop_reason": null, "usage": {"input_tokens": 3, "output_tokens": 1}}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s"}}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "I "}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "look."}}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "t", "name": "look", "input": {}}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{\"at\":"}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "\"cat\"}"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ];
    let transcript: String = events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect();
    let streamed = Content::of(b"", transcript.as_bytes(), true);
    let history = chat(&json!([{"role": "assistant", "content": blocks}]));
    assert_eq!(streamed.outputs, whole.outputs);
    assert_eq!(history.inputs[0].hash, whole.outputs[0].hash);
    assert_eq!((whole.tool_names, whole.output_preview.as_str()), (vec!["look".to_owned()], "I look."));
    let rest: Value = serde_json::from_str(&streamed.response).unwrap();
    assert_eq!(rest["usage"], json!({"input_tokens": 3, "output_tokens": 5}));
}

#[test]
fn a_request_of_anthropics_keeps_its_system_apart_and_shows_what_a_tool_said() {
    let request = json!({"model": "m", "max_tokens": 5, "system": [{"type": "text", "text": "Be brief."}],
        "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a cat"}]}]}]});
    let content = Content::of(request.to_string().as_bytes(), b"", false);
    let roles: Vec<&str> = content.inputs.iter().map(|piece| piece.role.as_str()).collect();
    assert_eq!((roles, content.input_preview.as_str()), (vec!["system", "user"], "a cat"));
    assert_eq!(content.params, r#"{"model":"m","max_tokens":5}"#);
}

#[test]
fn a_response_is_its_items_and_its_request_too() {
    let output = json!([
        {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "function_call", "id": "fc", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "message", "id": "msg", "role": "assistant", "content": [{"type": "output_text", "text": "A cat."}]},
    ]);
    let response = json!({"id": "resp_1", "object": "response", "status": "completed", "output": output});
    let whole = answered(&response);
    assert_eq!((whole.outputs.len(), whole.tool_names[0].as_str()), (3, "look"));
    assert_eq!(whole.output_preview, "look");
    let last = json!({"type": "response.completed", "response": response});
    let transcript = format!(
        "event: response.created\ndata: {{\"type\":\"response.created\",\"response\":{{}}}}\n\ndata: {last}\n\n"
    );
    assert_eq!(Content::of(b"", transcript.as_bytes(), true).outputs, whole.outputs);

    let mut input = vec![json!({"role": "user", "content": "Look."})];
    input.extend(output.as_array().unwrap().iter().cloned());
    input.push(json!({"type": "function_call_output", "call_id": "c", "output": "seen"}));
    let request = json!({"model": "m", "instructions": "Be brief.", "input": input});
    let content = Content::of(request.to_string().as_bytes(), b"", false);
    let roles: Vec<&str> = content.inputs.iter().map(|piece| piece.role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "assistant", "assistant", "tool"]);
    assert_eq!(content.input_preview, "seen");
    assert_eq!(content.inputs[3].hash, whole.outputs[1].hash, "an item is the same piece when it comes back");
}

#[test]
fn a_cut_stream_of_a_response_keeps_the_text_that_had_come() {
    let transcript = "data: {\"type\":\"response.created\",\"response\":{\"object\":\"response\",\"id\":\"r\"}}\n\n\
                      data: {\"type\":\"response.output_text.delta\",\"delta\":\"Half a\"}\n\n";
    assert_eq!(Content::of(b"", transcript.as_bytes(), true).output_preview, "Half a");
}
