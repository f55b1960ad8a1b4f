//! What in an arriving call was seen before: ids, produced texts whole or in part, the same beginning.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::ids::{ids_in, told_ids};
use super::place::Reading;
use super::start;
use super::{Engine, INPUT};
use crate::code;
use crate::hash;
use crate::internal::Internal;
use crate::message::{Message, Role};
use crate::naming::canonical;
use crate::print::{self, Print};

/// Shortest text, in letters, that is looked up whole.
const SHORTEST_TEXT_LETTERS: u32 = 3;
/// A short line in a longer text that is looked up by itself.
const LONGEST_LINE_LETTERS: u32 = 48;
const MOST_LINES: usize = 60;
/// How a block of memories begins.
const MEMORIES: [&[u8]; 4] = [
    b"# Memories from past conversations",
    b"Existing similar memories:",
    b"<memories_from_previous_interactions>",
    b"<existing_memories>",
];
static MEMORY_FINDERS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| MEMORIES.map(Finder::new));
const MOST_TWINS: usize = 64;
/// Conversations with the same first words that are looked at.
const MOST_BEGINNINGS: usize = 40;
/// A task of so few words is in other texts by chance.
const SHORT_TASK_LETTERS: u32 = 16;
/// How much a text counts that was given to a tool with the caller's own name.
const CALLED_ALIKE: f32 = 0.85;
/// Letters by which the beginning of a long answer is known, and how much such a beginning counts.
pub(super) const BEGINNING_LETTERS: u32 = 56;
const BEGINS_SO: f32 = 0.8;
/// Keys of beginnings, told from those of whole texts.
pub(super) const BEGINNING: u64 = 91;

/// A produced text that turned up.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) output: u32,
    pub(super) conversation: u32,
    /// Key of the text: twins of it have the same.
    pub(super) key: u64,
    /// 0 to 1: how much of it is there, and how much that says.
    pub(super) weight: f32,
    /// It was given to a tool.
    pub(super) to_tool: bool,
    /// The tool hands work over.
    pub(super) handed: bool,
    /// Nobody produced it: it was the input of another call.
    pub(super) input: bool,
    /// The message is nothing but this text.
    pub(super) whole: bool,
    /// Agents that took it up before.
    pub(super) taken: u64,
    pub(super) call: u64,
    /// The speaker's name on the message that holds it.
    pub(super) said_by: Option<String>,
    /// It is all that a tool told: id of the tool call.
    pub(super) told_for: Option<Box<str>>,
}

impl Piece {
    /// It turned up once more.
    fn is_also(&mut self, weight: f32, whole: bool) {
        self.weight = self.weight.max(weight);
        self.whole |= whole;
    }
}

/// The agent's own earlier words in a history.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) conversation: u32,
    pub(super) weight: f32,
}

#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) pieces: Vec<Piece>,
    pub(super) own: Vec<Own>,
    /// Conversations with an id that is in this history, and in how many others it is too.
    pub(super) ids: Vec<(u32, f32)>,
    /// Key of the first thing a user says; 0 when nobody says anything.
    pub(super) start: u64,
    /// Key of what that is about, 0 when it is no order to do something with a text.
    material: u64,
    /// Conversations that began with the same words of a user.
    pub(super) beginnings: Vec<u32>,
    /// Conversations whose words carry a name in this history.
    pub(super) signed: Vec<(u32, String)>,
}

impl Evidence {
    /// What another conversation of the same beginning is found by.
    pub(super) fn starts(&self) -> impl Iterator<Item = u64> + use<> {
        [self.start, self.material].into_iter().filter(|start| *start != 0)
    }
}

impl Engine {
    /// What is new in a conversation that goes on: what tools and others told it, and who signed what.
    pub(super) fn news(&mut self, reading: &Reading<'_>) -> Evidence {
        let mut evidence = Evidence::default();
        let scope = reading.arrival.scope;
        for message in &reading.messages {
            match (message.role, &message.name) {
                (Role::Assistant, None) => self.observed(scope, message, &mut evidence),
                (Role::Assistant, Some(_)) => self.own_words(scope, message, &mut evidence),
                _ => {
                    for text in &message.texts {
                        self.produced(scope, text, message.name.as_deref(), &mut evidence);
                    }
                    self.told_by_tools(scope, message, &mut evidence);
                }
            }
        }
        evidence
    }

