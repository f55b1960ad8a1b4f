//! What may follow a new answer, and with which history, in each dialect.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use aop_domain::replay::{
    self, Dialect, Edits, OtherArguments, Parted, Piece, Plan, PlannedCall, Refused, Sent, follow, messages,
    turn,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const LONG: &str = "The capital of Korea is Seoul, and has been for six hundred years.";

fn said(role: &str, content: &str) -> Value {
    json!({ "role": role, "content": content })
}

fn asks(tools: &[(&str, &str, Value)]) -> Value {
    let calls: Vec<Value> = tools
        .iter()
        .map(|(id, name, arguments)| {
            json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
        })
        .collect();
    json!({ "role": "assistant", "tool_calls": calls })
}

/// A plan of calls, each with what it was told and what it answered.
fn plan(dialect: Dialect, calls: &[(u64, Vec<Value>, Vec<Value>)]) -> Plan {
    let mut pieces = BTreeMap::new();
    let mut keep = |messages: &[Value]| -> Vec<String> {
        messages
            .iter()
            .map(|message| {
                let kind = message["type"].as_str().unwrap_or_default();
                let role = match message["role"].as_str() {
                    Some(role) => role,
                    None if kind.ends_with("_output") => "tool",
                    None if message.is_string() => "input",
                    None => "assistant",
                };
                let name = message.to_string();
                pieces.insert(name.clone(), Piece { role: role.to_owned(), content: message.clone() });
                name
            })
            .collect()
    };
    let calls = calls
        .iter()
        .map(|(conversation, input, output)| PlannedCall {
            call_id: Uuid::nil(),
            dialect,
            conversation: *conversation,
            params: Map::from_iter([
                ("model".to_owned(), json!("recorded")),
                ("stream".to_owned(), json!(true)),
                ("temperature".to_owned(), json!(0.2)),
            ]),
            tools: None,
            input: keep(input),
            output: keep(output),
            stated: Vec::new(),
        })
        .collect();
    Plan {
        model: "new".into(),
        temperature: None,
        other_arguments: OtherArguments::Stop,
        max_cost: None,
        pieces,
        calls,
    }
}

fn told(plan: &Plan, sent: &[Sent]) -> Vec<Value> {
    replay::history(plan, &plan.calls[sent.len()], sent).unwrap().history
}

#[test]
fn the_new_answer_stands_in_the_history_of_the_next_call() {
    let start = vec![said("system", "Help."), said("user", "Hi")];
    let mut next = start.clone();
    next.extend([said("assistant", "Hello."), said("user", "And now?")]);
    let plan =
        plan(Dialect::ChatCompletions, &[(7, start, vec![said("assistant", "Hello.")]), (7, next, vec![])]);
    let history = told(&plan, &[Sent::Answered(vec![said("assistant", "Good day.")])]);
    assert_eq!(history[2], said("assistant", "Good day."));
    assert_eq!(history[3], said("user", "And now?"));
    let body = replay::body(&plan, &plan.calls[1], history);
    assert_eq!((&body["model"], body.get("stream")), (&json!("new"), None));
    assert_eq!((&body["temperature"], body["messages"].as_array().unwrap().len()), (&json!(0.2), 4));
}

#[test]
fn short_words_of_another_talk_or_of_before_are_nobodys_answer() {
    let start = vec![said("user", "Ready?"), said("assistant", "OK"), said("user", "Go")];
    let mut next = start.clone();
    next.extend([said("assistant", "OK"), said("user", "More")]);
    let other = vec![said("user", "x"), said("assistant", "OK"), said("user", "y")];
    let plan = plan(
        Dialect::ChatCompletions,
        &[(7, start, vec![said("assistant", "OK")]), (7, next, vec![]), (8, other.clone(), vec![])],
    );
    let new = Sent::Answered(vec![said("assistant", "Never")]);
    let history = told(&plan, std::slice::from_ref(&new));
    assert_eq!((&history[1], &history[3]), (&said("assistant", "OK"), &said("assistant", "Never")));
    assert_eq!(told(&plan, &[new, Sent::Answered(vec![])]), other);
}

#[test]
fn the_name_that_a_framework_put_to_an_answer_stays() {
    let named = json!({ "role": "assistant", "content": LONG, "name": "geographer" });
    let plan = plan(
        Dialect::ChatCompletions,
        &[
            (7, vec![said("user", "Where?")], vec![said("assistant", LONG)]),
            (9, vec![said("user", "Sum up."), named], vec![]),
        ],
    );
    let history = told(&plan, &[Sent::Answered(vec![said("assistant", "Busan.")])]);
    assert_eq!(history[1], json!({ "role": "assistant", "content": "Busan.", "name": "geographer" }));
}

