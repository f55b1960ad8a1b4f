//! A call is answered: what the model said and asked for may turn up in other calls.

use super::edges::{SAID_BY_ROUTER, SAID_BY_TOOL};
use super::evidence::{BEGINNING, BEGINNING_LETTERS};
use super::ids::is_distinctive;
use super::place::Reading;
use super::twins::key_of;
use super::{CallNumber, Edge, Engine, INPUT, Output};
use crate::answer::{Answer, AskedTool};
use crate::handover::Passing;
use crate::internal::Internal;
use crate::naming::canonical;
use crate::print::Print;
use crate::{code, handover, hash, json, print};

/// Pieces of a produced text that are indexed.
const MOST_MARKS: usize = 20;
/// Shortest argument, in letters, that is taken for a task.
const SHORTEST_TASK_LETTERS: u32 = 4;
const MOST_ARGUMENTS: usize = 8;
/// Texts in an answer that is JSON, and the shortest one that is kept.
const MOST_STRINGS: usize = 16;
const SHORTEST_STRING_LETTERS: u32 = 10;
/// Tools by which an agent gives its last answer: what they get are its own words.
const LAST_WORDS: [&str; 9] = [
    "final_answer",
    "final_result",
    "finish",
    "submit",
    "submit_answer",
    "complete_task",
    "attempt_completion",
    "task_complete",
    "respond",
];
/// Names a handing agent remembers.
const MOST_HANDED: usize = 32;
/// Longest answer of a selector that is taken for a name.
const LONGEST_CHOICE_BYTES: usize = 64;

/// The target of the answer's transfer.
fn passes_to(answer: &Answer) -> Option<Box<str>> {
    let handovers = answer.calls.iter().filter_map(|call| handover::of_call(&call.name, &call.arguments));
    let mut transfers = handovers.filter(|handover| handover.passing == Passing::Transfer);
    transfers.next().map(|handover| handover.target.into_boxed_str())
}

/// The items of an answer that is a list and nothing else, without their marks: each may be the next one's work.
fn list_items(answer: &str) -> impl Iterator<Item = &str> {
    let lines = || answer.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_list = lines().take(2).count() == 2 && lines().all(|line| list_item(line).is_some());
    lines().filter(move |_| is_list).filter_map(list_item)
}

/// `2. Paint the door`, `- Paint the door`: what stands behind the mark.
fn list_item(line: &str) -> Option<&str> {
    let mark = |c: char| c.is_ascii_digit() || matches!(c, '-' | '*' | '\u{2022}');
    let unmarked = line.trim_start_matches(mark);
    let item = unmarked.trim_start_matches(['.', ')']).trim_start();
    (unmarked.len() < line.len() && item.len() < unmarked.len()).then_some(item)
}

fn inner_values(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    json::members(value).map(|(_, inner)| inner).chain(json::elements(value).map(|(inner, _)| inner))
}

impl Engine {
    /// Takes the answer in. Returns the hand-overs that are in it.
    pub fn answered(&mut self, call: CallNumber, conversation: u32, answer: &Answer) -> Vec<Edge> {
        let Some(known) = self.conversations.get_mut(conversation) else { return Vec::new() };
        known.failed = answer.failed;
        if answer.failed {
            return Vec::new();
        }
        let scope = known.scope;
        let mut made = Output {
            conversation,
            call: call.0,
            key: 0,
            letters: 0,
            marks: 0,
            tool: 0,
            taken: 0,
            target: None,
            hint: None,
        };
        let words = self.produce(scope, &answer.text, made.clone(), 3);
        let Some(known) = self.conversations.get_mut(conversation) else { return Vec::new() };
        known.last_answer = key_of(words, answer.calls.iter().map(|call| call.id.as_str()));
        known.last_call = call.0;
        let asked = |tool: &AskedTool| hash::join(known.scope, hash::bytes(22, tool.id.as_bytes()));
        known.last_asked = answer.calls.first().map_or(0, asked);
        known.last_letters = words.letters;
        known.passes_to = passes_to(answer);
        let (passes, start) = (known.passes_to.is_some(), known.start);
        let (agent, internal, run) = (known.agent, known.internal.is_some(), known.run);
        let selects = known.internal == Some(Internal::Selector);
        let routed = handover::routed(&answer.text).filter(|_| !internal);
        self.note_choice(conversation, selects.then_some(answer.text.trim()), routed.as_ref());
        if passes {
            self.note_passer(run, conversation);
        }
        for id in
            answer.ids.iter().chain(answer.calls.iter().map(|call| &call.id)).filter(|id| is_distinctive(id))
        {
            self.ids.push(hash::join(scope, hash::bytes(21, id.as_bytes())), conversation);
        }
        if answer.text.trim_start().starts_with(['{', '[']) {
            let mut room = MOST_STRINGS;
            self.produce_strings(scope, answer.text.as_bytes(), &made, &mut room);
        }
        for item in list_items(&answer.text).take(MOST_STRINGS) {
            self.produce(scope, item, made.clone(), SHORTEST_STRING_LETTERS);
        }
        if let Some(words) = code::last_words(&answer.text) {
            self.produce(scope, words, made.clone(), 3);
        }
        for (tool, text) in code::calls(&answer.text) {
            let number = if LAST_WORDS.contains(&tool) { 0 } else { INPUT - 1 };
            let called = Output { tool: number, hint: Some(tool.into()), ..made.clone() };
            self.produce(scope, &text, called, SHORTEST_STRING_LETTERS);
        }
        let giver = self.giver(call.0, conversation);
        let mut edges: Vec<Edge> = Vec::new();
        edges.extend(routed.filter(|(_, hands)| *hands).map(|(target, _)| Edge {
            from: call,
            giver,
            target,
            conversation: None,
            passing: Passing::Transfer,
            rule: "tool",
            sure: SAID_BY_ROUTER,
        }));
        let written = code::action(&answer.text).map(|(tool, arguments)| AskedTool {
            name: tool.to_owned(),
            arguments: arguments.to_owned(),
            ..AskedTool::default()
        });
        for (index, tool) in answer.calls.iter().chain(&written).enumerate() {
            if is_distinctive(&tool.id) {
                self.ids.push(hash::join(scope, hash::bytes(22, tool.id.as_bytes())), conversation);
            }
            let handover = handover::of_call(&tool.name, &tool.arguments);
            let last = LAST_WORDS.contains(&tool.name.as_str());
            made.tool = if last { 0 } else { u8::try_from(index + 1).unwrap_or(INPUT - 1) };
            made.target = handover.as_ref().map(|handover| handover.target.clone().into_boxed_str());
            let hint = handover::hint(&tool.arguments);
            let hint = hint.or_else(|| handover::name_in_tool(&tool.name).map(str::to_owned));
            made.hint = hint.map(String::into_boxed_str);
            let mut room = MOST_ARGUMENTS;
            self.produce_tasks(scope, tool.arguments.as_bytes(), &made, start, &mut room);
            if let Some(handover) = handover.filter(|_| !internal) {
                self.note_handed(agent, &handover.target);
                edges.push(Edge {
                    from: call,
                    giver,
                    target: handover.target,
                    conversation: None,
                    passing: handover.passing,
                    rule: "tool",
                    sure: SAID_BY_TOOL,
                });
            }
        }
        edges
    }

