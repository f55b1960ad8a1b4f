//! Which run a conversation belongs to: by what was stated, then by links, then by shared content, connection and time.

use super::evidence::{Evidence, Piece};
use super::place::Reading;
use super::{Arrival, Engine, Run};
use crate::hash;
use crate::internal::Internal;

/// A run that was silent for longer is not joined without a link.
const ACTIVE_US: i64 = 10_000_000;
/// Runs that wait less than this for their next step go on in turn.
const TURN_US: i64 = 5_000_000;
/// A framework's own call comes within this of the call it serves.
const SERVES_US: i64 = 2_000_000;
/// Conversations that are looked through for runs that are going on.
const MOST_ACTIVE: usize = 64;
/// A run that was silent for longer is not united with another.
const UNITE_US: i64 = 600_000_000;
/// How many beginnings of conversations and prompts a run remembers.
const MOST_SEEN: usize = 96;
/// Evidence below this does not join a conversation to a run.
const ENOUGH: f32 = 2.5;
/// How sure it is that two runs are one which share a text that a model made, or the input of a framework's own call.
const SAID_SURE: f32 = 0.9;
const SHARED_SURE: f32 = 0.7;

/// The run a conversation was placed in, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) run: u32,
    pub(super) rule: &'static str,
    pub(super) sure: f32,
}

#[derive(Debug)]
struct Candidate {
    run: u32,
    score: f32,
    rule: &'static str,
    /// The strongest single piece of evidence, which gave the rule.
    strongest: f32,
    last_us: i64,
}

/// A connection, as runs remember it. 0: unknown.
fn line(connection: u64) -> u32 {
    if connection == 0 { 0 } else { (connection ^ (connection >> 32)) as u32 | 1 << 31 }
}

/// How a conversation began, as its run remembers it: told from a prompt by the lowest bit.
fn started(start: u64) -> u32 {
    (hash::mix(start) >> 32) as u32 | 1
}

pub(super) fn has_prompt(family: u64) -> u32 {
    (hash::mix(family) >> 32) as u32 & !1
}

fn is_start(seen: u32) -> bool {
    seen & 1 == 1
}

/// The rule by which a text that turned up joins two conversations.
fn text_rule(piece: &Piece) -> &'static str {
    match (piece.input, piece.to_tool) {
        (true, _) => "shared_text",
        (false, true) => "task_text",
        (false, false) => "answer_text",
    }
}

impl Engine {
    pub(super) fn choose_run(
        &mut self,
        reading: &Reading<'_>,
        evidence: &Evidence,
        twin: Option<u32>,
        start: u64,
    ) -> Chosen {
        let arrival = reading.arrival;
        if let Some(trace) = arrival.stated_trace {
            return Chosen { run: self.stated_run(arrival, trace), rule: "stated", sure: 1.0 };
        }
        let start = self.start_in_run(reading, start);
        // One or several is all that matters, unless one of them is looked for.
        let looks = reading.internal.is_some() || arrival.at_us - self.chosen_us < UNITE_US;
        let active = self.active_runs(arrival, if looks { MOST_ACTIVE } else { 2 });
        let mut candidates = self.candidates(reading, evidence, twin, &active);
        candidates.retain(|candidate| !self.stated_elsewhere(arrival, candidate.run));
        for candidate in &mut candidates {
            self.weigh(reading, start, candidate);
            // The same words of a user, and nobody else is there who might have said them.
            if candidate.rule == "same_input" && active.as_slice() == [candidate.run] {
                candidate.score += 1.0;
            }
        }
        let best = candidates.iter().max_by(|one, other| {
            let in_turn = |candidate: &Candidate| {
                let waits = arrival.at_us - candidate.last_us;
                // A framework's own call serves whoever spoke last.
                if waits < TURN_US && reading.internal.is_none() { waits } else { -waits }
            };
            one.score.total_cmp(&other.score).then(in_turn(one).cmp(&in_turn(other)))
        });
        if let Some(best) = best.filter(|best| best.score >= ENOUGH) {
            let ties = candidates.iter().filter(|other| other.score >= best.score - 0.01).count();
            let sure = (0.5 + best.score / 16.0).min(0.95);
            return Chosen { run: best.run, rule: best.rule, sure: if ties > 1 { 0.5 } else { sure } };
        }
        if let Some(run) = self.served(reading, &active) {
            return Chosen { run, rule: "served_run", sure: 0.5 };
        }
        if let Some(run) = self.only_active(reading, start, &active) {
            return Chosen { run, rule: "key_and_time", sure: 0.5 };
        }
        Chosen { run: self.new_run(arrival, arrival.fresh_trace, false), rule: "first_call", sure: 0.8 }
    }

