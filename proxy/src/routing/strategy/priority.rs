//! Always the same order: the heavier weight first, then as the route lists them.

use super::{Candidate, Figure};

pub(in crate::routing) fn order(candidates: &mut [Candidate<'_>]) {
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.target.weight));
    for candidate in candidates {
        candidate.figure = Figure::Weight(candidate.target.weight);
    }
}
