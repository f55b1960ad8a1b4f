//! How far connections tell runs apart: a client with a connection for each run does, one that shares them does not.

use super::{Arrival, Engine};
use crate::hash;

/// How often a connection must have been right for it to decide between runs that are equal otherwise.
const TRUSTED: f32 = 0.95;
const ENOUGH_CONNECTIONS: f32 = 8.0;

impl Engine {
    /// How far a connection tells runs apart here: a client that shares its connections among runs teaches otherwise.
    pub(super) fn connection_trust(&self) -> f32 {
        self.connection_right / self.connection_all
    }

    /// The conversation that used this connection last. 0: none.
    pub(super) fn last_on_line(&self, arrival: &Arrival<'_>) -> u32 {
        if arrival.connection == 0 {
            return 0;
        }
        let key = hash::join(arrival.scope, arrival.connection);
        self.connections.newest(key).map_or(0, |number| self.conversations.current(number))
    }

    /// Have connections been right often enough to decide between runs that are equal otherwise?
    pub(super) fn connections_tell(&self) -> bool {
        self.connection_trust() >= TRUSTED && self.connection_all >= ENOUGH_CONNECTIONS
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
}