    fn candidates(
        &self,
        reading: &Reading<'_>,
        evidence: &Evidence,
        twin: Option<u32>,
        active: &[u32],
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let taker = self.taker(reading);
        if let Some(twin) = twin {
            self.add_candidate(&mut candidates, twin, 6.0, "same_history");
        }
        for (conversation, share) in &evidence.ids {
            self.add_candidate(&mut candidates, *conversation, 6.0 * share.min(1.0), "known_id");
        }
        for own in &evidence.own {
            self.add_candidate(&mut candidates, own.conversation, own.weight.min(3.0) + 1.0, "known_words");
        }
        for (piece, run) in self.best_of_each_text(evidence, taker, self.family_of(reading.prompt)) {
            let taken = if piece.taken & taker == 0 { 1.0 } else { 0.3 };
            let score = 5.0 * piece.weight * piece.weight * taken;
            let rule = text_rule(piece);
            let score = if piece.input { score * 0.6 } else { score };
            self.add_candidate_run(&mut candidates, run, score, rule);
        }
        if reading.internal.is_none() {
            self.chosen_to_speak(active, &mut candidates);
        }
        for beginning in &evidence.beginnings {
            let other_agent = self
                .conversations
                .get(*beginning)
                .is_some_and(|known| known.prompt != reading.prompt || known.internal != reading.internal);
            if other_agent {
                self.add_candidate(&mut candidates, *beginning, 2.0, "same_input");
            }
        }
        candidates
    }

    /// Runs whose framework chose who speaks next, and that wait for it.
    fn chosen_to_speak(&self, active: &[u32], candidates: &mut Vec<Candidate>) {
        for &run in active {
            if self.runs.get(run).is_some_and(|run| run.chosen.is_some()) {
                self.add_candidate_run(candidates, run, 2.5, "selected");
            }
        }
    }

