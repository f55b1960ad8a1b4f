//! Runs of one program one after the other, and what a run that is over must not draw to itself.

use serde_json::{Value, json};

use super::{Called, World, body};

fn asks(id: &str, name: &str, arguments: &Value) -> Value {
    json!({ "role": "assistant", "content": null, "tool_calls": [
        { "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } }
    ] })
}

fn told(id: &str, text: &str) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": text })
}

fn messages(system: &str, rest: &[Value]) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend_from_slice(rest);
    json!({ "model": "m", "messages": messages })
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

fn signed(name: &str, text: &str) -> Value {
    json!({ "role": "user", "name": name, "content": text })
}

/// The desk hands over, gets the word back and ends. `ids` are those of its two hand-overs.
fn desk(world: &mut World, ids: [&str; 2]) -> Called {
    let mut said = vec![user("Where is order K-1?")];
    let first = world.arrive(7, &messages("Send people on.", &said));
    said.push(asks(ids[0], "transfer_to_berth_keeper", &json!({})));
    world.answer(first, &said[1]);
    said.push(told(ids[0], "{\"assistant\": \"Berth Keeper\"}"));
    let second = world.arrive(7, &messages("You give out berths.", &said));
    said.push(asks(ids[1], "transfer_to_pier_desk", &json!({})));
    world.answer(second, &said[3]);
    said.push(told(ids[1], "{\"assistant\": \"Pier Desk\"}"));
    let last = world.say(7, &messages("Send people on.", &said), "It lies at the second pier.");
    assert!(world.same_run(first, second) && world.same_run(second, last));
    first
}

#[test]
fn a_run_whose_hand_overs_have_arrived_waits_for_nobody_who_asks_the_same_again() {
    let mut world = World::new();
    let first = desk(&mut world, ["call_aaaaaaa1", "call_aaaaaaa2"]);
    let again = desk(&mut world, ["call_bbbbbbb1", "call_bbbbbbb2"]);
    assert!(!world.same_run(first, again));
}

#[test]
fn a_framework_that_chooses_the_first_speaker_again_begins_another_run() {
    let mut world = World::new();
    let choose = |task: &str| {
        format!(
            "You are in a role play game. The following roles are available:\ncook: makes food.\n\nuser: {task}\n\nRead the above conversation. Then select the next role from ['cook'] to play."
        )
    };
    let first = world.say(7, &body(&choose("Soup for ten."), &[]), "cook");
    let cook =
        world.say(7, &body("You cook.", &[("user", "Soup for ten.")]), "The soup is on the table now.");
    assert!(world.same_run(first, cook));
    let second = world.say(7, &body(&choose("Cake for six."), &[]), "cook");
    assert!(!world.same_run(first, second));
}

#[test]
fn what_one_speaker_of_a_shared_prompt_said_is_not_heard_by_the_conversation_of_another_run() {
    let mut world = World::new();
    let prompt = "You are a helpful AI assistant.";
    let task = user("Bake bread.");
    let words = ["The dough needs two hours of rest.", "The oven has to be hot before that."];
    let bakers: Vec<Called> = words
        .iter()
        .map(|words| world.say(0, &messages(prompt, std::slice::from_ref(&task)), words))
        .collect();
    let miller = world.arrive(0, &messages(prompt, &[task, signed("baker", words[1])]));
    assert!(world.same_run(miller, bakers[1]) && !world.same_run(miller, bakers[0]));
    assert!(bakers.iter().all(|baker| baker.conversation != miller.conversation));
}

#[test]
fn who_took_a_text_that_several_were_given_does_not_take_it_again_in_that_run() {
    let mut world = World::new();
    let run = |world: &mut World, ids: [&str; 2]| {
        let lead = world.arrive(7, &body("You announce.", &[("user", "Announce that the pier is closed.")]));
        let call = |id: &str, name: &str| {
            json!({ "id": id, "type": "function", "function":
                { "name": name, "arguments": "{\"input\": \"The pier is closed today.\"}" } })
        };
        let both = [call(ids[0], "to_basque"), call(ids[1], "to_welsh")];
        world.answer(lead, &json!({ "role": "assistant", "content": null, "tool_calls": both }));
        let asked = |language: &str| {
            body(&format!("Translate the text to {language}."), &[("user", "The pier is closed today.")])
        };
        let basque = world.say(7, &asked("Basque"), "Kaia itxita dago gaur goizean.");
        // A connection that only runs before this one had.
        let welsh = world.say(8, &asked("Welsh"), "Mae'r pier ar gau heddiw, bobl.");
        assert!(world.same_run(lead, basque) && world.same_run(lead, welsh));
        lead
    };
    let first = run(&mut world, ["call_aaaaaaa1", "call_aaaaaaa2"]);
    let second = run(&mut world, ["call_bbbbbbb1", "call_bbbbbbb2"]);
    assert!(!world.same_run(first, second));
}

