//! What calls of each key to each model used so far, bounded in number. A process that takes over from another one begins
//! with what that one had learned; after any other start it is learned again: the first estimates are careful ones.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use aop_domain::id::KeyId;
use aop_domain::limits::Learned;

use super::Limiter;

/// When there are more, all is forgotten and learned again.
const MOST: usize = 65_536;
const FILE: &str = "limits.learned";

pub(super) struct Learnings {
    path: PathBuf,
    all: RwLock<All>,
}

struct All {
    /// Drawn at random, so that nobody can choose names that meet.
    seed: u64,
    /// By a hash of key and model: two that meet in one share a guess, nothing worse.
    by_hash: HashMap<u64, Arc<Mutex<Learned>>>,
}

/// As it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    seed: u64,
    learned: Vec<(u64, Learned)>,
}

impl Learnings {
    pub(super) fn new(dir: &Path) -> Self {
        let all = All { seed: rand::random(), by_hash: HashMap::new() };
        Self { path: dir.join(FILE), all: RwLock::new(all) }
    }

    pub(super) fn of(&self, key_id: KeyId, model: &str) -> Arc<Mutex<Learned>> {
        let all = self.all.read();
        if let Some(found) = all.by_hash.get(&hash(all.seed, key_id, model)) {
            return Arc::clone(found);
        }
        drop(all);
        let mut all = self.all.write();
        if all.by_hash.len() >= MOST {
            all.by_hash.clear();
        }
        let hash = hash(all.seed, key_id, model);
        Arc::clone(all.by_hash.entry(hash).or_default())
    }

    fn save(&self) -> std::io::Result<()> {
        let written = {
            let all = self.all.read();
            let learned = all.by_hash.iter().map(|(hash, learned)| (*hash, *learned.lock())).collect();
            Written { seed: all.seed, learned }
        };
        let unfinished = self.path.with_extension("unfinished");
        let mut file = BufWriter::new(File::create(&unfinished)?);
        serde_json::to_writer(&mut file, &written)?;
        file.flush()?;
        std::fs::rename(&unfinished, &self.path)
    }

    /// `None`: there is nothing, or nothing that can be read.
    fn load(&self) -> Option<()> {
        let written: Written = serde_json::from_reader(BufReader::new(File::open(&self.path).ok()?)).ok()?;
        let learned = written.learned.into_iter().take(MOST);
        let by_hash = learned.map(|(hash, learned)| (hash, Arc::new(Mutex::new(learned)))).collect();
        *self.all.write() = All { seed: written.seed, by_hash };
        Some(())
    }
}

fn hash(seed: u64, key_id: KeyId, model: &str) -> u64 {
    let mut hasher = XxHash64::with_seed(seed);
    (key_id, model).hash(&mut hasher);
    hasher.finish()
}

impl Limiter {
    /// Writes down what was learned, for the process that takes over.
    pub(crate) fn save_learned(&self) -> std::io::Result<()> {
        self.learned.save()
    }

    /// Begins with what the process before has learned. What cannot be read is learned anew.
    pub(crate) fn load_learned(&self) {
        if self.learned.load().is_none() {
            tracing::warn!(
                "what the process before learned of calls cannot be read; estimates begin careful"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::limits::Outcome;

    #[test]
    fn what_one_process_learned_is_known_to_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (Learnings::new(dir.path()), Learnings::new(dir.path()));
        assert!(new.load().is_none(), "nothing was written yet");
        let key = KeyId(uuid::Uuid::from_u128(3));
        let outcome = Outcome {
            body_bytes: 300,
            input_tokens: 100,
            output_tokens: 50,
            input_spend: Some(10),
            output_spend: Some(20),
        };
        old.of(key, "m").lock().learn(&outcome);
        old.save().unwrap();
        new.load().unwrap();
        assert_eq!(*new.of(key, "m").lock(), *old.of(key, "m").lock());
        assert_ne!(*new.of(key, "m").lock(), Learned::default());
        assert_eq!(*new.of(key, "another").lock(), Learned::default());
    }
}
