//! A call arrives: the conversation it goes on with is found, or a new one is placed in a run.

use super::evidence::Evidence;
use super::ids::ids_in;
use super::twins::Twin;
use super::{Arrival, CallNumber, Conversation, Edge, Engine, Placed};
use crate::handover;
use crate::hash;
use crate::history::History;
use crate::internal::{self, Internal};
use crate::message::{Message, Role};
use crate::naming::canonical;
use crate::word::Rule;

/// Ends of messages that are remembered of each call: clients mark their last messages and unmark them later.
const REMEMBERED_ENDS: usize = 2;

/// What is read of an arriving call before anything is decided.
pub(super) struct Reading<'a> {
    pub(super) arrival: &'a Arrival<'a>,
    pub(super) history: History<'a>,
    pub(super) prompt: u32,
    /// The new messages, or all of an unknown history.
    pub(super) messages: Vec<Message<'a>>,
    /// The agent that has the word, as the history says.
    pub(super) has_word: Option<HasWord>,
    pub(super) internal: Option<Internal>,
}

/// The agent that has the word, as the history says.
#[derive(Debug)]
pub(super) struct HasWord {
    pub(super) name: String,
    /// The framework says so in words of its own; else a tool was called that passes the word on, and had a result.
    pub(super) told: bool,
    /// Id of the tool call that did it.
    pub(super) asked: String,
    /// Who says so, where that is signed: the one who had the word before.
    pub(super) by: Option<String>,
}

impl Engine {
    /// Finds out who makes this call.
    pub fn arrive(&mut self, arrival: &Arrival<'_>) -> Placed {
        self.calls += 1;
        let call = CallNumber(self.calls);
        self.note_call(arrival.id);
        let mut history = History::open(&arrival.fields);
        let prompt = self.prompt_of(arrival, &history);
        let known = self.longest_known(arrival.scope, &history);
        let messages = match known {
            Some((end, _)) => history.behind(end),
            None => history.take_whole(),
        };
        let mut reading =
            Reading { arrival, has_word: has_word(&messages), history, prompt, messages, internal: None };
        reading.internal = self.internal_of(&reading);
        self.believe_history(&mut reading, known);
        let mut twin = known.and_then(|(end, tip)| self.twin(&reading, end, tip));
        // Whoever counts tokens says nothing of whose turn it is.
        let goes_on = twin.as_ref().is_some_and(|found| {
            if found.same_agent {
                found.waiting && !reading.messages.is_empty()
            } else {
                !self.is_count(found.conversation)
            }
        });
        if let Some((end, _)) = known.filter(|_| !goes_on)
            && let Some((other, messages)) = self.waiting_before(&reading, end, twin.as_ref())
        {
            twin = Some(other);
            reading.messages = messages;
        }
        let told = self.told_handover(&reading);
        let (conversation, mut edges) = match twin {
            Some(twin) if twin.same_agent => (self.go_on(&reading, &twin), Vec::new()),
            twin => {
                if known.is_some() {
                    let was_read = reading.messages.is_empty();
                    reading.messages = reading.history.take_whole();
                    if was_read {
                        // Somebody else made the same request before.
                        reading.has_word = has_word(&reading.messages);
                    } else {
                        reading.internal = self.internal_of(&reading);
                    }
                }
                self.begin(&reading, twin.as_ref(), call)
            }
        };
        self.note_arrived(&reading);
        self.remember(&reading, conversation);
        self.note_heard(&reading, conversation);
        edges.extend(told.map(|edge| Edge { conversation: Some(conversation), ..edge }));
        edges.append(&mut self.shown);
        let learned = std::mem::take(&mut self.learned);
        Placed { call, conversation, edges, learned }
    }