    /// For every produced text the best place it may come from in each run.
    fn best_of_each_text<'e>(&self, evidence: &'e Evidence, taker: u64, own: u64) -> Vec<(&'e Piece, u32)> {
        let mut best: Vec<(&Piece, u32)> = Vec::new();
        for piece in &evidence.pieces {
            let Some(known) = self.conversations.get(piece.conversation) else { continue };
            if piece.to_tool && !piece.handed && self.family_of(known.prompt) == own {
                // An agent that asks a tool what its user asked it gives nobody a task.
                continue;
            }
            let run = self.runs.current(known.run);
            match best.iter_mut().find(|(other, other_run)| other.key == piece.key && *other_run == run) {
                Some((other, _)) if other.taken & taker != 0 && piece.taken & taker == 0 => *other = piece,
                Some(_) => {}
                None => best.push((piece, run)),
            }
        }
        best
    }

    fn add_candidate(
        &self,
        candidates: &mut Vec<Candidate>,
        conversation: u32,
        score: f32,
        rule: &'static str,
    ) {
        if let Some(known) = self.conversations.get(conversation) {
            self.add_candidate_run(candidates, self.runs.current(known.run), score, rule);
        }
    }

    fn add_candidate_run(&self, candidates: &mut Vec<Candidate>, run: u32, score: f32, rule: &'static str) {
        match candidates.iter_mut().find(|candidate| candidate.run == run) {
            Some(known) => {
                // Several weak hints of one kind are not a strong one.
                known.score += if known.rule == rule { score * 0.5 } else { score };
                if score > known.strongest {
                    known.strongest = score;
                    known.rule = rule;
                }
            }
            None => {
                let Some(known) = self.runs.get(run) else { return };
                candidates.push(Candidate { run, score, rule, strongest: score, last_us: known.last_us });
            }
        }
    }

    /// What speaks for or against a run whatever brought it up.
    fn weigh(&self, reading: &Reading<'_>, start: u64, candidate: &mut Candidate) {
        let arrival = reading.arrival;
        let Some(run) = self.runs.get(candidate.run) else { return };
        if arrival.connection != 0 && run.connections.contains(&line(arrival.connection)) {
            candidate.score += 2.0 * self.connection_trust();
        }
        // A conversation that begins like one the run already has begins another run of the same program.
        if run.seen.contains(&started(start)) && candidate.strongest < 4.0 {
            // A framework does ask the same thing twice.
            let asks_again = reading.internal.is_some() && candidate.strongest >= 2.5;
            candidate.score -= if asks_again { 1.0 } else { 6.0 };
        }
        if reading.internal.is_some() && arrival.at_us - run.last_us > SERVES_US {
            candidate.score -= 3.0;
        }
        if arrival.at_us - run.last_us > UNITE_US {
            candidate.score -= 1.0;
        }
    }

    /// The one run of this key that is going on, when there is only one and nothing speaks against it.
    fn only_active(&self, reading: &Reading<'_>, start: u64, active: &[u32]) -> Option<u32> {
        let arrival = reading.arrival;
        let [only] = active else { return None };
        let run = self.runs.get(*only)?;
        let soft = self.family_of(reading.prompt);
        if run.stated
            || run.seen.contains(&started(start))
            || (reading.internal.is_none() && run.seen.contains(&has_prompt(soft)))
        {
            return None;
        }
        let connected = arrival.connection != 0 && run.connections.contains(&line(arrival.connection));
        let framework = self.framework_of(reading);
        let same_framework = framework.is_some()
            && framework.map(|one| one.name) == run.framework.as_deref().map(|one| one.name);
        (same_framework && (connected || framework.is_some_and(|one| one.sure > 0.8))
            || (connected && reading.internal.is_some()))
        .then_some(*only)
    }

    /// A framework's own call that never begins a run serves the run that spoke last, first of all on this connection.
    fn served(&self, reading: &Reading<'_>, active: &[u32]) -> Option<u32> {
        let serves = matches!(
            reading.internal?,
            Internal::Memory
                | Internal::Summary
                | Internal::Guardrail
                | Internal::Converter
                | Internal::TokenCount
        );
        let arrival = reading.arrival;
        let active = if serves { active } else { &[] };
        let connected = |run: &&u32| {
            self.runs.get(**run).is_some_and(|run| run.connections.contains(&line(arrival.connection)))
        };
        let latest = |run: &&u32| self.runs.get(**run).map_or(0, |run| run.last_us);
        let fresh =
            |run: &&u32| arrival.at_us - latest(run) < SERVES_US && !self.stated_elsewhere(arrival, **run);
        let here = active.iter().filter(fresh).filter(connected).max_by_key(latest);
        here.or_else(|| active.iter().filter(fresh).max_by_key(latest)).copied()
    }

    /// Runs of this key in which something happened just now.
    fn active_runs(&self, arrival: &Arrival<'_>, most: usize) -> Vec<u32> {
        let mut active: Vec<u32> = Vec::new();
        for number in self.connections.get(hash::join(arrival.scope, 1)).take(MOST_ACTIVE) {
            if active.len() == most {
                break;
            }
            let Some(known) = self.conversations.get(number) else { continue };
            let run = self.runs.current(known.run);
            let recent = self.runs.get(run).is_some_and(|run| arrival.at_us - run.last_us < ACTIVE_US);
            if recent && !active.contains(&run) {
                active.push(run);
            }
        }
        active
    }

    fn stated_run(&mut self, arrival: &Arrival<'_>, trace: [u8; 16]) -> u32 {
        let key = hash::join(arrival.scope, hash::bytes(31, &trace));
        let known = self.ids.get(key).find_map(|number| {
            let run = self.conversations.get(number)?.run;
            self.runs
                .get(run)
                .is_some_and(|run| run.stated && run.trace == trace)
                .then(|| self.runs.current(run))
        });
        known.unwrap_or_else(|| self.new_run(arrival, trace, true))
    }

    fn new_run(&mut self, arrival: &Arrival<'_>, trace: [u8; 16], stated: bool) -> u32 {
        self.runs.add(Run {
            trace,
            stated,
            started_us: arrival.at_us,
            last_us: arrival.at_us,
            connections: [0; 4],
            seen: Vec::new(),
            framework: None,
            chosen: None,
            calls: 0,
            absorbed: Box::default(),
        })
    }

    pub(super) fn note_start(&mut self, run: u32, start: u64, prompt: u32) {
        let soft = self.family_of(prompt);
        let Some(run) = self.runs.get_mut(run) else { return };
        for value in [started(start), has_prompt(soft)] {
            if run.seen.len() < MOST_SEEN && !run.seen.contains(&value) {
                run.seen.push(value);
            }
        }
    }

    /// The run is going on.
    pub(super) fn touch(&mut self, run: u32, arrival: &Arrival<'_>) {
        let run = self.runs.keep(run);
        let Some(run) = self.runs.get_mut(run) else { return };
        run.last_us = run.last_us.max(arrival.at_us);
        run.calls = run.calls.saturating_add(1);
        let line = line(arrival.connection);
        if line != 0 && !run.connections.contains(&line) {
            run.connections.rotate_right(1);
            run.connections[0] = line;
        }
    }

    /// Whoever takes a text up, as one bit.
    pub(super) fn taker(&self, reading: &Reading<'_>) -> u64 {
        let soft = self.family_of(reading.prompt);
        1 << (hash::join(soft, reading.internal.map_or(0, |kind| kind as u64 + 1)) % 64)
    }

    /// Unites runs that this call shows to be one, marks what it took up, and learns who said what.
    pub(super) fn settle(&mut self, reading: &Reading<'_>, conversation: u32, evidence: &Evidence) {
        let Some(run) = self.conversations.get(conversation).map(|known| self.runs.current(known.run)) else {
            return;
        };
        let taker = self.taker(reading);
        let best = self.best_of_each_text(evidence, taker, self.family_of(reading.prompt));
        let here: Vec<u64> = best.iter().filter(|(_, of)| *of == run).map(|(piece, _)| piece.key).collect();
        let clear = best.iter().filter(|(piece, of)| *of == run && piece.weight >= 0.6);
        let mut chosen: Vec<u32> = clear.map(|(piece, _)| piece.output).collect();
        let mut elsewhere: Vec<&(&Piece, u32)> =
            best.iter().filter(|(piece, of)| *of != run && !here.contains(&piece.key)).collect();
        // In turn: the one that waits longest first.
        elsewhere.sort_by_key(|(piece, of)| (piece.key, self.distance(reading.arrival, *of), piece.call));
        let mut united: Vec<(u32, u32, &'static str)> = Vec::new();
        let mut done: Vec<u64> = Vec::new();
        for (piece, of) in elsewhere {
            if !done.contains(&piece.key) && self.may_unite(reading, run, *of, piece, taker) {
                done.push(piece.key);
                united.push((*of, piece.output, text_rule(piece)));
            }
        }
        for (other, output, rule) in united {
            chosen.push(output);
            self.unite_runs(other, run, rule);
        }
        for output in chosen {
            if let Some(output) = self.outputs.get_mut(output) {
                output.taken |= taker;
            }
        }
        self.learn_speakers(evidence, run);
    }

    /// Runs on this connection come before others.
    fn distance(&self, arrival: &Arrival<'_>, run: u32) -> u8 {
        let connected =
            self.runs.get(run).is_some_and(|run| run.connections.contains(&line(arrival.connection)));
        u8::from(!(connected && arrival.connection != 0))
    }

    fn may_unite(&self, reading: &Reading<'_>, run: u32, other: u32, piece: &Piece, taker: u64) -> bool {
        let (Some(here), Some(there)) = (self.runs.get(run), self.runs.get(other)) else { return false };
        let letters = self.outputs.get(piece.output).map_or(0, |output| output.letters);
        // The input of a framework's own call unites it with the call it was made for, and nothing else.
        let found = if piece.input { there.calls <= 2 } else { piece.weight >= 0.85 && letters >= 20 };
        found
            && piece.taken & taker == 0
            && !here.stated
            && !there.stated
            && reading.arrival.at_us - there.last_us < UNITE_US
            && !here.seen.iter().any(|seen| is_start(*seen) && there.seen.contains(seen))
    }

    /// Two runs were one. The one that began first gives its trace.
    fn unite_runs(&mut self, one: u32, other: u32, rule: &'static str) {
        let (one, other) = (self.runs.current(one), self.runs.current(other));
        if one == other {
            return;
        }
        let (Some(first), Some(second)) = (self.runs.get(one), self.runs.get(other)) else { return };
        let (kept, gone) = if first.started_us <= second.started_us { (one, other) } else { (other, one) };
        let Some(lost) = self.runs.get(gone).cloned() else { return };
        self.runs.unite(gone, kept);
        let sure = if rule == "shared_text" { SHARED_SURE } else { SAID_SURE };
        self.absorb(&lost, kept, rule, sure);
        if let Some(run) = self.runs.get_mut(kept) {
            run.last_us = run.last_us.max(lost.last_us);
            run.calls = run.calls.saturating_add(lost.calls);
            run.seen.extend(lost.seen);
            run.seen.truncate(MOST_SEEN);
            run.connections =
                [run.connections[0], lost.connections[0], run.connections[1], lost.connections[1]];
            run.framework = run.framework.take().or(lost.framework);
            run.chosen = run.chosen.take().or(lost.chosen);
        }
    }

    /// How far a connection tells runs apart here: a client that shares its connections among runs teaches otherwise.
    pub(super) fn connection_trust(&self) -> f32 {
        self.connection_right / self.connection_all
    }

    /// A call whose run is beyond doubt shows whether its connection would have said the same.
    pub(super) fn notice_connection(&mut self, arrival: &Arrival<'_>, conversation: u32, beyond_doubt: bool) {
        if !beyond_doubt || arrival.connection == 0 {
            return;
        }
        let key = hash::join(arrival.scope, arrival.connection);
        let Some(last) = self.connections.newest(key).and_then(|number| self.conversations.get(number))
        else {
            return;
        };
        let Some(known) = self.conversations.get(conversation) else { return };
        let right = self.runs.current(last.run) == self.runs.current(known.run);
        self.connection_right = self.connection_right * 0.98 + if right { 1.0 } else { 0.0 };
        self.connection_all = self.connection_all * 0.98 + 1.0;
    }

    /// The conversation this one works for, or goes on from.
    pub(super) fn parent_of(&self, evidence: &Evidence, run: u32, twin: Option<u32>) -> u32 {
        let in_run = |number: u32| self.in_run(number, run);
        let task = evidence.pieces.iter().filter(|piece| piece.to_tool && in_run(piece.conversation));
        let task =
            task.max_by(|one, other| one.weight.total_cmp(&other.weight)).map(|piece| piece.conversation);
        let held = evidence.ids.iter().map(|(number, _)| *number).filter(|number| in_run(*number)).max();
        let answer =
            evidence.pieces.iter().rev().map(|piece| piece.conversation).find(|number| in_run(*number));
        task.or(twin.filter(|number| in_run(*number))).or(held).or(answer).unwrap_or(0)
    }

    pub(super) fn in_run(&self, conversation: u32, run: u32) -> bool {
        self.conversations
            .get(conversation)
            .is_some_and(|known| self.runs.current(known.run) == self.runs.current(run))
    }
}