#[test]
fn a_tool_that_is_asked_the_same_again_keeps_its_recorded_result() {
    let recorded =
        turn([&asks(&[("call_1", "search", json!({"q": "a"})), ("call_2", "search", json!({"q": "b"}))])]);
    let new = [asks(&[("x", "search", json!({"q": "b"})), ("y", "search", json!({"q": "a"}))])];
    let (messages, is_other) = follow(&recorded, &new, OtherArguments::Stop).unwrap();
    let id = |at: usize| messages[0]["tool_calls"][at]["id"].as_str().unwrap();
    assert_eq!((id(0), id(1), is_other), ("call_2", "call_1", false));
}

#[test]
fn nothing_follows_an_answer_that_asks_for_other_tools() {
    let search = |id: &str, q: &str| asks(&[(id, "search", json!({ "q": q }))]);
    let recorded = turn([&search("call_1", "a")]);
    let none = follow(&recorded, &[said("assistant", "Done.")], OtherArguments::UseRecorded).unwrap_err();
    assert_eq!(none, Parted::OtherTools { recorded: vec!["search".into()], asked: vec![] });
    assert_eq!(none.to_string(), "The new answer asks for no tool, the recorded one for search.");
    let other = [asks(&[("x", "delete", json!({}))])];
    assert_eq!(follow(&recorded, &other, OtherArguments::UseRecorded).unwrap_err().code(), "other_tools");
    let plain = turn([&said("assistant", "Done.")]);
    assert_eq!(follow(&plain, &other, OtherArguments::Stop).unwrap_err().code(), "other_tools");
    assert_eq!(
        follow(&recorded, &[search("x", "b")], OtherArguments::Stop).unwrap_err().code(),
        "other_arguments"
    );
    assert!(follow(&recorded, &[search("x", "b")], OtherArguments::UseRecorded).unwrap().1);
}

#[test]
fn a_call_whose_history_holds_an_answer_that_is_missing_names_it() {
    let start = vec![said("user", "Hi")];
    let mut next = start.clone();
    next.extend([said("assistant", "Hello."), said("user", "?")]);
    let plan =
        plan(Dialect::ChatCompletions, &[(7, start, vec![said("assistant", "Hello.")]), (7, next, vec![])]);
    assert_eq!(replay::history(&plan, &plan.calls[1], &[Sent::Missing]).unwrap_err(), 0);
    let parted = Sent::Parted(Parted::OtherArguments { tool: "t".into() });
    assert_eq!(replay::history(&plan, &plan.calls[1], &[parted]).unwrap_err(), 0);
}

#[test]
fn messages_with_blocks_go_on_under_the_recorded_ids() {
    let used = |id: &str, text: &str| {
        json!({ "role": "assistant", "content": [
            { "type": "text", "text": text },
            { "type": "tool_use", "id": id, "name": "search", "input": { "q": "a" } }] })
    };
    let start = vec![said("system", "Help."), said("user", "Find a.")];
    let mut next = start.clone();
    next.push(used("toolu_1", "Looking."));
    next.push(
        json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "toolu_1", "content": "A" }] }),
    );
    let plan = plan(Dialect::Messages, &[(7, start, vec![used("toolu_1", "Looking.")]), (7, next, vec![])]);
    let answer = json!({ "type": "message", "content": used("toolu_9", "On it.")["content"] });
    let recorded = turn(plan.recorded_answer(&plan.calls[0]));
    let new = messages(Dialect::Messages, &answer);
    let (new, _) = follow(&recorded, &new, OtherArguments::Stop).unwrap();
    let body = replay::body(&plan, &plan.calls[1], told(&plan, &[Sent::Answered(new)]));
    assert_eq!(body["system"], "Help.");
    assert_eq!(body["messages"][1]["content"][0]["text"], "On it.");
    assert_eq!(body["messages"][1]["content"][1]["id"], "toolu_1");
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "toolu_1");
}

