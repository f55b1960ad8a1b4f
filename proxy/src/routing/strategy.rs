//! The ways to order deployments of one priority, one file each. Each puts the best first and says of each what spoke for it.

pub(super) mod least_busy;
pub(super) mod lowest_cost;
pub(super) mod lowest_latency;
pub(super) mod priority;
pub(super) mod sticky;
pub(super) mod weighted;

use std::fmt;

use rust_decimal::Decimal;

use crate::snapshot::RouteTarget;

/// A deployment that may be asked, and the figure it stands by.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'a> {
    pub(super) target: &'a RouteTarget,
    pub(super) figure: Figure,
}

/// What a strategy looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figure {
    Weight(u16),
    InFlight(u32),
    LatencyUs(Option<f64>),
    Cost(Option<Decimal>),
    Session,
    /// Asked by chance, to learn how it is now.
    Exploration,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weight(weight) => write!(f, "weight {weight}"),
            Self::InFlight(calls) => write!(f, "{calls} in flight"),
            Self::LatencyUs(Some(us)) => write!(f, "{:.1} ms", us / 1_000.0),
            Self::LatencyUs(None) => f.write_str("not measured"),
            Self::Cost(Some(cost)) => write!(f, "${}", cost.normalize()),
            Self::Cost(None) => f.write_str("price unknown"),
            Self::Session => f.write_str("by session"),
            Self::Exploration => f.write_str("explored"),
        }
    }
}

/// Puts the smallest score first; equals keep their order.
fn sort_by_score(candidates: &mut [Candidate<'_>], score: impl Fn(&Candidate<'_>) -> f64) {
    candidates.sort_by(|a, b| score(a).total_cmp(&score(b)));
}
