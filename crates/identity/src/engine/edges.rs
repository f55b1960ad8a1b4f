//! Hand-overs: work passed from the agent of one call to another, as edges.

use super::evidence::Evidence;
use super::place::Reading;
use super::{CallNumber, Engine};
use crate::handover::Passing;
use crate::naming::Named;

/// How sure a hand-over is that a tool of the model's own said, that the history lost, that a task's text shows whole.
pub(super) const SAID_BY_TOOL: f32 = 0.95;
const LEFT_NO_TRACE: f32 = 0.85;
const SHOWN_BY_TASK: f32 = 0.9;

/// Work passed from the agent that made `from` to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub from: CallNumber,
    pub giver: Giver,
    /// The one who took over, by name.
    pub target: String,
    /// The conversation that took over, when it is known.
    pub conversation: Option<u32>,
    pub passing: Passing,
    pub rule: &'static str,
    /// 0 to 1.
    pub sure: f32,
}

/// Who passed the work on, as it is known outside this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Giver {
    /// The call's id as its caller gave it; 0: forgotten.
    pub call: u64,
    /// The conversation's id.
    pub conversation: u64,
    /// The agent's fingerprint.
    pub agent: u64,
}

impl Engine {
    /// Whoever made this call in this conversation.
    pub(super) fn giver(&self, call: u64, conversation: u32) -> Giver {
        let known = self.conversations.get(conversation);
        let agent = known.and_then(|known| self.agents.get(known.agent));
        Giver {
            call: self.call_id(call),
            conversation: known.map_or(0, |known| known.id),
            agent: agent.map_or(0, |agent| agent.fingerprint),
        }
    }

    /// An earlier answer gave the word away, and the framework took every trace of that out of the history.
    pub(super) fn passed_word(&self, reading: &Reading<'_>, twin: u32, run: u32) -> Option<(Named, Edge)> {
        let known = self
            .conversations
            .get(twin)
            .filter(|known| self.runs.current(known.run) == self.runs.current(run))?;
        if reading.has_word.is_some() || reading.internal.is_some() {
            return None;
        }
        let target = known.passes_to.as_deref()?;
        // A framework that does so numbers its tools.
        let name = target.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('_').unwrap_or(target);
        let named = Named::new(name, "hand_over", 0.9)?;
        let edge = Edge {
            from: CallNumber(known.last_call),
            giver: self.giver(known.last_call, twin),
            target: target.to_owned(),
            conversation: None,
            passing: Passing::Transfer,
            rule: "tool",
            sure: LEFT_NO_TRACE,
        };
        Some((named, edge))
    }

    /// Tasks given to tools that turned out to be agents.
    pub(super) fn edges_of(
        &self,
        reading: &Reading<'_>,
        evidence: &Evidence,
        conversation: u32,
    ) -> Vec<Edge> {
        let Some(known) = self.conversations.get(conversation).filter(|_| reading.internal.is_none()) else {
            return Vec::new();
        };
        let mut edges: Vec<Edge> = Vec::new();
        for piece in
            evidence.pieces.iter().filter(|piece| piece.to_tool && self.in_run(piece.conversation, known.run))
        {
            let Some(output) = self.outputs.get(piece.output) else { continue };
            let from_other = self
                .conversations
                .get(piece.conversation)
                .is_some_and(|from| self.agents.current(from.agent) != self.agents.current(known.agent));
            let clear = piece.weight >= 0.6 && (output.letters >= 12 || piece.whole);
            let told = edges.iter().any(|edge| edge.from.0 == piece.call);
            if output.target.is_none() && from_other && clear && !told {
                let target =
                    self.agents.get(known.agent).map(|agent| agent.named.name.clone()).unwrap_or_default();
                edges.push(Edge {
                    from: CallNumber(piece.call),
                    giver: self.giver(piece.call, piece.conversation),
                    target,
                    conversation: Some(conversation),
                    passing: Passing::Delegate,
                    rule: "task_text",
                    sure: SHOWN_BY_TASK * piece.weight,
                });
            }
        }
        edges
    }
}