    pub(super) fn evidence(&mut self, reading: &Reading<'_>) -> Evidence {
        let mut evidence = Evidence::default();
        let said = start::place(&reading.messages);
        let mut begins = None;
        let scope = reading.arrival.scope;
        for id in reading.messages.iter().flat_map(ids_in) {
            self.take_id(scope, id, &mut evidence);
        }
        for id in reading.messages.iter().flat_map(told_ids) {
            self.take_given_id(scope, id, &mut evidence);
        }
        for raw in [reading.arrival.fields.previous_response_id, reading.arrival.fields.conversation] {
            let id = crate::json::text(raw).or_else(|| crate::json::member_text(raw, "id"));
            if let Some(id) = id {
                self.take_id(scope, &id, &mut evidence);
            }
        }
        for (place, message) in reading.messages.iter().enumerate() {
            match message.role {
                Role::Assistant => {
                    self.own_words(scope, message, &mut evidence);
                    self.observed(scope, message, &mut evidence);
                }
                Role::User | Role::System => {
                    for text in &message.texts {
                        let print = self.produced(scope, text, message.name.as_deref(), &mut evidence);
                        // A long text is printed once.
                        if said == Some(place) && message.texts.len() == 1 {
                            begins = print.map(|print| print.key);
                        }
                    }
                    self.told_by_tools(scope, message, &mut evidence);
                }
                Role::Tool => self.told_by_tools(scope, message, &mut evidence),
            }
        }
        if reading.messages.is_empty() {
            // A framework's own call may be one system prompt with the talk in it.
            for text in reading.history.leading.iter().flat_map(|raw| crate::message::read(raw, 0).texts) {
                self.produced(scope, &text, None, &mut evidence);
            }
        }
        if reading.internal == Some(Internal::Embedding) {
            // Two lookups of one text have nothing else in common.
            evidence.pieces.retain(|piece| !piece.input);
        }
        self.called_alike(reading, &mut evidence);
        evidence.start = begins.unwrap_or_else(|| start::key(reading));
        evidence.material = start::material_key(reading);
        for start in evidence.starts() {
            let found = self.starts.get(hash::join(scope, start)).take(MOST_BEGINNINGS);
            evidence.beginnings.extend(found.map(|number| self.conversations.current(number)));
        }
        evidence.beginnings.dedup();
        evidence
    }

    /// What a tool told, where a client writes it behind the words that asked for it.
    fn observed(&mut self, scope: u64, message: &Message<'_>, evidence: &mut Evidence) {
        for told in message.texts.iter().filter_map(|text| code::observation(text)) {
            self.produced(scope, told, None, evidence);
        }
    }

    /// Work given to a tool that is called like the caller is the caller's, however few words it has.
    fn called_alike(&self, reading: &Reading<'_>, evidence: &mut Evidence) {
        let Some(prompt) = self.prompts.get(reading.prompt) else { return };
        let holder = self.agents.get(prompt.agent).filter(|holder| holder.named.rule != "prompt");
        let Some(named) = prompt.named.as_ref().or(holder.map(|holder| &holder.named)) else { return };
        let name = canonical(&named.name);
        for piece in evidence.pieces.iter_mut().filter(|piece| piece.to_tool && piece.weight < CALLED_ALIKE) {
            let output = self.outputs.get(piece.output);
            let short = output.filter(|output| output.letters < SHORT_TASK_LETTERS);
            let called = short.and_then(|output| output.target.as_deref().or(output.hint.as_deref()));
            if called.is_some_and(|called| canonical(called) == name) {
                piece.weight = CALLED_ALIKE;
            }
        }
    }

    /// A tool that repeats what it was asked says nothing; one that says what another agent answered does.
    fn told_by_tools(&mut self, scope: u64, message: &Message<'_>, evidence: &mut Evidence) {
        for result in &message.results {
            let mut told = Evidence::default();
            self.produced(scope, &result.text, message.name.as_deref(), &mut told);
            for mut piece in told.pieces.into_iter().filter(|piece| !piece.to_tool) {
                piece.told_for = Some(result.id.as_ref().into()).filter(|_| piece.whole && !piece.input);
                match evidence.pieces.iter_mut().find(|known| known.output == piece.output) {
                    // Another tool may have said some of it in the same words.
                    Some(known) => {
                        known.is_also(piece.weight, piece.whole);
                        known.told_for = known.told_for.take().or(piece.told_for);
                    }
                    None => evidence.pieces.push(piece),
                }
            }
        }
    }

