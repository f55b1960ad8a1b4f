//! Runs that are going on while a call arrives that nothing joins to any of them: the only one it may belong to, and the one
//! that a framework's own call serves.

use super::place::Reading;
use super::runs::{has_prompt, line, started};
use super::{Arrival, Engine, Run};
use crate::hash;
use crate::internal::Internal;

/// A run that was silent for longer is not joined without a link.
const ACTIVE_US: i64 = 10_000_000;
/// A framework's own call comes within this of the call it serves.
pub(super) const SERVES_US: i64 = 2_000_000;
/// Calls of a key that are looked back at for the runs that are going on.
pub(super) const MOST_ACTIVE: usize = 40;
/// Keys of kinds of calls, told from those of prompts.
const KIND: u64 = 93;

/// That a framework made such a call for itself, as its run remembers it beside the prompts.
pub(super) fn has_kind(kind: Internal) -> u32 {
    has_prompt(hash::join(kind as u64, KIND))
}

/// Calls that a framework may begin a run with.
pub(super) fn begins_runs(kind: Internal) -> bool {
    matches!(kind, Internal::Planner | Internal::Selector | Internal::Title)
}

impl Engine {
    /// The one run of this key that is going on, when there is only one and nothing speaks against it.
    pub(super) fn only_active(&self, reading: &Reading<'_>, start: u64, active: &[u32]) -> Option<u32> {
        let arrival = reading.arrival;
        let [only] = active else { return None };
        let run = self.runs.get(*only)?;
        let soft = self.family_of(reading.prompt);
        if run.stated
            || self.users_differ(arrival, *only)
            || run.seen.contains(&started(start))
            || (reading.internal.is_none() && run.seen.contains(&has_prompt(soft)))
            || self.begins_another(reading, run)
        {
            return None;
        }
        let connected = arrival.connection != 0 && run.connections.contains(&line(arrival.connection));
        let framework = self.framework_of(reading);
        // Programs without a framework run one after the other too.
        let same_framework = framework.is_some_and(|one| !one.is_sdk())
            && framework.map(|one| one.name) == run.framework.as_deref().map(|one| one.name);
        (connected && (same_framework || reading.internal.is_some())).then_some(*only)
    }

    /// A framework may begin a run with such a call: one more that has nothing in common with the run begins another. A planner
    /// that is offered tools plans for one agent, of which a run may have several.
    fn begins_another(&self, reading: &Reading<'_>, run: &Run) -> bool {
        let plans_for_one = !reading.arrival.fields.tools.is_empty();
        let begins = match reading.internal {
            Some(Internal::Planner) => !plans_for_one,
            kind => kind.is_some_and(begins_runs),
        };
        begins && reading.internal.is_some_and(|kind| run.seen.contains(&has_kind(kind)))
    }

    /// A framework's own call that never begins a run serves the run that spoke last, first of all on this connection.
    pub(super) fn served(&self, reading: &Reading<'_>, active: &[u32]) -> Option<u32> {
        if reading.internal == Some(Internal::TokenCount) {
            return self.counted_for(reading);
        }
        let serves = matches!(
            reading.internal?,
            Internal::Memory | Internal::Summary | Internal::Guardrail | Internal::Converter
        );
        let arrival = reading.arrival;
        let active = if serves { active } else { &[] };
        let connected = |run: &&u32| {
            self.runs.get(**run).is_some_and(|run| run.connections.contains(&line(arrival.connection)))
        };
        let latest = |run: &&u32| self.runs.get(**run).map_or(0, |run| run.last_us);
        let fresh = |run: &&u32| {
            arrival.at_us - latest(run) < SERVES_US
                && !self.stated_elsewhere(arrival, **run)
                && !self.users_differ(arrival, **run)
        };
        let here = active.iter().filter(fresh).filter(connected).max_by_key(latest);
        here.or_else(|| active.iter().filter(fresh).max_by_key(latest)).copied()
    }

    /// Tokens of what a tool said are counted by whoever asked for the tool, on the connection on which it did.
    fn counted_for(&self, reading: &Reading<'_>) -> Option<u32> {
        let fields = &reading.arrival.fields;
        let is_lone =
            reading.history.leading.is_empty() && fields.outer_system().is_empty() && fields.tools.is_empty();
        let asker = self.conversations.get(self.last_on_line(reading.arrival)).filter(|_| is_lone)?;
        let run = self.runs.current(asker.run);
        let fits = asker.last_asked != 0
            && self.is_active(reading.arrival, run)
            && !self.stated_elsewhere(reading.arrival, run)
            && !self.users_differ(reading.arrival, run);
        fits.then_some(run)
    }

    pub(super) fn is_active(&self, arrival: &Arrival<'_>, run: u32) -> bool {
        self.runs.get(run).is_some_and(|run| arrival.at_us - run.last_us < ACTIVE_US)
    }

    /// Runs of this key in which something happened just now.
    pub(super) fn active_runs(&self, arrival: &Arrival<'_>, most: usize) -> Vec<u32> {
        let mut active: Vec<u32> = Vec::new();
        for number in self.connections.get(hash::join(arrival.scope, 1)).take(MOST_ACTIVE) {
            if active.len() == most {
                break;
            }
            let Some(known) = self.conversations.get(number) else { continue };
            let run = self.runs.current(known.run);
            let recent = self.is_active(arrival, run);
            if recent && !active.contains(&run) {
                active.push(run);
            }
        }
        active
    }
}