#[test]
fn items_of_responses_go_on_and_thoughts_stay_behind() {
    let call = |id: &str, arguments: &str| json!({ "type": "function_call", "call_id": id, "name": "search", "arguments": arguments });
    let start = vec![said("system", "Help."), said("user", "Find a.")];
    let mut next = start.clone();
    next.push(call("call_1", r#"{"q":"a"}"#));
    next.push(json!({ "type": "function_call_output", "call_id": "call_1", "output": "A" }));
    let plan =
        plan(Dialect::Responses, &[(7, start, vec![call("call_1", r#"{"q":"a"}"#)]), (7, next, vec![])]);
    let answer = json!({ "object": "response", "output": [
        { "type": "reasoning", "id": "rs_1", "summary": [] },
        { "type": "function_call", "id": "fc_1", "status": "completed", "call_id": "call_9", "name": "search",
          "arguments": "{ \"q\": \"a\" }" }] });
    let new = messages(Dialect::Responses, &answer);
    let recorded = turn(plan.recorded_answer(&plan.calls[0]));
    let (new, is_other) = follow(&recorded, &new, OtherArguments::Stop).unwrap();
    assert!(!is_other, "spaces ask nothing else");
    let body = replay::body(&plan, &plan.calls[1], told(&plan, &[Sent::Answered(new)]));
    assert_eq!(body["instructions"], "Help.");
    assert_eq!(body["input"][1], call("call_1", "{ \"q\": \"a\" }"));
    assert_eq!(body["input"].as_array().unwrap().len(), 3);
}

#[test]
fn edits_hold_wherever_what_was_edited_comes_back() {
    let start = vec![said("system", "Help."), said("user", "Hi")];
    let mut next = start.clone();
    next.extend([said("assistant", "Hello."), said("user", "Hi")]);
    let mut plan = plan(Dialect::ChatCompletions, &[(7, start, vec![]), (7, next, vec![])]);
    let may = replay::editable(&plan, &plan.calls[0]);
    assert_eq!((may.system.as_deref(), may.message.as_deref()), (Some("Help."), Some("Hi")));
    let edits = Edits { system: Some("Be brief.".into()), message: Some("Good morning".into()) };
    replay::edit(&mut plan, &edits).unwrap();
    let history = told(&plan, &[Sent::Answered(vec![])]);
    let texts: Vec<&str> = history.iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Be brief.", "Good morning", "Hello.", "Hi"]);
}

#[test]
fn a_message_with_more_than_text_is_not_edited() {
    let picture =
        json!({ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "x" } }] });
    let mut one = plan(Dialect::ChatCompletions, &[(7, vec![picture], vec![])]);
    let edits = Edits { message: Some("Hi".into()), ..Edits::default() };
    assert_eq!(replay::edit(&mut one, &edits), Err("message"));
    let cached = json!({ "role": "user", "content": [
        { "type": "text", "text": "Hi", "cache_control": { "type": "ephemeral" } }] });
    let mut one = plan(Dialect::Messages, &[(7, vec![cached], vec![])]);
    replay::edit(&mut one, &Edits { message: Some("Yes".into()), ..Edits::default() }).unwrap();
    let part = &told(&one, &[])[0]["content"][0];
    assert_eq!((&part["text"], &part["cache_control"]["type"]), (&json!("Yes"), &json!("ephemeral")));
}

#[test]
fn what_is_not_recorded_whole_is_refused_with_the_reason() {
    let whole = plan(Dialect::Responses, &[(7, vec![said("user", "Hi")], vec![])]);
    assert_eq!(replay::check(&whole, &whole.calls[0]), Ok(()));
    let mut gone = whole.clone();
    gone.calls[0].input.push("no longer".into());
    assert_eq!(replay::check(&gone, &gone.calls[0]), Err(Refused::NoLongerKept));
    let mut raw = whole.clone();
    raw.pieces.values_mut().for_each(|piece| piece.role = "raw".into());
    assert_eq!(replay::check(&raw, &raw.calls[0]), Err(Refused::NotWhole));
    let mut held = whole.clone();
    held.calls[0].params.insert("previous_response_id".into(), json!("resp_1"));
    assert_eq!(replay::check(&held, &held.calls[0]), Err(Refused::HeldByProvider));
}

fn any_message() -> impl Strategy<Value = Value> {
    let text = prop_oneof![Just(String::new()), "[a-c]{1,3}", Just(LONG.to_owned())];
    let tools = proptest::collection::vec(("[xyz]", "[st]", 0..2_u8), 0..3);
    (prop_oneof![Just("user"), Just("assistant"), Just("tool")], text, tools).prop_map(
        |(role, text, tools)| {
            let mut message = json!({ "role": role, "content": text });
            if role == "assistant" && !tools.is_empty() {
                let tools: Vec<_> = tools
                    .iter()
                    .map(|(id, name, x)| (id.as_str(), name.as_str(), json!({ "x": x })))
                    .collect();
                message["tool_calls"] = asks(&tools)["tool_calls"].clone();
            }
            message
        },
    )
}

proptest! {
    /// Sending what was recorded, and being answered what was recorded, changes no word of any history.
    #[test]
    fn the_same_answers_make_the_same_run(
        messages in proptest::collection::vec(any_message(), 1..14), lengths in proptest::collection::vec(1..14_usize, 1..6)
    ) {
        let mut lengths: Vec<usize> = lengths.into_iter().map(|length| length.min(messages.len())).collect();
        lengths.sort_unstable();
        let calls: Vec<_> = lengths
            .iter()
            .map(|&length| {
                let answer = messages.get(length).filter(|message| message["role"] == "assistant");
                (7, messages[..length].to_vec(), answer.cloned().into_iter().collect())
            })
            .collect();
        let plan = plan(Dialect::ChatCompletions, &calls);
        let mut sent = Vec::new();
        for (at, call) in plan.calls.iter().enumerate() {
            let told = replay::history(&plan, call, &sent).unwrap();
            prop_assert_eq!(&told.history, &calls[at].1);
            let recorded = turn(plan.recorded_answer(call));
            let (again, is_other) = follow(&recorded, &calls[at].2, OtherArguments::Stop).unwrap();
            prop_assert!(!is_other);
            prop_assert_eq!(&again, &calls[at].2);
            sent.push(Sent::Answered(again));
        }
    }
}
