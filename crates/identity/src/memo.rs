//! Keys of texts that were read lately, by the hash of how they are written: the prompt and all but the last messages of
//! a call were in the call before it.
//!
//! A table of fixed size, read and written by all calls at once without a lock. Each slot holds the key, and its name
//! mixed with it: two halves that come from two writers do not fit each other, and are as good as none.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::hash;

const SLOTS: usize = 1 << 12;

#[derive(Debug, Default)]
struct Slot {
    /// The hash of the text as written, mixed with its key.
    name: AtomicU64,
    key: AtomicU64,
}

#[derive(Debug)]
pub struct Memo {
    seed: u64,
    slots: Box<[Slot]>,
}

impl Memo {
    /// `seed`: drawn at random, so that nobody can write a text that is taken for somebody else's.
    pub fn new(seed: u64) -> Self {
        Self { seed, slots: (0..SLOTS).map(|_| Slot::default()).collect() }
    }

    /// The key of `written`: what is known of it, else what `read` says.
    pub(crate) fn key(&self, written: &[u8], read: impl FnOnce() -> u64) -> u64 {
        let name = hash::bytes(self.seed, written);
        let slot = &self.slots[name as usize % SLOTS];
        let known = slot.key.load(Ordering::Relaxed);
        if known != 0 && slot.name.load(Ordering::Relaxed) ^ known == name {
            return known;
        }
        let key = read();
        slot.key.store(key, Ordering::Relaxed);
        slot.name.store(name ^ key, Ordering::Relaxed);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_read_once() {
        let memo = Memo::new(5);
        assert_eq!(memo.key(b"a text", || 7), 7);
        assert_eq!(memo.key(b"a text", || 8), 7, "known");
        assert_eq!(memo.key(b"another text", || 8), 8);
    }

    proptest! {
        /// However many texts share a slot, and however they come again, each has its own key.
        #[test]
        fn what_is_known_is_what_was_read(texts in prop::collection::vec(0_u32..20_000, 0..3_000)) {
            let memo = Memo::new(5);
            for text in texts {
                let key = hash::mix(u64::from(text) + 1);
                prop_assert_eq!(memo.key(&text.to_le_bytes(), || key), key);
            }
        }
    }

    #[test]
    fn callers_at_once_never_get_each_others_keys() {
        let memo = Memo::new(5);
        std::thread::scope(|scope| {
            for first in 0..4_u32 {
                let memo = &memo;
                scope.spawn(move || {
                    for text in (0..200_000_u32).map(|i| (i * 31 + first) % 9_000) {
                        let key = hash::mix(u64::from(text) + 1);
                        assert_eq!(memo.key(&text.to_le_bytes(), || key), key);
                    }
                });
            }
        });
    }
}
