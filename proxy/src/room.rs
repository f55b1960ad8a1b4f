//! How much at once: connections, calls, requests to the management API. What comes when there is no room is refused
//! before anything is held for it; memory for bodies has its own bound ([`crate::body::budget`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::call::Call;
use crate::config::Limits;
use crate::front::waiting::{Waiter, Waiting};
use crate::refusal::{Code, Refusal};

/// Connections beyond the bound that are told so, and not just closed: a share of the bound, and never none.
const TOLD_SHARE: usize = 16;
const TOLD_AT_LEAST: usize = 8;
/// Above this share of the bound, connections are not kept open for a next request.
const TIGHT: (usize, usize) = (3, 4);

/// What there was no room for, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scarce {
    /// Closed without an answer.
    Connections,
    /// Answered on a connection that was one too many.
    ConnectionsTold,
    Calls,
    ApiRequests,
    Bytes,
    /// Of HTTP/2, all connections together.
    Streams,
    /// Connections of one address: closed without an answer.
    AddressConnections,
    /// Answered on a connection, or a stream, that was one too many of its address.
    AddressTold,
    /// Requests of one address that share connections: of HTTP/2, or behind a trusted proxy.
    AddressRequests,
    /// Of one address.
    AddressApiRequests,
}

impl Scarce {
    /// What happened, for a call that is refused because of it.
    fn sentence(self) -> &'static str {
        match self {
            Self::AddressTold
            | Self::AddressRequests
            | Self::AddressConnections
            | Self::AddressApiRequests => {
                "Too many connections or requests of this address are open at the gateway"
            }
            Self::Calls => "The gateway has too many calls under way",
            _ => "The gateway has too many connections open",
        }
    }

    pub(crate) const ALL: [(Self, &str); 10] = [
        (Self::Connections, "connections"),
        (Self::ConnectionsTold, "connections_told"),
        (Self::Calls, "calls"),
        (Self::ApiRequests, "api_requests"),
        (Self::Bytes, "bytes"),
        (Self::Streams, "streams"),
        (Self::AddressConnections, "address_connections"),
        (Self::AddressTold, "address_told"),
        (Self::AddressRequests, "address_requests"),
        (Self::AddressApiRequests, "address_api_requests"),
    ];
}

/// So many at once.
#[derive(Debug)]
pub(crate) struct Places {
    taken: AtomicUsize,
    max: usize,
}

/// One of them, free again when dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Places>);

impl Places {
    fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), max })
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// `None`: all are taken.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Place> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        if before >= self.max {
            self.taken.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place(Arc::clone(self)))
    }

    /// One more than there are, in place of one that is about to come back.
    fn take_over(self: &Arc<Self>) -> Place {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Place(Arc::clone(self))
    }

    pub(crate) fn is_tight(&self) -> bool {
        self.taken() > self.max / TIGHT.1 * TIGHT.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) struct Room {
    pub(crate) connections: Arc<Places>,
    /// Those of them that wait for a request, and came or were used when room was tight.
    waiting: Waiting,
    /// Requests over HTTP/2, which share their connections.
    pub(crate) streams: Arc<Places>,
    /// Connections and such requests that are only told that there is no room.
    pub(crate) told: Arc<Places>,
    pub(crate) calls: Arc<Places>,
    pub(crate) api_requests: Arc<Places>,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            connections: Places::new(limits.connections_max),
            waiting: Waiting::default(),
            // One over HTTP/1 takes a connection.
            streams: Places::new(limits.connections_max),
            told: Places::new((limits.connections_max / TOLD_SHARE).max(TOLD_AT_LEAST)),
            calls: Places::new(limits.calls_max),
            api_requests: Places::new(limits.api_requests_max),
        }
    }
}

impl Room {
    /// A place for a connection, if need be in place of the one that has waited longest.
    pub(crate) fn connect(&self) -> Option<Place> {
        let place = self.connections.take();
        place.or_else(|| self.waiting.dismiss().then(|| self.connections.take_over()))
    }

    /// The connection waits for a request. `None`: there is room enough for it to do so undisturbed.
    pub(crate) fn wait(&self) -> Option<Waiter> {
        self.connections.is_tight().then(|| self.waiting.join())
    }
}

/// Takes the call in, or refuses it: it is known by now whose it is, and nothing of its body has been read.
/// `turned_away`: there was no room for its connection already.
pub(crate) fn admit(call: &mut Call, turned_away: Option<Scarce>) -> Result<(), Refusal> {
    if let Some(scarce) = turned_away {
        return Err(refused(call, scarce, scarce.sentence()));
    }
    call.place = call.shared.room.calls.take();
    if call.place.is_none() {
        return Err(refused(call, Scarce::Calls, Scarce::Calls.sentence()));
    }
    Ok(())
}

/// There is no memory left for what was to be held.
pub(crate) fn no_bytes(call: &Call, what: &'static str) -> Refusal {
    refused(call, Scarce::Bytes, what)
}

fn refused(call: &Call, scarce: Scarce, what: &'static str) -> Refusal {
    call.shared.metrics.count_scarce(scarce);
    Refusal::new(Code::Overloaded, format!("{what}; try again in a moment."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_up_to_their_number_and_come_back() {
        let places = Places::new(4);
        let mut held: Vec<Place> = (0..4).map_while(|_| places.take()).collect();
        assert_eq!(held.len(), 4);
        assert!(places.take().is_none() && places.is_tight());
        held.truncate(3);
        assert!(!places.is_tight(), "three of four");
        held.push(places.take().unwrap());
        drop(held);
        assert_eq!(places.taken(), 0);
    }

    #[test]
    fn of_many_threads_no_more_than_the_bound_are_in_at_once() {
        let places = Places::new(3);
        let most = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        if let Some(_place) = places.take() {
                            static IN: AtomicUsize = AtomicUsize::new(0);
                            most.fetch_max(IN.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            IN.fetch_sub(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 3);
        assert_eq!(places.taken(), 0);
    }
}
