//! The engine's memory as bytes, so that a restart does not forget the conversations that are open.
//!
//! It is written in small pieces, so that calls wait for the copy of a few hundred things at a time and nobody holds a table
//! twice. What points comes before what it points to: a piece that was copied earlier never names a thing that a later one
//! does not know yet. What changes in the meantime may be missing, as if it had been forgotten.
//!
//! The last byte of the mark counts versions. Whoever changes what is written raises it, and keeps a reader of the version
//! before in `older` where what it says still means the same.

mod older;

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::lines::Lines;
use super::{Agent, Conversation, Engine, Limits, Output, Prompt, Run};
use crate::arena::Slots;
use crate::hash;
use crate::index::Index;

/// First bytes of a saved state.
pub const MARK: [u8; 8] = *b"aop-id\0\x06";
/// Entries of an index, and things of other tables, in a piece.
const ENTRIES: usize = 8_192;
const THINGS: usize = 512;
const INDEXES: u8 = 8;
const TABLES: u8 = INDEXES + 5;
/// A longer piece was written by nobody.
const LONGEST_PIECE_BYTES: u64 = 256 << 20;

/// A copy of a part of the memory, which can be written down while the engine goes on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Piece(Copied);

#[derive(Debug, Serialize, Deserialize)]
enum Copied {
    Entries(u8, Vec<(u64, u32)>),
    Outputs(Slots<Output>),
    Conversations(Slots<Conversation>),
    Runs(Slots<Run>),
    Prompts(Slots<Prompt>),
    Agents(Slots<Agent>),
    /// The last piece.
    Rest {
        calls: u64,
        call_ids: Vec<u64>,
        lines: Lines,
        limits: Limits,
    },
}

impl Piece {
    /// The piece as bytes. `None`: it cannot be written, which only a lack of memory explains.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        framed(self)
    }
}

