//! Answers that gave the word away, and who of those that then begin to speak has taken it.

use super::ids::is_distinctive;
use super::place::Reading;
use super::{Conversation, Engine};
use crate::hash;
use crate::naming::{Named, canonical};

/// The name that a tool gives the one who gets the word: a framework may number its tools.
pub(super) fn named_by_tool(target: &str) -> &str {
    target.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('_').unwrap_or(target)
}

impl Engine {
    /// Is the caller the one whom this conversation gave the word? `None`: it may be, nobody knows yet.
    pub(super) fn leads_here(&self, reading: &Reading<'_>, known: &Conversation) -> Option<bool> {
        let target = known.passes_to.as_deref()?;
        let is_target = |name: &str| {
            let name = canonical(name);
            name == canonical(target) || name == canonical(named_by_tool(target))
        };
        if let Some(has_word) = reading.has_word.as_ref().filter(|has_word| has_word.told) {
            return Some(is_target(&has_word.name));
        }
        let prompt = self.prompts.get(reading.prompt)?;
        if let Some(named) = &prompt.named {
            return Some(is_target(&named.name));
        }
        if prompt.shared {
            return None;
        }
        let holder = self.agents.get(prompt.agent).filter(|holder| holder.named.rule != "prompt");
        if let Some(holder) = holder {
            return Some(is_target(&holder.named.name));
        }
        // Whoever has that name is known by another prompt.
        let scope = reading.arrival.scope;
        let elsewhere = [target, named_by_tool(target)].into_iter().any(|name| {
            let key = hash::join(scope, super::named_fingerprint(name));
            let bearer = self.agent_keys.get(key).find_map(|number| self.agents.get(number));
            bearer.is_some_and(|bearer| {
                bearer.prompt != 0
                    && !self.same_prompt(bearer.prompt, reading.prompt)
                    && self.prompts.get(bearer.prompt).is_some_and(|other| !other.shared)
            })
        });
        if elsewhere { Some(false) } else { None }
    }

    /// The name by which this conversation gave the word to the caller, if it may have.
    pub(super) fn word_given(&self, reading: &Reading<'_>, passer: u32) -> Option<Named> {
        let known = self.conversations.get(passer)?;
        let target = known.passes_to.as_deref().filter(|_| reading.internal.is_none())?;
        let leads = self.leads_here(reading, known) != Some(false);
        Named::new(named_by_tool(target), "hand_over", 0.85).filter(|_| leads)
    }

    /// The word has arrived where it was sent, as the history says: its run waits for nobody any more.
    pub(super) fn note_arrived(&mut self, reading: &Reading<'_>) {
        let Some(has_word) = reading.has_word.as_ref().filter(|has_word| is_distinctive(&has_word.asked))
        else {
            return;
        };
        let key = hash::join(reading.arrival.scope, hash::bytes(22, has_word.asked.as_bytes()));
        let asker =
            self.ids.get(key).map(|number| self.conversations.current(number)).find(|number| *number != 0);
        // It may have given the word away anew since.
        let asker =
            asker.filter(|asker| self.conversations.get(*asker).is_some_and(|known| known.last_asked == key));
        self.take_word(reading, asker);
    }

    /// This conversation gave the word to the caller, who has it now.
    pub(super) fn take_word(&mut self, reading: &Reading<'_>, passer: Option<u32>) {
        let (Some(has_word), Some(passer)) = (&reading.has_word, passer) else { return };
        let Some(known) = self.conversations.get_mut(passer) else { return };
        let arrived =
            |target: &str| canonical(named_by_tool(target)) == canonical(named_by_tool(&has_word.name));
        if known.passes_to.as_deref().is_some_and(arrived) {
            known.passes_to = None;
            if let Some(by) = &has_word.by {
                self.learn_name(passer, by);
            }
        }
    }

    /// A conversation gave the word away; its run waits for whoever has it.
    pub(super) fn note_passer(&mut self, run: u32, conversation: u32) {
        let Some(run) = self.runs.get_mut(run) else { return };
        if run.passers[0] != conversation {
            run.passers.rotate_right(1);
            run.passers[0] = conversation;
        }
    }

    /// The name by which all these runs gave the word away.
    pub(super) fn passed_by_all(&self, reading: &Reading<'_>, runs: &[u32], start: u64) -> Option<Named> {
        let target = |run: &u32| {
            let (number, _) = self.passer(reading, *run, start)?;
            let target = self.conversations.get(number)?.passes_to.as_deref()?;
            Some(named_by_tool(target))
        };
        let first = target(runs.first()?)?;
        let all =
            runs.iter().all(|run| target(run).is_some_and(|other| canonical(other) == canonical(first)));
        Named::new(first, "hand_over", 0.85).filter(|_| all)
    }

    /// The conversation of this run that gave the word to the caller, which begins to speak with the same words of a user.
    /// And whether that is known, or only not excluded.
    pub(super) fn passer(&self, reading: &Reading<'_>, run: u32, start: u64) -> Option<(u32, bool)> {
        if reading.internal.is_some() || start == 0 {
            return None;
        }
        let passers = self.runs.get(run)?.passers;
        let fits = passers.into_iter().filter(|number| *number != 0).filter_map(|number| {
            let known = self.conversations.get(number).filter(|known| known.start == start)?;
            known.passes_to.as_ref()?;
            let leads = self.leads_here(reading, known);
            (leads != Some(false)).then_some((self.conversations.current(number), leads == Some(true)))
        });
        fits.reduce(|best, other| if other.1 && !best.1 { other } else { best })
    }
}
