//! What the engine finds in calls as they come over the wire, without any framework at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "engine/asked_by_tools.rs"]
mod asked_by_tools;
#[path = "engine/at_once.rs"]
mod at_once;
#[path = "engine/names.rs"]
mod names;
#[path = "engine/one_by_one.rs"]
mod one_by_one;

use aop_identity::{
    Answer, Arrival, CallNumber, Edge, Engine, Fields, Internal, Learned, Limits, Saving, View,
    named_fingerprint, scope,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A caller's side of the wire: time goes on by a tenth of a second a call.
struct World {
    engine: Engine,
    now_us: i64,
    traces: u128,
    edges: Vec<Edge>,
    learned: Vec<Learned>,
}

/// Calls are known outside as this, plus their number.
const ID: u64 = 0xab00;

#[derive(Debug, Clone, Copy)]
struct Called {
    call: CallNumber,
    conversation: u32,
}

impl World {
    fn new() -> Self {
        Self {
            engine: Engine::new(Limits::default()),
            now_us: 1_000_000,
            traces: 0,
            edges: Vec::new(),
            learned: Vec::new(),
        }
    }

    fn arrive(&mut self, connection: u64, body: &Value) -> Called {
        self.arrive_in(scope(b"team", b"key"), connection, body)
    }

    fn arrive_in(&mut self, scope: u64, connection: u64, body: &Value) -> Called {
        self.now_us += 100_000;
        self.traces += 1;
        let bytes = serde_json::to_vec(body).unwrap();
        let placed = self.engine.arrive(&Arrival {
            scope,
            id: ID + self.traces as u64,
            at_us: self.now_us,
            connection,
            fresh_trace: self.traces.to_be_bytes(),
            fields: Fields::of(&bytes),
            ..Arrival::default()
        });
        self.edges.extend(placed.edges);
        self.learned.extend(placed.learned);
        Called { call: placed.call, conversation: placed.conversation }
    }

    fn answer(&mut self, called: Called, message: &Value) {
        let body =
            json!({ "id": format!("chatcmpl-{}", called.call.0), "choices": [{ "message": message }] });
        let answer = Answer::of_json(&serde_json::to_vec(&body).unwrap());
        self.edges.extend(self.engine.answered(called.call, called.conversation, &answer));
    }

    fn say(&mut self, connection: u64, body: &Value, words: &str) -> Called {
        let called = self.arrive(connection, body);
        self.answer(called, &json!({ "role": "assistant", "content": words }));
        called
    }

    fn view(&self, called: Called) -> View {
        self.engine.view(called.conversation).unwrap()
    }

    fn same_run(&self, one: Called, other: Called) -> bool {
        self.view(one).run == self.view(other).run
    }
}

fn body(system: &str, rest: &[(&str, &str)]) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend(rest.iter().map(|(role, text)| json!({ "role": role, "content": text })));
    json!({ "model": "m", "messages": messages })
}

#[test]
fn a_history_that_goes_on_is_one_conversation_whatever_the_clock_in_the_prompt_says() {
    let mut world = World::new();
    let first = world.say(
        1,
        &body("You help. It is 2026-11-21 12:00:01.", &[("user", "Hello there")]),
        "Hi, what is it?",
    );
    let second = body(
        "You help. It is 2026-11-21 12:00:09.",
        &[("user", "Hello there"), ("assistant", "Hi, what is it?"), ("user", "My printer")],
    );
    let second = world.say(2, &second, "I see");
    assert_eq!(first.conversation, second.conversation);
    assert_eq!(world.view(first).agent_name.rule, "prompt");
}

#[test]
fn the_same_question_twice_is_two_runs_of_one_agent() {
    let mut world = World::new();
    let asked = body("You are a clerk.", &[("user", "What is my balance?")]);
    let first = world.say(1, &asked, "Ten.");
    let second = world.say(2, &asked, "Ten.");
    assert!(!world.same_run(first, second));
    assert_eq!(world.view(first).agent, world.view(second).agent);
}

