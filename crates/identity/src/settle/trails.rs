//! Calls of which nothing was kept but their trail ([`crate::Trail`]): what one engine began and another goes on with is known
//! by keys alone. Less is found than by what was said: histories word for word, answers and tasks that come back whole,
//! sessions. What two runs left alike says nothing about either.

use serde::{Deserialize, Serialize};

use super::{LESS_SURE, Nodes, SAME_HISTORY, Settled, Settler};
use crate::hash;
use crate::trail::Trail;

/// A text that comes back is less sure than a history.
const SURE_BY_TEXT: f32 = 0.85;
const ANSWER_TEXT: &str = "answer_text";
const SESSION: &str = "session";

/// A call as one engine recorded it, without what was said.
#[derive(Debug)]
pub struct Followed<'a> {
    pub trail: &'a Trail,
    /// Of its key and team.
    pub scope: u64,
    pub node: u64,
    pub trace: [u8; 16],
    /// The caller stated the trace: it is never mixed with another.
    pub is_stated: bool,
    /// 0: none was found.
    pub conversation: u64,
    /// Fingerprint of its system prompt; 0: none.
    pub prompt: u64,
    /// The end user that the caller stated. 0: none.
    pub user: u64,
    pub sessions: [u64; 2],
}

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    trace: [u8; 16],
    conversation: u64,
    prompt: u64,
    user: u64,
    node: u64,
}

impl Settler {
    /// What became known with this call.
    pub fn follow(&mut self, call: &Followed<'_>) -> Vec<Settled> {
        let seen = self.nodes.get(&call.trace);
        self.nodes.put(call.trace, seen.map_or(Nodes::One(call.node), |nodes| nodes.and(call.node)));
        if call.is_stated {
            return Vec::new();
        }
        let session = |key: u64| if key == 0 { 0 } else { hash::join(hash::join(73, call.scope), key) };
        let [own, parent] = call.sessions.map(session);
        let mut settled = Vec::new();
        for key in [own, parent] {
            let other = self.owner(key, call);
            settled.extend(other.and_then(|other| self.one_run(call.trace, other.trace, SESSION, 1.0)));
        }
        let before = call.trail.steps.iter().find_map(|step| self.owner(*step, call));
        if let Some(before) = before {
            settled.extend(self.one_run(call.trace, before.trace, SAME_HISTORY, 1.0));
            settled.extend(self.goes_on(call, &before));
        } else if let Some(other) = call.trail.told.iter().find_map(|told| self.owner(*told, call)) {
            settled.extend(self.one_run(call.trace, other.trace, ANSWER_TEXT, SURE_BY_TEXT));
        }
        if self.owner(own, call).is_none() {
            self.leave(own, call);
        }
        for key in std::iter::once(call.trail.step).chain(call.trail.said.iter().copied()) {
            self.leave(key, call);
        }
        settled
    }

    /// The call that left this key, if it was one run's.
    fn owner(&self, key: u64, call: &Followed<'_>) -> Option<Owner> {
        let owner = self.trails.get(&key).flatten().filter(|_| key != 0)?;
        let differ = owner.user != 0 && call.user != 0 && owner.user != call.user;
        (!differ).then_some(owner)
    }

    fn leave(&mut self, key: u64, call: &Followed<'_>) {
        if key == 0 {
            return;
        }
        let (trace, conversation) = (call.trace, call.conversation);
        let owner = Owner { trace, conversation, prompt: call.prompt, user: call.user, node: call.node };
        let known = self.trails.get(&key);
        let is_one = |other: Owner| self.whole_of(other.trace) == self.whole_of(trace);
        let kept = match known {
            None => Some(owner),
            Some(other) => other.filter(|other| is_one(*other)).map(|_| owner),
        };
        self.trails.put(key, kept);
    }

