//! What calls of each key to each model used so far, bounded in number.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use aop_domain::id::KeyId;
use aop_domain::limits::Learned;

/// When there are more, all is forgotten and learned again: the first estimates are careful ones.
const MOST: usize = 65_536;

#[derive(Default)]
pub(super) struct Learnings {
    hasher: RandomState,
    /// By a hash of key and model: two that meet in one share a guess, nothing worse.
    by_hash: RwLock<HashMap<u64, Arc<Mutex<Learned>>>>,
}

impl Learnings {
    pub(super) fn of(&self, key_id: KeyId, model: &str) -> Arc<Mutex<Learned>> {
        let hash = self.hasher.hash_one((key_id, model));
        if let Some(found) = self.by_hash.read().get(&hash) {
            return Arc::clone(found);
        }
        let mut all = self.by_hash.write();
        if all.len() >= MOST {
            all.clear();
        }
        Arc::clone(all.entry(hash).or_default())
    }
}
