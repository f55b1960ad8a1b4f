//! A task that several runs gave in the same words: whose it is shows when the answer comes back to one of those who asked.
//!
//! Runs of one program at once say the same. Whoever takes such a task up begins a run of its own, and its answer, which
//! differs from the others', joins it to the run it belongs to. A guess would mix runs up for good.

use super::evidence::{Evidence, Piece};
use super::{CallNumber, Edge, Engine, Output};
use crate::handover::Passing;

/// Conversations that may have given one task.
const MOST_ASKERS: usize = 64;
/// How much of a task must be there for a guess at who gave it.
const SHOWN: f32 = 0.6;
/// An answer inside a longer result is known by its pieces, if it has enough of them.
const MOST_OF_IT: f32 = 0.95;
const LONG_LETTERS: u32 = 60;
const MANY_MARKS: u8 = 8;
/// How sure a hand-over is whose task and whose answer were both seen.
const BOTH_WAYS: f32 = 0.9;

impl Engine {
    /// Who gave this task, in these runs.
    pub(super) fn askers(&self, evidence: &Evidence, runs: &[u32]) -> Box<[(u32, u32)]> {
        let gave = evidence.pieces.iter().filter(|piece| piece.to_tool && piece.weight >= SHOWN);
        let gave = gave.filter(|piece| runs.iter().any(|run| self.in_run(piece.conversation, *run)));
        gave.take(MOST_ASKERS).map(|piece| (piece.conversation, piece.output)).collect()
    }

    /// The task that this conversation may have given to the one whose words the piece is.
    pub(super) fn asked(&self, conversation: u32, piece: &Piece) -> Option<u32> {
        let worker = self.conversations.get(piece.conversation)?;
        let here = self.conversations.current(conversation);
        let mut asked = worker.askers.iter().flatten();
        let (_, task) = asked.find(|(asker, _)| self.conversations.current(*asker) == here)?;
        (!piece.to_tool && !piece.input).then_some(*task)
    }

    /// The piece is the answer to the task: nothing else needs to speak for it.
    pub(super) fn answers(&self, conversation: u32, piece: &Piece, of: u32) -> bool {
        let is_long = |output: &Output| output.letters >= LONG_LETTERS && output.marks >= MANY_MARKS;
        let known = piece.whole
            || (piece.weight >= MOST_OF_IT && self.outputs.get(piece.output).is_some_and(is_long));
        let user = |run: u32| self.runs.get(run).map_or(0, |run| run.user);
        let users = [self.conversations.get(conversation).map_or(0, |known| user(known.run)), user(of)];
        let same_user = users.contains(&0) || users[0] == users[1];
        known && same_user && self.runs.get(of).is_some_and(|run| !run.stated)
    }

    /// The worker has this conversation's task.
    pub(super) fn adopt(&mut self, worker: u32, asker: u32, task: u32) {
        let Some(known) = self.conversations.get_mut(worker) else { return };
        known.askers = None;
        if known.parent == 0 {
            known.parent = asker;
        }
        let agent = self.agents.current(known.agent);
        let same =
            self.conversations.get(asker).is_none_or(|asker| self.agents.current(asker.agent) == agent);
        let Some(task) = self.outputs.get(task).filter(|task| task.target.is_none() && !same) else { return };
        let (from, giver) = (CallNumber(task.call), self.giver(task.call, asker));
        let target = self.agents.get(agent).map(|agent| agent.named.name.clone()).unwrap_or_default();
        let told = self.shown.iter().any(|edge| edge.from == from && edge.conversation == Some(worker));
        if !told {
            self.shown.push(Edge {
                from,
                giver,
                target,
                conversation: Some(worker),
                passing: Passing::Delegate,
                rule: "task_text",
                sure: BOTH_WAYS,
            });
        }
    }
}
