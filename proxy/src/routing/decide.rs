//! The decision: in which order a route's deployments are asked for one call, and why.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rust_decimal::Decimal;

use aop_domain::gateway::Deployment;
use aop_domain::routing::Strategy;

use super::strategy::{
    Candidate, Figure, least_busy, lowest_cost, lowest_latency, priority, sticky, weighted,
};
use crate::snapshot::{RouteTarget, Target};

/// What is written down of a decision at most.
const MOST_WORDS_BYTES: usize = 400;

/// What the decision is about.
pub(crate) struct Question<'a> {
    pub(crate) strategy: Strategy,
    /// The session it sticks to, if the route wants that and the call belongs to one.
    pub(crate) session: Option<u64>,
    pub(crate) streams: bool,
    pub(crate) now: Instant,
    /// What the call would cost there.
    pub(crate) price: &'a dyn Fn(&Deployment) -> Option<Decimal>,
}

/// Whom to ask, in which order.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) targets: Vec<Arc<Target>>,
    /// So many of them may be called; the others rest, the one that is back soonest first.
    pub(crate) live: usize,
    /// What ordered them: a strategy, or `sticky`. Empty when there was no choice.
    pub(crate) by: &'static str,
    /// Each deployment with what spoke for or against it. Empty when there was no choice.
    pub(crate) considered: String,
}

/// `targets` in the order of priority; `random` gives numbers from 0 to 1.
pub(crate) fn decide(
    targets: &[RouteTarget],
    question: &Question<'_>,
    random: &mut dyn FnMut() -> f64,
) -> Order {
    if let [only] = targets {
        let live = usize::from(only.target.health.breaker.resting(question.now).is_none());
        return Order { targets: vec![Arc::clone(&only.target)], live, ..Order::default() };
    }
    let mut order = Order { by: by(question), ..Order::default() };
    let mut resting: Vec<(Duration, &RouteTarget)> = Vec::new();
    for equals in targets.chunk_by(|a, b| a.priority == b.priority) {
        let mut candidates = Vec::with_capacity(equals.len());
        for target in equals {
            match target.target.health.breaker.resting(question.now) {
                Some(left) => resting.push((left, target)),
                None => candidates.push(Candidate { target, figure: Figure::Weight(target.weight) }),
            }
        }
        rank(&mut candidates, question, random);
        for candidate in candidates {
            order.add(candidate.target, &format_args!("{}", candidate.figure));
        }
    }
    order.live = order.targets.len();
    resting.sort_by_key(|(left, _)| *left);
    for (left, target) in resting {
        match left.as_secs_f64() {
            0.0 => order.add(target, &"being probed"),
            seconds => order.add(target, &format_args!("rests {seconds:.1} s")),
        }
    }
    order
}

fn by(question: &Question<'_>) -> &'static str {
    if question.session.is_some() { "sticky" } else { question.strategy.as_str() }
}

fn rank(candidates: &mut [Candidate<'_>], question: &Question<'_>, random: &mut dyn FnMut() -> f64) {
    if let Some(session) = question.session {
        return sticky::order(candidates, session);
    }
    match question.strategy {
        Strategy::Priority => priority::order(candidates),
        Strategy::Weighted => weighted::order(candidates, random),
        Strategy::LeastBusy => least_busy::order(candidates, random),
        Strategy::LowestLatency => lowest_latency::order(candidates, question.streams, question.now, random),
        Strategy::LowestCost => lowest_cost::order(candidates, question.price, random),
    }
}

impl Order {
    fn add(&mut self, target: &RouteTarget, why: &dyn std::fmt::Display) {
        self.targets.push(Arc::clone(&target.target));
        if self.considered.len() > MOST_WORDS_BYTES {
            return;
        }
        if !self.considered.is_empty() {
            self.considered.push_str("; ");
        }
        // Writing to a string cannot fail.
        let _ = write!(self.considered, "{}: {why}", target.target.deployment.name);
        if self.considered.len() > MOST_WORDS_BYTES {
            let end = self.considered.floor_char_boundary(MOST_WORDS_BYTES);
            self.considered.truncate(end);
            self.considered.push('…');
        }
    }
}

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