    fn internal_of<'a>(&self, reading: &Reading<'a>) -> Option<Internal> {
        internal::of_operation(reading.arrival.operation)
            .or_else(|| self.prompts.get(reading.prompt).and_then(|prompt| prompt.internal))
            .or_else(|| reading.arrival.fields.schema_name().and_then(|name| internal::of_schema(&name)))
            .or_else(|| {
                let known = reading.messages.is_empty().then(|| reading.history.first_and_last()).flatten();
                let (first, last) = match (&known, reading.messages.as_slice()) {
                    (Some((first, last)), _) => (first, last.as_ref()),
                    (None, []) => first_and_last(reading.history.whole())?,
                    (None, new) => first_and_last(new)?,
                };
                let last = last.filter(|message| message.role == Role::User);
                let last = last.and_then(|message| message.texts.first());
                let first = first.texts.first()?;
                let alone =
                    || reading.history.leading.is_empty() && reading.arrival.fields.outer_system().is_empty();
                internal::of_task(first)
                    .or_else(|| internal::of_prompt(first))
                    .or_else(|| internal::of_task(last?))
                    .or_else(|| internal::of_orchestrator(last.unwrap_or(first)).filter(|_| alone()))
                    .or_else(|| internal::of_coding_agent(first, self.framework_in_prompt(reading.prompt)))
            })
    }

    pub(super) fn same_agent(&self, reading: &Reading<'_>, known: &Conversation) -> bool {
        if known.internal != reading.internal {
            return false;
        }
        if let Some(stated) = reading.arrival.stated_agent {
            return self
                .agents
                .get(known.agent)
                .is_some_and(|agent| canonical(&agent.named.name) == canonical(stated));
        }
        if let Some(has_word) = &reading.has_word {
            return self
                .agents
                .get(known.agent)
                .is_some_and(|agent| canonical(&agent.named.name) == canonical(&has_word.name));
        }
        known.prompt == reading.prompt || self.same_prompt(known.prompt, reading.prompt)
    }

    /// A hand-over that a framework said has happened, has; one that only a tool's name announces has not when the same
    /// prompt goes on with the answer: some tools pass the word on only after their caller's last word.
    fn believe_history(&self, reading: &mut Reading<'_>, known: Option<(usize, u64)>) {
        let Some(has_word) = reading.has_word.as_ref().filter(|has_word| !has_word.told) else { return };
        let Some((_, tip)) = known else { return };
        let is_own = |name: &str| canonical(name) == canonical(&has_word.name);
        let goes_on =
            self.tips.get(tip).take(8).filter_map(|number| self.conversations.get(number)).any(|twin| {
                twin.prompt == reading.prompt
                    && self
                        .prompts
                        .get(twin.prompt)
                        .is_some_and(|prompt| !prompt.shared && prompt.soft.key != 0)
                    && self.agents.get(twin.agent).is_some_and(|agent| !is_own(&agent.named.name))
            });
        if goes_on {
            reading.has_word = None;
        }
    }

    /// A run that was stated is never mixed with another one.
    pub(super) fn stated_elsewhere(&self, arrival: &Arrival<'_>, run: u32) -> bool {
        let stated = self.runs.get(run).filter(|run| run.stated).map(|run| run.trace);
        match (arrival.stated_trace, stated) {
            (Some(here), Some(there)) => here != there,
            (None, None) => false,
            _ => true,
        }
    }

    fn go_on(&mut self, reading: &Reading<'_>, twin: &Twin) -> u32 {
        let conversation = self.conversations.keep(twin.conversation);
        self.notice_connection(reading.arrival, conversation, twin.alone);
        let joined = self.news(reading);
        self.settle(reading, conversation, &joined);
        let Some(known) = self.conversations.get_mut(conversation) else { return conversation };
        known.calls += 1;
        known.tries = if reading.messages.is_empty() { known.tries + 1 } else { 1 };
        known.connection = reading.arrival.connection;
        known.last_us = reading.arrival.at_us;
        known.prompt = reading.prompt;
        if twin.alone || twin.score >= 6.0 {
            known.sure = known.sure.max(0.9);
        } else {
            known.sure = known.sure.min(0.7);
        }
        let run = known.run;
        self.touch(run, reading.arrival);
        conversation
    }

    /// A conversation begins: in the run that the evidence speaks for, or in one of its own.
    fn begin(&mut self, reading: &Reading<'_>, twin: Option<&Twin>, call: CallNumber) -> (u32, Vec<Edge>) {
        let arrival = reading.arrival;
        let evidence = self.evidence(reading);
        let start = evidence.start;
        if let Some(conversation) = self.resumed(reading, &evidence) {
            return (self.resume(reading, conversation, &evidence), Vec::new());
        }
        let twin = twin.filter(|twin| {
            has_answers(reading) || self.passes_word(twin.conversation) || self.counts(twin.conversation)
        });
        // Whose turn it is cannot be known; by which name they gave the word may be.
        let anybodys = twin.filter(|twin| twin.is_anybodys).map(|twin| twin.conversation);
        let twin = twin.filter(|twin| !twin.is_anybodys).map(|twin| twin.conversation);
        let chosen = self.choose_run(reading, &evidence, twin, start);
        let passer = self.passer(reading, chosen.run, start).map(|(number, _)| number);
        let parent = self.parent_of(&evidence, chosen.run, twin.or(passer));
        let passed = self.taken_word(reading, [passer, twin], chosen.run);
        self.take_word(reading, passer.or(twin).filter(|number| self.in_run(*number, chosen.run)));
        let handed = self
            .handed_over(&evidence, &chosen)
            .or_else(|| passed.as_ref().map(|(named, _)| named.clone()))
            .or_else(|| chosen.passed.clone())
            .or_else(|| self.word_given(reading, anybodys?));
        self.learn_speakers(&evidence, chosen.run);
        self.settle_family(reading.prompt, chosen.run, &evidence);
        let agent = self.agent_of(reading, chosen.run, handed.as_ref());
        let conversation = self.conversations.add(Conversation {
            scope: arrival.scope,
            id: arrival.id,
            run: chosen.run,
            agent,
            prompt: reading.prompt,
            parent,
            connection: arrival.connection,
            last_us: arrival.at_us,
            tip: 0,
            last_answer: 0,
            last_letters: 0,
            born_bytes: u32::try_from(reading.history.full_length()).unwrap_or(u32::MAX),
            start,
            calls: 1,
            tries: 1,
            passes_to: None,
            last_call: 0,
            last_asked: 0,
            internal: reading.internal,
            failed: false,
            askers: chosen.askers,
            rule: Rule::of(chosen.rule),
            sure: chosen.sure,
        });
        for start in evidence.starts() {
            self.starts.push(hash::join(arrival.scope, start), conversation);
        }
        if let Some(trace) = arrival.stated_trace {
            self.ids.push(hash::join(arrival.scope, hash::bytes(31, &trace)), conversation);
        }
        self.note_sessions(arrival, conversation);
        self.note_start(chosen.run, self.start_in_run(reading, start), reading);
        self.touch(chosen.run, arrival);
        if reading.internal == Some(Internal::Embedding) {
            self.index_inputs(reading, conversation, call);
        }
        let mut edges = self.edges_of(reading, &evidence, conversation);
        edges.extend(passed.map(|(_, edge)| Edge { conversation: Some(conversation), ..edge }));
        self.settle(reading, conversation, &evidence);
        (conversation, edges)
    }

    pub(super) fn passes_word(&self, conversation: u32) -> bool {
        self.conversations.get(conversation).is_some_and(|known| known.passes_to.is_some())
    }

    /// A trimmed, summarised or rewritten history: the agent's own earlier words are in it.
    fn resumed(&self, reading: &Reading<'_>, evidence: &Evidence) -> Option<u32> {
        let own = evidence.own.iter().filter(|own| {
            self.conversations.get(own.conversation).is_some_and(|known| {
                self.same_agent(reading, known) && !self.stated_elsewhere(reading.arrival, known.run)
            })
        });
        let score = |own: &super::evidence::Own| {
            let known = self.conversations.get(own.conversation);
            let connected = known.is_some_and(|known| known.connection == reading.arrival.connection);
            (
                own.weight + if connected { self.connection_trust(reading.arrival) } else { 0.0 },
                known.map_or(0, |known| known.last_us),
            )
        };
        own.max_by(|one, other| {
            let (one, other) = (score(one), score(other));
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
        })
        .filter(|own| own.weight >= 2.0)
        .map(|own| own.conversation)
    }

    fn resume(&mut self, reading: &Reading<'_>, conversation: u32, evidence: &Evidence) -> u32 {
        let conversation = self.conversations.keep(conversation);
        self.settle(reading, conversation, evidence);
        let Some(known) = self.conversations.get_mut(conversation) else { return conversation };
        known.calls += 1;
        known.connection = reading.arrival.connection;
        known.last_us = reading.arrival.at_us;
        known.sure = known.sure.min(0.85);
        let run = known.run;
        self.touch(run, reading.arrival);
        conversation
    }

    /// What later calls will be compared with.
    fn remember(&mut self, reading: &Reading<'_>, conversation: u32) {
        let scope = reading.arrival.scope;
        let mut ends: Vec<usize> =
            reading.messages.iter().rev().map(|message| message.end).take(REMEMBERED_ENDS).collect();
        if ends.is_empty() {
            ends.extend(reading.history.ends().next());
        }
        let fingerprints: Vec<u64> =
            ends.into_iter().map(|end| reading.history.fingerprint(scope, end)).collect();
        // The whole history last: it is found first.
        for tip in fingerprints.iter().rev() {
            self.tips.push(*tip, conversation);
        }
        if let (Some(known), Some(tip)) = (self.conversations.get_mut(conversation), fingerprints.first()) {
            known.tip = *tip;
            // Until the answer is here.
            known.last_answer = 0;
        }
        for id in reading.messages.iter().flat_map(ids_in) {
            let key = hash::join(scope, hash::bytes(21, id.as_bytes()));
            if !self.ids.get(key).take(4).any(|number| self.conversations.current(number) == conversation) {
                self.ids.push(key, conversation);
            }
        }
        self.connections.push(hash::join(scope, 1), conversation);
        if reading.arrival.connection != 0 {
            self.connections.push(hash::join(scope, reading.arrival.connection), conversation);
        }
    }

    /// How this conversation began, as its run remembers it.
    pub(super) fn start_in_run(&self, reading: &Reading<'_>, start: u64) -> u64 {
        let soft = self.family_of(reading.prompt);
        let internal = reading.internal.map_or(0, |kind| kind as u64 + 1);
        hash::join(hash::join(soft, start), internal)
    }
}

