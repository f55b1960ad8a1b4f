//! Random histories of a spool against a reference model: what was acknowledged must come out once, in order.
//!
//! Three sets are kept: issued (append returned), durable (a round of the sealer has synced it) and delivered. A kill -9
//! may cost nothing that was issued; a power failure may cost only what was not durable; a flipped byte may cost one
//! record, and must be counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::time::Duration;

use aop_domain::frame::{HEADER_BYTES, Header, Item, Segment};
use aop_domain::record::RecordKind;
use bytes::Bytes;
use proptest::prelude::*;

use crate::{AppendError, Config, Spool, Staged, sealer};

#[derive(Debug, Clone)]
enum Action {
    Append {
        bytes: usize,
    },
    /// A record that waits for others.
    Stage {
        bytes: usize,
    },
    /// One of those that wait asks for its batch to be written; or it is given up, which writes it too.
    Commit {
        which: prop::sample::Index,
        given_up: bool,
    },
    /// A round of the sealer: sync, and seal what is old.
    Round {
        seal: bool,
    },
    /// A shipper takes the oldest segment; the collector's answer arrives or not.
    Ship {
        answered: bool,
    },
    Kill,
    /// What was not synced is cut somewhere.
    PowerFailure {
        keep: prop::sample::Index,
    },
    /// One byte of the active segment flips while the process is dead.
    Corrupt {
        place: prop::sample::Index,
    },
    /// A clean stop and start.
    Restart,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        12 => (0usize..600).prop_map(|bytes| Action::Append { bytes }),
        8 => (0usize..600).prop_map(|bytes| Action::Stage { bytes }),
        6 => any::<(prop::sample::Index, bool)>().prop_map(|(which, given_up)| Action::Commit { which, given_up }),
        4 => any::<bool>().prop_map(|seal| Action::Round { seal }),
        4 => any::<bool>().prop_map(|answered| Action::Ship { answered }),
        1 => Just(Action::Kill),
        1 => any::<prop::sample::Index>().prop_map(|keep| Action::PowerFailure { keep }),
        1 => any::<prop::sample::Index>().prop_map(|place| Action::Corrupt { place }),
        1 => Just(Action::Restart),
    ]
}

struct Model {
    dir: tempfile::TempDir,
    spool: Option<Spool>,
    next_id: u64,
    /// Records that must still come out.
    owed: BTreeSet<u64>,
    /// Staged, and nobody has been told yet. They may come out already.
    waiting: Vec<(u64, Staged)>,
    /// Issued, not yet synced.
    volatile: BTreeSet<u64>,
    /// May come out or not: a power failure met them.
    excused: BTreeSet<u64>,
    /// Length of each `.open` file at the last round.
    synced_bytes: BTreeMap<u64, u64>,
    delivered: BTreeSet<u64>,
    /// Header and content of each segment that was sent: the same header must always mean the same bytes.
    sent: BTreeMap<(String, u64, i64), Vec<u8>>,
    last_delivered_seq: BTreeMap<String, u64>,
    corrupted: u64,
    quarantined: u64,
}

fn config(dir: &std::path::Path, seal: bool) -> Config {
    Config {
        max_bytes: 12_000,
        reserve_bytes: 1_000,
        segment_bytes: 2_000,
        segment_records: 8,
        seal_after: if seal { Duration::ZERO } else { Duration::from_secs(3_600) },
        ..Config::new(dir)
    }
}

