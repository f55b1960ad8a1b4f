//! The state of inference and the two things that change it: a call arrives, a call is answered.

mod active;
mod agents;
mod answered;
mod asked;
mod edges;
mod evidence;
mod heard;
mod ids;
mod learned;
mod lines;
mod marks;
mod place;
mod prompts;
mod runs;
mod start;
mod state;
mod told;
mod transfers;
mod twins;
mod unite;
mod view;

use serde::{Deserialize, Serialize};

use crate::arena::Arena;
use crate::framework::Framework;
use crate::hash;
use crate::index::Index;
use crate::internal::Internal;
use crate::naming::Named;
use crate::request::{Fields, Operation};
use crate::soft::Soft;
use crate::word::Rule;

pub use edges::{Edge, Giver};
pub use learned::{Learned, named_fingerprint};
pub use state::{MARK, Piece, Saving};
pub(crate) use state::{content, write_piece};
pub(crate) use twins::key_of;
pub use view::{View, percent};

/// Number of a call within the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallNumber(pub u64);

/// Calls of different scopes never meet: one scope for each key of each team.
pub fn scope(team: &[u8], key: &[u8]) -> u64 {
    hash::join(hash::bytes(1, team), hash::bytes(2, key))
}

/// How much is remembered. The newest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub conversations: usize,
    pub runs: usize,
    pub agents: usize,
    pub prompts: usize,
    pub outputs: usize,
    /// Entries of the index of histories; a call adds a few.
    pub tips: usize,
    /// Entries of the index of pieces of text.
    pub marks: usize,
    pub texts: usize,
    pub ids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            conversations: 110_000,
            runs: 110_000,
            agents: 16_384,
            prompts: 2_048,
            outputs: 65_536,
            tips: 1 << 18,
            marks: 1 << 19,
            texts: 1 << 18,
            ids: 1 << 17,
        }
    }
}

/// A call as it arrives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrival<'a> {
    pub scope: u64,
    /// What the caller of the engine knows the call by, anywhere and for ever, e.g. a hash of its span id. 0: nothing.
    pub id: u64,
    pub at_us: i64,
    /// The client's connection, e.g. a hash of its address and port. 0: unknown.
    pub connection: u64,
    pub operation: Operation,
    pub user_agent: &'a str,
    /// How often the client has sent this call before, when it says so.
    pub retry: Option<u32>,
    /// The trace that the caller stated.
    pub stated_trace: Option<[u8; 16]>,
    /// The agent that the caller stated.
    pub stated_agent: Option<&'a str>,
    /// The end user that the caller stated, as a hash. 0: none.
    pub stated_user: u64,
    /// The session that a coding agent stated, and the one that started it ([`crate::sessions`]). 0: none.
    pub sessions: [u64; 2],
    /// The trace of a run that begins with this call, when nobody stated one.
    pub fresh_trace: [u8; 16],
    pub fields: Fields<'a>,
}