    fn take_id(&self, scope: u64, id: &str, evidence: &mut Evidence) {
        self.take_holders(hash::join(scope, hash::bytes(21, id.as_bytes())), evidence);
    }

    /// An id that stands in a text counts only as that of a tool call which a provider made.
    fn take_given_id(&self, scope: u64, id: &str, evidence: &mut Evidence) {
        self.take_holders(hash::join(scope, hash::bytes(22, id.as_bytes())), evidence);
    }

    fn take_holders(&self, key: u64, evidence: &mut Evidence) {
        let mut holders: Vec<u32> = self
            .ids
            .get(key)
            .map(|number| self.conversations.current(number))
            .filter(|number| *number != 0)
            .collect();
        holders.sort_unstable();
        holders.dedup();
        let share = 1.0 / holders.len().max(1) as f32;
        for holder in holders {
            match evidence.ids.iter_mut().find(|(number, _)| *number == holder) {
                Some((_, weight)) => *weight += share,
                None => evidence.ids.push((holder, share)),
            }
        }
    }

    /// The caller's own answers in its history, by their words or by the ids of the tools they asked for.
    fn own_words(&mut self, scope: u64, message: &Message<'_>, evidence: &mut Evidence) {
        let text = crate::message::whole_text(message);
        let print = print::of(&text);
        if print.letters >= SHORTEST_TEXT_LETTERS {
            let found: Vec<u32> = self.texts.get(hash::join(scope, print.key)).take(MOST_TWINS).collect();
            for number in found {
                let Some(output) = self.outputs.get(number) else { continue };
                if output.tool != 0 {
                    continue;
                }
                let weight = if print.letters >= 16 { 2.0 } else { 1.0 };
                add_own(evidence, self.conversations.current(output.conversation), weight);
                // Another agent's words may stand in an assistant's message too, with its name.
                if let Some(name) = message.name.as_deref() {
                    self.push_piece(number, 0.9, true, Some(name), evidence);
                }
            }
        }
        if !text.is_empty() {
            self.quoted_own_words(scope, &text, evidence);
        }
        let asked = message.calls.iter().map(|call| call.id.as_ref()).chain(told_ids(message));
        for id in asked.filter(|id| !id.is_empty()) {
            let key = hash::join(scope, hash::bytes(22, id.as_bytes()));
            for number in self.ids.get(key).take(MOST_TWINS) {
                let asker = self.conversations.current(number);
                add_own(evidence, asker, 3.0);
                if let Some(name) = message.name.as_deref() {
                    evidence.signed.push((asker, name.to_owned()));
                }
            }
        }
    }

    /// Clients cut an answer, or write what a tool said behind it.
    fn quoted_own_words(&mut self, scope: u64, text: &str, evidence: &mut Evidence) {
        let mut marks = std::mem::take(&mut self.scratch);
        marks.clear();
        print::with_marks(text, &mut marks);
        let mut found = Evidence::default();
        self.take_marks(scope, &marks, None, &mut found);
        self.scratch = marks;
        for piece in found.pieces.iter().filter(|piece| piece.weight >= 0.8 && !piece.to_tool && !piece.input)
        {
            if !evidence.own.iter().any(|own| own.conversation == piece.conversation) {
                add_own(evidence, piece.conversation, 2.0);
            }
        }
    }

