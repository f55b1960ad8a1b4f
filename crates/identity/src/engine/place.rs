//! A call arrives: the conversation it goes on with is found, or a new one is placed in a run.

use super::evidence::Evidence;
use super::ids::{ids_in, quoted_ids};
use super::{Arrival, CallNumber, Conversation, Edge, Engine, Placed};
use crate::handover;
use crate::hash;
use crate::history::History;
use crate::internal::{self, Internal};
use crate::message::{Message, Role};
use crate::naming::canonical;
use crate::print;
use crate::word::Rule;

/// Ends of messages that are remembered of each call: clients mark their last messages and unmark them later.
const REMEMBERED_ENDS: usize = 2;
/// Conversations with the same history that are compared, and when it brings nothing new to compare them by.
const MOST_TWINS: usize = 64;
const MOST_REPEATED: usize = 24;

/// What is read of an arriving call before anything is decided.
pub(super) struct Reading<'a> {
    pub(super) arrival: &'a Arrival<'a>,
    pub(super) history: History<'a>,
    pub(super) prompt: u32,
    /// The new messages, or all of an unknown history.
    pub(super) messages: Vec<Message<'a>>,
    /// The agent that has the word, as the history says.
    pub(super) has_word: Option<String>,
    pub(super) internal: Option<Internal>,
}

/// A conversation whose history this call's history begins with.
struct Twin {
    conversation: u32,
    score: f32,
    same_agent: bool,
    last_us: i64,
    waiting: bool,
    alone: bool,
}

impl Engine {
    /// Finds out who makes this call.
    pub fn arrive(&mut self, arrival: &Arrival<'_>) -> Placed {
        self.calls += 1;
        let call = CallNumber(self.calls);
        self.note_call(arrival.id);
        let mut history = History::open(arrival.fields.history());
        let prompt = self.prompt_of(arrival, &history);
        let known = self.longest_known(arrival.scope, &history);
        let messages = match known {
            Some((end, _)) => history.behind(end),
            None => history.take_whole(),
        };
        let mut reading =
            Reading { arrival, has_word: has_word(&messages), history, prompt, messages, internal: None };
        reading.internal = self.internal_of(&reading);
        let (conversation, edges) = match known.and_then(|(_, tip)| self.twin(&reading, tip)) {
            Some(twin) if twin.same_agent => (self.go_on(&reading, &twin), Vec::new()),
            twin => {
                if known.is_some() {
                    reading.messages = reading.history.take_whole();
                }
                self.begin(&reading, twin.as_ref(), call)
            }
        };
        self.remember(&reading, conversation);
        let learned = std::mem::take(&mut self.learned);
        Placed { call, conversation, edges, learned }
    }

    fn internal_of(&self, reading: &Reading<'_>) -> Option<Internal> {
        internal::of_operation(reading.arrival.operation)
            .or_else(|| self.prompts.get(reading.prompt).and_then(|prompt| prompt.internal))
            .or_else(|| reading.arrival.fields.schema_name().and_then(|name| internal::of_schema(&name)))
            .or_else(|| {
                let first = reading.messages.iter().find(|message| message.role == Role::User)?;
                internal::of_task(first.texts.first()?).or_else(|| internal::of_prompt(first.texts.first()?))
            })
    }

    /// The longest beginning of the history that an earlier call had, and its fingerprint.
    fn longest_known(&self, scope: u64, history: &History<'_>) -> Option<(usize, u64)> {
        history.ends().find_map(|end| {
            let tip = history.fingerprint(scope, end);
            let known = self.tips.get(tip).any(|number| self.conversations.get(number).is_some());
            known.then_some((end, tip))
        })
    }

