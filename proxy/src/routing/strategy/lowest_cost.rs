//! Cheapest for the tokens this call is expected to use; what has no known price comes last. Equal prices are drawn.

use rust_decimal::Decimal;

use aop_domain::gateway::Deployment;

use super::{Candidate, Figure, weighted};

pub(in crate::routing) fn order(
    candidates: &mut [Candidate<'_>],
    price: &dyn Fn(&Deployment) -> Option<Decimal>,
    random: &mut dyn FnMut() -> f64,
) {
    weighted::order(candidates, random);
    for candidate in candidates.iter_mut() {
        candidate.figure = Figure::Cost(price(&candidate.target.target.deployment));
    }
    candidates.sort_by_key(|candidate| match candidate.figure {
        Figure::Cost(Some(cost)) => (false, cost),
        _ => (true, Decimal::ZERO),
    });
}
