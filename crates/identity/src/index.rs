//! A bounded index from hashes to numbers: the newest entries stay, the oldest are overwritten.
//!
//! Entries stand in a ring; each points to the one before it with the same bucket. A pointer that leads out of the ring
//! is the end of its chain, so that nothing has to be removed when an entry is overwritten. A key may have many values,
//! found newest first. The ring begins small and doubles until its bound.

const FIRST_ENTRIES: usize = 1 << 8;
/// How far a chain is followed.
const LONGEST_WALK: usize = 96;

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    value: u32,
    /// Number of the entry before it in its bucket.
    before: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Index {
    ring: Vec<Entry>,
    /// Number of the newest entry of each bucket, plus one.
    heads: Vec<u32>,
    /// Number of the next entry, counted from 1 and wrapping.
    next: u32,
    filled: usize,
    most: usize,
    /// Entries that there ever were: the place of each in that row stays, whatever becomes of the ring.
    pushed: u64,
}

impl Index {
    /// `most` is rounded up to a power of two.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.next_power_of_two().max(FIRST_ENTRIES);
        Self {
            ring: vec![Entry { key: 0, value: 0, before: 0 }; FIRST_ENTRIES],
            heads: vec![0; FIRST_ENTRIES],
            next: 1,
            filled: 0,
            most,
            pushed: 0,
        }
    }

    /// At most `most` entries that came at `from` or later, and where the next ones begin. Entries that were overwritten in
    /// the meantime are left out.
    pub(crate) fn entries_from(&self, from: u64, most: usize) -> (Vec<(u64, u32)>, u64) {
        let oldest = self.pushed - self.filled as u64;
        let from = from.max(oldest);
        let skipped = usize::try_from(from - oldest).unwrap_or(usize::MAX);
        let entries: Vec<_> = self.entries_behind(skipped).take(most).collect();
        let next = from + entries.len() as u64;
        (entries, next)
    }

    pub(crate) fn push(&mut self, key: u64, value: u32) {
        self.pushed += 1;
        if self.filled == self.ring.len() && self.ring.len() < self.most {
            self.double();
        }
        let bucket = self.bucket(key);
        let number = self.next;
        let slot = number as usize & (self.ring.len() - 1);
        self.ring[slot] = Entry { key, value, before: self.heads[bucket] };
        self.heads[bucket] = number;
        // 0 means "none": it is skipped when the count wraps.
        self.next = number.checked_add(1).unwrap_or(1);
        self.filled = (self.filled + 1).min(self.ring.len());
    }

    /// The values of a key, newest first.
    pub(crate) fn get(&self, key: u64) -> Found<'_> {
        Found { index: self, key, at: self.heads[self.bucket(key)], steps: 0 }
    }

    pub(crate) fn newest(&self, key: u64) -> Option<u32> {
        self.get(key).next()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.ring.capacity() * size_of::<Entry>() + self.heads.capacity() * size_of::<u32>()
    }

    /// All entries, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u64, u32)> {
        self.entries_behind(0)
    }

    fn entries_behind(&self, skipped: usize) -> impl Iterator<Item = (u64, u32)> {
        let mask = self.ring.len() - 1;
        let first = (self.next as usize).wrapping_sub(self.filled);
        (skipped..self.filled).map(move |i| {
            let entry = self.ring[first.wrapping_add(i) & mask];
            (entry.key, entry.value)
        })
    }

    fn bucket(&self, key: u64) -> usize {
        (key ^ (key >> 32)) as usize & (self.heads.len() - 1)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        let age = self.next.wrapping_sub(number) as usize;
        (number != 0 && age != 0 && age <= self.filled)
            .then(|| &self.ring[number as usize & (self.ring.len() - 1)])
    }

    fn double(&mut self) {
        let entries: Vec<_> = self.entries().collect();
        let size = self.ring.len() * 2;
        self.ring = vec![Entry { key: 0, value: 0, before: 0 }; size];
        self.heads = vec![0; size];
        self.next = 1;
        self.filled = 0;
        self.pushed -= entries.len() as u64;
        for (key, value) in entries {
            self.push(key, value);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Found<'a> {
    index: &'a Index,
    key: u64,
    at: u32,
    steps: usize,
}

impl Iterator for Found<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.steps < LONGEST_WALK {
            self.steps += 1;
            let entry = self.index.entry(self.at)?;
            let here = self.at;
            // A pointer that does not lead back in time is left over from an overwritten entry.
            let age = |number: u32| self.index.next.wrapping_sub(number);
            self.at = if entry.before != 0 && age(entry.before) > age(here) { entry.before } else { 0 };
            if entry.key == self.key {
                return Some(entry.value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_newest_entries_are_found_newest_first(pushes in prop::collection::vec((0_u64..40, any::<u32>()), 0..2000)) {
            let mut index = Index::new(512);
            for (key, value) in &pushes {
                index.push(crate::hash::mix(*key), *value);
            }
            let kept = &pushes[pushes.len().saturating_sub(512)..];
            for key in 0..40 {
                let wanted: Vec<u32> =
                    kept.iter().rev().filter(|(k, _)| *k == key).map(|(_, v)| *v).take(20).collect();
                let found: Vec<u32> = index.get(crate::hash::mix(key)).take(20).collect();
                prop_assert_eq!(found, wanted);
            }
        }
    }

    proptest! {
        #[test]
        fn read_piece_by_piece_while_it_grows_it_gives_every_entry_that_stays_once(
            before in 0_usize..1500, between in 0_usize..200, most in 1_usize..300
        ) {
            let mut index = Index::new(1024);
            (0..before).for_each(|key| index.push(key as u64, key as u32));
            let (mut all, mut from) = (Vec::new(), 0);
            loop {
                let (entries, next) = index.entries_from(from, most);
                if entries.is_empty() {
                    break;
                }
                from = next;
                if all.is_empty() {
                    (before..before + between).for_each(|key| index.push(key as u64, key as u32));
                }
                all.extend(entries);
            }
            prop_assert!(all.is_sorted_by(|one, other| one.0 < other.0));
            for entry in index.entries().filter(|_| before > 0) {
                prop_assert!(all.contains(&entry));
            }
        }
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let mut index = Index::new(1000);
        for key in 0..100_000 {
            index.push(crate::hash::mix(key), 1);
        }
        assert!(index.bytes() <= 1024 * 20);
        assert_eq!(index.entries().count(), 1024);
        assert_eq!(index.newest(crate::hash::mix(99_999)), Some(1));
        assert_eq!(index.newest(crate::hash::mix(5)), None);
    }
}
