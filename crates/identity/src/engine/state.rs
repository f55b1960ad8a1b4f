//! The engine's memory as bytes, so that a restart does not forget the conversations that are open.
//!
//! It is written in parts, one table each, so that calls wait for the copy of one table at a time and nobody ever holds the
//! whole twice. What points comes before what it points to: a part that was copied earlier never names a thing that a later
//! part does not know yet.

use serde::{Deserialize, Serialize};

use super::{Agent, Conversation, Engine, Limits, Output, Prompt, Run};
use crate::arena::Arena;
use crate::hash;
use crate::index::Index;

/// First bytes of a saved state. The last one counts versions: a state of another version is not read.
pub const MARK: [u8; 8] = *b"aop-id\0\x05";
/// Before each part: its length and the hash of its content.
const HEADER_BYTES: usize = 16;

/// A copy of one table, which can be written down while the engine goes on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part(Copied);

#[derive(Debug, Serialize, Deserialize)]
enum Copied {
    Tips(Index),
    Texts(Index),
    Marks(Index),
    Ids(Index),
    Starts(Index),
    Connections(Index),
    PromptKeys(Index),
    AgentKeys(Index),
    Outputs(Arena<Output>),
    Conversations(Arena<Conversation>),
    Runs(Arena<Run>),
    Prompts(Arena<Prompt>),
    Agents(Arena<Agent>),
    Rest { calls: u64, call_ids: Vec<u64>, connection_right: f32, connection_all: f32, limits: Limits },
}

impl Part {
    /// The part as bytes. `None`: it cannot be written, which only a lack of memory explains.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = postcard::to_extend(self, vec![0; HEADER_BYTES]).ok()?;
        let content = bytes.split_off(HEADER_BYTES);
        bytes.clear();
        bytes.extend_from_slice(&u64::try_from(content.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(&hash::bytes(0, &content).to_le_bytes());
        bytes.extend_from_slice(&content);
        Some(bytes)
    }

    /// The first part in `bytes`, and what stands behind it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        let (content, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        (hash::bytes(0, content) == u64::from_le_bytes(*sum)).then_some(())?;
        Some((postcard::from_bytes(content).ok()?, rest))
    }
}

impl Engine {
    /// A copy of part `number`, counted from 0; `None` behind the last. To be asked for in order.
    pub fn part(&self, number: usize) -> Option<Part> {
        Some(Part(match number {
            0 => Copied::Tips(self.tips.clone()),
            1 => Copied::Texts(self.texts.clone()),
            2 => Copied::Marks(self.marks.clone()),
            3 => Copied::Ids(self.ids.clone()),
            4 => Copied::Starts(self.starts.clone()),
            5 => Copied::Connections(self.connections.clone()),
            6 => Copied::PromptKeys(self.prompt_keys.clone()),
            7 => Copied::AgentKeys(self.agent_keys.clone()),
            8 => Copied::Outputs(self.outputs.clone()),
            9 => Copied::Conversations(self.conversations.clone()),
            10 => Copied::Runs(self.runs.clone()),
            11 => Copied::Prompts(self.prompts.clone()),
            12 => Copied::Agents(self.agents.clone()),
            13 => Copied::Rest {
                calls: self.calls,
                call_ids: self.call_ids.clone(),
                connection_right: self.connection_right,
                connection_all: self.connection_all,
                limits: self.limits,
            },
            _ => return None,
        }))
    }

    /// The state from [`MARK`] and all parts, one after the other. `None`: the bytes are damaged, of another version, or of
    /// an engine with other limits; inference then begins anew.
    pub fn load(bytes: &[u8], limits: Limits) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MARK)?;
        let mut engine = Self::new(limits);
        let mut number = 0;
        while !rest.is_empty() {
            let (part, behind) = Part::read(rest)?;
            engine.take(number, part)?;
            rest = behind;
            number += 1;
        }
        (engine.part(number).is_none() && engine.is_whole()).then_some(engine)
    }

    /// `None`: this is not part `number`, or it is of an engine with other limits.
    fn take(&mut self, number: usize, part: Part) -> Option<()> {
        match (number, part.0) {
            (0, Copied::Tips(index)) => self.tips = index,
            (1, Copied::Texts(index)) => self.texts = index,
            (2, Copied::Marks(index)) => self.marks = index,
            (3, Copied::Ids(index)) => self.ids = index,
            (4, Copied::Starts(index)) => self.starts = index,
            (5, Copied::Connections(index)) => self.connections = index,
            (6, Copied::PromptKeys(index)) => self.prompt_keys = index,
            (7, Copied::AgentKeys(index)) => self.agent_keys = index,
            (8, Copied::Outputs(arena)) => self.outputs = arena,
            (9, Copied::Conversations(arena)) => self.conversations = arena,
            (10, Copied::Runs(arena)) => {
                let chose = arena.each().filter(|(_, run)| run.chosen.is_some()).map(|(_, run)| run.last_us);
                self.chosen_us = chose.max().unwrap_or(self.chosen_us);
                self.runs = arena;
            }
            (11, Copied::Prompts(arena)) => self.prompts = arena,
            (12, Copied::Agents(arena)) => self.agents = arena,
            (13, Copied::Rest { calls, call_ids, connection_right, connection_all, limits })
                if limits == self.limits =>
            {
                self.calls = calls;
                self.call_ids = call_ids;
                self.connection_right = connection_right;
                self.connection_all = connection_all;
            }
            _ => return None,
        }
        Some(())
    }

    fn is_whole(&self) -> bool {
        let indexes = [
            &self.tips,
            &self.texts,
            &self.marks,
            &self.ids,
            &self.starts,
            &self.connections,
            &self.prompt_keys,
            &self.agent_keys,
        ];
        indexes.into_iter().all(Index::is_whole)
            && self.conversations.is_whole()
            && self.runs.is_whole()
            && self.agents.is_whole()
            && self.prompts.is_whole()
            && self.outputs.is_whole()
    }
}
