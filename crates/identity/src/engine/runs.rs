//! Which run a conversation belongs to: by what was stated, then by links, then by shared content, connection and time.

use super::active::{MOST_ACTIVE, SERVES_US, begins_runs, has_kind};
use super::evidence::{Evidence, Piece};
use super::place::Reading;
use super::{Arrival, Engine, Run};
use crate::hash;
use crate::message::Role;
use crate::naming::Named;

/// Runs that wait less than this for their next step go on in turn.
const TURN_US: i64 = 5_000_000;
/// A run that was silent for longer is not united with another.
pub(super) const UNITE_US: i64 = 600_000_000;
/// How many beginnings of conversations and prompts a run remembers.
pub(super) const MOST_SEEN: usize = 96;
/// Evidence below this does not join a conversation to a run.
const ENOUGH: f32 = 2.5;
/// Keys of sessions, told from those of ids.
const SESSION: u64 = 92;
/// A user's words that two runs hardly share by chance.
const MUCH_BYTES: usize = 16;

/// The run a conversation was placed in, and why.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) run: u32,
    pub(super) rule: &'static str,
    pub(super) sure: f32,
    /// Conversations that may all have given this one its task: the answer will show which.
    pub(super) askers: Option<Box<[(u32, u32)]>>,
    /// Whom all those gave the word who may have given it to this one.
    pub(super) passed: Option<Named>,
}

impl Chosen {
    fn new(run: u32, rule: &'static str, sure: f32) -> Self {
        Self { run, rule, sure, askers: None, passed: None }
    }
}

#[derive(Debug)]
struct Candidate {
    run: u32,
    score: f32,
    rule: &'static str,
    /// The strongest single piece of evidence, which gave the rule.
    strongest: f32,
    /// Words of its that are here were taken up by nobody yet.
    waits: bool,
    last_us: i64,
}

/// A connection, as runs remember it. 0: unknown.
pub(super) fn line(connection: u64) -> u32 {
    if connection == 0 { 0 } else { (connection ^ (connection >> 32)) as u32 | 1 << 31 }
}

/// How a conversation began, as its run remembers it: told from a prompt by the lowest bit.
pub(super) fn started(start: u64) -> u32 {
    (hash::mix(start) >> 32) as u32 | 1
}

pub(super) fn has_prompt(family: u64) -> u32 {
    (hash::mix(family) >> 32) as u32 & !1
}

pub(super) fn is_start(seen: u32) -> bool {
    seen & 1 == 1
}

/// The rule by which a text that turned up joins two conversations.
pub(super) fn text_rule(piece: &Piece) -> &'static str {
    match (piece.input, piece.to_tool) {
        (true, _) => "shared_text",
        (false, true) => "task_text",
        (false, false) => "answer_text",
    }
}

/// Does the user say more than what many say?
fn asks_much(reading: &Reading<'_>) -> bool {
    let first = reading.messages.iter().find(|message| message.role == Role::User);
    first.is_some_and(|first| first.texts.iter().map(|text| text.len()).sum::<usize>() >= MUCH_BYTES)
}