    /// The answer says who speaks next.
    fn note_choice(&mut self, conversation: u32, selected: Option<&str>, routed: Option<&(String, bool)>) {
        let selected = selected.filter(|name| !name.is_empty() && name.len() <= LONGEST_CHOICE_BYTES);
        let Some(name) = routed.map(|(name, _)| name.as_str()).or(selected) else { return };
        let Some(known) = self.conversations.get(conversation) else { return };
        self.chosen_us = self.chosen_us.max(known.last_us);
        let (run, start) = (known.run, known.start);
        self.note_chosen(run, name, start);
    }

    /// Texts given to a tool, also those inside of lists and objects. What the user asked, and the name of whom the tool
    /// asks, give nobody a task.
    fn produce_tasks(&mut self, scope: u64, value: &[u8], made: &Output, start: u64, room: &mut usize) {
        for inner in inner_values(value) {
            if *room == 0 {
                return;
            }
            match inner.first() {
                Some(b'"') => {
                    *room -= 1;
                    let names = |text: &str| made.target.as_deref().or(made.hint.as_deref()) == Some(text);
                    let text = json::text(inner).filter(|text| !names(text));
                    if let Some(text) = text.filter(|text| print::of(text).key != start) {
                        self.produce(scope, &text, made.clone(), SHORTEST_TASK_LETTERS);
                    }
                }
                Some(b'{' | b'[') => self.produce_tasks(scope, inner, made, start, room),
                _ => {}
            }
        }
    }

    /// An answer that is JSON: each text in it may turn up by itself.
    fn produce_strings(&mut self, scope: u64, value: &[u8], made: &Output, room: &mut usize) {
        for inner in inner_values(value) {
            if *room == 0 {
                return;
            }
            match inner.first() {
                Some(b'"') => {
                    *room -= 1;
                    if let Some(text) = json::text(inner) {
                        self.produce(scope, &text, made.clone(), SHORTEST_STRING_LETTERS);
                    }
                }
                Some(b'{' | b'[') => self.produce_strings(scope, inner, made, room),
                _ => {}
            }
        }
    }

    /// The input of a framework's own call: the call it serves may hold the same text.
    pub(super) fn index_inputs(&mut self, reading: &Reading<'_>, conversation: u32, call: CallNumber) {
        let scope = reading.arrival.scope;
        for text in reading.messages.iter().flat_map(|message| &message.texts).take(MOST_STRINGS) {
            let made = Output {
                conversation,
                call: call.0,
                key: 0,
                letters: 0,
                marks: 0,
                tool: INPUT,
                taken: 0,
                target: None,
                hint: None,
            };
            self.produce(scope, text, made, SHORTEST_STRING_LETTERS);
        }
    }

    fn produce(&mut self, scope: u64, text: &str, made: Output, shortest: u32) -> Print {
        let mut marks = std::mem::take(&mut self.scratch);
        marks.clear();
        let print = print::with_marks(text, &mut marks);
        if print.letters >= shortest {
            let made_tool = made.tool;
            print::choose(&mut marks, MOST_MARKS);
            let count = u8::try_from(marks.len()).unwrap_or(u8::MAX);
            let number =
                self.outputs.add(Output { key: print.key, letters: print.letters, marks: count, ..made });
            self.texts.push(hash::join(scope, print.key), number);
            if made_tool == 0
                && let Some(key) = print::of_beginning(text, BEGINNING_LETTERS)
            {
                self.texts.push(hash::join(scope, hash::join(key, BEGINNING)), number);
            }
            for mark in &marks {
                self.marks.push(hash::join(scope, *mark), number);
            }
        }
        self.scratch = marks;
        print
    }

    fn note_handed(&mut self, agent: u32, target: &str) {
        let name = hash::bytes(42, canonical(target).as_bytes());
        if let Some(agent) = self.agents.get_mut(agent)
            && agent.handed_to.len() < MOST_HANDED
            && !agent.handed_to.contains(&name)
        {
            agent.handed_to.push(name);
        }
    }
}
