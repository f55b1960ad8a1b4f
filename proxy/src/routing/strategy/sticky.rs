//! One session, one deployment: each deployment draws a number from the session and its own id, the highest wins. When
//! one goes away only its own sessions move, and every proxy comes to the same answer. Weights share the sessions out.

use twox_hash::XxHash3_64;

use super::{Candidate, Figure, sort_by_score};

pub(in crate::routing) fn order(candidates: &mut [Candidate<'_>], session: u64) {
    for candidate in candidates.iter_mut() {
        candidate.figure = Figure::Session;
    }
    sort_by_score(candidates, |candidate| {
        let id = candidate.target.target.deployment.id;
        let drawn = XxHash3_64::oneshot_with_seed(session, id.as_bytes());
        // 53 bits make a number between 0 and 1, neither of them itself.
        let unit = ((drawn >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        -unit.ln() / f64::from(candidate.target.weight.max(1))
    });
}