    /// The same agent's talk, which another engine has heard the beginning of.
    fn goes_on(&mut self, call: &Followed<'_>, before: &Owner) -> Option<Settled> {
        let part = call.conversation;
        let whole = self.told.get(&before.conversation).unwrap_or(before.conversation);
        if part == 0 || whole == 0 || part == whole || before.prompt != call.prompt {
            return None;
        }
        if before.node == call.node || self.told.get(&part).is_some() {
            return None;
        }
        self.told.put(part, whole);
        Some(Settled::OneConversation { part, whole, rule: SAME_HISTORY, sure: LESS_SURE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(trail: &'a Trail, node: u64, trace: u8) -> Followed<'a> {
        Followed {
            trail,
            scope: 1,
            node,
            trace: [trace; 16],
            is_stated: false,
            conversation: u64::from(trace),
            prompt: 5,
            user: 0,
            sessions: [0, 0],
        }
    }

    fn trail(steps: &[u64], step: u64, told: &[u64], said: &[u64]) -> Trail {
        Trail { steps: steps.to_vec(), step, told: told.to_vec(), said: said.to_vec() }
    }

    fn runs(settled: &[Settled]) -> Vec<(u8, u8, &'static str)> {
        let run = |settled: &Settled| match settled {
            Settled::OneRun { part, whole, rule, .. } => Some((part[0], whole[0], *rule)),
            _ => None,
        };
        settled.iter().filter_map(run).collect()
    }

    #[test]
    fn a_talk_that_goes_to_and_fro_is_one_run_and_one_conversation() {
        let mut settler = Settler::default();
        assert_eq!(settler.follow(&call(&trail(&[], 10, &[], &[]), 1, 1)), []);
        let second = settler.follow(&call(&trail(&[10], 11, &[], &[]), 2, 2));
        assert_eq!(runs(&second), [(2, 1, SAME_HISTORY)]);
        assert!(matches!(second[1], Settled::OneConversation { part: 2, whole: 1, .. }), "{second:?}");
        assert_eq!(settler.follow(&call(&trail(&[11, 10], 12, &[], &[]), 1, 1)), []);
        assert_eq!(settler.follow(&call(&trail(&[12, 11, 10], 13, &[], &[]), 2, 2)), []);
    }

    #[test]
    fn another_agent_with_the_same_history_is_of_the_run_and_speaks_for_itself() {
        let mut settler = Settler::default();
        settler.follow(&call(&trail(&[], 10, &[], &[]), 1, 1));
        let other = settler.follow(&Followed { prompt: 6, ..call(&trail(&[10], 11, &[], &[]), 2, 2) });
        assert_eq!((runs(&other), other.len()), (vec![(2, 1, SAME_HISTORY)], 1));
    }

    #[test]
    fn a_task_and_an_answer_that_come_back_join_their_runs() {
        let mut settler = Settler::default();
        settler.follow(&call(&trail(&[], 10, &[], &[90]), 1, 1));
        assert_eq!(runs(&settler.follow(&call(&trail(&[], 20, &[90], &[91]), 2, 2))), [(2, 1, ANSWER_TEXT)]);
        assert_eq!(runs(&settler.follow(&call(&trail(&[], 30, &[91], &[]), 1, 3))), [(3, 1, ANSWER_TEXT)]);
    }

    #[test]
    fn what_two_runs_left_alike_joins_neither() {
        let mut settler = Settler::default();
        let both = trail(&[], 10, &[], &[90]);
        settler.follow(&call(&both, 1, 1));
        settler.follow(&call(&both, 1, 2));
        assert_eq!(settler.follow(&call(&trail(&[10], 11, &[90], &[]), 2, 3)), []);
    }

    #[test]
    fn stated_traces_and_users_are_never_mixed_and_sessions_are_one_run() {
        let mut settler = Settler::default();
        let first = trail(&[], 10, &[], &[]);
        let of = |user, sessions, node, trace| Followed { user, sessions, ..call(&first, node, trace) };
        settler.follow(&of(1, [7, 0], 1, 1));
        let next = trail(&[10], 11, &[], &[]);
        assert_eq!(settler.follow(&Followed { is_stated: true, ..call(&next, 2, 2) }), []);
        assert_eq!(settler.follow(&Followed { user: 2, ..call(&next, 2, 3) }), []);
        let nothing = Trail::default();
        let child = Followed { sessions: [8, 7], ..call(&nothing, 2, 4) };
        assert_eq!(runs(&settler.follow(&child)), [(4, 1, SESSION)]);
    }
}
