//! A tool told what another conversation answered, all of it: whoever answered was asked by that tool, in whatever words.

use super::agents::TASK_ARGUMENT;
use super::evidence::{Evidence, Piece};
use super::place::Reading;
use super::{CallNumber, Edge, Engine};
use crate::handover::{self, Passing};
use crate::message::ToolCall;
use crate::naming::{Named, canonical};

/// Shorter answers are given by chance.
const SHORTEST_LETTERS: u32 = 20;
/// How sure it is who was asked by a tool whose result is their answer.
const ANSWERED_SURE: f32 = 0.85;

/// A conversation that answered for a tool, before the runs of both are united.
#[derive(Debug)]
pub(super) struct Asked {
    worker: u32,
    from: u64,
    /// What the tool calls the worker, and whether that is the worker's own name.
    name: String,
    is_own: bool,
}

impl Engine {
    /// Who answered for the tools whose results are here: they began, in a run of their own, when the tool had been asked.
    pub(super) fn answered_for_tools(
        &self,
        reading: &Reading<'_>,
        conversation: u32,
        evidence: &Evidence,
    ) -> Vec<Asked> {
        let told = evidence.pieces.iter().filter(|piece| piece.told_for.is_some());
        told.filter_map(|piece| self.answered_for_tool(reading, conversation, piece)).collect()
    }

    fn answered_for_tool(&self, reading: &Reading<'_>, conversation: u32, piece: &Piece) -> Option<Asked> {
        let id = piece.told_for.as_deref().filter(|id| !id.is_empty())?;
        let call = reading.messages.iter().flat_map(|message| &message.calls).find(|call| call.id == id)?;
        let asker = self.conversations.get(conversation)?;
        let worker = self.conversations.get(piece.conversation)?;
        let (own, other) = (self.runs.current(asker.run), self.runs.current(worker.run));
        let long = self.outputs.get(piece.output).is_some_and(|output| output.letters >= SHORTEST_LETTERS);
        let fits = long
            && own != other
            && worker.parent == 0
            && worker.askers.is_none()
            && worker.internal.is_none()
            && asker.internal.is_none()
            && asker.last_call < piece.call
            && self.runs.get(other).is_some_and(|run| run.started_us > asker.last_us);
        let (name, is_own) = name_of(call)?;
        fits.then(|| Asked {
            worker: self.conversations.current(piece.conversation),
            from: asker.last_call,
            name,
            is_own,
        })
    }

    /// They were, when both runs have turned out to be one.
    pub(super) fn note_answered(&mut self, conversation: u32, asked: Vec<Asked>) {
        for Asked { worker, from, name, is_own } in asked {
            if !self.conversations.get(conversation).is_some_and(|asker| self.in_run(worker, asker.run)) {
                continue;
            }
            let Some(known) = self.conversations.get_mut(worker) else { continue };
            known.parent = conversation;
            let prompt = known.prompt;
            self.name_answerer(worker, prompt, &name, is_own);
            let agent =
                |number: u32| self.conversations.get(number).map(|known| self.agents.current(known.agent));
            if agent(worker) != agent(conversation) {
                let target = agent(worker).and_then(|agent| self.agents.get(agent));
                let target = target.map(|agent| agent.named.name.clone()).unwrap_or_default();
                self.shown.push(Edge {
                    from: CallNumber(from),
                    giver: self.giver(from, conversation),
                    target: if is_own { name } else { target },
                    conversation: Some(worker),
                    passing: Passing::Delegate,
                    rule: "answer_text",
                    sure: ANSWERED_SURE,
                });
            }
        }
    }

    /// The tool's name for it is a better one than one that was made of its prompt.
    fn name_answerer(&mut self, worker: u32, prompt: u32, name: &str, is_own: bool) {
        let Some(known) = self.conversations.get(worker) else { return };
        let (scope, number) = (known.scope, self.agents.current(known.agent));
        let Some(agent) = self.agents.get_mut(number) else { return };
        let (rule, differs) = (agent.named.rule, canonical(&agent.named.name) != canonical(name));
        let named = if is_own {
            Named::new(name, "delegated_to", 0.85)
        } else {
            Named::new(name, TASK_ARGUMENT, 0.7)
        };
        let Some(named) = named else { return };
        match (rule, is_own) {
            ("prompt" | TASK_ARGUMENT, true) => {
                let owner = self.named_agent(scope, named);
                self.give_to(worker, owner);
                self.tie(prompt, owner);
            }
            ("prompt", false) => agent.named = named,
            (TASK_ARGUMENT, false) if differs => {
                let owner = self.agent_of_tool(scope, prompt, named);
                self.give_to(worker, owner);
            }
            _ => {}
        }
    }
}

/// Whom a tool asks, and whether it says so itself.
fn name_of(call: &ToolCall<'_>) -> Option<(String, bool)> {
    if let Some(handover) = handover::of_call(&call.name, &call.arguments) {
        return (handover.passing == Passing::Delegate).then_some((handover.target, true));
    }
    let hint =
        handover::hint(&call.arguments).or_else(|| handover::name_in_tool(&call.name).map(str::to_owned));
    hint.map(|name| (name, false))
}
