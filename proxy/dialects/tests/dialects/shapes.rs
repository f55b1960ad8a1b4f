//! The documented shapes, read into the form.

use aop_dialects::form::*;
use aop_dialects::{Dialect, chat, messages, responses};

use crate::fold::{read, whole};

pub(crate) const CHAT: &[u8] = include_bytes!("fixtures/chat/request.json");
pub(crate) const MESSAGES: &[u8] = include_bytes!("fixtures/messages/request.json");
pub(crate) const RESPONSES: &[u8] = include_bytes!("fixtures/responses/request.json");

#[test]
fn a_chat_request_is_understood_whole() {
    let request = chat::read_request(CHAT).unwrap();
    assert!(request.rest.is_empty() && request.unread.is_empty(), "{:?} {:?}", request.rest, request.unread);
    assert_eq!(request.system, [Part::text("Be brief.")]);
    let [user, assistant, results] = &request.messages[..] else { panic!("{:?}", request.messages) };
    let kinds: Vec<&str> = user.parts.iter().map(|part| part.content.what()).collect();
    assert_eq!(kinds, ["text", "image", "image", "file"]);
    assert_eq!(assistant.parts.len(), 2);
    assert_eq!(
        (results.role, results.parts.len()),
        (Role::User, 2),
        "results of parallel calls are one turn"
    );
    assert_eq!(request.reasoning.unwrap().effort, Some(Effort::Low));
    assert!(request.stream && request.stream_usage);
    assert_eq!(request.stop, ["END"]);
}

#[test]
fn a_messages_request_is_understood_but_for_what_only_it_can_say() {
    let request = messages::read_request(MESSAGES).unwrap();
    assert_eq!(request.rest.keys().collect::<Vec<_>>(), ["context_management"]);
    assert_eq!(request.unread, [""; 0]);
    assert_eq!(request.system[1].cache, Some(CacheMarker::Long));
    assert_eq!(request.tools[0].cache, Some(CacheMarker::Short));
    assert!(matches!(&request.tools[1].kind, ToolKind::Foreign(tool) if tool.what == "web_search_20250305"));
    assert_eq!((request.parallel_tools, request.user.as_deref()), (Some(false), Some("u-1")));
    let kinds: Vec<&str> = request.messages[1].parts.iter().map(|part| part.content.what()).collect();
    assert_eq!(kinds, ["thinking", "redacted_thinking", "text", "tool_call"]);
    let Content::ToolResult(result) = &request.messages[2].parts[0].content else { panic!() };
    assert!(result.is_error);
    assert_eq!(request.reasoning.unwrap().budget_tokens, Some(10_000));
}

#[test]
fn a_responses_request_is_understood_with_its_turns_put_together() {
    let request = responses::read_request(RESPONSES).unwrap();
    assert_eq!(request.rest.keys().collect::<Vec<_>>(), ["store", "prompt_cache_key", "include"]);
    assert_eq!(request.unread, [""; 0]);
    let [user, assistant, results] = &request.messages[..] else { panic!("{:?}", request.messages) };
    assert_eq!((user.role, results.role), (Role::User, Role::User));
    let kinds: Vec<&str> = assistant.parts.iter().map(|part| part.content.what()).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_call"]);
    assert_eq!(request.verbosity.as_deref(), Some("low"));
    assert_eq!(request.tool_choice, Some(ToolChoice::Function("look".into())));
}

#[test]
fn whole_answers_and_streams_tell_the_same_of_a_chat_completion() {
    let response = chat::read_response(include_bytes!("fixtures/chat/response.json")).unwrap();
    let usage = response.usage.unwrap();
    assert_eq!(
        (usage.in_uncached, usage.in_cache_read, usage.out_text, usage.out_reasoning),
        (60, 40, 10, 20)
    );
    assert_eq!((response.stop, response.service_tier.as_deref()), (StopReason::ToolCalls, Some("default")));
    let streamed = whole(&read(chat::reader(), &[include_bytes!("fixtures/chat/stream.sse")]));
    assert_eq!(streamed.parts[..2], response.parts[..]);
    assert_eq!(
        (streamed.parts.len(), streamed.usage, streamed.stop),
        (3, Some(usage), StopReason::ToolCalls)
    );
}

#[test]
fn whole_answers_and_streams_tell_the_same_of_a_message() {
    let response = messages::read_response(include_bytes!("fixtures/messages/response.json")).unwrap();
    let usage = response.usage.unwrap();
    assert_eq!((usage.in_uncached, usage.in_cache_read), (10, 100));
    assert_eq!((usage.in_cache_write_5m, usage.in_cache_write_1h, usage.out_text), (20, 40, 7));
    let events = read(messages::reader(), &[include_bytes!("fixtures/messages/stream.sse")]);
    assert!(events.contains(&StreamEvent::Ping));
    let streamed = whole(&events);
    assert_eq!(streamed.parts, response.parts);
    assert_eq!((streamed.usage, streamed.stop), (Some(usage), response.stop));
}

#[test]
fn whole_answers_and_streams_tell_the_same_of_a_response() {
    let response = responses::read_response(include_bytes!("fixtures/responses/response.json")).unwrap();
    let usage = response.usage.unwrap();
    assert_eq!((usage.in_uncached, usage.in_cache_read, usage.out_text, usage.out_reasoning), (30, 6, 7, 80));
    let streamed = whole(&read(responses::reader(), &[include_bytes!("fixtures/responses/stream.sse")]));
    assert_eq!(streamed.parts, response.parts);
    assert_eq!((streamed.usage, streamed.stop), (Some(usage), StopReason::ToolCalls));
}

#[test]
fn each_kind_of_provider_says_where_and_how_it_is_called() {
    use aop_dialects::providers::{Endpoint, Target, Unsigned, find};
    let target = |base_path, endpoint| Target { base_path, model: "m", endpoint, stream: false };
    let unsigned = Unsigned { method: "POST", authority: "x", path_and_query: "/", body: b"", now_s: 0 };

    let anthropic = find("anthropic").unwrap();
    for base in ["", "/v1"] {
        assert_eq!(anthropic.path(&target(base, Endpoint::Generate)).unwrap(), "/v1/messages");
    }
    assert_eq!(anthropic.path(&target("/x", Endpoint::CountTokens)).unwrap(), "/x/v1/messages/count_tokens");
    assert_eq!(anthropic.path(&target("", Endpoint::Embeddings)), None);
    let headers = anthropic.headers(Some("sk-1\n"), &unsigned).unwrap();
    assert!(
        headers.contains(&("x-api-key", "sk-1".into()))
            && headers.contains(&("anthropic-version", "2023-06-01".into()))
    );
    assert!(anthropic.speaks(Dialect::Messages) && !anthropic.speaks(Dialect::Chat));

    let openai = find("openai").unwrap();
    assert_eq!(openai.path(&target("/v1", Endpoint::Generate)).unwrap(), "/v1/chat/completions");
    assert_eq!(openai.path(&target("/v1", Endpoint::Native(Dialect::Responses))).unwrap(), "/v1/responses");
    assert_eq!(openai.path(&target("/v1", Endpoint::Native(Dialect::Messages))), None);
    assert_eq!(openai.headers(Some("k"), &unsigned).unwrap(), [("authorization", "Bearer k".to_owned())]);
    assert!(!find("openai_chat").unwrap().speaks(Dialect::Responses));
    assert!(find("telepathy").is_none());
}
