//! How far connections tell runs apart: a client with a connection for each run does, one that shares them does not.

use serde::{Deserialize, Serialize};

use super::{Arrival, Engine};
use crate::hash;

/// How often a connection must have been right for it to decide between runs that are equal otherwise.
const TRUSTED: f32 = 0.95;
const ENOUGH_CONNECTIONS: f32 = 8.0;
/// Programs of which it is remembered. One that takes the place of another begins anew.
const PROGRAMS: usize = 1 << 10;

/// How often the connections of a program led to the right run, as evidence that is stronger showed: right and all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Tally {
    program: u64,
    right: f32,
    all: f32,
}

impl Tally {
    /// Nothing speaks against its connections yet.
    fn new(program: u64) -> Self {
        Self { program, right: 1.0, all: 1.0 }
    }
}

/// What is known of the programs that call: a key and the name that its client has for itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Lines(Vec<Tally>);

impl Lines {
    fn of(&self, arrival: &Arrival<'_>) -> Tally {
        let program = program(arrival);
        let known = self.0.get(place(program)).filter(|known| known.program == program);
        known.copied().unwrap_or(Tally::new(program))
    }

    fn learn(&mut self, arrival: &Arrival<'_>, right: bool) {
        let known = self.of(arrival);
        self.0.resize(PROGRAMS, Tally::new(0));
        let right = known.right * 0.98 + if right { 1.0 } else { 0.0 };
        self.0[place(known.program)] = Tally { right, all: known.all * 0.98 + 1.0, ..known };
    }

    /// Whether it is as it was made, after it was read from outside.
    pub(super) fn is_whole(&self) -> bool {
        let is_share = |known: &Tally| known.right >= 0.0 && known.all > 0.0 && known.right <= known.all;
        (self.0.is_empty() || self.0.len() == PROGRAMS) && self.0.iter().all(is_share)
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Tally>()
    }
}

fn program(arrival: &Arrival<'_>) -> u64 {
    hash::join(arrival.scope, hash::bytes(61, arrival.user_agent.as_bytes()))
}

fn place(program: u64) -> usize {
    (hash::mix(program) % PROGRAMS as u64) as usize
}

impl Engine {
    /// How far a connection tells runs apart here: a client that shares its connections among runs teaches otherwise.
    pub(super) fn connection_trust(&self, arrival: &Arrival<'_>) -> f32 {
        let known = self.lines.of(arrival);
        known.right / known.all
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
    pub(super) fn connections_tell(&self, arrival: &Arrival<'_>) -> bool {
        let known = self.lines.of(arrival);
        known.right / known.all >= TRUSTED && known.all >= ENOUGH_CONNECTIONS
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
        self.lines.learn(arrival, right);
    }
}
