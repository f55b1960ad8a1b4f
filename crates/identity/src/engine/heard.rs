//! What a framework was told when it chose who speaks next. The speaker is told some of it too; a call of another program that
//! comes in between is not.

use serde::{Deserialize, Serialize};

use super::place::Reading;
use super::{Engine, Run};
use crate::internal::Internal;
use crate::message::Role;
use crate::{hash, print};

/// Texts and lines that are remembered, from either end, and lines of one text that are read.
const MOST_HEARD: usize = 12;
const MOST_LINES: usize = 200;
/// Fewer letters are in other texts by chance.
const SHORTEST_LETTERS: u32 = 3;

/// A framework's choice of who speaks next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Choice {
    /// None: it has not answered yet, or who it chose has spoken.
    name: Option<Box<str>>,
    /// The words by which it chose.
    heard: Box<[u32]>,
}

impl Choice {
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.heard.len() * 4 + self.name.as_ref().map_or(0, |name| name.len())
    }
}

impl Run {
    pub(super) fn has_chosen(&self) -> bool {
        self.choice.as_ref().is_some_and(|choice| choice.name.is_some())
    }

    pub(super) fn take_chosen(&mut self) -> Option<Box<str>> {
        self.choice.as_mut()?.name.take()
    }
}

fn short(key: u64) -> u32 {
    (hash::mix(key) >> 32) as u32
}

/// Keys of a text, and of its lines with and without the label in front of them.
fn keys(text: &str) -> impl Iterator<Item = u32> + '_ {
    let lines = text.lines().take(MOST_LINES).filter(move |line| line.len() < text.len());
    let labelled = |line| std::iter::once(line).chain(behind_label(line));
    let parts = std::iter::once(text).chain(behind_label(text)).chain(lines.flat_map(labelled));
    parts.map(print::of).filter(|print| print.letters >= SHORTEST_LETTERS).map(|print| short(print.key))
}

/// `user: A question` has a label in front of it.
fn behind_label(line: &str) -> Option<&str> {
    line.split_once(": ").map(|(_, behind)| behind)
}

impl Engine {
    /// A framework is about to choose.
    pub(super) fn note_heard(&mut self, reading: &Reading<'_>, conversation: u32) {
        if reading.internal != Some(Internal::Selector) {
            return;
        }
        // Its one message may be the system prompt.
        let prompts = reading.history.leading.iter().flat_map(|raw| crate::message::read(raw, 0).texts);
        let prompts: Vec<u32> = prompts.flat_map(|text| keys(&text).collect::<Vec<_>>()).collect();
        let mut heard: Vec<u32> = prompts.into_iter().chain(said(reading)).collect();
        if heard.len() > 2 * MOST_HEARD {
            heard.drain(MOST_HEARD..heard.len() - MOST_HEARD);
        }
        let run = self.conversations.get(conversation).map_or(0, |known| known.run);
        if let Some(run) = self.runs.get_mut(run) {
            run.choice.get_or_insert_default().heard = heard.into();
        }
    }

    /// Somebody was chosen, by what was heard or by what a user said first.
    pub(super) fn note_chosen(&mut self, run: u32, name: &str, start: u64) {
        let Some(run) = self.runs.get_mut(run) else { return };
        let choice = run.choice.get_or_insert_default();
        choice.name = Some(name.into());
        let mut heard = std::mem::take(&mut choice.heard).into_vec();
        heard.truncate(2 * MOST_HEARD);
        if start != 0 {
            heard.push(short(start));
        }
        choice.heard = heard.into();
    }

    /// Those of these runs whose framework chose by words that this call was told too.
    pub(super) fn chose_by_this(&self, reading: &Reading<'_>, runs: &[u32]) -> Vec<u32> {
        let chose = |run: &&u32| self.runs.get(**run).is_some_and(Run::has_chosen);
        let chose: Vec<u32> = runs.iter().filter(chose).copied().collect();
        if chose.is_empty() {
            return chose;
        }
        let told: Vec<u32> = said(reading).collect();
        let heard_too = |run: &u32| {
            let choice = self.runs.get(*run).and_then(|run| run.choice.as_ref());
            choice.is_some_and(|choice| choice.heard.iter().any(|heard| told.contains(heard)))
        };
        chose.into_iter().filter(heard_too).collect()
    }
}

fn said<'r>(reading: &'r Reading<'_>) -> impl Iterator<Item = u32> + 'r {
    let messages = reading.messages.iter().filter(|message| message.role != Role::System);
    messages.flat_map(|message| &message.texts).flat_map(|text| keys(text))
}