    /// Which of the conversations with this history goes on here. `None`: none of them, this one begins the same way.
    fn twin(&self, reading: &Reading<'_>, tip: u64) -> Option<Twin> {
        let arrival = reading.arrival;
        let trust = self.connection_trust();
        let mut twins: Vec<Twin> = Vec::new();
        let most = if reading.messages.is_empty() { MOST_REPEATED } else { MOST_TWINS };
        for number in self.tips.get(tip).take(most) {
            let number = self.conversations.current(number);
            if twins.iter().any(|twin| twin.conversation == number) {
                continue;
            }
            let Some(known) = self.conversations.get(number) else { continue };
            if known.scope != arrival.scope || self.stated_elsewhere(arrival, known.run) {
                continue;
            }
            let same_agent = self.same_agent(reading, known);
            let mut score = if same_agent { 4.0 } else { 0.0 };
            let fits = answer_fits(known, &reading.messages);
            if fits < -1.0
                || (known.tip != tip && !has_answers_before(reading))
                || self.asked_elsewhere(arrival.scope, number, &reading.messages)
            {
                continue;
            }
            score += fits;
            if known.connection == arrival.connection && arrival.connection != 0 {
                score += 2.0 * trust;
            }
            let waiting = known.tip == tip;
            if reading.messages.is_empty() && waiting && is_retry(arrival, known) {
                score += if arrival.retry.is_none_or(|count| count == known.tries) { 6.0 } else { 1.0 };
            }
            score += if waiting { 1.0 } else { -2.0 };
            if !same_agent && known.passes_to.is_some() {
                score += 1.5;
            }
            twins.push(Twin {
                conversation: number,
                score,
                same_agent,
                last_us: known.last_us,
                waiting,
                alone: false,
            });
        }
        let alone = twins.len() == 1;
        let mut best =
            twins.into_iter().reduce(|best, twin| if better(&twin, &best) { twin } else { best })?;
        best.alone = alone;
        if best.same_agent && reading.messages.is_empty() && !self.repeats(reading, best.conversation) {
            return None;
        }
        Some(best)
    }

