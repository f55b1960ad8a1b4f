//! Which of the conversations with the same history goes on with a call: many begin with the same words, and some say the
//! same all the way.

use super::ids::quoted_ids;
use super::place::Reading;
use super::{Arrival, Conversation, Engine};
use crate::history::History;
use crate::internal::Internal;
use crate::message::{Message, Role, whole_text};
use crate::print::Print;
use crate::{hash, print};

/// Conversations with the same history that are compared.
const MOST_TWINS: usize = 64;
/// Conversations that made the very same request, of which one may try again.
const MOST_WAITING: usize = 32;
/// Shorter histories that somebody may wait with.
const MOST_SHORTER: usize = 4;
/// Assistant's messages at the beginning of what is new that are compared with an answer: some clients put one before it.
const MOST_LEADING_WORDS: usize = 4;

/// Scores that differ by less say the same.
const EQUAL: f32 = 0.01;

/// A conversation whose history this call's history begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twin {
    pub(super) conversation: u32,
    pub(super) score: f32,
    pub(super) same_agent: bool,
    pub(super) alone: bool,
    /// Its last request is what the history begins with.
    pub(super) waiting: bool,
    last_us: i64,
    /// It waits, and what is new begins with what it was answered.
    answered: bool,
    /// Others wait for the same in the same words: whose turn it is cannot be known.
    pub(super) is_anybodys: bool,
}

impl Engine {
    /// The longest beginning of the history that an earlier call had, and its fingerprint.
    pub(super) fn longest_known(&self, scope: u64, history: &History<'_>) -> Option<(usize, u64)> {
        self.known_ends(scope, history, usize::MAX).next()
    }