/// What was found about a call when it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub call: CallNumber,
    /// The conversation's number in the engine: asks for a [`View`].
    pub conversation: u32,
    /// Hand-overs that are known only now, because the one who took over appeared.
    pub edges: Vec<Edge>,
    /// What this call showed about calls that came before.
    pub learned: Vec<Learned>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Conversation {
    scope: u64,
    /// The id of its first call: the conversation's own, anywhere and for ever.
    id: u64,
    run: u32,
    agent: u32,
    prompt: u32,
    parent: u32,
    connection: u64,
    last_us: i64,
    /// Fingerprint of the history of its last call.
    tip: u64,
    /// Key of the last answer; 0: unknown. And how many letters it has, when it is words.
    last_answer: u64,
    last_letters: u32,
    /// Length of the history it began with: what stood there before is no sign of it.
    born_bytes: u32,
    /// Key of the first thing a user says in it.
    start: u64,
    calls: u32,
    /// Whom its last answer gives the word, as its tool calls it, and the number of that call.
    passes_to: Option<Box<str>>,
    last_call: u64,
    /// Key of the first tool call of its last answer; 0: it asked for none.
    last_asked: u64,
    /// How often its last step was sent.
    tries: u32,
    internal: Option<Internal>,
    /// Its last call was not answered with success.
    failed: bool,
    /// Those who may have given it its task, while that is not known, each with the text they gave.
    askers: Option<Box<[(u32, u32)]>>,
    /// Why it is in its run, and how sure that is.
    rule: Rule,
    sure: f32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Run {
    trace: [u8; 16],
    stated: bool,
    started_us: i64,
    last_us: i64,
    /// The last connections its calls came on.
    connections: [u32; 4],
    /// How its conversations began, and the prompts in it: another run of the same program begins the same way.
    seen: Vec<u32>,
    framework: Option<Box<Framework>>,
    choice: Option<Box<heard::Choice>>,
    /// Conversations whose last answer gave the word away, the newest first; 0: none.
    passers: [u32; 3],
    /// The end user whom its calls stated; 0: none.
    user: u64,
    calls: u32,
    /// Traces of runs that turned out to be this one.
    absorbed: Box<[[u8; 16]]>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Agent {
    scope: u64,
    fingerprint: u64,
    named: Named,
    /// Hashes of the names it handed over to: it is none of them.
    handed_to: Vec<u64>,
    /// The prompt by which it is known; 0: none.
    prompt: u32,
    framework: Option<Framework>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Prompt {
    scope: u64,
    soft: Soft,
    /// Words of the task that came with it first.
    task: Box<[u32]>,
    /// Soft key of the first prompt of its template.
    family: u64,
    /// A prompt that this one may be another rendering of, until that is settled.
    like: u32,
    named: Option<Named>,
    generated: String,
    framework: Option<Framework>,
    internal: Option<Internal>,
    /// The agent that unnamed callers with this prompt are.
    agent: u32,
    /// More than one agent has it.
    shared: bool,
}

/// The tool number of a text that was the input of a framework's own call.
const INPUT: u8 = u8::MAX;

/// A text that a model produced and that may turn up in another call.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Output {
    conversation: u32,
    call: u64,
    key: u64,
    letters: u32,
    marks: u8,
    /// Index of the tool that got it, plus one; 0: it is the answer's own text.
    tool: u8,
    /// Agents that took it up, one bit each.
    taken: u64,
    /// Whom the tool hands over to.
    target: Option<Box<str>>,
    /// What another argument of the tool calls the one who gets the text.
    hint: Option<Box<str>>,
}

/// The engine. See the crate's first lines.
#[derive(Debug)]
pub struct Engine {
    conversations: Arena<Conversation>,
    runs: Arena<Run>,
    agents: Arena<Agent>,
    prompts: Arena<Prompt>,
    outputs: Arena<Output>,
    /// History fingerprint to conversation.
    tips: Index,
    /// Key of a produced text to output.
    texts: Index,
    /// Piece of a produced text to output.
    marks: Index,
    /// Ids given by providers and first messages of users, to conversation.
    ids: Index,
    starts: Index,
    /// Connection, and scope alone, to conversation.
    connections: Index,
    /// Fingerprint of a system prompt as written, and its soft key, to prompt.
    prompt_keys: Index,
    /// Name or prompt to agent.
    agent_keys: Index,
    calls: u64,
    /// Ids of the last calls, each in the place of its number.
    call_ids: Vec<u64>,
    /// How far connections tell runs apart.
    lines: lines::Lines,
    /// When somebody last said who speaks next.
    chosen_us: i64,
    scratch: Vec<u64>,
    learned: Vec<Learned>,
    /// Hand-overs that this call showed to have happened before.
    shown: Vec<Edge>,
    limits: Limits,
}

impl Engine {
    pub fn new(limits: Limits) -> Self {
        Self {
            conversations: Arena::new(limits.conversations),
            runs: Arena::new(limits.runs),
            agents: Arena::new(limits.agents),
            prompts: Arena::new(limits.prompts),
            outputs: Arena::new(limits.outputs),
            tips: Index::new(limits.tips),
            texts: Index::new(limits.texts),
            marks: Index::new(limits.marks),
            ids: Index::new(limits.ids),
            starts: Index::new(limits.ids),
            connections: Index::new(limits.ids),
            prompt_keys: Index::new(limits.prompts * 4),
            agent_keys: Index::new(limits.agents * 2),
            calls: 0,
            call_ids: Vec::new(),
            lines: lines::Lines::default(),
            chosen_us: i64::MIN / 2,
            scratch: Vec::new(),
            learned: Vec::new(),
            shown: Vec::new(),
            limits,
        }
    }

    /// Memory that the engine holds, by the size of its tables.
    pub fn bytes(&self) -> usize {
        let tables = [&self.tips, &self.texts, &self.marks, &self.ids, &self.starts, &self.connections];
        let keys = self.prompt_keys.bytes() + self.agent_keys.bytes();
        let indexes: usize = tables.iter().map(|index| index.bytes()).sum();
        let words: usize =
            self.prompts.each().map(|(_, prompt)| prompt.soft.words.len() * 4 + prompt.generated.len()).sum();
        let starts: usize = self
            .runs
            .each()
            .map(|(_, run)| {
                run.seen.capacity() * 4
                    + run.choice.as_ref().map_or(0, |choice| choice.bytes())
                    + run.absorbed.len() * 16
                    + run.framework.as_ref().map_or(0, |_| size_of::<Framework>())
            })
            .sum();
        let names: usize =
            self.agents.each().map(|(_, agent)| agent.named.name.len() + agent.handed_to.len() * 8).sum();
        indexes
            + self.call_ids.capacity() * 8
            + self.lines.bytes()
            + keys
            + words
            + starts
            + names
            + self.conversations.bytes()
            + self.runs.bytes()
            + self.agents.bytes()
            + self.prompts.bytes()
            + self.outputs.bytes()
    }
}
