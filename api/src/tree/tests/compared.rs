//! Loops, cache breaks and two runs beside each other: what is seen by comparing what calls said.

use aop_clickhouse::runs::Shape;
use aop_domain::id::CallId;
use uuid::Uuid;

use super::World;
use crate::wire::diff::DiffKind;
use crate::wire::tree::LoopKind;

#[test]
fn the_same_tool_asked_the_same_three_times_is_a_loop() {
    let mut world = World::default();
    for number in 0..5 {
        let call = world.call("Searcher", 10);
        call.tool_names = vec!["search".to_owned()];
        call.answer_key = if number < 3 { 77 } else { number };
    }
    let run = world.run();
    assert_eq!(run.loops.len(), 1);
    assert_eq!((run.loops[0].kind, run.loops[0].times), (LoopKind::SameToolCall, 3));
    assert_eq!(run.loops[0].call_ids.len(), 3);
    world.calls[1].answer_key = 78;
    assert!(world.run().loops.is_empty(), "twice is no loop");
}

fn shape(world: &World, at: usize, input: &[u64]) -> Shape {
    Shape {
        call_id: world.calls[at].call_id.clone(),
        input: input.to_vec(),
        bytes: vec![1_000; input.len()],
        roles: input.iter().map(|number| if *number < 10 { "system" } else { "user" }.to_owned()).collect(),
        tools: 0,
    }
}

#[test]
fn a_changed_beginning_breaks_the_cache_and_says_where_and_what_it_cost() {
    let mut world = World::default();
    for _ in 0..3 {
        let call = world.call("Coder", 10);
        (call.input_tokens, call.in_uncached) = (4_000, 4_000);
        (call.cost_input, call.cost) = (8_000_000_000, 8_000_000_000);
    }
    (world.calls[1].in_uncached, world.calls[1].in_cache_read) = (1_000, 3_000);
    (world.calls[1].cost_input, world.calls[1].cost_cache) = (2_000_000_000, 600_000_000);
    world.shapes = vec![
        shape(&world, 0, &[1, 20, 21]),
        shape(&world, 1, &[1, 20, 21, 22]),
        shape(&world, 2, &[2, 20, 21, 22, 23]),
    ];
    let run = world.run();
    assert_eq!(run.cache_breaks.len(), 1, "a history that goes on breaks nothing");
    let one = &run.cache_breaks[0];
    assert_eq!((one.message_index, one.role.as_str(), one.lost_tokens), (Some(0), "system", 4_000));
    // 2,000,000 units a token anew, 200,000 from a cache.
    assert_eq!(one.lost_cost.as_deref(), Some("0.0072"));
    assert_eq!(one.call_id.to_string(), world.calls[2].call_id);
    world.calls[1].input_tokens = 500;
    assert!(world.run().cache_breaks.is_empty(), "no provider keeps so short a beginning");
}

#[test]
fn a_changed_last_message_loses_no_more_than_it_and_what_follows() {
    let mut world = World::default();
    for _ in 0..2 {
        let call = world.call("Coder", 10);
        (call.input_tokens, call.in_uncached) = (4_000, 4_000);
    }
    world.shapes = vec![shape(&world, 0, &[1, 20, 21, 22]), shape(&world, 1, &[1, 20, 21, 30, 31])];
    let run = world.run();
    let one = &run.cache_breaks[0];
    assert_eq!((one.message_index, one.role.as_str(), one.lost_tokens), (Some(3), "user", 1_000));
    assert_eq!(one.lost_cost, None, "the price of a cached token shows in none of the calls");
}

/// A talk of so many steps, each a question and its answer longer than the one before.
fn talk(questions: &[u64]) -> World {
    let mut world = World::default();
    let mut input = vec![1];
    for question in questions {
        input.push(20 + question);
        world.call("Coder", 10).answer_key = 500 + question;
        let shape = shape(&world, world.calls.len() - 1, &input);
        world.shapes.push(shape);
        input.push(520 + question);
    }
    world
}

#[test]
fn two_runs_that_did_the_same_differ_in_nothing() {
    let mut world = talk(&[1, 2, 3]);
    world.call("Writer", 20);
    let diff = world.diff(&world);
    assert_eq!(diff.steps.len(), 4);
    assert!(diff.steps.iter().all(|step| step.kind == DiffKind::Same && step.message_index.is_none()));
    assert_eq!(diff.a.totals, diff.b.totals);
}

#[test]
fn a_step_that_one_run_has_more_is_no_change_of_those_around_it() {
    let (one, mut other) = (talk(&[1, 2]), talk(&[1, 2, 3]));
    other.call("Reviewer", 30);
    other.calls[1].model = "sim-2".to_owned();
    let diff = one.diff(&other);
    let kinds: Vec<_> = diff.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [DiffKind::Same, DiffKind::Changed, DiffKind::OnlyB, DiffKind::OnlyB]);
    assert!(diff.steps[1].model_differs && !diff.steps[1].answer_differs);
    assert_eq!(diff.steps[3].agent_name.as_deref(), Some("Reviewer"));
    assert_eq!((diff.a.totals.calls, diff.b.totals.calls), (2, 4));
    let back = other.diff(&one);
    assert_eq!(back.steps.iter().filter(|step| step.kind == DiffKind::OnlyA).count(), 2);
}

#[test]
fn the_first_message_that_differs_is_named() {
    let (one, mut other) = (talk(&[1, 2]), talk(&[1, 2]));
    other.shapes[1].input[3] = 99;
    other.calls[1].answer_key = 77;
    let diff = one.diff(&other);
    assert_eq!(diff.steps[0].kind, DiffKind::Same);
    assert_eq!((diff.steps[1].kind, diff.steps[1].message_index), (DiffKind::Changed, Some(3)));
    assert!(diff.steps[1].answer_differs);
}

#[test]
fn a_call_that_was_made_of_another_is_the_same_step_whoever_makes_it_now() {
    let (mut one, mut other) = (World::default(), World::default());
    one.call("Writer", 10).call_id = Uuid::from_u128(1).to_string();
    other.call("Poet", 20).call_id = Uuid::from_u128(2).to_string();
    assert_eq!(one.diff(&other).steps.len(), 2);
    let diff = one.diff_knowing(&other, &[(CallId(Uuid::from_u128(1)), CallId(Uuid::from_u128(2)))]);
    assert_eq!(diff.steps.len(), 1);
    assert!(diff.steps[0].a.is_some() && diff.steps[0].b.is_some());
}