/// The first thing a user says, and the last message when that is another one.
fn first_and_last<'m, 'a>(messages: &'m [Message<'a>]) -> Option<(&'m Message<'a>, Option<&'m Message<'a>>)> {
    let at = messages.iter().position(|message| message.role == Role::User)?;
    let last = messages.last().filter(|_| at + 1 < messages.len());
    Some((&messages[at], last))
}

/// Has somebody answered in this history?
fn has_answers(reading: &Reading<'_>) -> bool {
    reading.messages.iter().any(|message| message.role == Role::Assistant)
}

/// Who has the word after these messages, when a hand-over happened in them.
fn has_word(messages: &[Message<'_>]) -> Option<HasWord> {
    messages.iter().rev().find_map(|message| match message.role {
        Role::Tool => message.results.iter().rev().find_map(|result| {
            let told = handover::arrived(&result.text);
            let told = told.map(|name| HasWord { name, told: true, asked: result.id.to_string(), by: None });
            told.or_else(|| accepted(messages, &result.id))
        }),
        Role::User if message.texts.len() == 1 => {
            let text = message.texts.first()?;
            let name = text.contains("adopting the role of").then(|| handover::arrived(text)).flatten()?;
            let by = message.name.as_deref().map(str::to_owned);
            Some(HasWord { name, told: true, asked: String::new(), by })
        }
        _ => None,
    })
}

/// The target of a transfer that got a result, whatever the result says.
fn accepted(messages: &[Message<'_>], id: &str) -> Option<HasWord> {
    let call =
        messages.iter().flat_map(|message| &message.calls).find(|call| call.id == id && !id.is_empty())?;
    let handover = handover::of_call(&call.name, &call.arguments)?;
    (handover.passing == handover::Passing::Transfer).then(|| HasWord {
        name: handover.target,
        told: false,
        asked: id.to_owned(),
        by: None,
    })
}