#[test]
fn twenty_runs_at_once_with_the_same_words_are_told_apart_by_their_connections() {
    let mut world = World::new();
    let research =
        body("You are Researcher. R\nYour personal goal is: g", &[("user", "Current Task: collect facts")]);
    let answer = "Facts: the sea is salty, the sky is blue and the grass is green.";
    let first: Vec<Called> = (0..20).map(|run| world.say(100 + run, &research, answer)).collect();
    let text = format!("Current Task: write it up\n\nThis is the context you're working with:\n{answer}");
    let write = body("You are Writer. W\nYour personal goal is: g", &[("user", &text)]);
    // The other way round: whoever waits longest is not the one who goes on.
    for run in (0..20_u64).rev() {
        let written = world.say(100 + run, &write, "Done.");
        assert!(world.same_run(first[run as usize], written), "{run}");
        assert_eq!(world.view(written).agent_name.name, "Writer");
        assert_eq!(world.view(written).parent_agent.as_deref(), Some("Researcher"));
    }
}

#[test]
fn a_task_given_to_a_tool_makes_the_one_who_gets_it_a_child() {
    let mut world = World::new();
    let lead = world.arrive(1, &body("You lead.", &[("user", "Prepare the release")]));
    let arguments =
        json!({ "coworker": "Tester", "task": "Check that the build runs on every platform." }).to_string();
    let call = json!({ "id": "call_1", "type": "function", "function": { "name": "delegate_work_to_coworker", "arguments": arguments } });
    world.answer(lead, &json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    let child = world.say(
        9,
        &body("You check things.", &[("user", "Check that the build runs on every platform.")]),
        "It runs.",
    );
    let view = world.view(child);
    assert!(world.same_run(lead, child));
    assert_eq!((view.agent_name.name.as_str(), view.run_rule), ("Tester", "task_text"));
    assert_eq!(view.parent, lead.conversation);
    let targets: Vec<&str> = world.edges.iter().map(|edge| edge.target.as_str()).collect();
    assert_eq!((targets, world.edges[0].from), (vec!["Tester"], lead.call));
}

#[test]
fn a_trimmed_history_stays_in_its_conversation() {
    let mut world = World::new();
    let system = "You advise.";
    let first =
        world.say(1, &body(system, &[("user", "What is a heat pump?")]), "A machine that moves heat.");
    let history = [
        ("user", "What is a heat pump?"),
        ("assistant", "A machine that moves heat."),
        ("user", "Is it loud?"),
    ];
    world.say(1, &body(system, &history), "About as loud as a fridge.");
    let trimmed =
        [("user", "Is it loud?"), ("assistant", "About as loud as a fridge."), ("user", "And the cost?")];
    let third = world.say(1, &body(system, &trimmed), "It depends.");
    assert_eq!(first.conversation, third.conversation);
}

#[test]
fn a_retry_is_the_same_step_and_no_second_run() {
    let mut world = World::new();
    let asked = body("You are a coder.", &[("user", "Find the bug.")]);
    let first = world.arrive(1, &asked);
    let failed = Answer::of_json(br#"{"error":{"message":"slow down"}}"#);
    world.engine.answered(first.call, first.conversation, &failed);
    let again = world.say(1, &asked, "Found.");
    assert_eq!(first.conversation, again.conversation);
}

#[test]
fn calls_of_other_keys_are_never_seen() {
    let mut world = World::new();
    let (ours, theirs) = (scope(b"team", b"one"), scope(b"team", b"two"));
    let asked = body("You help.", &[("user", "A question that both of them ask")]);
    let first = world.arrive_in(ours, 1, &asked);
    world.answer(
        first,
        &json!({ "role": "assistant", "content": "An answer that is long enough to be found again" }),
    );
    let quoting = body("You sum up.", &[("user", "An answer that is long enough to be found again")]);
    let other = world.arrive_in(theirs, 1, &quoting);
    assert!(!world.same_run(first, other));
    let same = world.arrive_in(theirs, 1, &asked);
    assert_ne!(world.view(same).agent, world.view(first).agent);
    assert_eq!(world.view(same).parent, 0);
}

#[test]
fn a_prompt_that_claims_to_be_another_agent_changes_its_name_and_nothing_else() {
    let mut world = World::new();
    let honest = world.say(1, &body("Your name is Payroll. You pay.", &[("user", "Pay Ann")]), "Paid Ann.");
    let liar = world.say(2, &body("Your name is Payroll. I steal.", &[("user", "Give me all")]), "No.");
    assert_eq!(world.view(liar).agent_name.name, "Payroll");
    assert!(!world.same_run(honest, liar));
    let view = world.view(liar);
    assert!(view.agent_name.sure < 1.0, "what a prompt says is never certain");
}

#[test]
fn a_stated_trace_is_kept_and_mixed_with_no_other() {
    let mut world = World::new();
    let asked = serde_json::to_vec(&body("You help.", &[("user", "What is up?")])).unwrap();
    let arrive = |world: &mut World, trace: Option<[u8; 16]>| {
        let placed = world.engine.arrive(&Arrival {
            scope: 7,
            at_us: 1,
            stated_trace: trace,
            fresh_trace: [9; 16],
            fields: Fields::of(&asked),
            ..Arrival::default()
        });
        world.engine.view(placed.conversation).unwrap()
    };
    let stated = arrive(&mut world, Some([1; 16]));
    let other = arrive(&mut world, Some([2; 16]));
    let unstated = arrive(&mut world, None);
    let again = arrive(&mut world, Some([1; 16]));
    assert_eq!((stated.trace, other.trace, unstated.trace), ([1; 16], [2; 16], [9; 16]));
    assert_eq!((stated.run_rule, stated.run_sure), ("stated", 1.0));
    assert_eq!(stated.run, again.run);
}

#[test]
fn a_frameworks_own_calls_are_no_agents() {
    let mut world = World::new();
    let selector =
        world.arrive(1, &body("You are in a role play game. The following roles are available: a, b", &[]));
    assert_eq!(world.view(selector).internal, Some(Internal::Selector));
    assert_eq!(world.view(selector).agent_name.name, "<selector>");
}

fn saved(engine: &Engine) -> Vec<u8> {
    let mut saving = Saving::default();
    let pieces = std::iter::from_fn(|| engine.piece(&mut saving));
    pieces.fold(aop_identity::MARK.to_vec(), |all, piece| [all, piece.bytes().unwrap()].concat())
}

#[test]
fn a_restart_forgets_nothing() {
    let mut world = World::new();
    let first = world.say(1, &body("You help.", &[("user", "Hello there")]), "Hi, what is it?");
    let saved = saved(&world.engine);
    world.engine = Engine::load(saved.as_slice(), Limits::default()).unwrap();
    let history = [("user", "Hello there"), ("assistant", "Hi, what is it?"), ("user", "My printer")];
    let second = world.say(2, &body("You help.", &history), "I see");
    assert_eq!(first.conversation, second.conversation);
    assert!(Engine::load(saved.as_slice(), Limits { conversations: 10, ..Limits::default() }).is_none());
}

/// A state that the version before has written: one talk, of which the trace is all ones.
#[test]
fn the_state_of_the_version_before_is_read() {
    let saved = include_bytes!("fixtures/state_4.bin");
    let mut engine = Engine::load(saved.as_slice(), Limits::default()).unwrap();
    let history = [("user", "Hello there"), ("assistant", "Hi, what is it?"), ("user", "My printer")];
    let later = body("You help.", &history).to_string();
    let fields = Fields::of(later.as_bytes());
    let arrival = Arrival { scope: 7, at_us: 2_000_000, fresh_trace: [9; 16], fields, ..Arrival::default() };
    let placed = engine.arrive(&arrival);
    assert_eq!(engine.view(placed.conversation).unwrap().trace, [1; 16]);
    assert!(Engine::load(&saved[..saved.len() - 1], Limits::default()).is_none());
    let mut other = saved.to_vec();
    other[7] = 1;
    assert!(Engine::load(other.as_slice(), Limits::default()).is_none());
}

#[test]
fn a_state_of_many_pieces_is_read_whole() {
    let mut world = World::new();
    for number in 0..3_000_u64 {
        let asked = format!("Question number {number} of all questions");
        world.say(number, &body("You know all.", &[("user", &asked)]), &format!("Answer number {number}"));
    }
    let bytes = saved(&world.engine);
    world.engine = Engine::load(bytes.as_slice(), Limits::default()).unwrap();
    assert_eq!(saved(&world.engine), bytes);
}

#[test]
fn calls_between_two_pieces_of_the_state_do_not_mix_conversations_up() {
    let mut world = World::new();
    let first = world.say(1, &body("You help.", &[("user", "Hello there")]), "Hi, what is it?");
    let mut bytes = aop_identity::MARK.to_vec();
    let mut number = 0;
    let mut saving = Saving::default();
    while let Some(piece) = world.engine.piece(&mut saving) {
        bytes.extend(piece.bytes().unwrap());
        number += 1;
        if number > 14 {
            continue;
        }
        let asked = format!("Question number {number}");
        world.say(10 + number as u64, &body("You know all.", &[("user", &asked)]), "Who can tell?");
    }
    world.engine = Engine::load(bytes.as_slice(), Limits::default()).unwrap();
    let history = [("user", "Hello there"), ("assistant", "Hi, what is it?"), ("user", "My printer")];
    let second = world.say(100, &body("You help.", &history), "I see");
    assert_eq!(first.conversation, second.conversation);
    let stranger = world.say(101, &body("You paint.", &[("user", "A house, please")]), "Done");
    assert_ne!(stranger.conversation, first.conversation);
    for number in 1..=14 {
        let asked = format!("Question number {number}");
        let history = [("user", asked.as_str()), ("assistant", "Who can tell?"), ("user", "You")];
        let later = world.say(200 + number, &body("You know all.", &history), "Not I");
        assert_ne!(world.view(later).trace, world.view(second).trace);
        assert_ne!(world.view(later).trace, world.view(stranger).trace);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_state_is_never_read(at in 0.0..1.0_f64, flip in 1_u8..) {
        let mut world = World::new();
        world.say(1, &body("You help.", &[("user", "Hello there")]), "Hi");
        let mut saved = saved(&world.engine);
        let place = ((saved.len() - 1) as f64 * at) as usize;
        saved[place] ^= flip;
        prop_assert!(Engine::load(saved.as_slice(), Limits::default()).is_none());
        prop_assert!(Engine::load(&saved[..place], Limits::default()).is_none());
    }

    /// Whatever is sent, the engine places it and goes on.
    #[test]
    fn no_input_stops_it(bodies in prop::collection::vec("[\\[\\]{}\":,a-z0-9 \\\\]{0,200}", 1..30), answers in prop::collection::vec("\\PC{0,80}", 1..30)) {
        let mut engine = Engine::new(Limits::default());
        for (raw, said) in bodies.iter().zip(answers.iter().cycle()) {
            let wrapped = format!("{{\"messages\":[{raw}],\"system\":{raw},\"tools\":[{raw}]}}");
            for text in [raw.as_bytes(), wrapped.as_bytes()] {
                let arrival = Arrival { scope: 1, fields: Fields::of(text), ..Arrival::default() };
                let placed = engine.arrive(&arrival);
                engine.answered(placed.call, placed.conversation, &Answer::of_json(said.as_bytes()));
                engine.answered(placed.call, placed.conversation, &Answer::of_events(&[said.as_bytes(), text]));
                prop_assert!(engine.view(placed.conversation).is_some());
            }
        }
    }

    /// Conversations that take turns in any order are each found again.
    #[test]
    fn conversations_that_take_turns_are_kept_apart(turns in prop::collection::vec(0_usize..6, 1..60)) {
        let mut world = World::new();
        let mut talks = vec![(Vec::<(String, String)>::new(), None::<u32>); 6];
        for (step, turn) in turns.into_iter().enumerate() {
            let (history, known) = &mut talks[turn];
            history.push(("user".into(), format!("question {step} of talk {turn}")));
            let rest: Vec<(&str, &str)> = history.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
            let words = format!("what {step} has to do with {turn} is a long story");
            let called = world.say(1, &body("You talk.", &rest), &words);
            prop_assert_eq!(*known.get_or_insert(called.conversation), called.conversation);
            history.push(("assistant".into(), words));
        }
    }
}

#[test]
fn a_conversation_is_known_by_its_first_call_also_after_a_restart() {
    let mut world = World::new();
    let first = world.say(1, &body("You help.", &[("user", "Hello there")]), "Good day to you, what is it?");
    let saved = saved(&world.engine);
    world.engine = Engine::load(saved.as_slice(), Limits::default()).unwrap();
    let history = [("user", "Hello there"), ("assistant", "Good day to you, what is it?"), ("user", "Go on")];
    let second = world.say(2, &body("You help.", &history), "On it goes.");
    let other = world.arrive(3, &body("You sing.", &[("user", "La la")]));
    assert_eq!(world.view(first).conversation, ID + first.call.0);
    assert_eq!(world.view(second).conversation, ID + first.call.0);
    assert_eq!(world.view(other).conversation, ID + other.call.0);
    assert_eq!(world.view(first).prompt, world.view(second).prompt);
    assert_ne!(world.view(first).prompt, world.view(other).prompt);
}

#[test]
fn runs_that_turn_out_to_be_one_say_so_with_all_that_they_were() {
    let mut world = World::new();
    let said = |name: &str| match name {
        "Ann" => "The accounts of the house were wrong by four hundred crowns in May.",
        "Bob" => "Nine hives were lost over the winter and two of them are weak even now.",
        _ => "The coast on the oldest of these maps lies a full degree too far north.",
    };
    let prompts = [
        ("Ann", "Accounts of a house"),
        ("Bob", "Plants and bees, outdoors"),
        ("Cyd", "Old maps of the sea"),
    ];
    let calls: Vec<Called> = prompts
        .iter()
        .enumerate()
        .map(|(at, (name, prompt))| {
            world.now_us += 60_000_000;
            let prompt = body(prompt, &[("user", &format!("Ask {name} about it"))]);
            world.say(at as u64 + 1, &prompt, said(name))
        })
        .collect();
    assert!(world.learned.is_empty());
    let traces: Vec<[u8; 16]> = calls.iter().map(|call| world.view(*call).trace).collect();
    // Two of the runs are joined by one that reads both, and then the first with those.
    let joins = |prompt: &str, one: &str, other: &str| {
        body(prompt, &[("user", &format!("{}\n\n{}", said(one), said(other)))])
    };
    world.arrive(9, &joins("Two things are put together here.", "Bob", "Cyd"));
    assert!(!world.same_run(calls[0], calls[2]) && world.same_run(calls[1], calls[2]));
    world.arrive(8, &joins("Compare what came in the morning.", "Ann", "Cyd"));
    assert!(world.same_run(calls[0], calls[2]) && world.same_run(calls[1], calls[2]));
    let told: Vec<([u8; 16], [u8; 16])> = world
        .learned
        .iter()
        .filter_map(|learned| match learned {
            Learned::OneRun { part, whole, rule, sure } => {
                assert!(*rule == "answer_text" && *sure > 0.5);
                Some((*part, *whole))
            }
            _ => None,
        })
        .collect();
    let of_first = |trace: usize| told.iter().rev().find(|(part, _)| *part == traces[trace]);
    assert_eq!(of_first(1), Some(&(traces[1], traces[0])), "{told:?}");
    assert_eq!(of_first(2), Some(&(traces[2], traces[0])), "{told:?}");
}

#[test]
fn a_text_that_only_sounds_like_those_that_are_there_joins_nothing() {
    let mut world = World::new();
    let said = |name: &str| format!("The findings of {name} are long enough to be known again by anybody.");
    let calls: Vec<Called> = ["Ann", "Bob", "Cyd"]
        .iter()
        .map(|name| {
            world.now_us += 60_000_000;
            world.say(1, &body(&format!("Work of {name}"), &[("user", &format!("Ask {name}"))]), &said(name))
        })
        .collect();
    let both = format!("{}\n\n{}", said("Bob"), said("Cyd"));
    world.arrive(9, &body("Two things are put together here.", &[("user", &both)]));
    assert!(world.same_run(calls[1], calls[2]));
    assert!(!world.same_run(calls[0], calls[1]));
}

#[test]
fn a_hand_over_knows_the_call_the_conversation_and_the_agent_it_came_from() {
    let mut world = World::new();
    let called = world.arrive(1, &body("Your name is Lead.", &[("user", "Do it all")]));
    let tool = json!({ "id": "call_777", "type": "function", "function": { "name": "transfer_to_worker", "arguments": "{}" } });
    world.answer(called, &json!({ "role": "assistant", "tool_calls": [tool] }));
    let edge = &world.edges[0];
    assert_eq!(edge.target, "worker");
    assert_eq!(edge.giver.call, ID + called.call.0);
    assert_eq!(edge.giver.conversation, world.view(called).conversation);
    assert_eq!(edge.giver.agent, named_fingerprint("lead"));
    assert!(edge.sure > 0.0 && edge.sure <= 1.0);
}
