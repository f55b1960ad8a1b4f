//! A stream with its guardrails in the way. Those about places in a text hold back what could still be the beginning of
//! something; those about the whole hold everything that is said until it is over, or only remember it where they note.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_domain::guard::{Action, Stage};
use aop_guard::rules::{Rule, Rules};
use aop_guard::schema::Schema;
use aop_guard::screen::passing::Passing;
use aop_guard::screen::whole::Holding;
use bytes::Bytes;

use super::{blocked, note, whole};
use crate::body::budget::Reservation;
use crate::call::Call;
use crate::refusal::Refusal;

/// In a longer silence some clients cut a stream.
const SILENCE: Duration = Duration::from_secs(15);

pub(crate) struct Guarded {
    text: Option<(Rules, Passing)>,
    whole: Option<Box<Whole>>,
    silent_since: Instant,
}

struct Whole {
    rules: Vec<Arc<Rule>>,
    declared: Option<Arc<Schema>>,
    holding: Holding,
    /// Of the memory that all calls share.
    reservation: Reservation,
    reserved: usize,
    too_long: Option<TooLong>,
}

struct TooLong {
    refusal: Option<Refusal>,
    noted: Vec<(Arc<Rule>, Action)>,
}

impl Guarded {
    /// `None`: none apply.
    pub(crate) fn of(call: &mut Call) -> Option<Self> {
        let after = *call.rules_after.take()?;
        let holds = after.whole.iter().any(|rule| rule.guardrail.action != Action::Flag);
        let whole = (!after.whole.is_empty()).then(|| {
            Box::new(Whole {
                rules: after.whole,
                declared: after.declared,
                holding: Holding::new(holds),
                reservation: call.shared.body_budget.reserve(),
                reserved: 0,
                too_long: None,
            })
        });
        let text = after.text.map(|rules| (rules.clone(), Passing::new(rules)));
        Some(Self { text, whole, silent_since: Instant::now() })
    }

    /// What may go of what has come.
    pub(crate) fn pass(&mut self, bytes: &Bytes, is_last: bool) -> Bytes {
        let mut out = bytes.clone();
        if let Some((_, passing)) = &mut self.text {
            let mut passed = passing.push(bytes);
            if is_last {
                passed.extend(passing.finish());
            }
            out = Bytes::from(passed);
        }
        match &mut self.whole {
            Some(whole) => whole.pass(&out, is_last),
            None => out,
        }
    }

    pub(crate) fn blocked(&self) -> Option<Refusal> {
        let by_text = self.text.as_ref();
        by_text
            .and_then(|(rules, passing)| blocked(rules, &passing.tally, "The answer"))
            .or_else(|| self.whole.as_ref().and_then(|whole| whole.too_long.as_ref()?.refusal.clone()))
    }

    /// Something that was said waits for its verdict.
    pub(crate) fn is_waiting(&self) -> bool {
        self.whole.as_ref().is_some_and(|whole| whole.holding.is_waiting())
    }

    /// The client has heard nothing for long, because what is said waits, and will not hear `pass` either. True once a
    /// silence: it is to be told something.
    pub(crate) fn is_silent(&mut self, pass: &Bytes) -> bool {
        let now = Instant::now();
        let is_long = pass.is_empty() && self.is_waiting() && now - self.silent_since >= SILENCE;
        if is_long || !pass.is_empty() {
            self.silent_since = now;
        }
        is_long
    }

    /// The stream is whole: what was held goes, unless it is blocked.
    pub(crate) async fn verdict(&mut self, call: &mut Call) -> Result<Bytes, Refusal> {
        match &mut self.whole {
            Some(whole) if whole.too_long.is_none() => Box::pin(whole.verdict(call)).await,
            _ => Ok(Bytes::new()),
        }
    }

    /// The stream is over, however it ended.
    pub(crate) fn note(&self, call: &mut Call) {
        if let Some((rules, passing)) = &self.text {
            note(call, rules, &passing.tally, Stage::After);
        }
        if let Some(too_long) = self.whole.as_ref().and_then(|whole| whole.too_long.as_ref()) {
            whole::note_too_long(call, &too_long.noted);
        }
    }
}

impl Whole {
    fn pass(&mut self, bytes: &Bytes, is_last: bool) -> Bytes {
        if self.too_long.is_some() {
            return bytes.clone();
        }
        let mut out = self.holding.push(bytes);
        if is_last {
            out.extend(self.holding.finish());
        }
        let more = self.holding.held_bytes().saturating_sub(self.reserved);
        let has_room = self.reservation.grow(more);
        if has_room && !self.holding.said.is_too_long() {
            self.reserved += more;
            return Bytes::from(out);
        }
        let (refusal, noted) = whole::too_long(&self.rules);
        // Before what came last: it was held before that came.
        let mut passed = self.holding.let_pass();
        passed.extend(out);
        let is_refused = refusal.is_some();
        self.too_long = Some(TooLong { refusal, noted });
        if is_refused { Bytes::new() } else { Bytes::from(passed) }
    }

    async fn verdict(&mut self, call: &mut Call) -> Result<Bytes, Refusal> {
        let declared = self.declared.as_deref();
        let said = &self.holding.said;
        let texts = whole::judge(call, &self.rules, declared, Stage::After, said).await?;
        Ok(Bytes::from(self.holding.release(texts.as_deref())))
    }
}
