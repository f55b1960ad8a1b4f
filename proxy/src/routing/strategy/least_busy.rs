//! Fewest calls of this proxy in flight for its weight; among equals drawn, so that idle ones share the load.

use super::{Candidate, Figure, sort_by_score, weighted};

pub(in crate::routing) fn order(candidates: &mut [Candidate<'_>], random: &mut dyn FnMut() -> f64) {
    weighted::order(candidates, random);
    for candidate in candidates.iter_mut() {
        candidate.figure = Figure::InFlight(candidate.target.target.health.in_flight());
    }
    sort_by_score(candidates, |candidate| match candidate.figure {
        // One more than there are: what the load would be with this call.
        Figure::InFlight(calls) => (f64::from(calls) + 1.0) / f64::from(candidate.target.weight.max(1)),
        _ => f64::MAX,
    });
}
