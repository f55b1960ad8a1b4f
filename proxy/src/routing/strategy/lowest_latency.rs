//! Shortest time to the first byte lately, times the calls that already wait there: many at once do not all run to the
//! same one. A deployment never measured is taken for as good as the best; now and then one is asked by chance.

use std::time::Instant;

use super::{Candidate, Figure, sort_by_score, weighted};

/// One call in so many goes where chance says.
const EXPLORED: f64 = 1.0 / 32.0;

pub(in crate::routing) fn order(
    candidates: &mut [Candidate<'_>],
    streams: bool,
    now: Instant,
    random: &mut dyn FnMut() -> f64,
) {
    weighted::order(candidates, random);
    if random() < EXPLORED {
        if let Some(first) = candidates.first_mut() {
            first.figure = Figure::Exploration;
        }
        if let Some(rest) = candidates.get_mut(1..) {
            by_latency(rest, streams, now);
        }
        return;
    }
    by_latency(candidates, streams, now);
}

fn by_latency(candidates: &mut [Candidate<'_>], streams: bool, now: Instant) {
    let mut best = f64::INFINITY;
    for candidate in candidates.iter_mut() {
        let believed = candidate.target.target.health.believed_us(streams, now);
        best = best.min(believed.unwrap_or(f64::INFINITY));
        candidate.figure = Figure::LatencyUs(believed);
    }
    let unknown = if best.is_finite() { best } else { 1.0 };
    sort_by_score(candidates, |candidate| {
        let Figure::LatencyUs(believed) = candidate.figure else { return f64::MAX };
        believed.unwrap_or(unknown) * (f64::from(candidate.target.target.health.in_flight()) + 1.0)
    });
}