impl Model {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open_without_thread(config(dir.path(), false)).unwrap();
        Self {
            dir,
            spool: Some(spool),
            next_id: 0,
            owed: BTreeSet::new(),
            waiting: Vec::new(),
            volatile: BTreeSet::new(),
            excused: BTreeSet::new(),
            synced_bytes: BTreeMap::new(),
            delivered: BTreeSet::new(),
            sent: BTreeMap::new(),
            last_delivered_seq: BTreeMap::new(),
            corrupted: 0,
            quarantined: 0,
        }
    }

    fn spool(&self) -> &Spool {
        self.spool.as_ref().unwrap()
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::Append { bytes } => self.append(*bytes),
            Action::Stage { bytes } => self.stage(*bytes),
            Action::Commit { .. } if self.waiting.is_empty() => {}
            Action::Commit { which, given_up } => self.commit(which.index(self.waiting.len()), *given_up),
            Action::Round { seal } => self.round(*seal),
            Action::Ship { answered } => {
                self.ship(*answered);
            }
            Action::Kill => self.reopen(),
            Action::PowerFailure { keep } => self.power_failure(*keep),
            Action::Corrupt { place } => self.corrupt(*place),
            Action::Restart => {
                self.commit_all();
                self.round(true);
                self.reopen();
            }
        }
        self.check_size();
    }

    fn append(&mut self, bytes: usize) {
        let id = self.next_id;
        self.next_id += 1;
        let payload = payload(id, bytes);
        let (head, tail) = payload.split_at(payload.len() / 2);
        match self.spool().append(RecordKind::Call, &[head, tail]) {
            Ok(()) => {
                self.owed.insert(id);
                self.volatile.insert(id);
            }
            Err(AppendError::Full { used_bytes }) => {
                assert!(used_bytes + payload.len() as u64 + 17 > 11_000, "refused while there was room");
            }
            Err(other) => panic!("append failed: {other}"),
        }
    }

    fn stage(&mut self, bytes: usize) {
        let id = self.next_id;
        self.next_id += 1;
        let payload = payload(id, bytes);
        match self.spool().stage(RecordKind::Call, &[&payload]) {
            Ok(staged) => {
                self.excused.insert(id);
                self.waiting.push((id, staged));
            }
            Err(AppendError::Full { used_bytes }) => {
                assert!(used_bytes + payload.len() as u64 + 17 > 11_000, "refused while there was room");
            }
            Err(other) => panic!("stage failed: {other}"),
        }
    }

    fn commit_all(&mut self) {
        while !self.waiting.is_empty() {
            self.commit(0, false);
        }
    }

    fn commit(&mut self, which: usize, given_up: bool) {
        let (id, staged) = self.waiting.swap_remove(which);
        if given_up {
            drop(staged);
        } else {
            staged.commit().unwrap();
        }
        self.excused.remove(&id);
        if !self.delivered.contains(&id) {
            self.owed.insert(id);
            self.volatile.insert(id);
        }
    }

    fn round(&mut self, seal: bool) {
        let shared = self.spool().shared();
        if seal && shared.state.lock().active.records > 0 {
            shared.rotate(&mut shared.state.lock()).unwrap();
        }
        sealer::round(shared);
        let state = shared.state.lock();
        let synced = (state.active.header.segment, state.active.bytes);
        drop(state);
        self.synced_bytes.insert(synced.0, synced.1);
        self.volatile.clear();
    }

    fn ship(&mut self, answered: bool) -> bool {
        let Some(claimed) = self.spool().claim() else { return false };
        let bytes = fs::read(&claimed.path).unwrap();
        let segment = Segment::parse(Bytes::from(bytes.clone())).unwrap();
        let Header { writer, segment: number, created_at_us, .. } = segment.header;
        assert_eq!(number, claimed.number);
        let before = self.sent.insert((writer.to_string(), number, created_at_us), bytes.clone());
        assert!(before.is_none_or(|before| before == bytes), "a sealed segment changed between two sends");
        if !answered {
            self.spool().release(claimed.number);
            return true;
        }
        for item in segment.items() {
            if let Item::Frame(frame) = item {
                let id = check_payload(&frame.payload);
                assert!(self.delivered.insert(id), "record {id} was delivered twice");
                assert!(self.owed.remove(&id) || self.excused.contains(&id), "record {id} was never issued");
                let last = self.last_delivered_seq.insert(writer.to_string(), frame.seq);
                assert!(last.is_none_or(|last| last < frame.seq), "seq went back");
            }
        }
        self.spool().acknowledge(&claimed).unwrap();
        true
    }

    fn reopen(&mut self) {
        self.quarantined += self.spool().stats().quarantined;
        for (_, staged) in self.waiting.drain(..) {
            staged.forget();
        }
        self.spool = None;
        self.spool = Some(Spool::open_without_thread(config(self.dir.path(), false)).unwrap());
        // Recovery has synced and sealed everything.
        self.volatile.clear();
        self.synced_bytes.clear();
    }

    fn open_files(&self) -> Vec<(u64, std::path::PathBuf)> {
        let files = fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let open = files.filter(|path| path.extension().is_some_and(|extension| extension == "open"));
        open.map(|path| (path.file_stem().unwrap().to_str().unwrap().parse().unwrap(), path)).collect()
    }

    fn power_failure(&mut self, keep: prop::sample::Index) {
        for (number, path) in self.open_files() {
            let length = fs::metadata(&path).unwrap().len();
            let synced = self.synced_bytes.get(&number).copied().unwrap_or(0);
            let kept = synced + keep.index((length - synced) as usize + 1) as u64;
            OpenOptions::new().write(true).open(&path).unwrap().set_len(kept).unwrap();
        }
        for id in std::mem::take(&mut self.volatile) {
            self.owed.remove(&id);
            self.excused.insert(id);
        }
        self.reopen();
    }

    fn corrupt(&mut self, place: prop::sample::Index) {
        let (_, path) = self.open_files().pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        if bytes.len() > HEADER_BYTES {
            let place = HEADER_BYTES + place.index(bytes.len() - HEADER_BYTES);
            let hit = id_at(&bytes, place);
            bytes[place] ^= 0x40;
            fs::write(&path, bytes).unwrap();
            self.corrupted += 1;
            self.owed.remove(&hit);
        }
        self.reopen();
    }

    fn check_size(&self) {
        let on_disk: u64 = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().extension().is_some())
            .map(|entry| entry.metadata().unwrap().len())
            .sum();
        assert_eq!(self.spool().stats().bytes, on_disk);
        assert!(on_disk <= 12_000 + 20 * HEADER_BYTES as u64);
    }

    fn finish(mut self) {
        self.commit_all();
        self.round(true);
        while self.ship(true) {}
        assert!(self.owed.is_empty(), "records lost: {:?}", self.owed);
        assert!(
            self.quarantined + self.spool().stats().quarantined >= self.corrupted,
            "damage was not counted"
        );
        let stats = self.spool().stats();
        assert_eq!((stats.segments, stats.unsealed_records), (0, 0));
    }
}

