//! Runs that turn out to be one: a text that one of them produced, or an id that only it had, turns up in the other.

use super::evidence::{Evidence, Piece};
use super::place::Reading;
use super::runs::{MOST_SEEN, UNITE_US, is_start, line, text_rule};
use super::{Arrival, Engine};

/// How sure it is that two runs are one which share a text that a model made, or the input of a framework's own call.
const SAID_SURE: f32 = 0.9;
const SHARED_SURE: f32 = 0.7;
/// An answer that is one of several to the same question is at least so long, and is used within this time.
const VOTE_LETTERS: u32 = 60;
const VOTE_US: i64 = 120_000_000;

impl Engine {
    /// Unites runs that this call shows to be one, marks what it took up, and learns who said what.
    pub(super) fn settle(&mut self, reading: &Reading<'_>, conversation: u32, evidence: &Evidence) {
        let Some(run) = self.conversations.get(conversation).map(|known| self.runs.current(known.run)) else {
            return;
        };
        let taker = self.taker(reading);
        let best = self.best_of_each_text(evidence, taker, self.family_of(reading.prompt));
        let votes: Vec<(u64, u32)> =
            best.iter().filter(|(_, of)| *of == run).filter_map(|(piece, _)| self.asked_as(piece)).collect();
        let here: Vec<u64> = best.iter().filter(|(_, of)| *of == run).map(|(piece, _)| piece.key).collect();
        let clear = best.iter().filter(|(piece, of)| *of == run && piece.weight >= 0.6);
        let mut chosen: Vec<u32> = clear.map(|(piece, _)| piece.output).collect();
        let mut elsewhere: Vec<&(&Piece, u32)> =
            best.iter().filter(|(piece, of)| *of != run && !here.contains(&piece.key)).collect();
        // In turn: the one that waits longest first.
        elsewhere.sort_by_key(|(piece, of)| (piece.key, self.distance(reading.arrival, *of), piece.call));
        // A task that several runs gave says nothing until its answer does.
        let unclear = self.conversations.get(conversation).is_some_and(|known| known.askers.is_some());
        let mut united: Vec<(u32, u32, &'static str)> = Vec::new();
        let mut answered: Vec<(u32, u32)> = Vec::new();
        let mut done: Vec<u64> = Vec::new();
        for (piece, of) in elsewhere.iter().copied() {
            if (unclear && piece.to_tool) || done.contains(&piece.key) {
                continue;
            }
            let asked = self.asked(conversation, piece);
            let answers = asked.is_some() && self.answers(conversation, piece, *of);
            if answers
                || (self.may_unite(reading, run, *of, piece, taker)
                    && !self.is_said_elsewhere(reading, run, (piece, *of), &elsewhere, taker))
                || self.is_vote(reading, run, *of, piece, &votes)
            {
                answered.extend(asked.map(|task| (piece.conversation, task)));
                done.push(piece.key);
                united.push((*of, piece.output, text_rule(piece)));
            }
        }
        let for_tools = self.answered_for_tools(reading, conversation, evidence);
        self.unite_by_ids(reading, run, evidence);
        for (other, output, rule) in united {
            chosen.push(output);
            self.unite_runs(other, run, rule);
        }
        for (worker, task) in answered {
            self.adopt(worker, conversation, task);
        }
        self.note_answered(conversation, for_tools);
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

    /// An id that only one conversation had: this one goes on from there.
    fn unite_by_ids(&mut self, reading: &Reading<'_>, run: u32, evidence: &Evidence) {
        for (holder, _) in evidence.ids.iter().filter(|(_, share)| *share >= 1.0) {
            let Some(known) = self.conversations.get(*holder) else { continue };
            let of = self.runs.current(known.run);
            if of != self.runs.current(run) && self.may_be_one(reading, run, of) {
                self.unite_runs(of, run, "known_id");
            }
        }
    }

    /// Nothing speaks against these two being one run.
    fn may_be_one(&self, reading: &Reading<'_>, run: u32, other: u32) -> bool {
        let (Some(here), Some(there)) = (self.runs.get(run), self.runs.get(other)) else { return false };
        self.may_meet(reading, run, other)
            && !here.seen.iter().any(|seen| is_start(*seen) && there.seen.contains(seen))
    }

    /// The same, but for how they began.
    fn may_meet(&self, reading: &Reading<'_>, run: u32, other: u32) -> bool {
        let (Some(here), Some(there)) = (self.runs.get(run), self.runs.get(other)) else { return false };
        !here.stated
            && !there.stated
            && (here.user == 0 || there.user == 0 || here.user == there.user)
            && reading.arrival.at_us - there.last_us < UNITE_US
    }

    /// What a text answers: the first thing a user says, and the prompt.
    fn asked_as(&self, piece: &Piece) -> Option<(u64, u32)> {
        let known = self.conversations.get(piece.conversation).filter(|known| known.start != 0)?;
        (piece.weight >= 1.0 && !piece.to_tool && !piece.input).then_some((known.start, known.prompt))
    }

    /// One question was asked several times side by side, and this call is given all answers: `other` is nothing but such an
    /// answer.
    fn is_vote(
        &self,
        reading: &Reading<'_>,
        run: u32,
        other: u32,
        piece: &Piece,
        votes: &[(u64, u32)],
    ) -> bool {
        if !self.asked_as(piece).is_some_and(|asked| votes.contains(&asked)) {
            return false;
        }
        let Some(there) = self.runs.get(other).filter(|there| there.calls == 1) else { return false };
        let long = self.outputs.get(piece.output).is_some_and(|output| output.letters >= VOTE_LETTERS);
        long && reading.internal.is_none()
            && reading.arrival.at_us - there.last_us < VOTE_US
            && self.may_meet(reading, run, other)
    }

    fn may_unite(&self, reading: &Reading<'_>, run: u32, other: u32, piece: &Piece, taker: u64) -> bool {
        let Some(there) = self.runs.get(other) else { return false };
        let letters = self.outputs.get(piece.output).map_or(0, |output| output.letters);
        // The input of a framework's own call unites it with the call it was made for, and nothing else.
        let found = if piece.input { there.calls <= 2 } else { piece.weight >= 0.85 && letters >= 20 };
        found && piece.taken & taker == 0 && self.may_be_one(reading, run, other)
    }

    /// Another run, as near, said the same and waits as this one does: it might be either.
    fn is_said_elsewhere(
        &self,
        reading: &Reading<'_>,
        run: u32,
        (piece, of): (&Piece, u32),
        elsewhere: &[&(&Piece, u32)],
        taker: u64,
    ) -> bool {
        let near = self.distance(reading.arrival, of);
        let free = |piece: &Piece| piece.taken == 0;
        let mut others = elsewhere
            .iter()
            .filter(|(other, there)| other.key == piece.key && *there != of && free(other) == free(piece));
        others.any(|(other, there)| {
            self.distance(reading.arrival, *there) == near
                && self.may_unite(reading, run, *there, other, taker)
        })
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
            if !run.has_chosen() {
                run.choice = lost.choice;
            }
            run.passers = [run.passers[0], lost.passers[0], run.passers[1]];
            run.user = run.user.max(lost.user);
        }
    }
}