fn session_key(arrival: &Arrival<'_>, session: u64) -> u64 {
    hash::join(arrival.scope, hash::join(session, SESSION))
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
            return Chosen::new(self.stated_run(arrival, trace), "stated", 1.0);
        }
        if let Some(run) = self.run_of_session(arrival) {
            return Chosen::new(run, "session", 0.97);
        }
        let (first, start) = (start, self.start_in_run(reading, start));
        // One or several is all that matters, unless one of them is looked for.
        let looks = reading.internal.is_some() || arrival.at_us - self.chosen_us < UNITE_US;
        let mut active = self.active_runs(arrival, if looks { MOST_ACTIVE } else { 2 });
        let mut candidates = self.candidates(reading, evidence, twin, &active, first);
        candidates.retain(|candidate| {
            !self.stated_elsewhere(arrival, candidate.run) && !self.users_differ(arrival, candidate.run)
        });
        // A run that has begun this way before is not who begins this way now.
        let alike = || candidates.iter().filter(|candidate| candidate.rule == "same_input");
        let has_begun = |candidate: &&Candidate| {
            self.runs.get(candidate.run).is_some_and(|run| run.seen.contains(&started(start)))
        };
        let asked = alike().filter(|candidate| !has_begun(candidate)).count();
        // Few words say enough when they were given to both in another run.
        let says_enough =
            asked == 1 && (asks_much(reading) || alike().any(|candidate| has_begun(&candidate)));
        if asked == 1 && !looks {
            active = self.active_runs(arrival, MOST_ACTIVE);
        }
        for candidate in &mut candidates {
            self.weigh(reading, start, candidate);
            // The same words of a user, and nobody else is there who might have said them.
            let alone = active.as_slice() == [candidate.run]
                || (says_enough && self.is_active(arrival, candidate.run));
            if candidate.rule == "same_input" && alone {
                candidate.score += 1.0;
            }
        }
        let best = candidates.iter().max_by(|one, other| {
            let in_turn = |candidate: &Candidate| {
                let waits = arrival.at_us - candidate.last_us;
                // A framework's own call serves whoever spoke last.
                if waits < TURN_US && reading.internal.is_none() { waits } else { -waits }
            };
            let waits = one.waits.cmp(&other.waits);
            one.score.total_cmp(&other.score).then(waits).then(in_turn(one).cmp(&in_turn(other)))
        });
        if let Some(best) = best.filter(|best| best.score >= ENOUGH) {
            // A task's answer will show whose it is; of a speaker nothing comes back that would.
            let waits = matches!(best.rule, "task_text" | "same_input") && !self.connections_tell(arrival);
            let margin = if waits { 2.0 * self.connection_trust(arrival) } else { 0.0 } + 0.01;
            let equal = |other: &&Candidate| other.score >= best.score - margin;
            let tied: Vec<u32> = candidates.iter().filter(equal).map(|other| other.run).collect();
            if tied.len() > 1 && matches!(best.rule, "task_text" | "selected" | "same_input") {
                let askers = self.askers(evidence, &tied);
                let passed = self.passed_by_all(reading, &tied, first);
                let run = self.new_run(arrival, arrival.fresh_trace, false);
                return Chosen { run, rule: "first_call", sure: 0.5, askers: Some(askers), passed };
            }
            if best.rule == "answer_text" && self.said_in_several(evidence, &candidates, best) {
                let run = self.new_run(arrival, arrival.fresh_trace, false);
                return Chosen::new(run, "first_call", 0.5);
            }
            let sure = if tied.len() > 1 { 0.5 } else { (0.5 + best.score / 16.0).min(0.95) };
            return Chosen::new(best.run, best.rule, sure);
        }
        if let Some(run) = self.served(reading, &active) {
            return Chosen::new(run, "served_run", 0.5);
        }
        if let Some(run) = self.only_active(reading, start, &active) {
            return Chosen::new(run, "key_and_time", 0.5);
        }
        Chosen::new(self.new_run(arrival, arrival.fresh_trace, false), "first_call", 0.8)
    }

    /// Runs say the same: all that speaks for the best one speaks as much for another, which waits as it does.
    fn said_in_several(&self, evidence: &Evidence, candidates: &[Candidate], best: &Candidate) -> bool {
        let said_in = |run: u32| {
            let pieces = evidence.pieces.iter().filter(move |piece| self.in_run(piece.conversation, run));
            pieces.map(|piece| piece.key)
        };
        let rivals = candidates.iter().filter(|other| {
            other.run != best.run && other.waits == best.waits && (other.score - best.score).abs() < 0.01
        });
        rivals
            .into_iter()
            .any(|rival| said_in(best.run).all(|key| said_in(rival.run).any(|other| other == key)))
    }

    fn candidates(
        &self,
        reading: &Reading<'_>,
        evidence: &Evidence,
        twin: Option<u32>,
        active: &[u32],
        start: u64,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let arrival = reading.arrival;
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
            if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.run == run) {
                candidate.waits |= piece.taken == 0;
            }
        }
        if reading.internal.is_none() {
            self.chosen_to_speak(reading, active, &mut candidates);
        }
        for beginning in &evidence.beginnings {
            let other_agent = self.conversations.get(*beginning).is_some_and(|known| {
                known.prompt != reading.prompt
                    || known.internal != reading.internal
                    || (reading.has_word.is_some() && !self.same_agent(reading, known))
            });
            if other_agent {
                self.add_candidate(&mut candidates, *beginning, 2.0, "same_input");
            }
        }
        for candidate in &mut candidates {
            // It waits for whoever has the word that one of its agents gave away.
            let Some((passer, known)) = self.passer(reading, candidate.run, start) else { continue };
            candidate.score += if known { 3.5 } else { 2.5 };
            if self.last_on_line(arrival) == passer {
                candidate.score += 2.5;
            }
        }
        candidates
    }

    /// Runs whose framework chose who speaks next, and that wait for it.
    fn chosen_to_speak(&self, reading: &Reading<'_>, active: &[u32], candidates: &mut Vec<Candidate>) {
        for run in self.chose_by_this(reading, active) {
            self.add_candidate_run(candidates, run, 2.5, "selected");
        }
    }

    /// For every produced text the best place it may come from in each run.
    pub(super) fn best_of_each_text<'e>(
        &self,
        evidence: &'e Evidence,
        taker: u64,
        own: u64,
    ) -> Vec<(&'e Piece, u32)> {
        let mut best: Vec<(&Piece, u32)> = Vec::new();
        for piece in &evidence.pieces {
            let Some(known) = self.conversations.get(piece.conversation) else { continue };
            if piece.to_tool && !piece.handed && self.family_of(known.prompt) == own {
                // An agent that asks a tool what its user asked it gives nobody a task.
                continue;
            }
            let run = self.runs.current(known.run);
            match best.iter_mut().find(|(other, other_run)| other.key == piece.key && *other_run == run) {
                // One text that was given to several: a free one is left, or whoever had it before has had it.
                Some((other, _)) if other.taken != 0 && (piece.taken == 0 || piece.taken & taker != 0) => {
                    *other = piece;
                }
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
                candidates.push(Candidate {
                    run,
                    score,
                    rule,
                    strongest: score,
                    waits: false,
                    last_us: known.last_us,
                });
            }
        }
    }

    /// What speaks for or against a run whatever brought it up.
    fn weigh(&self, reading: &Reading<'_>, start: u64, candidate: &mut Candidate) {
        let arrival = reading.arrival;
        let Some(run) = self.runs.get(candidate.run) else { return };
        if arrival.connection != 0 && run.connections.contains(&line(arrival.connection)) {
            candidate.score += 2.0 * self.connection_trust(arrival);
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

    /// Two end users that were stated are two: they are never in one run.
    pub(super) fn users_differ(&self, arrival: &Arrival<'_>, run: u32) -> bool {
        let user = self.runs.get(run).map_or(0, |run| run.user);
        user != 0 && arrival.stated_user != 0 && user != arrival.stated_user
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

    /// The run of the session that the caller stated, or of the one that started it.
    fn run_of_session(&self, arrival: &Arrival<'_>) -> Option<u32> {
        arrival.sessions.iter().filter(|session| **session != 0).find_map(|session| {
            let holders = self.ids.get(session_key(arrival, *session));
            let runs =
                holders.filter_map(|number| Some(self.runs.current(self.conversations.get(number)?.run)));
            runs.filter(|run| !self.stated_elsewhere(arrival, *run)).find(|run| self.runs.get(*run).is_some())
        })
    }

    /// The conversation is of this session.
    pub(super) fn note_sessions(&mut self, arrival: &Arrival<'_>, conversation: u32) {
        for session in arrival.sessions.into_iter().filter(|session| *session != 0) {
            self.ids.push(session_key(arrival, session), conversation);
        }
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
            choice: None,
            passers: [0; 3],
            user: arrival.stated_user,
            calls: 0,
            absorbed: Box::default(),
        })
    }

    pub(super) fn note_start(&mut self, run: u32, start: u64, reading: &Reading<'_>) {
        let soft = self.family_of(reading.prompt);
        let kind = reading.internal.filter(|kind| begins_runs(*kind)).map(has_kind);
        let Some(run) = self.runs.get_mut(run) else { return };
        for value in [started(start), has_prompt(soft)].into_iter().chain(kind) {
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