/// Recomputable from the id, so that a record that comes out can be checked byte for byte.
fn payload(id: u64, bytes: usize) -> Vec<u8> {
    let filler = (0..bytes).map(|i| (id as usize * 31 + i * 7) as u8);
    id.to_le_bytes().into_iter().chain(filler).collect()
}

fn check_payload(given: &[u8]) -> u64 {
    let id = u64::from_le_bytes(given[..8].try_into().unwrap());
    assert_eq!(given, payload(id, given.len() - 8));
    id
}

/// The record whose frame covers a byte of an intact segment.
fn id_at(segment: &[u8], place: usize) -> u64 {
    let items = Segment::parse(Bytes::copy_from_slice(segment)).unwrap().items();
    let covers = |item| match item {
        Item::Frame(frame) if frame.offset <= place => Some(check_payload(&frame.payload)),
        _ => None,
    };
    items.filter_map(covers).last().unwrap()
}

/// Each case syncs a real disk many times: 64 of them by default, `PROPTEST_CASES` for more.
fn config_of_cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64);
    ProptestConfig { cases, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config_of_cases())]

    #[test]
    fn every_record_that_was_taken_comes_out_once_and_in_order(actions in prop::collection::vec(action(), 0..64)) {
        let mut model = Model::new();
        for action in &actions {
            model.apply(action);
        }
        model.finish();
    }
}
