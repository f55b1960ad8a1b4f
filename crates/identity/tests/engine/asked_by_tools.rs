//! Agents that others ask by tools: what the tool calls them, in whatever words they are asked, and however few.

use aop_identity::Passing;
use serde_json::{Value, json};

use super::{Called, World, body};

/// A lead asks by these tools, each with its arguments.
fn lead(world: &mut World, asked: &[(&str, &str, Value)]) -> Called {
    let called = world.arrive(1, &body("You cook for many.", &[("user", "Plan tonight.")]));
    let calls: Vec<Value> = asked.iter().map(|(id, name, arguments)| call(id, name, arguments)).collect();
    world.answer(called, &json!({ "role": "assistant", "content": null, "tool_calls": calls }));
    called
}

fn call(id: &str, name: &str, arguments: &Value) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
}

/// The lead is told what its tools said.
fn goes_on(world: &mut World, asked: &[(&str, &str, Value)], told: &[&str]) -> Called {
    let calls: Vec<Value> = asked.iter().map(|(id, name, arguments)| call(id, name, arguments)).collect();
    let mut messages = vec![
        json!({ "role": "system", "content": "You cook for many." }),
        json!({ "role": "user", "content": "Plan tonight." }),
        json!({ "role": "assistant", "content": null, "tool_calls": calls }),
    ];
    let results = asked.iter().zip(told);
    messages.extend(
        results.map(|((id, ..), told)| json!({ "role": "tool", "tool_call_id": id, "content": told })),
    );
    world.arrive(1, &json!({ "model": "m", "messages": messages }))
}

#[test]
fn two_agents_of_one_prompt_are_told_apart_by_the_tools_that_ask_them() {
    let mut world = World::new();
    let asked = [
        ("call_aaaaaaa1", "ask_pantry", json!({ "input": "What is left for tonight?" })),
        ("call_aaaaaaa2", "ask_guests", json!({ "input": "How many people come tonight?" })),
    ];
    let head = lead(&mut world, &asked);
    let work = |text: &str| body("You answer the kitchen.", &[("user", text)]);
    let pantry = world.say(2, &work("What is left for tonight?"), "Ten sacks of flour and some beans.");
    let guests = world.say(3, &work("How many people come tonight?"), "Forty people, two of them small.");
    assert_eq!(world.view(pantry).agent_name.name, "pantry");
    assert_eq!(world.view(guests).agent_name.name, "guests");
    assert_ne!(world.view(pantry).agent, world.view(guests).agent);
    let made: Vec<&str> =
        world.edges.iter().filter(|edge| edge.from == head.call).map(|edge| edge.target.as_str()).collect();
    assert_eq!(made, ["pantry", "guests"]);
}

#[test]
fn whoever_answered_for_a_tool_was_asked_by_it_in_whatever_words() {
    let mut world = World::new();
    let asked = [("call_aaaaaaa1", "consult_baker", json!({ "dish": "pie" }))];
    let head = lead(&mut world, &asked);
    let words = "A pie of leeks takes an hour, and half of the flour.";
    let baker =
        world.say(2, &body("You bake what you are told.", &[("user", "Make this warm: a leek tart")]), words);
    assert!(!world.same_run(head, baker));
    let end = goes_on(&mut world, &asked, &[words]);
    assert!(world.same_run(head, baker) && end.conversation == head.conversation);
    assert_eq!(world.view(baker).agent_name.name, "baker");
    let edge = world.edges.iter().find(|edge| edge.conversation == Some(baker.conversation)).unwrap();
    assert_eq!((edge.from, edge.passing, edge.target.as_str()), (head.call, Passing::Delegate, "baker"));
}

#[test]
fn what_was_written_before_the_tool_was_asked_was_not_written_for_it() {
    let mut world = World::new();
    let words = "The file says that the ferry leaves at nine in the morning.";
    let writer = world.say(2, &body("You write timetables.", &[("user", "When does it leave?")]), words);
    let asked = [("call_aaaaaaa1", "open_timetable", json!({ "name": "ferry" }))];
    let head = lead(&mut world, &asked);
    goes_on(&mut world, &asked, &[words]);
    assert_eq!(world.view(writer).agent_name.rule, "prompt");
    assert!(world.edges.iter().all(|edge| edge.from != head.call));
}

#[test]
fn few_words_are_a_task_for_whoever_the_tool_is_called_like() {
    let mut world = World::new();
    let asked = [("call_aaaaaaa1", "list_maker", json!({ "task": "Make a list." }))];
    let head = lead(&mut world, &asked);
    let told = "You're a helpful agent named 'list_maker'.\nYour task is:\nMake a list.";
    let maker = world.say(
        2,
        &body("You are an expert assistant who can solve any task using tool calls.", &[("user", told)]),
        "Milk, eggs and a little butter.",
    );
    assert_eq!(world.view(maker).agent_name.name, "list_maker");
    assert!(
        world
            .edges
            .iter()
            .any(|edge| edge.from == head.call && edge.conversation == Some(maker.conversation))
    );
}

#[test]
fn a_tool_may_call_the_one_it_asks_a_colleague() {
    let mut world = World::new();
    let asked = [(
        "call_aaaaaaa1",
        "ask",
        json!({ "colleague": "gardener", "question": "What grows behind the house?" }),
    )];
    lead(&mut world, &asked);
    let gardener = world.say(
        2,
        &body("You help the office.", &[("user", "What grows behind the house?")]),
        "Roses and some thyme.",
    );
    assert_eq!(world.view(gardener).agent_name.name, "gardener");
}
