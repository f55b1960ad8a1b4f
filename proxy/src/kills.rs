//! The kill switch at the gateway: which calls a person ended. Those in flight are cut, new ones refused.
//!
//! A call enters the table of calls in flight before it asks here, and new kills are in force before that table is swept:
//! so no call slips through between the two.

use std::sync::Arc;

use arc_swap::ArcSwap;

use aop_domain::kill::{KillKind, Kills};

use crate::call::Call;
use crate::in_flight::{Flight, Registry};
use crate::metrics::Metrics;
use crate::refusal::{Code, Refusal};

/// The kills in force here.
#[derive(Default)]
pub(crate) struct Switch(ArcSwap<Kills>);

impl Switch {
    /// Takes over what is in force now and ends what is in flight of it.
    pub(crate) fn take(&self, kills: Kills, in_flights: &Registry) {
        let kills = Arc::new(kills);
        self.0.store(Arc::clone(&kills));
        if kills.is_empty() {
            return;
        }
        in_flights.each(|flight| {
            if let Some(kind) = killed_by(&kills, flight) {
                flight.end(refusal(kind));
            }
        });
    }
}

/// Refuses a call of something that was killed.
pub(crate) fn check(call: &Call) -> Result<(), Refusal> {
    let kills = call.shared.kills.0.load();
    if kills.is_empty() {
        return Ok(());
    }
    let killed = call.flight.as_ref().and_then(|flight| killed_by(&kills, flight));
    killed.map_or(Ok(()), |kind| Err(refusal(kind)))
}

fn killed_by(kills: &Kills, flight: &Flight) -> Option<KillKind> {
    let facts = &flight.facts;
    KillKind::ALL.into_iter().find(|kind| {
        let is_killed = |target: &str| kills.find(facts.team_id, *kind, target).is_some();
        kills.has(facts.team_id, *kind)
            && match kind {
                KillKind::Trace => is_killed(&facts.trace_id.to_string()),
                KillKind::Execution => facts.execution.as_deref().is_some_and(is_killed),
                KillKind::Session => facts.session.as_deref().is_some_and(is_killed),
                KillKind::Agent => facts.agent.as_deref().is_some_and(is_killed),
                KillKind::Key => is_killed(&facts.key_id.to_string()),
                KillKind::Call => is_killed(&facts.call_id.to_string()),
            }
    })
}

fn refusal(kind: KillKind) -> Refusal {
    let what = match kind {
        KillKind::Trace | KillKind::Execution => "This run was",
        KillKind::Session => "This session was",
        KillKind::Agent => "This agent was",
        KillKind::Key => "The calls of this API key were",
        KillKind::Call => "This call was",
    };
    let then = match kind {
        KillKind::Call => "",
        _ => " New calls are refused until that is lifted under Settings, Runaway guard.",
    };
    Refusal::new(Code::RunKilled, format!("{what} ended by somebody of your team.{then}"))
}

/// A call ended with this refusal: was it killed?
pub(crate) fn count(metrics: &Metrics, error_code: &str) {
    if error_code == Code::RunKilled.as_str() {
        metrics.killed.inc();
    }
}
