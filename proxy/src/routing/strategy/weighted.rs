//! Drawn by weight, without replacement.

use super::{Candidate, Figure};

/// `random` gives numbers from 0 to 1.
pub(in crate::routing) fn order(candidates: &mut [Candidate<'_>], random: &mut dyn FnMut() -> f64) {
    // Efraimidis and Spirakis: the order of u^(1/w) is a draw without replacement. Weight 0 comes last.
    for candidate in candidates.iter_mut() {
        candidate.figure = Figure::Weight(candidate.target.weight);
    }
    candidates.sort_by_cached_key(|candidate| {
        let key = match candidate.target.weight {
            0 => -1.0,
            weight => random().max(f64::MIN_POSITIVE).powf(1.0 / f64::from(weight)),
        };
        std::cmp::Reverse(Key(key))
    });
}

#[derive(PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
