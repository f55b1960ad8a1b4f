//! A call leaves with its record. Who was told that it is in flight is told that it is over.

use std::sync::atomic::Ordering;

use aop_domain::in_flight::Ended;

use crate::call::{Call, micros};
use crate::phases::record::Ending;

pub(crate) fn leave(call: &mut Call, ending: &Ending) {
    let Some(flight) = call.flight.take() else { return };
    let registry = &call.shared.in_flights;
    // Out first: once it is out nobody tells of it any more, so what was told by now is all there will be.
    registry.remove(flight.facts.call_id);
    if flight.is_told.load(Ordering::Acquire) {
        registry.note_end(Ended {
            team_id: flight.facts.team_id,
            trace_id: flight.facts.trace_id,
            call_id: flight.facts.call_id,
            agent: flight.facts.agent.as_deref().unwrap_or_default().to_owned(),
            status: ending.status.as_str().to_owned(),
            error_code: ending.error_code.to_owned(),
            duration_us: micros(call.started.elapsed()),
        });
    }
}
