//! Hand-overs between the same two agents, as one edge of a graph.

use crate::wire::tree::{GraphEdge, Handover};

/// In the order of their first hand-overs, which come by time.
pub fn edges(handovers: &[Handover]) -> Vec<GraphEdge> {
    let mut edges: Vec<GraphEdge> = Vec::new();
    for handover in handovers {
        let same = |edge: &&mut GraphEdge| {
            edge.from == handover.from && edge.to == handover.to && edge.passing == handover.passing
        };
        let Some(edge) = edges.iter_mut().find(same) else {
            edges.push(GraphEdge {
                from: handover.from.clone(),
                to: handover.to.clone(),
                count: 1,
                passing: handover.passing,
                confidence: handover.found.confidence,
                first_at: handover.at,
                last_at: handover.at,
                found: vec![handover.found.clone()],
            });
            continue;
        };
        edge.count += 1;
        edge.last_at = edge.last_at.max(handover.at);
        edge.confidence = edge.confidence.max(handover.found.confidence);
        match edge.found.iter_mut().find(|known| known.rule == handover.found.rule) {
            Some(known) => known.confidence = known.confidence.max(handover.found.confidence),
            None => edge.found.push(handover.found.clone()),
        }
    }
    edges
}