/// Before its content a piece has its length and its hash.
fn framed(piece: &impl Serialize) -> Option<Vec<u8>> {
    let content = postcard::to_stdvec(piece).ok()?;
    let mut bytes = Vec::with_capacity(content.len() + 16);
    bytes.extend_from_slice(&u64::try_from(content.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&hash::bytes(0, &content).to_le_bytes());
    bytes.extend_from_slice(&content);
    Some(bytes)
}

pub(crate) fn write_piece(out: &mut impl Write, piece: &impl Serialize) -> io::Result<()> {
    out.write_all(&framed(piece).ok_or(io::ErrorKind::OutOfMemory)?)
}

/// The content of the next piece. `None`: there is none, or it is damaged.
pub(crate) fn content(from: &mut impl Read) -> Option<Vec<u8>> {
    let (mut length, mut sum, mut content) = ([0; 8], [0; 8], Vec::new());
    from.read_exact(&mut length).ok()?;
    from.read_exact(&mut sum).ok()?;
    let length = Some(u64::from_le_bytes(length)).filter(|length| *length <= LONGEST_PIECE_BYTES)?;
    from.by_ref().take(length).read_to_end(&mut content).ok()?;
    let is_whole = content.len() as u64 == length && hash::bytes(0, &content) == u64::from_le_bytes(sum);
    is_whole.then_some(content)
}

/// How far the writing has come: the table, and where in it.
#[derive(Debug, Default)]
pub struct Saving {
    table: u8,
    at: u64,
}

impl Engine {
    /// A copy of the next piece; `None` behind the last.
    pub fn piece(&self, saving: &mut Saving) -> Option<Piece> {
        loop {
            let found = match saving.table {
                table if table < INDEXES => self.entries_of(table, &mut saving.at),
                table if table < TABLES => self.things_of(table, &mut saving.at),
                TABLES => {
                    saving.table += 1;
                    return Some(Piece(self.rest()));
                }
                _ => return None,
            };
            match found {
                Some(copied) => return Some(Piece(copied)),
                None => *saving = Saving { table: saving.table + 1, at: 0 },
            }
        }
    }

    fn entries_of(&self, table: u8, at: &mut u64) -> Option<Copied> {
        let (entries, next) = self.indexes()[usize::from(table)].entries_from(*at, ENTRIES);
        *at = next;
        (!entries.is_empty()).then_some(Copied::Entries(table, entries))
    }

    fn things_of(&self, table: u8, at: &mut u64) -> Option<Copied> {
        let first = usize::try_from(*at).unwrap_or(usize::MAX);
        let (copied, end) = match table - INDEXES {
            0 => copied(self.outputs.slots_from(first, THINGS), Copied::Outputs),
            1 => copied(self.conversations.slots_from(first, THINGS), Copied::Conversations),
            2 => copied(self.runs.slots_from(first, THINGS), Copied::Runs),
            3 => copied(self.prompts.slots_from(first, THINGS), Copied::Prompts),
            _ => copied(self.agents.slots_from(first, THINGS), Copied::Agents),
        };
        *at = end? as u64;
        Some(copied)
    }

    fn rest(&self) -> Copied {
        let (call_ids, lines) = (self.call_ids.clone(), self.lines.clone());
        Copied::Rest { calls: self.calls, call_ids, lines, limits: self.limits }
    }

    /// The state from [`MARK`] and all pieces, one after the other. `None`: it is damaged, of a version that is not
    /// understood, or of an engine with other limits; inference then begins anew.
    pub fn load(mut from: impl Read, limits: Limits) -> Option<Self> {
        let mut mark = [0; MARK.len()];
        from.read_exact(&mut mark).ok()?;
        let mut engine = Self::new(limits);
        match mark {
            MARK => while !engine.take(postcard::from_bytes(&content(&mut from)?).ok()?)? {},
            older::MARK => engine.take_older(&mut from)?,
            _ => return None,
        }
        let is_at_end = from.read(&mut [0]).ok()? == 0;
        (is_at_end && engine.is_whole()).then_some(engine)
    }

    /// Whether this was the last piece. `None`: it does not fit, or is of an engine with other limits.
    fn take(&mut self, piece: Piece) -> Option<bool> {
        match piece.0 {
            Copied::Entries(table, entries) => {
                let mut indexes = self.indexes_mut();
                let index = indexes.get_mut(usize::from(table))?;
                entries.into_iter().for_each(|(key, value)| index.push(key, value));
            }
            Copied::Outputs(slots) => self.outputs.take_slots(slots)?,
            Copied::Conversations(slots) => self.conversations.take_slots(slots)?,
            Copied::Runs(slots) => self.runs.take_slots(slots)?,
            Copied::Prompts(slots) => self.prompts.take_slots(slots)?,
            Copied::Agents(slots) => self.agents.take_slots(slots)?,
            Copied::Rest { calls, call_ids, lines, limits } => {
                (self.calls, self.call_ids, self.lines) = (calls, call_ids, lines);
                let chose = self.runs.each().filter(|(_, run)| run.has_chosen());
                self.chosen_us = chose.map(|(_, run)| run.last_us).max().unwrap_or(self.chosen_us);
                return (limits == self.limits).then_some(true);
            }
        }
        Some(false)
    }

    fn indexes(&self) -> [&Index; INDEXES as usize] {
        [
            &self.tips,
            &self.texts,
            &self.marks,
            &self.ids,
            &self.starts,
            &self.connections,
            &self.prompt_keys,
            &self.agent_keys,
        ]
    }

    fn indexes_mut(&mut self) -> [&mut Index; INDEXES as usize] {
        [
            &mut self.tips,
            &mut self.texts,
            &mut self.marks,
            &mut self.ids,
            &mut self.starts,
            &mut self.connections,
            &mut self.prompt_keys,
            &mut self.agent_keys,
        ]
    }

    fn is_whole(&self) -> bool {
        self.conversations.is_whole()
            && self.runs.is_whole()
            && self.agents.is_whole()
            && self.prompts.is_whole()
            && self.outputs.is_whole()
            && self.lines.is_whole()
    }
}

fn copied<T>(slots: Slots<T>, piece: impl FnOnce(Slots<T>) -> Copied) -> (Copied, Option<usize>) {
    let end = slots.end();
    (piece(slots), end)
}
