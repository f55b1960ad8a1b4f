//! Values by key, as long as they are in use: bounded in time and in number. The newest stay.

use std::collections::HashMap;

use parking_lot::Mutex;

const SHARDS: usize = 16;

pub(super) struct Recent<V> {
    shards: [Mutex<HashMap<u64, Entry<V>>>; SHARDS],
    /// Of one shard.
    room: usize,
    keep_us: i64,
}

struct Entry<V> {
    last_us: i64,
    value: V,
}

impl<V: Default> Recent<V> {
    pub(super) fn new(room: usize, keep_us: i64) -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), room: room.div_ceil(SHARDS), keep_us }
    }

    /// Uses the value of `key`: a new one when there is none or it was not used for too long.
    pub(super) fn with<R>(&self, key: u64, now_us: i64, on: impl FnOnce(&mut V) -> R) -> R {
        let mut shard = self.shards[(key >> 59) as usize % SHARDS].lock();
        if shard.len() >= self.room && !shard.contains_key(&key) {
            make_room(&mut shard, now_us - self.keep_us);
        }
        let entry = shard.entry(key).or_insert_with(|| Entry { last_us: now_us, value: V::default() });
        if now_us - entry.last_us > self.keep_us {
            entry.value = V::default();
        }
        entry.last_us = now_us;
        on(&mut entry.value)
    }

    /// Uses the value of `key` if there is one; it does not stay longer for that.
    pub(super) fn peek(&self, key: u64, on: impl FnOnce(&mut V)) {
        if let Some(entry) = self.shards[(key >> 59) as usize % SHARDS].lock().get_mut(&key) {
            on(&mut entry.value);
        }
    }

    /// Looks at every value that was not used since `before_us`.
    pub(super) fn each_idle(&self, before_us: i64, mut look: impl FnMut(&mut V)) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            shard
                .values_mut()
                .filter(|entry| entry.last_us < before_us)
                .for_each(|entry| look(&mut entry.value));
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }
}

/// Takes out what is over, and the older half when that is nothing.
fn make_room<V>(shard: &mut HashMap<u64, Entry<V>>, over_before_us: i64) {
    let before = shard.len();
    shard.retain(|_, entry| entry.last_us >= over_before_us);
    if shard.len() < before {
        return;
    }
    let mut times: Vec<i64> = shard.values().map(|entry| entry.last_us).collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    // All of one moment: any half will do.
    let mut left = before - middle;
    shard.retain(|_, entry| {
        let goes = entry.last_us <= median && left > 0;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_is_never_more_than_fits_and_what_was_used_last_is_there(keys in prop::collection::vec(any::<u64>(), 1..400)) {
            let recent: Recent<u32> = Recent::new(64, 1_000);
            for (at, key) in keys.iter().enumerate() {
                recent.with(*key, at as i64, |count| *count += 1);
                prop_assert!(recent.len() <= 64 + SHARDS);
                let mut there = false;
                recent.peek(*key, |_| there = true);
                prop_assert!(there);
            }
        }
    }

    #[test]
    fn what_was_not_used_for_long_begins_anew() {
        let recent: Recent<u32> = Recent::new(64, 1_000);
        let count = |now_us| {
            recent.with(7, now_us, |count| {
                *count += 1;
                *count
            })
        };
        assert_eq!((count(0), count(900), count(1_800)), (1, 2, 3));
        assert_eq!(count(2_801), 1);
    }
}