    /// Did another conversation get the answer that this history goes on with?
    fn asked_elsewhere(&self, scope: u64, conversation: u32, messages: &[Message<'_>]) -> bool {
        let Some(said) = messages.first().filter(|message| message.role == Role::Assistant) else {
            return false;
        };
        said.calls.iter().filter(|call| !call.id.is_empty()).any(|call| {
            let mut askers = self.ids.get(hash::join(scope, hash::bytes(22, call.id.as_bytes()))).peekable();
            askers.peek().is_some()
                && !askers.any(|number| self.conversations.current(number) == conversation)
        })
    }

    /// The same request again: is it the same step again (a retry, another try at an answer), or does a second run begin
    /// like the first?
    fn repeats(&self, reading: &Reading<'_>, conversation: u32) -> bool {
        let Some(known) = self.conversations.get(conversation) else { return false };
        is_retry(reading.arrival, known) || reading.history.has_answers()
    }

    fn same_agent(&self, reading: &Reading<'_>, known: &Conversation) -> bool {
        if known.internal != reading.internal {
            return false;
        }
        if let Some(stated) = reading.arrival.stated_agent {
            return self
                .agents
                .get(known.agent)
                .is_some_and(|agent| canonical(&agent.named.name) == canonical(stated));
        }
        if let Some(name) = &reading.has_word {
            return self
                .agents
                .get(known.agent)
                .is_some_and(|agent| canonical(&agent.named.name) == canonical(name));
        }
        known.prompt == reading.prompt || self.same_prompt(known.prompt, reading.prompt)
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
        let start = start_key(reading);
        let evidence = self.evidence(reading, start);
        if let Some(conversation) = self.resumed(reading, &evidence) {
            return (self.resume(reading, conversation, &evidence), Vec::new());
        }
        let twin = twin.filter(|twin| self.passes_word(twin.conversation) || has_answers(reading));
        let chosen = self.choose_run(reading, &evidence, twin.map(|twin| twin.conversation), start);
        let parent = self.parent_of(&evidence, chosen.run, twin.map(|twin| twin.conversation));
        let passed = twin.and_then(|twin| self.passed_word(reading, twin.conversation, chosen.run));
        if let (Some(twin), Some(_)) = (twin, &passed)
            && let Some(known) = self.conversations.get_mut(twin.conversation)
        {
            known.passes_to = None;
        }
        let handed = self
            .handed_over(&evidence, chosen.run)
            .or_else(|| passed.as_ref().map(|(named, _)| named.clone()));
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
            calls: 1,
            tries: 1,
            passes_to: None,
            last_call: 0,
            internal: reading.internal,
            failed: false,
            rule: Rule::of(chosen.rule),
            sure: chosen.sure,
        });
        if start != 0 {
            self.starts.push(hash::join(arrival.scope, start), conversation);
        }
        if let Some(trace) = arrival.stated_trace {
            self.ids.push(hash::join(arrival.scope, hash::bytes(31, &trace)), conversation);
        }
        self.note_start(chosen.run, self.start_in_run(reading, start), reading.prompt);
        self.touch(chosen.run, arrival);
        if reading.internal == Some(Internal::Embedding) {
            self.index_inputs(reading, conversation, call);
        }
        let mut edges = self.edges_of(reading, &evidence, conversation);
        edges.extend(passed.map(|(_, edge)| Edge { conversation: Some(conversation), ..edge }));
        self.settle(reading, conversation, &evidence);
        (conversation, edges)
    }

    fn passes_word(&self, conversation: u32) -> bool {
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
                own.weight + if connected { self.connection_trust() } else { 0.0 },
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

/// Has somebody answered in this history?
fn has_answers(reading: &Reading<'_>) -> bool {
    reading.messages.iter().any(|message| message.role == Role::Assistant)
}

/// Is more known of this history than the words it began with? Many histories begin with the same words.
fn has_answers_before(reading: &Reading<'_>) -> bool {
    let answers =
        |messages: &[Message<'_>]| messages.iter().filter(|message| message.role == Role::Assistant).count();
    answers(reading.history.whole()) > answers(&reading.messages)
}

/// Is the same request again another try at the step that this conversation waits for?
fn is_retry(arrival: &Arrival<'_>, known: &Conversation) -> bool {
    let same_line = arrival.connection != 0 && arrival.connection == known.connection;
    match arrival.retry {
        Some(0) => known.failed && same_line,
        Some(_) => known.failed || known.last_answer == 0,
        None => known.failed,
    }
}

/// The better founded twin. Of equal ones that wait, the one that has waited longest goes on first.
fn better(twin: &Twin, best: &Twin) -> bool {
    match twin.score.total_cmp(&best.score) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal if twin.waiting && best.waiting => twin.last_us < best.last_us,
        std::cmp::Ordering::Equal => twin.last_us > best.last_us,
    }
}

/// Is the first new message what this conversation's last answer said?
fn answer_fits(known: &Conversation, messages: &[Message<'_>]) -> f32 {
    let Some(said) = messages.first().filter(|message| message.role == Role::Assistant) else { return 0.0 };
    if known.last_answer == 0 {
        return 0.0;
    }
    let text = crate::message::whole_text(said);
    let mut here = answer_key(&text, said.calls.iter().map(|call| call.id.as_ref()));
    if said.calls.is_empty() && known.last_answer & 1 == 1 {
        // A client may write down the tools it was asked for as text.
        let quoted = quoted_ids(&text);
        if quoted.is_empty() {
            return -0.5;
        }
        here = answer_key("", quoted.into_iter());
    }
    if here != known.last_answer && !said.calls.is_empty() {
        // Several calls of one answer may come as several items.
        let calls = messages
            .iter()
            .take_while(|message| message.role == Role::Assistant)
            .flat_map(|message| &message.calls);
        here = answer_key("", calls.map(|call| call.id.as_ref()));
    }
    // Words before a tool call may be left out, and so may a tool call behind words.
    match (here == known.last_answer, here & 1 == known.last_answer & 1) {
        (true, _) => 4.0,
        (false, true) => -3.0,
        (false, false) => -0.5,
    }
}

/// What is remembered of an answer: its tools when it asked for some, else its words.
pub(super) fn answer_key<'a>(text: &str, ids: impl Iterator<Item = &'a str>) -> u64 {
    let tools = ids.fold(0, |all, id| hash::join(all, hash::bytes(3, id.as_bytes())));
    if tools == 0 { (print::of(text).key | 2) & !1 } else { tools | 1 }
}

/// Who has the word after these messages, when a hand-over happened in them.
fn has_word(messages: &[Message<'_>]) -> Option<String> {
    messages.iter().rev().find_map(|message| match message.role {
        Role::Tool => message
            .results
            .iter()
            .rev()
            .find_map(|result| handover::arrived(&result.text).or_else(|| accepted(messages, &result.id))),
        Role::User if message.texts.len() == 1 => {
            let text = message.texts.first()?;
            text.contains("adopting the role of").then(|| handover::arrived(text)).flatten()
        }
        _ => None,
    })
}

/// The target of a transfer that got a result, whatever the result says.
fn accepted(messages: &[Message<'_>], id: &str) -> Option<String> {
    let call =
        messages.iter().flat_map(|message| &message.calls).find(|call| call.id == id && !id.is_empty())?;
    let handover = handover::of_call(&call.name, &call.arguments)?;
    (handover.passing == handover::Passing::Transfer).then_some(handover.target)
}

/// Key of the first thing a user says.
fn start_key(reading: &Reading<'_>) -> u64 {
    let first =
        reading.messages.iter().find(|message| message.role == Role::User && !message.texts.is_empty());
    first.map_or(0, |message| print::of(&crate::message::whole_text(message)).key)
}
