//! What the collector remembers between segments. Each part is only an optimization or a hint: all of it may be empty
//! (after a restart) or forgotten, and every stored row is still right. So it is filled only after an insert succeeded.

use std::collections::HashSet;
use std::hash::Hash as StdHash;

use parking_lot::Mutex;

use crate::content::Hash;

/// Entries of each part. 16 to 40 bytes each: a few tens of megabytes at most.
const ENTRIES: usize = 400_000;

/// A set that forgets: two generations, the older of which is dropped when the younger is full. An entry that is asked for
/// moves to the younger, so what is in use stays.
#[derive(Debug)]
struct Recent<K> {
    young: HashSet<K>,
    old: HashSet<K>,
    generation: usize,
}

impl<K: StdHash + Eq> Recent<K> {
    fn new(entries: usize) -> Self {
        Self { young: HashSet::new(), old: HashSet::new(), generation: entries.div_ceil(2).max(1) }
    }

    fn insert(&mut self, key: K) {
        if self.young.len() >= self.generation {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key);
    }

    fn contains(&mut self, key: &K) -> bool {
        if self.young.contains(key) {
            return true;
        }
        match self.old.take(key) {
            Some(key) => {
                self.insert(key);
                true
            }
            None => false,
        }
    }
}

/// One stored message: team, day, retention class and hash, as one key. Retention drops a day of messages whole, so a
/// message is written again on each day, and in each class, that needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoredKey {
    pub(crate) team: [u8; 16],
    pub(crate) day: u16,
    pub(crate) retention_days: u16,
    pub(crate) hash: Hash,
}

/// A conversation up to one of its messages: the team and all hashes so far, hashed.
pub(crate) type Chain = [u8; 16];

/// What names a segment for good: writer, number, time of creation.
pub(crate) type SegmentId = (uuid::Uuid, u64, i64);

#[derive(Debug)]
pub(crate) struct Memory {
    stored: Mutex<Recent<StoredKey>>,
    chains: Mutex<Recent<Chain>>,
    segments: Mutex<Recent<SegmentId>>,
}

/// What one segment adds to the memory once it is stored.
#[derive(Debug, Default)]
pub(crate) struct Lessons {
    pub(crate) stored: HashSet<StoredKey>,
    pub(crate) chains: HashSet<Chain>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            stored: Mutex::new(Recent::new(ENTRIES)),
            chains: Mutex::new(Recent::new(ENTRIES)),
            segments: Mutex::new(Recent::new(10_000)),
        }
    }
}

impl Memory {
    pub(crate) fn is_stored(&self, key: &StoredKey) -> bool {
        self.stored.lock().contains(key)
    }

    pub(crate) fn knows_chain(&self, chain: &Chain) -> bool {
        self.chains.lock().contains(chain)
    }

    /// Whether this process has stored the segment already: its answer was lost, and it is sent again.
    pub(crate) fn has_segment(&self, segment: &SegmentId) -> bool {
        self.segments.lock().contains(segment)
    }

    /// Only after every insert of the segment succeeded.
    pub(crate) fn learn(&self, segment: SegmentId, lessons: Lessons) {
        let mut stored = self.stored.lock();
        lessons.stored.into_iter().for_each(|key| stored.insert(key));
        drop(stored);
        let mut chains = self.chains.lock();
        lessons.chains.into_iter().for_each(|chain| chains.insert(chain));
        drop(chains);
        self.segments.lock().insert(segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_set_forgets_what_nobody_asks_for() {
        let mut recent = Recent::new(8);
        recent.insert(0);
        for key in 1..100 {
            recent.insert(key);
            assert!(recent.contains(&0), "in use, so kept");
        }
        assert!(!recent.contains(&1));
        assert!(recent.contains(&99));
        assert!(recent.young.len() + recent.old.len() <= 8);
    }
}
