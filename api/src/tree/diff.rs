//! Two runs beside each other: the calls of each agent are put side by side by what was sent and answered, so that a step
//! that one run has more does not make all after it look changed.

use std::collections::HashMap;

use aop_clickhouse::runs::{RunCall, Shape};
use aop_domain::id::CallId;
use aop_domain::money::from_ledger_units;

use super::Records;
use super::speakers::{self, Speaker};
use super::totals::{Sum, status};
use crate::wire::diff::{DiffCall, DiffKind, DiffRun, DiffStep, TraceDiff};
use crate::wire::tree::hex;

/// Calls of one agent that are compared at most: the work grows with the product.
const MAX_OF_AGENT: usize = 500;
/// Calls less alike than this are two steps, not one that changed.
const LEAST_ALIKE: f32 = 0.5;

/// An agent, and what its calls are for where a framework made them.
type Speaking = (u64, String);

/// One side.
struct Side<'r> {
    calls: &'r [RunCall],
    speakers: Vec<Speaker>,
    shapes: HashMap<&'r str, &'r Shape>,
}

impl<'r> Side<'r> {
    fn of(records: &Records<'r>) -> Self {
        Self {
            calls: records.calls,
            speakers: speakers::of(records),
            shapes: records.shapes.iter().map(|shape| (shape.call_id.as_str(), shape)).collect(),
        }
    }

    /// Places of the calls of each agent and kind, in their order.
    fn by_agent(&self) -> (Vec<Speaking>, HashMap<Speaking, Vec<usize>>) {
        let mut order = Vec::new();
        let mut places: HashMap<Speaking, Vec<usize>> = HashMap::new();
        for (at, call) in self.calls.iter().enumerate() {
            let key = (self.speakers[at].agent, call.internal.clone());
            if !places.contains_key(&key) {
                order.push(key.clone());
            }
            places.entry(key).or_default().push(at);
        }
        (order, places)
    }

    fn place(&self, id: CallId) -> Option<usize> {
        self.calls.iter().position(|call| call.call_id.parse() == Ok(id))
    }

    fn shape(&self, at: usize) -> Option<&'r Shape> {
        self.shapes.get(self.calls[at].call_id.as_str()).copied()
    }

    fn run(&self, records: &Records<'_>) -> DiffRun {
        let mut sum = Sum::default();
        self.calls.iter().for_each(|call| sum.add(Sum::of(call)));
        let summary = &records.trace.summary;
        DiffRun {
            trace_id: summary.trace_id.clone(),
            totals: sum.into(),
            duration_us: u64::try_from(summary.last_seen_us - summary.started_at_us).unwrap_or_default(),
        }
    }
}

/// The two runs, step by step. `known`: calls of the first that are known to be the same step as one of the second, because
/// that was made of it.
pub fn diff(first: &Records<'_>, second: &Records<'_>, known: &[(CallId, CallId)]) -> TraceDiff {
    let (a, b) = (Side::of(first), Side::of(second));
    let (mut order, mut in_a) = a.by_agent();
    let (order_b, mut in_b) = b.by_agent();
    order.extend(order_b.into_iter().filter(|key| !in_a.contains_key(key)));
    let mut truncated = first.trace.truncated || second.trace.truncated;
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for (one, other) in known {
        let (Some(one), Some(other)) = (a.place(*one), b.place(*other)) else { continue };
        pairs.push((Some(one), Some(other)));
        in_a.values_mut().for_each(|places| places.retain(|place| *place != one));
        in_b.values_mut().for_each(|places| places.retain(|place| *place != other));
    }
    for key in &order {
        let places = |of: &HashMap<Speaking, Vec<usize>>| of.get(key).cloned().unwrap_or_default();
        let (mut left, mut right) = (places(&in_a), places(&in_b));
        truncated |= left.len().max(right.len()) > MAX_OF_AGENT;
        left.truncate(MAX_OF_AGENT);
        right.truncate(MAX_OF_AGENT);
        pairs.extend(aligned(&left, &right, |one, other| alike(&a, one, &b, other)));
    }
    let steps = in_order(pairs, &a, &b).into_iter().map(|(one, other)| step(&a, one, &b, other)).collect();
    TraceDiff { a: a.run(first), b: b.run(second), steps, truncated }
}

/// The pairing of two sequences, both in their order, whose pairs are together the most alike.
fn aligned(
    left: &[usize],
    right: &[usize],
    alike: impl Fn(usize, usize) -> f32,
) -> Vec<(Option<usize>, Option<usize>)> {
    let (rows, columns) = (left.len(), right.len());
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    let mut best = vec![0.0_f32; (rows + 1) * (columns + 1)];
    let mut paired = vec![false; best.len()];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let apart = best[at(row + 1, column)].max(best[at(row, column + 1)]);
            let here = alike(left[row], right[column]);
            let together = here + best[at(row + 1, column + 1)];
            paired[at(row, column)] = here >= LEAST_ALIKE && together >= apart;
            best[at(row, column)] = if paired[at(row, column)] { together } else { apart };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::with_capacity(rows.max(columns));
    while row < rows || column < columns {
        if row < rows && column < columns && paired[at(row, column)] {
            pairs.push((Some(left[row]), Some(right[column])));
            (row, column) = (row + 1, column + 1);
        } else if column >= columns || (row < rows && best[at(row + 1, column)] >= best[at(row, column + 1)])
        {
            pairs.push((Some(left[row]), None));
            row += 1;
        } else {
            pairs.push((None, Some(right[column])));
            column += 1;
        }
    }
    pairs
}