    fn known_ends<'h>(
        &'h self,
        scope: u64,
        history: &'h History<'_>,
        before: usize,
    ) -> impl Iterator<Item = (usize, u64)> + 'h {
        history.ends().filter(move |end| *end < before).filter_map(move |end| {
            let tip = history.fingerprint(scope, end);
            let known = self.tips.get(tip).any(|number| self.conversations.get(number).is_some());
            known.then_some((end, tip))
        })
    }

    /// The conversation that was found, if any, has gone on from here before, or made this very request. Somebody else whose history
    /// was the same up to the last answer may still wait with that: then it is their turn, and not the same step again.
    pub(super) fn waiting_before<'a>(
        &self,
        reading: &Reading<'a>,
        whole: usize,
        found: Option<&Twin>,
    ) -> Option<(Twin, Vec<Message<'a>>)> {
        if reading.messages.is_empty()
            && found.is_some_and(|found| self.is_retry_of(reading, found.conversation))
        {
            return None;
        }
        let shorter = self.known_ends(reading.arrival.scope, &reading.history, whole);
        shorter.take(MOST_SHORTER).find_map(|(end, tip)| {
            let messages = reading.history.behind(end);
            let (twins, _) = self.twins(reading, &messages, end, tip);
            let best = twins.into_iter().filter(|twin| twin.same_agent && twin.answered).reduce(better_of)?;
            Some((best, messages))
        })
    }

    /// Which of the conversations with this history goes on here. `None`: none of them, this one begins the same way.
    pub(super) fn twin(&self, reading: &Reading<'_>, end: usize, tip: u64) -> Option<Twin> {
        let spoken = !reading.messages.is_empty() || reading.history.has_answers();
        if !spoken && !self.somebody_waits(reading, tip) {
            return None;
        }
        let (twins, alone) = self.twins(reading, &reading.messages, end, tip);
        let waits = |twin: &Twin| {
            spoken
                || if twin.same_agent {
                    self.is_retry_of(reading, twin.conversation)
                } else {
                    self.counts(twin.conversation) || self.passes_word(twin.conversation)
                }
        };
        let mut best = twins.iter().copied().filter(waits).reduce(better_of)?;
        if !reading.messages.is_empty() && self.might_be_any(&best, &twins) {
            return None;
        }
        best.is_anybodys = !best.same_agent && self.is_anybodys(&best, &twins);
        best.alone = alone;
        Some(best)
    }

    /// Several wait with this history in runs of their own, and none of their own answers is in what is new: it might be any of them.
    fn might_be_any(&self, best: &Twin, twins: &[Twin]) -> bool {
        let run = |twin: &Twin| {
            self.conversations.get(twin.conversation).map_or(0, |known| self.runs.current(known.run))
        };
        let equal = |twin: &Twin| {
            twin.same_agent && twin.waiting && twin.score >= best.score - EQUAL && run(twin) != run(best)
        };
        best.same_agent && best.waiting && !best.answered && twins.iter().any(equal)
    }

    /// Others wait for the same word in the same words, and nothing tells which of them is answered here.
    fn is_anybodys(&self, best: &Twin, twins: &[Twin]) -> bool {
        let run = |twin: &Twin| {
            self.conversations.get(twin.conversation).map_or(0, |known| self.runs.current(known.run))
        };
        let equal = |twin: &Twin| twin.score >= best.score - EQUAL && run(twin) != run(best);
        self.passes_word(best.conversation) && twins.iter().any(equal)
    }

    /// The same request again, nothing else known: only a client that tries again goes on with it, or one that had its tokens
    /// counted.
    fn somebody_waits(&self, reading: &Reading<'_>, tip: u64) -> bool {
        let mut holders =
            self.tips.get(tip).take(MOST_WAITING).filter_map(|number| self.conversations.get(number));
        holders.any(|known| {
            known.passes_to.is_some()
                || known.internal == Some(Internal::TokenCount)
                || is_retry(reading.arrival, known)
        })
    }

    /// It is the only call of its run, and counted tokens.
    pub(super) fn counts(&self, conversation: u32) -> bool {
        let known = self.conversations.get(conversation).filter(|_| self.is_count(conversation));
        known.is_some_and(|known| self.runs.get(known.run).is_some_and(|run| run.calls == 1))
    }

    pub(super) fn is_count(&self, conversation: u32) -> bool {
        let known = self.conversations.get(conversation);
        known.is_some_and(|known| known.internal == Some(Internal::TokenCount))
    }

    fn is_retry_of(&self, reading: &Reading<'_>, conversation: u32) -> bool {
        self.conversations.get(conversation).is_some_and(|known| is_retry(reading.arrival, known))
    }

    fn twins(
        &self,
        reading: &Reading<'_>,
        messages: &[Message<'_>],
        end: usize,
        tip: u64,
    ) -> (Vec<Twin>, bool) {
        let mut twins: Vec<Twin> = Vec::new();
        for number in self.tips.get(tip).take(MOST_TWINS) {
            let number = self.conversations.current(number);
            if twins.iter().any(|twin| twin.conversation == number) {
                continue;
            }
            let Some(known) = self.conversations.get(number) else { continue };
            twins.extend(self.twin_of(reading, messages, (end, tip), number, known));
        }
        let alone = twins.len() == 1;
        (twins, alone)
    }

    fn twin_of(
        &self,
        reading: &Reading<'_>,
        messages: &[Message<'_>],
        (end, tip): (usize, u64),
        number: u32,
        known: &Conversation,
    ) -> Option<Twin> {
        let arrival = reading.arrival;
        if known.scope != arrival.scope
            || self.stated_elsewhere(arrival, known.run)
            || self.users_differ(arrival, known.run)
        {
            return None;
        }
        let waiting = known.tip == tip;
        let same_agent = self.same_agent(reading, known);
        let given =
            !same_agent && reading.has_word.is_some() && self.leads_here(reading, known) == Some(true);
        let fits = if given { answer_fits(known, messages).max(0.0) } else { answer_fits(known, messages) };
        // Words that stood there before the conversation began, a greeting or examples, are no sign of it.
        let its_own = waiting || fits > 1.0 || reading.history.length(end) > known.born_bytes as usize;
        if fits < -1.0
            || !its_own
            || self.asked_elsewhere(arrival.scope, number, messages)
            || (waiting && self.heard_elsewhere(arrival.scope, known, messages))
        {
            return None;
        }
        let mut score = if same_agent { 4.0 } else { 0.0 } + fits;
        if known.connection == arrival.connection && arrival.connection != 0 {
            score += 2.0 * self.connection_trust(arrival);
        }
        if messages.is_empty() && waiting && is_retry(arrival, known) {
            score += if arrival.retry.is_none_or(|count| count == known.tries) { 6.0 } else { 1.0 };
        }
        score += if waiting { 1.0 } else { -2.0 };
        if known.internal == Some(Internal::TokenCount) && !same_agent {
            // Tokens are counted once for each call.
            let counted = self.runs.get(known.run).is_some_and(|run| run.calls > 1);
            score += if counted { -2.0 } else { 1.0 };
        }
        if !same_agent && known.passes_to.is_some() {
            score += match self.leads_here(reading, known) {
                Some(true) => 3.0,
                None => 1.5,
                Some(false) => -2.0,
            };
        }
        Some(Twin {
            conversation: number,
            score,
            same_agent,
            last_us: known.last_us,
            waiting,
            answered: waiting && fits > 1.0,
            alone: false,
            is_anybodys: false,
        })
    }

    /// Agents may have one prompt between them. When one that has it, in another run, said and signed what is heard here instead
    /// of this conversation's own answer, it is not this one that listens.
    fn heard_elsewhere(&self, scope: u64, known: &Conversation, messages: &[Message<'_>]) -> bool {
        let signed = |heard: &&Message<'_>| heard.role == Role::User && heard.name.is_some();
        let Some(heard) = messages.first().filter(signed) else { return false };
        let key = hash::join(scope, print::of(&whole_text(heard)).key);
        let said = self.texts.get(key).take(MOST_WAITING).filter_map(|number| self.outputs.get(number));
        let speakers = said.filter_map(|said| self.conversations.get(said.conversation));
        let mut same = speakers.filter(|speaker| speaker.prompt == known.prompt).peekable();
        let run = self.runs.current(known.run);
        same.peek().is_some() && same.all(|speaker| self.runs.current(speaker.run) != run)
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
fn better_of(best: Twin, twin: Twin) -> Twin {
    let better = match twin.score.total_cmp(&best.score) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal if twin.waiting && best.waiting => twin.last_us < best.last_us,
        std::cmp::Ordering::Equal => twin.last_us > best.last_us,
    };
    if better { twin } else { best }
}

/// Is the first new message what this conversation's last answer said?
fn answer_fits(known: &Conversation, messages: &[Message<'_>]) -> f32 {
    if known.last_answer == 0 {
        return 0.0;
    }
    let Some(said) = messages.first().filter(|message| message.role == Role::Assistant) else {
        return if messages.first().is_some_and(|heard| is_heard(known, heard)) { -2.0 } else { 0.0 };
    };
    let leading = messages.iter().take_while(|message| message.role == Role::Assistant);
    if leading.clone().take(MOST_LEADING_WORDS).any(|message| says_answer(known, message)) {
        return 4.0;
    }
    if says_in_pieces(known, leading.clone()) {
        return 4.0;
    }
    let text = whole_text(said);
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
        let calls = leading.flat_map(|message| &message.calls);
        here = answer_key("", calls.map(|call| call.id.as_ref()));
    }
    // Words before a tool call may be left out, and so may a tool call behind words.
    match (here == known.last_answer, here & 1 == known.last_answer & 1) {
        (true, _) => 4.0,
        (false, true) => -3.0,
        (false, false) => -0.5,
    }
}

/// Somebody's signed words, where this conversation waits for its tools, or that are its own: another one listens.
fn is_heard(known: &Conversation, heard: &Message<'_>) -> bool {
    let signed = heard.role == Role::User && heard.name.is_some();
    signed && (known.last_answer & 1 == 1 || word_key(print::of(&whole_text(heard)).key) == known.last_answer)
}

/// The message is the answer, or begins with it: clients write what a tool said behind it.
fn says_answer(known: &Conversation, message: &Message<'_>) -> bool {
    let text = whole_text(message);
    if answer_key(&text, message.calls.iter().map(|call| call.id.as_ref())) == known.last_answer {
        return true;
    }
    message.calls.is_empty()
        && known.last_answer & 1 == 0
        && known.last_letters >= SHORTEST_BEGINNING_LETTERS
        && print::of_beginning(&text, known.last_letters)
            .is_some_and(|key| word_key(key) == known.last_answer)
}

/// A client may keep each piece of a streamed answer as a message of its own.
fn says_in_pieces<'m, 'a: 'm>(
    known: &Conversation,
    leading: impl Iterator<Item = &'m Message<'a>> + Clone,
) -> bool {
    if known.last_answer & 1 == 1 || leading.clone().nth(1).is_none() {
        return false;
    }
    let words: String = leading.flat_map(|message| &message.texts).map(AsRef::as_ref).collect();
    word_key(print::of(&words).key) == known.last_answer
}

/// Letters of an answer that are enough to know it by at the beginning of a longer text.
const SHORTEST_BEGINNING_LETTERS: u32 = 16;

/// What is remembered of an answer: its tools when it asked for some, else its words.
fn answer_key<'a>(text: &str, ids: impl Iterator<Item = &'a str>) -> u64 {
    key_of(print::of(text), ids)
}

/// The same, of words that were read before.
pub(crate) fn key_of<'a>(words: Print, ids: impl Iterator<Item = &'a str>) -> u64 {
    let tools = ids.fold(0, |all, id| hash::join(all, hash::bytes(3, id.as_bytes())));
    if tools == 0 { word_key(words.key) } else { tools | 1 }
}

fn word_key(key: u64) -> u64 {
    (key | 2) & !1
}
