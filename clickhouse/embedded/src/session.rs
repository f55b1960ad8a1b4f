//! Sessions: a connection that is kept between statements with the same `session_id` (temporary tables, `SET`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::Exception;
use crate::library::Connection;
use crate::request::SessionRequest;

pub(crate) struct Sessions {
    limit: usize,
    slots: Mutex<HashMap<String, Slot>>,
}

enum Slot {
    /// A statement runs on it.
    Busy,
    Idle {
        connection: Connection,
        until: Instant,
    },
}

/// The right to use a session. Dropped without `give_back`, the session ends.
pub(crate) struct Lease<'a> {
    sessions: &'a Sessions,
    id: String,
    timeout: Duration,
    kept: bool,
}

impl Sessions {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, slots: Mutex::new(HashMap::new()) }
    }

    /// The session's connection when it exists; `None` with a lease when it begins now.
    pub(crate) fn take(&self, asked: &SessionRequest) -> Result<(Lease<'_>, Option<Connection>), Exception> {
        let now = Instant::now();
        let mut slots = self.slots.lock();
        let expired = take_expired(&mut slots, now);
        let connection = match slots.remove(&asked.id) {
            Some(Slot::Busy) => {
                slots.insert(asked.id.clone(), Slot::Busy);
                return Err(Exception::session_locked());
            }
            Some(Slot::Idle { connection, .. }) => Some(connection),
            None if asked.must_exist => return Err(Exception::session_not_found()),
            None if slots.len() >= self.limit => return Err(Exception::busy()),
            None => None,
        };
        slots.insert(asked.id.clone(), Slot::Busy);
        drop(slots);
        drop(expired);
        let timeout = Duration::from_secs(asked.timeout_s);
        Ok((Lease { sessions: self, id: asked.id.clone(), timeout, kept: false }, connection))
    }

    /// Closes the sessions whose time is over.
    pub(crate) fn sweep(&self, now: Instant) {
        let expired = take_expired(&mut self.slots.lock(), now);
        drop(expired);
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.slots.lock());
        drop(all);
    }
}

/// Taken out under the lock and closed outside of it, because closing takes time.
fn take_expired(slots: &mut HashMap<String, Slot>, now: Instant) -> Vec<Slot> {
    slots
        .extract_if(|_, slot| matches!(slot, Slot::Idle { until, .. } if *until <= now))
        .map(|(_, slot)| slot)
        .collect()
}

impl Lease<'_> {
    pub(crate) fn give_back(mut self, connection: Connection) {
        self.kept = true;
        let until = Instant::now() + self.timeout;
        self.sessions.slots.lock().insert(self.id.clone(), Slot::Idle { connection, until });
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.sessions.slots.lock().remove(&self.id);
        }
    }
}
