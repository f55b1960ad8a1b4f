//! Loops: an agent that sends, asks or says the same several times in a row, in one conversation.

use std::collections::HashMap;

use aop_clickhouse::runs::{RunCall, Shape};

use super::speakers::Speaker;
use crate::wire::tree::{Loop, LoopKind, hex};

/// The same this many times in a row is a loop.
const LOOP_TIMES: usize = 3;

/// What a call did, as far as it can be the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    kind: LoopKind,
    key: u64,
}

pub(super) fn loops(calls: &[RunCall], speakers: &[Speaker], shapes: &[Shape]) -> Vec<Loop> {
    let shapes: HashMap<&str, &Shape> = shapes.iter().map(|shape| (shape.call_id.as_str(), shape)).collect();
    let mut found = Vec::new();
    for conversation in super::cache::conversations(calls, speakers) {
        let requests = same_in_a_row(&conversation, |at| request(&calls[at], &shapes));
        let answers = same_in_a_row(&conversation, |at| answer(&calls[at]));
        // The same request has the same answer often enough: that is one loop.
        let asked: Vec<usize> = requests.iter().flat_map(|(_, places)| places.iter().copied()).collect();
        let answers = answers.into_iter().filter(|(_, places)| !places.iter().all(|at| asked.contains(at)));
        for (kind, places) in requests.iter().cloned().chain(answers) {
            found.push(tell(kind, &places, calls, speakers));
        }
    }
    found.sort_by_key(|(first, _)| *first);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Stretches of at least [`LOOP_TIMES`] equal steps.
fn same_in_a_row(
    conversation: &[usize],
    step: impl Fn(usize) -> Option<Step>,
) -> Vec<(LoopKind, Vec<usize>)> {
    let steps: Vec<(usize, Option<Step>)> = conversation.iter().map(|at| (*at, step(*at))).collect();
    let stretches = steps.chunk_by(|(_, one), (_, other)| one.is_some() && one == other);
    stretches
        .filter(|stretch| stretch.len() >= LOOP_TIMES)
        .filter_map(|stretch| Some((stretch[0].1?.kind, stretch.iter().map(|(at, _)| *at).collect())))
        .collect()
}

/// The messages as they were sent. A request that failed is sent again by right.
fn request(call: &RunCall, shapes: &HashMap<&str, &Shape>) -> Option<Step> {
    let shape = shapes.get(call.call_id.as_str()).filter(|_| call.status == "ok")?;
    let key = shape.input.iter().fold(shape.tools, |all, one| all.rotate_left(5).wrapping_mul(31) ^ one);
    Some(Step { kind: LoopKind::SameRequest, key })
}

fn answer(call: &RunCall) -> Option<Step> {
    let asks = !call.tool_names.is_empty();
    let kind = if asks { LoopKind::SameToolCall } else { LoopKind::SameAnswer };
    (call.answer_key != 0 && call.status == "ok").then_some(Step { kind, key: call.answer_key })
}

fn tell(kind: LoopKind, places: &[usize], calls: &[RunCall], speakers: &[Speaker]) -> (i64, Loop) {
    let first = places[0];
    let times = places.len();
    let reason = match kind {
        LoopKind::SameRequest => format!("The same messages were sent {times} times in a row."),
        LoopKind::SameToolCall => {
            let tools = calls[first].tool_names.join(", ");
            format!("{tools} was asked for with the same arguments {times} times in a row.")
        }
        LoopKind::SameAnswer => format!("The same answer came {times} times in a row."),
    };
    let found = Loop {
        agent: hex(speakers[first].agent),
        conversation: hex(calls[first].conversation),
        kind,
        times: u32::try_from(times).unwrap_or(u32::MAX),
        call_ids: places.iter().filter_map(|at| calls[*at].call_id.parse().ok()).collect(),
        reason,
    };
    (calls[first].started_at_us, found)
}
