//! What the engine costs: time per call and memory. Run by hand on an optimised build, nothing here asserts a time:
//! `cargo test --release -p aop-identity --test cost -- --ignored --nocapture`.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aop_identity::{Answer, Arrival, Engine, Fields, Limits, Saving};
use serde_json::{Value, json};

fn turn(step: usize) -> [Value; 2] {
    let words = format!(
        "Step {step} went well. The file holds {step} lines, and the next thing to look at is module {step}. "
    )
    .repeat(4);
    [
        json!({ "role": "assistant", "content": words }),
        json!({ "role": "user", "content": format!("Then go on with part {step} and say what you find there. ").repeat(5) }),
    ]
}

fn arrival(fields: Fields<'_>, at: usize) -> Arrival<'_> {
    Arrival {
        scope: 1,
        at_us: at as i64 * 1_000,
        connection: 1 + at as u64 % 50,
        fields,
        ..Arrival::default()
    }
}

#[test]
#[ignore = "measures, asserts nothing"]
fn time_of_a_call_by_length_of_its_history() {
    for messages in [4_usize, 40, 400, 4_000] {
        let talks = (40_000 / messages).clamp(10, 400);
        let made: Vec<[Vec<u8>; 3]> = (0..talks).map(|talk| talk_of(talk, messages)).collect();
        let mut engine = Engine::new(Limits::default());
        let placed: Vec<_> = made
            .iter()
            .enumerate()
            .map(|(talk, [before, ..])| engine.arrive(&arrival(Fields::of(before), talk)))
            .collect();
        let answering = timed(talks, |talk| {
            let answer = Answer::of_json(&made[talk][1]);
            engine.answered(placed[talk].call, placed[talk].conversation, &answer);
        });
        let skimming = timed(talks, |talk| {
            black_box(Fields::of(&made[talk][2]));
        });
        let fields: Vec<_> = made.iter().map(|[.., after]| Fields::of(after)).collect();
        let mut right = true;
        let arriving = timed(talks, |talk| {
            let again = engine.arrive(&arrival(fields[talk], talks + talk));
            right &= again.conversation == placed[talk].conversation;
        });
        assert!(right, "every conversation is found again");
        eprintln!(
            "{messages:>5} messages, {:>8} bytes: arrive {arriving:.1} us, answered {answering:.1} us (finding the fields, which the proxy's scan does: {skimming:.1} us)",
            made[0][2].len(),
        );
    }
}

/// A talk's body, the answer to it, and the body of the next call.
fn talk_of(talk: usize, messages: usize) -> [Vec<u8>; 3] {
    let mut history = vec![
        json!({ "role": "system", "content": "You are a careful engineer. ".repeat(40) }),
        json!({ "role": "user", "content": format!("This is talk {talk}") }),
    ];
    while history.len() + 2 < messages {
        history.extend(turn(history.len() * 7 + talk));
    }
    let before = json!({ "model": "m", "messages": history });
    let next = turn(history.len() * 7 + talk);
    let answer = json!({ "id": format!("c{talk}"), "choices": [{ "message": next[0] }] });
    history.extend(next);
    let after = json!({ "model": "m", "messages": history });
    [before, answer, after].map(|value| serde_json::to_vec(&value).unwrap())
}

/// Microseconds of one of `times` calls.
fn timed(times: usize, mut call: impl FnMut(usize)) -> f64 {
    let begun = Instant::now();
    (0..times).for_each(&mut call);
    begun.elapsed().as_secs_f64() * 1e6 / times as f64
}

#[test]
#[ignore = "measures, asserts nothing"]
fn time_of_calls_that_are_all_the_same() {
    let asked = json!({ "model": "m", "messages": [
        { "role": "system", "content": "You are a careful engineer. ".repeat(20) },
        { "role": "user", "content": "Say what is in the file. ".repeat(16) },
    ] });
    let body = serde_json::to_vec(&asked).unwrap();
    let said = json!({ "id": "c", "choices": [{ "message": { "role": "assistant", "content": "It holds nothing of interest. ".repeat(8) } }] });
    let answer = Answer::of_json(said.to_string().as_bytes());
    let mut engine = Engine::new(Limits::default());
    let (mut arriving, mut answering) = (0.0, 0.0);
    const CALLS: usize = 20_000;
    for call in 0..CALLS {
        let begun = Instant::now();
        let placed = engine.arrive(&arrival(Fields::of(&body), call));
        arriving += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        engine.answered(placed.call, placed.conversation, &answer);
        answering += begun.elapsed().as_secs_f64();
    }
    let each = 1e6 / CALLS as f64;
    eprintln!(
        "identical calls of {} bytes: arrive {:.1} us, answered {:.1} us",
        body.len(),
        arriving * each,
        answering * each
    );
}

#[test]
#[ignore = "measures, asserts nothing"]
fn memory_of_a_hundred_thousand_open_conversations() {
    let mut engine = Engine::new(Limits::default());
    let resident = || {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        text.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let (before, begun) = (resident(), Instant::now());
    for talk in 0..100_000_usize {
        let history = json!([
            { "role": "system", "content": format!("You are agent {} of the house. Do what you do.", talk % 500) },
            { "role": "user", "content": format!("Question {talk}: what about {} and {}?", talk * 31, talk * 17) },
        ]);
        let body = serde_json::to_vec(&json!({ "model": "m", "messages": history })).unwrap();
        let placed = engine.arrive(&arrival(Fields::of(&body), talk));
        let said = json!({ "id": format!("c{talk}"), "choices": [{ "message": { "role": "assistant",
            "content": format!("The answer to question {talk} is {}, as far as anyone knows.", talk * 13) } }] });
        engine.answered(placed.call, placed.conversation, &Answer::of_json(said.to_string().as_bytes()));
    }
    let grown = (resident() - before) >> 20;
    let begun = (begun.elapsed(), Instant::now());
    let (held, mut saving, mut saved, mut largest) = (resident(), Saving::default(), 0, 0);
    let mut longest = Duration::ZERO;
    loop {
        let copying = Instant::now();
        let Some(piece) = engine.piece(&mut saving) else { break };
        longest = longest.max(copying.elapsed());
        saved += piece.bytes().unwrap().len();
        largest = largest.max(resident().saturating_sub(held));
    }
    eprintln!("saving takes {} KiB more, and the engine for {longest:?} at once", largest >> 10);
    eprintln!(
        "100,000 conversations: tables {} MiB, resident {} MiB more, {:.1} us a call with its bodies made, saved {} MiB in {:?}",
        engine.bytes() >> 20,
        grown,
        begun.0.as_secs_f64() * 10.0,
        saved >> 20,
        begun.1.elapsed()
    );
}
