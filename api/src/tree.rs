//! A run as a tree: run → agent → task → call, with hand-overs between agents, made from what was recorded about each call.
//!
//! Pure: records and corrections in, the answer out. Steps that were stated (spans of a runner or a tracer) keep the place
//! they stated; what stated nothing is placed by what the traffic showed. Whatever was inferred says by which rule and how
//! surely.

mod agents;
mod cache;
mod diff;
mod graph;
mod handovers;
mod place;
mod reasons;
mod repeats;
mod roll_up;
mod speakers;
#[cfg(test)]
mod tests;
mod totals;

use aop_clickhouse::runs::{AgentLink, Handover as StoredHandover, RunCall, Shape};
use aop_clickhouse::traces::Trace;
use aop_domain::correction::Corrections;

use crate::wire::tree::{CacheBreak, Found, Handover, Loop, Node, RunAgent};
pub use diff::diff;
pub use graph::edges;
pub use reasons::{found, source_of};

/// Everything that is recorded about one run.
pub struct Records<'a> {
    pub trace: &'a Trace,
    /// In the order they started, as all of these.
    pub calls: &'a [RunCall],
    pub handovers: &'a [StoredHandover],
    pub links: &'a [AgentLink],
    pub shapes: &'a [Shape],
    pub corrections: &'a Corrections,
}

/// The run, understood.
pub struct Run {
    /// How the run's trace came about.
    pub found: Found,
    pub agents: Vec<RunAgent>,
    pub nodes: Vec<Node>,
    pub handovers: Vec<Handover>,
    pub loops: Vec<Loop>,
    pub cache_breaks: Vec<CacheBreak>,
    /// The agent of each call, by the call's id, as corrected.
    pub names: std::collections::HashMap<String, String>,
}

pub fn build(records: &Records<'_>) -> Run {
    let speakers = speakers::of(records);
    let handed = handovers::resolve(records, &speakers);
    let nodes = roll_up::lines(place::drafts(records, &speakers));
    let named = records.calls.iter().zip(&speakers);
    let names = named.filter_map(|(call, speaker)| Some((call.call_id.clone(), speaker.own_name()?)));
    Run {
        found: reasons::of_run(records),
        names: names.collect(),
        agents: agents::of(records, &speakers, &handed.absent),
        nodes,
        handovers: handed.handovers,
        loops: repeats::loops(records.calls, &speakers, records.shapes),
        cache_breaks: cache::breaks(records.calls, &speakers, records.shapes),
    }
}
