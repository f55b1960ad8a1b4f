//! Where a name stands on the wire, and hand-overs that no tool of a framework announces.

use aop_identity::Passing;
use serde_json::json;

use super::{World, body};

#[test]
fn a_system_message_may_be_signed() {
    let mut world = World::new();
    let asked = json!({ "messages": [
        { "role": "system", "name": "BillingAgent", "content": "You know bills." },
        { "role": "user", "content": "What do I owe?" },
    ] });
    let called = world.say(1, &asked, "Ten.");
    assert_eq!(world.view(called).agent_name.name, "BillingAgent");
}

#[test]
fn a_router_names_who_is_next() {
    let mut world = World::new();
    let words = "You are a supervisor tasked with managing workers.";
    let lead =
        world.say(1, &body(words, &[("user", "What is the root of 42?")]), r#"{"next": "researcher"}"#);
    assert_eq!(world.view(lead).agent_name.name, "supervisor");
    assert_eq!((world.edges[0].from, world.edges[0].target.as_str()), (lead.call, "researcher"));
    let next = world.say(1, &body("You look things up.", &[("user", "What is the root of 42?")]), "6.48");
    assert!(world.same_run(lead, next));
    assert_eq!(
        (world.view(next).agent_name.name.as_str(), world.view(next).agent_name.rule),
        ("researcher", "selected")
    );
    let last = world.say(1, &body(words, &[("user", "Are we done?")]), r#"{"next": "FINISH"}"#);
    assert!(world.edges.iter().all(|edge| edge.from != last.call));
}

#[test]
fn a_title_is_no_agent_also_where_a_program_says_first_what_it_is() {
    let mut world = World::new();
    let system = "x-anthropic-billing-header: cc_version=2.1.197;\nYou are a Claude agent, built on Anthropic's Claude Agent SDK.\nGenerate a concise, sentence-case title (3-7 words).";
    let called = world.say(1, &body(system, &[("user", "What does the Fulmar owe?")]), "Dues of the Fulmar");
    assert_eq!(world.view(called).internal, Some(aop_identity::Internal::Title));
}

#[test]
fn a_session_is_one_run_and_two_are_two() {
    let mut world = World::new();
    let asked = body("You keep books.", &[("user", "What does the Fulmar owe?")]);
    let told = |world: &mut World, session: u64, parent: u64, body: &serde_json::Value| {
        let bytes = serde_json::to_vec(body).unwrap();
        world.traces += 1;
        world.now_us += 20_000_000;
        let placed = world.engine.arrive(&aop_identity::Arrival {
            scope: aop_identity::scope(b"team", b"key"),
            id: u64::try_from(world.traces).unwrap(),
            at_us: world.now_us,
            fresh_trace: world.traces.to_be_bytes(),
            sessions: [session, parent],
            fields: aop_identity::Fields::of(&bytes),
            ..Default::default()
        });
        world.engine.view(placed.conversation).unwrap()
    };
    let first = told(&mut world, 7, 0, &asked);
    let same = told(&mut world, 7, 0, &body("You title.", &[("user", "Something else")]));
    let child = told(&mut world, 8, 7, &body("You read.", &[("user", "A file")]));
    let of_child = told(&mut world, 8, 0, &body("You sum up.", &[("user", "A talk")]));
    let other = told(&mut world, 9, 0, &body("You title.", &[("user", "Something else again")]));
    assert_eq!([same.run, child.run, of_child.run], [first.run; 3]);
    assert_eq!(same.run_rule, "session");
    assert_ne!(other.run, first.run);
}

/// As Google's SDK keeps a chat whose answers are streamed.
#[test]
fn an_answer_that_comes_back_in_pieces_is_the_answer() {
    let mut world = World::new();
    let said = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let asked = said("user", "How is the sea today?");
    let mut chats = Vec::new();
    // Of two chats that begin alike, each goes on with its own words.
    for (line, words) in
        [(1, ["The sea is calm ", "and the wind is low."]), (2, ["It is rough ", "out there today."])]
    {
        let first = world.say(line, &json!({ "contents": [asked] }), &words.concat());
        chats.push((first, words));
    }
    for (first, words) in chats {
        let contents =
            json!([asked, said("model", words[0]), said("model", words[1]), said("user", "And then?")]);
        let next = world.arrive(3, &json!({ "contents": contents }));
        assert_eq!(next.conversation, first.conversation, "{words:?}");
    }
}

#[test]
fn work_given_away_in_text_is_a_hand_over() {
    let mut world = World::new();
    let answer = "Thought: I ask\nAction: Delegate work to coworker\nAction Input: {\"task\": \"Count the crates in the hall.\", \"coworker\": \"Quay Master\"}";
    let lead = world.say(1, &body("You lead.", &[("user", "How many are there?")]), answer);
    let edge = world.edges[0].clone();
    assert_eq!(
        (edge.from, edge.target.as_str(), edge.passing),
        (lead.call, "Quay Master", Passing::Delegate)
    );
    let worker = world.say(
        2,
        &body("You count.", &[("user", "Current Task: Count the crates in the hall.\nBegin!")]),
        "Thought: I know\nFinal Answer: There are 217 crates in it.",
    );
    assert!(world.same_run(lead, worker));
    assert_eq!(world.view(worker).agent_name.name, "Quay Master");
}

#[test]
fn a_framework_that_says_who_has_the_word_shows_a_hand_over_whatever_the_tool_is_called() {
    let mut world = World::new();
    let asked = json!({ "id": "call_aaaaaaaa1", "type": "function", "function": { "name": "route_to_orders", "arguments": "{}" } });
    let question = json!({ "role": "user", "content": "제 주문은 어디에 있나요?" });
    let system = |words: &str| json!({ "role": "system", "content": words });
    let desk = world.arrive(1, &json!({ "messages": [system("당신은 안내 데스크입니다."), question] }));
    let said = json!({ "role": "assistant", "content": null, "tool_calls": [asked] });
    world.answer(desk, &said);
    assert!(world.edges.is_empty());
    let told = json!({ "role": "tool", "tool_call_id": "call_aaaaaaaa1", "content": "{\"assistant\": \"주문 담당자\"}" });
    let clerk = json!({ "messages": [system("당신은 주문 담당자입니다."), question, said, told] });
    let clerk = world.say(1, &clerk, "배송 중입니다.");
    assert_eq!(world.view(desk).agent_name.name, "안내 데스크");
    assert_eq!(world.view(clerk).agent_name.name, "주문 담당자");
    let edge = &world.edges[0];
    assert_eq!((edge.from, edge.conversation), (desk.call, Some(clerk.conversation)));
}

#[test]
fn orders_in_front_of_a_text_are_the_prompts_of_callers_that_have_none() {
    let mut world = World::new();
    let only = |text: &str| json!({ "messages": [{ "role": "user", "content": text }] });
    let first = world.say(1, &only("Write the text for this outline:\nThe sea."), "It is deep.");
    let second = world.say(2, &only("Rate this text from 1 to 10:\nIt is wide."), "7");
    let third = world.say(3, &only("Rate this text from 1 to 10:\nIt is cold."), "8");
    assert_ne!(world.view(first).agent, world.view(second).agent);
    assert_eq!(world.view(second).agent, world.view(third).agent);
}

#[test]
fn a_tool_that_announces_the_word_passes_it_only_when_its_caller_is_done() {
    let mut world = World::new();
    let question = json!({ "role": "user", "content": "Make a list of things to do." });
    let system = json!({ "role": "system", "content": "You are the researcher." });
    let asked = json!({ "id": "call_aaaaaaaa1", "type": "function", "function": { "name": "handoff_to_agent", "arguments": "{\"agent_name\": \"architect\", \"message\": \"Draw the plan of the list.\"}" } });
    let first = world.arrive(1, &json!({ "messages": [system, question] }));
    let said = json!({ "role": "assistant", "content": null, "tool_calls": [asked] });
    world.answer(first, &said);
    let told =
        json!({ "role": "tool", "tool_call_id": "call_aaaaaaaa1", "content": "Handing off to architect." });
    let rest = world.say(1, &json!({ "messages": [system, question, said, told] }), "That is all.");
    assert_eq!(rest.conversation, first.conversation);
    assert_eq!(world.view(rest).agent_name.name, "researcher");
}