    /// Texts that models produced, in a text of somebody else. Returns the print of the text, when all of it was read.
    fn produced(
        &mut self,
        scope: u64,
        text: &str,
        name: Option<&str>,
        evidence: &mut Evidence,
    ) -> Option<Print> {
        let whole_bytes = text.len();
        let text = without_memories(text);
        let mut marks = std::mem::take(&mut self.scratch);
        marks.clear();
        let print = print::with_marks(text, &mut marks);
        if print.letters >= SHORTEST_TEXT_LETTERS {
            let weight = if print.letters >= 12 { 1.0 } else { 0.5 };
            self.take_text(scope, print.key, weight, true, name, evidence);
        }
        for line in lines(text).take(MOST_LINES) {
            self.take_beginning(scope, line, name, evidence);
        }
        let several = memchr::memchr(b'\n', text.as_bytes()).is_some();
        for line in lines(text).take(MOST_LINES) {
            // `Current Task: Write the report.`: what stands behind a label is looked up too.
            for part in [Some(line).filter(|_| several), behind_label(line)].into_iter().flatten() {
                let part = print::of_short(part, LONGEST_LINE_LETTERS);
                if let Some(part) = part.filter(|part| part.letters >= SHORTEST_TEXT_LETTERS) {
                    let weight = if part.letters >= 12 { 0.9 } else { 0.4 };
                    self.take_text(scope, part.key, weight, false, name, evidence);
                }
            }
        }
        self.take_marks(scope, &marks, name, evidence);
        self.scratch = marks;
        (text.len() == whole_bytes).then_some(print)
    }

    /// A line that begins as one answer did and no other: clients hand on only the beginning of a long one.
    fn take_beginning(&self, scope: u64, line: &str, name: Option<&str>, evidence: &mut Evidence) {
        let Some(key) = print::of_beginning(line, BEGINNING_LETTERS) else { return };
        let mut found = self.texts.get(hash::join(scope, hash::join(key, BEGINNING))).take(MOST_TWINS);
        let Some(number) = found.next() else { return };
        let said = |number: u32| self.outputs.get(number).map(|output| output.key);
        if found.all(|other| said(other) == said(number)) {
            self.push_piece(number, BEGINS_SO, false, name, evidence);
        }
    }

    fn take_text(
        &self,
        scope: u64,
        key: u64,
        weight: f32,
        whole: bool,
        name: Option<&str>,
        evidence: &mut Evidence,
    ) {
        for number in self.texts.get(hash::join(scope, key)).take(MOST_TWINS) {
            self.push_piece(number, weight, whole, name, evidence);
        }
    }

    pub(super) fn push_piece(
        &self,
        number: u32,
        weight: f32,
        whole: bool,
        name: Option<&str>,
        evidence: &mut Evidence,
    ) {
        let Some(output) = self.outputs.get(number) else { return };
        if let Some(known) = evidence.pieces.iter_mut().find(|piece| piece.output == number) {
            known.is_also(weight, whole);
            return;
        }
        let conversation = self.conversations.current(output.conversation);
        if conversation == 0 || evidence.pieces.len() >= 4 * MOST_TWINS {
            return;
        }
        evidence.pieces.push(Piece {
            output: number,
            conversation,
            key: output.key,
            weight,
            to_tool: output.tool != 0 && output.tool != INPUT,
            handed: output.target.is_some(),
            input: output.tool == INPUT,
            whole,
            taken: output.taken,
            call: output.call,
            said_by: name.map(str::to_owned),
            told_for: None,
        });
    }
}

/// What stands before the memories that a framework adds to a message: they come from other runs.
fn without_memories(text: &str) -> &str {
    let cut = MEMORY_FINDERS.iter().filter_map(|opening| opening.find(text.as_bytes())).min();
    cut.map_or(text, |at| &text[..at])
}

/// The lines of a text. (`str::lines` looks at byte after byte, and long texts come here.)
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match memchr::memchr(b'\n', text.as_bytes()) {
            Some(at) => {
                rest = Some(&text[at + 1..]);
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text).filter(|text| !text.is_empty())
            }
        }
    })
}

/// What stands behind the first colon that a blank follows.
fn behind_label(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    let at = memchr::memchr_iter(b':', bytes).find(|at| bytes.get(at + 1) == Some(&b' '))?;
    Some(&line[at + 2..])
}

fn add_own(evidence: &mut Evidence, conversation: u32, weight: f32) {
    if conversation == 0 {
        return;
    }
    match evidence.own.iter_mut().find(|own| own.conversation == conversation) {
        Some(own) => own.weight += weight,
        None => evidence.own.push(Own { conversation, weight }),
    }
}