/// 0 to 3: how much of what was sent is the same, and whether the answer and its tools are.
fn alike(a: &Side<'_>, one: usize, b: &Side<'_>, other: usize) -> f32 {
    let (left, right) = (&a.calls[one], &b.calls[other]);
    let same_prompt = left.prompt_fingerprint == right.prompt_fingerprint;
    let mut score = if same_prompt { 0.5 } else { 0.0 };
    if let (Some(left), Some(right)) = (a.shape(one), b.shape(other)) {
        let same = same_beginning(left, right) as f32;
        score += same / left.input.len().max(right.input.len()).max(1) as f32;
        // Steps of one talk are told apart by how far it had come.
        score += if left.input.len() == right.input.len() { 0.5 } else { 0.0 };
    }
    if left.answer_key != 0 && left.answer_key == right.answer_key {
        score += 1.0;
    } else if !left.tool_names.is_empty() && left.tool_names == right.tool_names {
        score += 0.5;
    }
    score
}

fn same_beginning(one: &Shape, other: &Shape) -> usize {
    one.input.iter().zip(&other.input).take_while(|(one, other)| one == other).count()
}

/// By the first run's clock; what only the second has comes after the last step before it that both have.
fn in_order(
    mut pairs: Vec<(Option<usize>, Option<usize>)>,
    a: &Side<'_>,
    b: &Side<'_>,
) -> Vec<(Option<usize>, Option<usize>)> {
    let mut anchors: Vec<(usize, usize)> =
        pairs.iter().filter_map(|(one, other)| Some(((*other)?, (*one)?))).collect();
    anchors.sort_unstable();
    // Two agents may have changed places: an anchor is the latest of all before it.
    for at in 1..anchors.len() {
        anchors[at].1 = anchors[at].1.max(anchors[at - 1].1);
    }
    let place = |pair: &(Option<usize>, Option<usize>)| match *pair {
        (Some(one), _) => (one as i64, 0, a.calls[one].started_at_us),
        (None, Some(other)) => {
            let before = anchors.partition_point(|(of_b, _)| *of_b < other);
            let after = before.checked_sub(1).map_or(-1, |at| anchors[at].1 as i64);
            (after, 1, b.calls[other].started_at_us)
        }
        (None, None) => (i64::MAX, 1, 0),
    };
    pairs.sort_by_key(place);
    pairs
}

fn step(a: &Side<'_>, one: Option<usize>, b: &Side<'_>, other: Option<usize>) -> DiffStep {
    let left = one.map(|at| (&a.calls[at], &a.speakers[at]));
    let right = other.map(|at| (&b.calls[at], &b.speakers[at]));
    let speaker = left.or(right).map(|(_, speaker)| speaker);
    let shapes = one.and_then(|at| a.shape(at)).zip(other.and_then(|at| b.shape(at)));
    let message_index = shapes.and_then(|(left, right)| {
        let same = same_beginning(left, right);
        (same < left.input.len().max(right.input.len())).then(|| u32::try_from(same).unwrap_or(u32::MAX))
    });
    let both = left.zip(right).map(|((left, _), (right, _))| (left, right));
    let answer_differs = both.is_some_and(|(left, right)| left.answer_key != right.answer_key);
    let model_differs = both.is_some_and(|(left, right)| left.model != right.model);
    let ended_otherwise = both.is_some_and(|(left, right)| status(left) != status(right));
    let kind = match (left, right) {
        (Some(_), None) => DiffKind::OnlyA,
        (None, _) => DiffKind::OnlyB,
        _ if message_index.is_some() || answer_differs || model_differs || ended_otherwise => {
            DiffKind::Changed
        }
        _ => DiffKind::Same,
    };
    DiffStep {
        kind,
        agent: hex(speaker.map_or(speakers::UNKNOWN, |speaker| speaker.agent)),
        agent_name: speaker.and_then(|speaker| speaker.name.clone()),
        a: left.map(|(call, _)| told(call)),
        b: right.map(|(call, _)| told(call)),
        message_index,
        answer_differs,
        model_differs,
    }
}

fn told(call: &RunCall) -> DiffCall {
    DiffCall {
        call_id: call.call_id.parse().ok(),
        model: call.model.clone(),
        status: status(call).to_owned(),
        duration_us: call.duration_us,
        input_tokens: call.input_tokens,
        output_tokens: call.output_tokens,
        cost: call.cost_known.then(|| from_ledger_units(call.cost).to_string()),
        tool_names: call.tool_names.clone(),
    }
}