#[test]
fn the_same_words_of_several_runs_lead_to_none_of_them() {
    let mut world = World::new();
    let asked = body("You plan.", &[("user", "Plan the garden, please.")]);
    let plan = "First the beds, then the paths, then the fence around all of it.";
    let planners: Vec<Called> = (0..3).map(|_| world.say(0, &asked, plan)).collect();
    let digger = world.arrive(0, &body("You dig.", &[("user", plan)]));
    assert!(planners.iter().all(|planner| !world.same_run(*planner, digger)));
}

#[test]
fn the_same_words_again_are_those_that_nobody_has_taken_up() {
    let mut world = World::new();
    let asked = body("You plan.", &[("user", "Plan the garden, please.")]);
    let plan = "First the beds, then the paths, then the fence around all of it.";
    let first = world.say(7, &asked, plan);
    let dug = world.say(
        7,
        &body("You dig, north.", &[("user", &format!("Take the spade\n{plan}"))]),
        "It is dug, all of the north.",
    );
    let second = world.say(7, &asked, plan);
    let sown =
        world.arrive(7, &body("You sow and water.", &[("user", &format!("Here are the seeds\n{plan}"))]));
    assert!(world.same_run(first, dug));
    assert!(!world.same_run(first, second));
    assert!(world.same_run(second, sown));
}

#[test]
fn a_turn_of_phrase_that_many_texts_have_joins_nothing() {
    let mut world = World::new();
    let tail = "has changed more than expected this year. Nothing here contradicts the earlier report.";
    let said: Vec<Called> = ["The harbour", "The market", "The school"]
        .iter()
        .enumerate()
        .map(|(at, what)| {
            let asked = body("You answer.", &[("user", &format!("How is number {at}?"))]);
            world.say(0, &asked, &format!("{what} {tail}"))
        })
        .collect();
    let part = format!("Part 2 of 3: and so the river {tail} After that the bridge was painted once more.");
    let reader = world.arrive(0, &body("You read one part of a book.", &[("user", &part)]));
    assert!(said.iter().all(|said| !world.same_run(*said, reader)));
}

#[test]
fn an_item_of_a_list_is_the_work_of_the_next_one() {
    let mut world = World::new();
    let list = "1. Look at the spring of the clock closely.\n2. Count the teeth of the wheel twice.\n3. Paint both hands of it black.";
    let lister = world.say(0, &body("You list steps.", &[("user", "The clock, please.")]), list);
    let worker = world.arrive(0, &body("You work.", &[("user", "Count the teeth of the wheel twice.")]));
    assert!(world.same_run(lister, worker));
    let prose = world.say(
        0,
        &body("You write.", &[("user", "A letter, please.")]),
        "One line of it.\n2. The second line is here for you.",
    );
    let other = world.arrive(0, &body("You file.", &[("user", "The second line is here for you.")]));
    assert!(!world.same_run(prose, other));
}

#[test]
fn agents_of_one_prompt_who_hand_over_are_named_by_who_tells_it() {
    let mut world = World::new();
    let prompt = "You are a helpful AI assistant. Solve tasks using your tools.";
    let task = user("Rig the boat.");
    let runs: Vec<[Called; 2]> = (0..3)
        .map(|at| {
            let sail = world.arrive(20 + at, &messages(prompt, std::slice::from_ref(&task)));
            world.answer(sail, &asks(&format!("call_sssssss{at}"), "transfer_to_mast_maker", &json!({})));
            let told = "Transferred to mast_maker, adopting the role of mast_maker immediately.";
            let mast = world.say(
                20 + at,
                &messages(prompt, &[task.clone(), signed("sail_maker", told)]),
                "It is 7 metres.",
            );
            [sail, mast]
        })
        .collect();
    for [sail, mast] in &runs {
        assert!(world.same_run(*sail, *mast));
        assert_eq!(world.view(*sail).agent_name.name, "sail_maker");
        assert_eq!(world.view(*mast).agent_name.name, "mast_maker");
    }
    assert!(!world.same_run(runs[0][0], runs[1][0]) && !world.same_run(runs[1][0], runs[2][0]));
}
