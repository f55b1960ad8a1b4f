//! Runs of one program at once, which say the same words: what tells them apart, and what must not.

use serde_json::{Value, json};

use super::{Called, ID, World, body};
use aop_identity::{Arrival, Fields, Internal, Operation, scope, user_key};

fn tool(id: &str, name: &str, arguments: &Value) -> Value {
    json!({ "role": "assistant", "content": null, "tool_calls": [
        { "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } }
    ] })
}

fn messages(system: &str, rest: &[Value]) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend_from_slice(rest);
    json!({ "model": "m", "messages": messages })
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

impl World {
    fn ask(&mut self, connection: u64, asked: &Value, answer: &Value) -> Called {
        let called = self.arrive(connection, asked);
        self.answer(called, answer);
        called
    }

    fn arrive_as(&mut self, arrival: Arrival<'_>) -> Called {
        self.now_us += 100_000;
        self.traces += 1;
        let placed = self.engine.arrive(&Arrival {
            scope: scope(b"team", b"key"),
            id: ID + self.traces as u64,
            at_us: self.now_us,
            fresh_trace: self.traces.to_be_bytes(),
            ..arrival
        });
        Called { call: placed.call, conversation: placed.conversation }
    }
}

#[test]
fn a_task_that_several_runs_gave_is_whose_its_answer_goes_to() {
    let mut world = World::new();
    let lead = [user("Plan the bridge.")];
    let task = json!({ "coworker": "Surveyor", "task": "Look at all there is on the river." });
    let ids = ["call_aaaaaaaa1", "call_bbbbbbbb2", "call_cccccccc3"];
    let leads: Vec<Called> = ids
        .iter()
        .map(|id| world.ask(0, &messages("You lead.", &lead), &tool(id, "delegate_work_to_coworker", &task)))
        .collect();
    let answers = ["It is 40 metres wide.", "There is rock on both sides.", "A ferry runs there now."];
    let work = body("You survey.", &[("user", "Look at all there is on the river.")]);
    let workers: Vec<Called> = answers.iter().map(|words| world.say(0, &work, words)).collect();
    assert!(workers.iter().all(|worker| leads.iter().all(|lead| !world.same_run(*worker, *lead))));
    assert!(workers.iter().all(|worker| world.view(*worker).agent_name.name == "Surveyor"));
    // In another order than they were asked.
    for (run, worker) in [(0, 2), (1, 0), (2, 1)] {
        let told = json!({ "role": "tool", "tool_call_id": ids[run], "content": answers[worker] });
        let asked = tool(ids[run], "delegate_work_to_coworker", &task);
        world.ask(0, &messages("You lead.", &[lead[0].clone(), asked, told]), &json!({ "content": "Done." }));
        assert!(world.same_run(leads[run], workers[worker]));
        assert_eq!(world.view(workers[worker]).parent, leads[run].conversation);
    }
    assert!(!world.same_run(leads[0], leads[1]) && !world.same_run(leads[1], leads[2]));
}

#[test]
fn a_greeting_that_stands_before_every_talk_joins_none() {
    let mut world = World::new();
    let greeting = json!({ "role": "assistant", "content": "Hello, how can I help you?" });
    let talk = |question: &str| messages("You help.", &[greeting.clone(), user(question)]);
    let first = world.say(1, &talk("My printer is jammed."), "Open it.");
    let second = world.say(2, &talk("My phone is dead."), "Charge it.");
    assert_ne!(first.conversation, second.conversation);
}

#[test]
fn of_those_who_heard_the_same_the_one_that_waits_goes_on() {
    let mut world = World::new();
    let start = body("You help.", &[("user", "What is seven times six?")]);
    let answer = "Let me look that up in the table.";
    let first = world.say(0, &start, answer);
    let second = world.say(0, &start, answer);
    let more = body(
        "You help.",
        &[("user", "What is seven times six?"), ("assistant", answer), ("user", "Observation: found")],
    );
    let one = world.say(0, &more, "42");
    let other = world.say(0, &more, "42");
    let mut found = [one.conversation, other.conversation];
    found.sort_unstable();
    assert_eq!(found, [first.conversation, second.conversation]);
}

#[test]
fn ids_that_are_counted_up_join_nobody() {
    let mut world = World::new();
    let talk = |what: &str| {
        let asked = tool("call_1", "look", &json!({ "at": what }));
        let told = json!({ "role": "tool", "tool_call_id": "call_1", "content": what });
        messages("You look.", &[user(&format!("Look at {what}.")), asked, told])
    };
    let first = world.say(1, &talk("the sea"), "Blue.");
    let second = world.say(2, &talk("the wood"), "Green.");
    assert!(!world.same_run(first, second));
}

#[test]
fn a_history_that_is_told_in_one_message_goes_on_from_the_ids_in_it() {
    let mut world = World::new();
    let asked = [user("The server is on fire.")];
    let ids = ["call_XquhQnlfPKtp", "call_6ZmkoVBbmM4L"];
    let first: Vec<Called> = ids
        .iter()
        .map(|id| world.ask(0, &messages("You take calls.", &asked), &tool(id, "order_status", &json!({}))))
        .collect();
    for at in [1, 0] {
        let told = format!(
            "For context:\n1. user: The server is on fire.\n2. {{\"call_id\": \"{}\", \"id\": \"__fake_id__\"}}",
            ids[at]
        );
        let told = json!({ "role": "assistant", "content": told });
        let second = world.say(0, &messages("You put fires out.", &[told]), "It is out.");
        assert!(world.same_run(first[at], second) && !world.same_run(first[1 - at], second));
    }
}

#[test]
fn end_users_that_were_stated_are_never_in_one_run() {
    let mut world = World::new();
    let task = json!({ "task": "Count all the ships in the harbour today." });
    let lead = messages("You lead.", &[user("What is at sea?")]);
    let bytes = serde_json::to_vec(&lead).unwrap();
    let arrival = Arrival { stated_user: user_key("ann"), fields: Fields::of(&bytes), ..Arrival::default() };
    let lead = world.arrive_as(arrival);
    world.answer(lead, &tool("call_aaaaaaaa1", "ask_counter", &task));
    let work = body("You count.", &[("user", "Count all the ships in the harbour today.")]);
    let bytes = serde_json::to_vec(&work).unwrap();
    let of = |user: &str| Arrival {
        stated_user: user_key(user),
        fields: Fields::of(&bytes),
        ..Arrival::default()
    };
    let other = world.arrive_as(of("bob"));
    let own = world.arrive_as(of("ann"));
    assert!(!world.same_run(lead, other) && world.same_run(lead, own));
    assert_eq!(Fields::of(br#"{"user":"ann"}"#).user_key(), user_key("ann"));
    assert_eq!(Fields::of(br#"{"metadata":{"user_id":"ann"}}"#).user_key(), user_key("ann"));
    assert_eq!(Fields::of(br#"{"metadata":{}}"#).user_key(), 0);
}

#[test]
fn tokens_are_counted_for_the_call_that_follows() {
    let mut world = World::new();
    let asked = body("You report.", &[("user", "Report the fair in two lines.")]);
    let bytes = serde_json::to_vec(&asked).unwrap();
    let counting =
        Arrival { operation: Operation::CountTokens, fields: Fields::of(&bytes), ..Arrival::default() };
    let first = world.arrive_as(Arrival { connection: 1, ..counting });
    let second = world.arrive_as(Arrival { connection: 2, ..counting });
    assert!(!world.same_run(first, second));
    assert_eq!(world.view(first).internal, Some(Internal::TokenCount));
    let said = world.say(2, &asked, "It was loud.");
    let other = world.say(1, &asked, "It was fine.");
    assert!(world.same_run(second, said) && world.same_run(first, other) && !world.same_run(said, other));
}

/// Google's SDK counts what was said so far, or what it is about to send, without the system prompt.
#[test]
fn a_conversation_goes_on_whatever_was_counted_in_between() {
    let said = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let talk = [
        said("user", "How is the sea today?"),
        said("model", "The sea is calm and the wind is low."),
        said("user", "And tomorrow?"),
    ];
    let ask = |turns: usize| json!({ "systemInstruction": { "parts": [{ "text": "You watch the sea." }] }, "contents": talk[..turns] });
    for counted in 1..=3 {
        let mut world = World::new();
        let count = serde_json::to_vec(&json!({ "contents": talk[..counted] })).unwrap();
        let counting =
            Arrival { operation: Operation::CountTokens, fields: Fields::of(&count), ..Arrival::default() };
        let first = world.say(1, &ask(1), "The sea is calm and the wind is low.");
        let counts = world.arrive_as(Arrival { connection: 1, ..counting });
        let next = world.arrive(1, &ask(3));
        assert_eq!(next.conversation, first.conversation, "{counted} counted");
        assert_eq!(world.view(counts).internal, Some(Internal::TokenCount));
        assert!(counted == 1 || world.same_run(first, counts), "{counted} counted");
    }
}

#[test]
fn whoever_is_known_by_another_prompt_was_not_given_the_word() {
    let mut world = World::new();
    let question = ("user", "It is broken and the bill is wrong.");
    let pass = |to: &str| tool("call_aaaaaaaa1", &format!("transfer_to_{to}"), &json!({}));
    let said = json!({ "content": "Done." });
    let door = world.ask(1, &body("Open the door.", &[question]), &pass("repair"));
    let repair = world.ask(1, &body("Repair things.", &[question]), &pass("money"));
    let money = world.ask(1, &body("Count money.", &[question]), &said);
    assert_eq!(world.view(repair).agent_name.name, "repair");
    assert_eq!(world.view(money).agent_name.name, "money");
    assert!(world.same_run(door, repair) && world.same_run(repair, money));
}
