//! Calls in flight: who is being answered now, for whoever watches and for the kill switch.
//!
//! A call enters when it is known who makes it and leaves with its record. That costs one insert into a sharded table;
//! telling the collector of it ([`tell`]) happens beside the calls, and only while somebody listens.

mod early;
mod flight;
mod leave;
mod tell;

pub(crate) use early::{Early, drains, early, is_draining, killed, pass_on};
pub(crate) use flight::Flight;
pub(crate) use tell::Teller;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use uuid::Uuid;

use aop_domain::in_flight::Ended;

use crate::call::Call;

const SHARDS: usize = 32;
/// Ends that wait to be told. More are not told one by one: the next telling is a whole one.
const MOST_ENDS: usize = 16_384;

/// Every call in flight at this gateway.
pub(crate) struct Registry {
    shards: [Mutex<HashMap<Uuid, Arc<Flight>>>; SHARDS],
    ends: Mutex<Vec<Ended>>,
    ends_were_lost: AtomicBool,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            ends: Mutex::default(),
            ends_were_lost: AtomicBool::new(false),
        }
    }
}

impl Registry {
    fn shard(&self, id: Uuid) -> &Mutex<HashMap<Uuid, Arc<Flight>>> {
        // The last byte of a version 7 id is drawn at random.
        &self.shards[usize::from(id.as_bytes()[15]) % SHARDS]
    }

    fn insert(&self, flight: Arc<Flight>) {
        self.shard(flight.facts.call_id).lock().insert(flight.facts.call_id, flight);
    }

    fn remove(&self, id: Uuid) {
        self.shard(id).lock().remove(&id);
    }

    /// Looks at every call. A shard is locked for as long as its calls are looked at.
    pub(crate) fn each(&self, mut look: impl FnMut(&Arc<Flight>)) {
        for shard in &self.shards {
            shard.lock().values().for_each(&mut look);
        }
    }

    fn note_end(&self, ended: Ended) {
        let mut ends = self.ends.lock();
        if ends.len() < MOST_ENDS {
            ends.push(ended);
        } else {
            self.ends_were_lost.store(true, Ordering::Relaxed);
        }
    }

    /// What has ended since, and whether more did than was kept.
    fn take_ends(&self) -> (Vec<Ended>, bool) {
        let ends = std::mem::take(&mut *self.ends.lock());
        (ends, self.ends_were_lost.swap(false, Ordering::Relaxed))
    }
}

/// The call's route is known.
pub(crate) fn follow_route(call: &Call) {
    if let (Some(flight), Some(entry)) = (&call.flight, &call.route) {
        flight.follow(entry.route.policy.on_abort);
    }
}

/// From here the call can be seen and killed.
pub(crate) fn enter(call: &mut Call) {
    let Some(flight) = Flight::of(call) else { return };
    let flight = Arc::new(flight);
    call.shared.in_flights.insert(Arc::clone(&flight));
    call.flight = Some(flight);
}

pub(crate) use leave::leave;

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(id: u128) -> Ended {
        Ended {
            team_id: Default::default(),
            trace_id: Default::default(),
            call_id: Uuid::from_u128(id),
            agent: String::new(),
            status: "ok".to_owned(),
            error_code: String::new(),
            duration_us: 1,
        }
    }

    #[test]
    fn ends_are_bounded_and_what_was_lost_is_said_once() {
        let registry = Registry::default();
        (0..MOST_ENDS as u128 + 3).for_each(|id| registry.note_end(ended(id)));
        let (ends, lost) = registry.take_ends();
        assert_eq!((ends.len(), lost), (MOST_ENDS, true));
        assert_eq!(registry.take_ends(), (Vec::new(), false));
    }
}
