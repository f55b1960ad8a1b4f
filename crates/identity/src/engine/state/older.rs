//! The version before: whole tables, each as it stood in memory, fourteen of them in a fixed order. Fingerprints of words
//! were made otherwise then: what is known by them is left behind.

use std::io::Read;

use serde::Deserialize;

use super::{Agent, Conversation, Copied, Engine, Limits, Output, Piece, Prompt, Run, content};
use crate::arena::{Slot, Slots};
use crate::engine::lines::Lines;
use crate::framework::Framework;

pub(super) const MARK: [u8; 8] = *b"aop-id\0\x04";
const PARTS: usize = 14;

#[derive(Deserialize)]
enum Part {
    Tips(Ring),
    Texts(Ring),
    Marks(Ring),
    Ids(Ring),
    Starts(Ring),
    Connections(Ring),
    PromptKeys(Ring),
    AgentKeys(Ring),
    Outputs(Table<Output>),
    Conversations(Table<Conversation>),
    Runs(Table<OldRun>),
    Prompts(Table<Prompt>),
    Agents(Table<Agent>),
    Rest { calls: u64, call_ids: Vec<u64>, _connection_right: f32, _connection_all: f32, limits: Limits },
}

#[derive(Deserialize)]
struct Entry {
    key: u64,
    value: u32,
    _before: u32,
}

#[derive(Deserialize)]
struct Ring {
    ring: Vec<Entry>,
    _heads: Vec<u32>,
    next: u32,
    filled: usize,
    _most: usize,
}

impl Ring {
    /// Oldest first. `None`: it was not written so.
    fn entries(&self) -> Option<Vec<(u64, u32)>> {
        let size = self.ring.len();
        if !size.is_power_of_two() || self.filled > size {
            return None;
        }
        let first = (self.next as usize).wrapping_sub(self.filled);
        let entry = |at: usize| &self.ring[first.wrapping_add(at) & (size - 1)];
        Some((0..self.filled).map(|at| (entry(at).key, entry(at).value)).collect())
    }
}

#[derive(Deserialize)]
struct Table<T> {
    slots: Vec<Slot<T>>,
    next: u32,
    _most: usize,
}

impl<T> Table<T> {
    fn all(self) -> Slots<T> {
        Slots::all(self.slots, self.next)
    }
}

/// A run as it was before it remembered by which words a choice was made.
#[derive(Deserialize)]
struct OldRun {
    trace: [u8; 16],
    stated: bool,
    started_us: i64,
    last_us: i64,
    connections: [u32; 4],
    seen: Vec<u32>,
    framework: Option<Box<Framework>>,
    _chosen: Option<Box<str>>,
    passers: [u32; 3],
    user: u64,
    calls: u32,
    absorbed: Box<[[u8; 16]]>,
}

impl From<OldRun> for Run {
    fn from(old: OldRun) -> Self {
        Self {
            trace: old.trace,
            stated: old.stated,
            started_us: old.started_us,
            last_us: old.last_us,
            connections: old.connections,
            seen: old.seen,
            framework: old.framework,
            // Nobody knows by which words: nobody is it.
            choice: None,
            passers: old.passers,
            user: old.user,
            calls: old.calls,
            absorbed: old.absorbed,
        }
    }
}

impl Engine {
    pub(super) fn take_older(&mut self, from: &mut impl Read) -> Option<()> {
        for number in 0..PARTS {
            let part: Part = postcard::from_bytes(&content(from)?).ok()?;
            let (place, copied) = current(part)?;
            if place != number {
                return None;
            }
            self.take(Piece(copied))?;
        }
        Some(())
    }
}

/// Its last answer is taken for one that has not come: none in a history fits it, and none speaks against it.
fn without_words(known: Conversation) -> Conversation {
    Conversation { last_answer: 0, last_letters: 0, start: 0, ..known }
}

/// The same as it is written now, and which part it is.
fn current(part: Part) -> Option<(usize, Copied)> {
    let ring = |place: u8, ring: &Ring| Some((usize::from(place), Copied::Entries(place, ring.entries()?)));
    // Read all the same: a damaged table is refused.
    let of_words = |place: u8, words: &Ring| {
        words.entries().map(|_| (usize::from(place), Copied::Entries(place, Vec::new())))
    };
    match part {
        Part::Tips(index) => ring(0, &index),
        Part::Texts(words) => of_words(1, &words),
        Part::Marks(words) => of_words(2, &words),
        Part::Ids(index) => ring(3, &index),
        Part::Starts(words) => of_words(4, &words),
        Part::Connections(index) => ring(5, &index),
        Part::PromptKeys(index) => ring(6, &index),
        Part::AgentKeys(index) => ring(7, &index),
        Part::Outputs(table) => Some((8, Copied::Outputs(table.all()))),
        Part::Conversations(table) => Some((9, Copied::Conversations(table.all().map(without_words)))),
        Part::Runs(table) => Some((10, Copied::Runs(table.all().map(Run::from)))),
        Part::Prompts(table) => Some((11, Copied::Prompts(table.all()))),
        Part::Agents(table) => Some((12, Copied::Agents(table.all()))),
        Part::Rest { calls, call_ids, limits, .. } => {
            Some((13, Copied::Rest { calls, call_ids, lines: Lines::default(), limits }))
        }
    }
}
