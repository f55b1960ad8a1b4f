//! Hand-overs: work passed from the agent of one call to another, as edges.

use super::evidence::Evidence;
use super::ids::is_distinctive;
use super::place::Reading;
use super::transfers::named_by_tool;
use super::{CallNumber, Engine};
use crate::handover::{self, Passing};
use crate::hash;
use crate::naming::{Named, canonical};

/// How sure a hand-over is that a tool of the model's own said, that the history lost, that a task's text shows whole.
pub(super) const SAID_BY_TOOL: f32 = 0.95;
pub(super) const SAID_BY_ROUTER: f32 = 0.8;
const LEFT_NO_TRACE: f32 = 0.85;
const SHOWN_BY_TASK: f32 = 0.9;
const TOLD: f32 = 0.95;

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
    fn passed_word(&self, reading: &Reading<'_>, twin: u32, run: u32) -> Option<(Named, Edge)> {
        let known = self
            .conversations
            .get(twin)
            .filter(|known| self.runs.current(known.run) == self.runs.current(run))?;
        if reading.has_word.is_some() || reading.internal.is_some() {
            return None;
        }
        let target = known.passes_to.as_deref()?;
        if self.leads_here(reading, known) == Some(false) {
            return None;
        }
        let named = Named::new(named_by_tool(target), "hand_over", 0.9)?;
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

    /// A framework says in the history who has the word now; the tool that did it has a name of the author's own.
    pub(super) fn told_handover(&self, reading: &Reading<'_>) -> Option<Edge> {
        let has_word =
            reading.has_word.as_ref().filter(|has_word| has_word.told && is_distinctive(&has_word.asked))?;
        let calls = || reading.messages.iter().flat_map(|message| &message.calls);
        let call = calls().find(|call| call.id == has_word.asked.as_str());
        if call.is_some_and(|call| handover::of_call(&call.name, &call.arguments).is_some()) {
            return None;
        }
        let key = hash::join(reading.arrival.scope, hash::bytes(22, has_word.asked.as_bytes()));
        let asker =
            self.ids.get(key).map(|number| self.conversations.current(number)).find(|number| *number != 0)?;
        let from = self.conversations.get(asker).filter(|known| known.last_asked == key)?.last_call;
        Some(Edge {
            from: CallNumber(from),
            giver: self.giver(from, asker),
            target: has_word.name.clone(),
            conversation: None,
            passing: Passing::Transfer,
            rule: "tool",
            sure: TOLD,
        })
    }

    /// The word that one of these conversations gave away, taken by this one.
    pub(super) fn taken_word(
        &mut self,
        reading: &Reading<'_>,
        from: [Option<u32>; 2],
        run: u32,
    ) -> Option<(Named, Edge)> {
        let (number, passed) = from
            .into_iter()
            .flatten()
            .find_map(|number| Some((number, self.passed_word(reading, number, run)?)))?;
        if let Some(known) = self.conversations.get_mut(number) {
            known.passes_to = None;
        }
        Some(passed)
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
        let name = self.agents.get(known.agent).map(|agent| canonical(&agent.named.name)).unwrap_or_default();
        let mut edges: Vec<Edge> = Vec::new();
        for piece in
            evidence.pieces.iter().filter(|piece| piece.to_tool && self.in_run(piece.conversation, known.run))
        {
            let Some(output) = self.outputs.get(piece.output) else { continue };
            let from_other = self.conversations.get(piece.conversation).is_some_and(|from| {
                from.internal.is_none() && self.agents.current(from.agent) != self.agents.current(known.agent)
            });
            // Few words are enough for whoever the tool is called like.
            let called = output.hint.as_deref().is_some_and(|hint| canonical(hint) == name);
            let clear = piece.weight >= 0.6 && (output.letters >= 12 || piece.whole || called);
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
