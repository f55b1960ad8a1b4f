//! A request of one dialect as a provider of another sees it.

use aop_dialects::form::{Effort, Reasoning, Request};
use aop_dialects::{Dialect, Policy, chat, messages, responses};
use serde_json::{Value, json};

use crate::shapes::{CHAT, MESSAGES, RESPONSES};

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn a_chat_request_for_anthropic() {
    let request = chat::read_request(CHAT).unwrap();
    let written = messages::write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["image_url.detail"]);
    let body = json(&written.body);
    assert_eq!(body["system"], "Be brief.");
    assert_eq!(body["max_tokens"], 4096);
    assert_eq!(body["stop_sequences"], json!(["END"]));
    assert_eq!(body["metadata"], json!({"user_id": "u-1"}));
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2048}));
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(body["tools"][0]["input_schema"]["type"], "object");
    let content = &body["messages"][0]["content"];
    assert_eq!(content[1]["source"], json!({"type": "url", "url": "https://images.example/cat.png"}));
    assert_eq!(content[2]["source"]["media_type"], "image/png");
    assert_eq!((&content[3]["type"], &content[3]["title"]), (&json!("document"), &json!("a.pdf")));
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"at": "cat"}));
    let results = body["messages"][2]["content"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[1], json!({"type": "tool_result", "tool_use_id": "call_2", "content": "a paper"}));
    assert_eq!(body["stream"], true);
}

#[test]
fn a_messages_request_for_a_chat_provider() {
    let request = messages::read_request(MESSAGES).unwrap();
    let error = chat::write_request(&request, Policy::RefuseUnsupported).unwrap_err();
    assert_eq!(error.field(), "tools[1]", "a server tool of Anthropic's");
    let written = chat::write_request(&request, Policy::DropUnsupported).unwrap();
    assert_eq!(written.dropped, ["cache_control", "thinking", "is_error", "tools[1]", "context_management"]);
    let body = json(&written.body);
    assert_eq!(body["reasoning_effort"], "medium");
    assert_eq!(body["parallel_tool_calls"], false);
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "user"]);
    assert_eq!(body["messages"][1]["content"][1]["file"]["file_data"], "data:text/plain;base64,R3LDvMOfZQ==");
    assert_eq!(body["messages"][2]["tool_calls"][0]["function"]["arguments"], "{\"place\":\"Paris\"}");
    assert_eq!(body["messages"][3]["content"], "no such place");
}

#[test]
fn a_responses_request_for_a_chat_provider_and_for_anthropic() {
    let request = responses::read_request(RESPONSES).unwrap();
    let written = chat::write_request(&request, Policy::RefuseUnsupported).unwrap();
    assert_eq!(written.dropped, ["thinking", "reasoning.summary", "include"]);
    let body = json(&written.body);
    assert_eq!((&body["verbosity"], &body["prompt_cache_key"]), (&json!("low"), &json!("k-1")));
    assert_eq!(body["tool_choice"], json!({"type": "function", "function": {"name": "look"}}));
    assert_eq!(
        body["stream_options"]["include_usage"], true,
        "usage is asked for, whatever the client wished"
    );

    let error = messages::write_request(&request, Policy::RefuseUnsupported).unwrap_err();
    assert_eq!(error.field(), "verbosity");
    let body = json(&messages::write_request(&request, Policy::DropUnsupported).unwrap().body);
    assert_eq!(
        body["messages"][1]["content"][0],
        json!({"type": "thinking", "thinking": "I look.", "signature": "gAAAAA"})
    );
    assert_eq!(
        body["tool_choice"],
        json!({"type": "tool", "name": "look", "disable_parallel_tool_use": true})
    );
}

#[test]
fn a_chat_request_for_a_responses_provider_stores_nothing() {
    let request =
        chat::read_request(br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#).unwrap();
    let body = json(&responses::write_request(&request, Policy::RefuseUnsupported).unwrap().body);
    assert_eq!(body["store"], false);
    assert_eq!(body["input"][0]["content"], json!([{"type": "input_text", "text": "hi"}]));
}

#[test]
fn effort_becomes_a_budget_that_leaves_room_for_an_answer() {
    let thinking = |model: &str, effort, max| {
        let mut request = Request::new(Dialect::Chat, model);
        request.max_output_tokens = max;
        request.reasoning = Some(Reasoning { effort: Some(effort), ..Reasoning::default() });
        let written = messages::write_request(&request, Policy::RefuseUnsupported).unwrap();
        (json(&written.body), written.dropped)
    };
    let (body, _) = thinking("claude-opus-4-5", Effort::High, Some(32_000));
    assert_eq!(body["thinking"]["budget_tokens"], 16_384);
    let (body, _) = thinking("claude-opus-4-5", Effort::High, None);
    assert!(body["thinking"]["budget_tokens"].as_u64() < body["max_tokens"].as_u64());
    let (body, dropped) = thinking("claude-opus-4-5", Effort::High, Some(500));
    assert_eq!((&body["thinking"], &dropped[..]), (&Value::Null, &["reasoning_effort".to_owned()][..]));
    let (body, _) = thinking("claude-opus-4-6", Effort::High, None);
    assert_eq!(
        (&body["thinking"]["type"], &body["output_config"]["effort"]),
        (&json!("adaptive"), &json!("high"))
    );
    let (body, _) = thinking("claude-opus-4-6", Effort::None, None);
    assert_eq!(body["thinking"]["type"], "disabled");
}

#[test]
fn a_tool_call_whose_arguments_are_not_json_is_refused_and_not_sent_empty() {
    let request = chat::read_request(
        br#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"half"}}]}]}"#,
    );
    let error = messages::write_request(&request.unwrap(), Policy::DropUnsupported).unwrap_err();
    assert!(error.to_string().contains("arguments' must be a JSON object"), "{error}");
}
