//! What a call shows about calls that came before it: those were told apart, or named otherwise, when they were made.
//!
//! The engine itself just unites what it holds. Whoever stored the earlier calls is told, so that they can be read as they
//! are known now.

use super::Engine;
use crate::hash;
use crate::naming::{Named, canonical};

/// Ids of calls that are remembered, for hand-overs that become known later.
const CALL_IDS: usize = 1 << 16;
/// Traces a run remembers to have absorbed.
const MOST_ABSORBED: usize = 16;

/// A thing that became known about the past.
#[derive(Debug, Clone, PartialEq)]
pub enum Learned {
    /// The calls of trace `part` belong to trace `whole`.
    OneRun { part: [u8; 16], whole: [u8; 16], rule: &'static str, sure: f32 },
    /// The agent that was known by the fingerprint `was` is this one.
    OneAgent { was: u64, is: u64, named: Named },
    /// The conversation's speaker is this agent.
    Speaker { conversation: u64, is: u64, named: Named },
}

/// The fingerprint of an agent that is known by its name: the same for the same name, whenever and wherever.
pub fn named_fingerprint(name: &str) -> u64 {
    hash::bytes(41, canonical(name).as_bytes())
}

impl Engine {
    /// Remembers the id of the call that arrives.
    pub(super) fn note_call(&mut self, id: u64) {
        self.learned.clear();
        let place = self.calls as usize % CALL_IDS;
        if place >= self.call_ids.len() {
            self.call_ids.resize(place + 1, 0);
        }
        self.call_ids[place] = id;
    }

    /// The id of a call of this number; 0 when it was forgotten.
    pub(super) fn call_id(&self, number: u64) -> u64 {
        if self.calls.saturating_sub(number) >= CALL_IDS as u64 {
            return 0;
        }
        self.call_ids.get(number as usize % CALL_IDS).copied().unwrap_or(0)
    }

    /// From now on the first agent is another number of the second.
    pub(super) fn unite_agents(&mut self, gone: u32, kept: u32) {
        let told = match (self.agents.get(gone), self.agents.get(kept)) {
            (Some(was), Some(is)) if was.fingerprint != is.fingerprint => {
                Some(Learned::OneAgent { was: was.fingerprint, is: is.fingerprint, named: is.named.clone() })
            }
            _ => None,
        };
        self.learned.extend(told);
        self.agents.unite(gone, kept);
    }

    /// The conversation's calls were made by this agent.
    pub(super) fn give_to(&mut self, conversation: u32, owner: u32) {
        let Some(agent) = self.agents.get(owner) else { return };
        let (is, named) = (agent.fingerprint, agent.named.clone());
        if let Some(known) = self.conversations.get_mut(conversation) {
            known.agent = owner;
            self.learned.push(Learned::Speaker { conversation: known.id, is, named });
        }
    }

    /// The first trace, and those that were found to be part of it before, are part of the second.
    pub(super) fn absorb(&mut self, gone: &super::Run, kept: u32, rule: &'static str, sure: f32) {
        let Some(run) = self.runs.get_mut(kept) else { return };
        let whole = run.trace;
        let parts: Vec<[u8; 16]> = std::iter::once(gone.trace).chain(gone.absorbed.iter().copied()).collect();
        let all = parts.iter().copied().chain(run.absorbed.iter().copied());
        run.absorbed = all.take(MOST_ABSORBED).collect();
        self.learned.extend(parts.into_iter().filter(|part| *part != whole).map(|part| Learned::OneRun {
            part,
            whole,
            rule,
            sure,
        }));
    }
}
