//! The spool with its thread running: sealing by age and size, the limits, the lock, and recovery.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../tests/shared/patience.rs"]
mod patience;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_domain::frame::{Item, Segment};
use aop_domain::record::RecordKind;
use aop_spool::{AppendError, Config, OpenError, Spool};
use bytes::Bytes;
use patience::PATIENCE;

fn config(dir: &Path) -> Config {
    Config {
        max_bytes: 1_000_000,
        reserve_bytes: 10_000,
        seal_after: Duration::from_millis(40),
        sync_every: Duration::from_millis(5),
        ..Config::new(dir)
    }
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|given| given == extension)).collect();
    found.sort();
    found
}

/// Waits until something the spool's thread does has happened. Bounded, so a spool that never does it fails the test.
fn eventually(what: &str, happened: impl Fn() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn records(dir: &Path) -> Vec<(u64, Vec<u8>)> {
    let segments = files(dir, "seg").into_iter().chain(files(dir, "open"));
    let mut records = Vec::new();
    for path in segments {
        for item in Segment::parse(Bytes::from(fs::read(path).unwrap())).unwrap().items() {
            if let Item::Frame(frame) = item {
                records.push((frame.seq, frame.payload.to_vec()));
            }
        }
    }
    records
}

#[test]
fn a_record_is_in_the_file_when_append_returns() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Call, &[b"one ", b"record"]).unwrap();
    assert_eq!(records(dir.path()), [(1, b"one record".to_vec())]);
}

#[test]
fn a_record_is_sealed_soon_without_another_one() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Log, &[b"alone"]).unwrap();
    eventually("sealing", || spool.stats().segments == 1);
    assert_eq!(files(dir.path(), "seg").len(), 1);
    assert!(spool.stats().oldest_age_ms >= 40);
}

#[test]
fn while_the_collector_is_behind_a_segment_grows_instead_of_being_one_of_many() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    for i in 0..2u8 {
        spool.append(RecordKind::Call, &[&[i]]).unwrap();
        eventually("sealing", || spool.stats().segments == u64::from(i) + 1);
    }
    for i in 2..8u8 {
        spool.append(RecordKind::Call, &[&[i]]).unwrap();
        std::thread::sleep(Duration::from_millis(30));
    }
    assert_eq!(spool.stats().segments, 2);
    assert_eq!(records(dir.path()).len(), 8);
}

#[test]
fn many_threads_append_and_nothing_is_lost_or_torn() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(Config { segment_records: 50, ..config(dir.path()) }).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            let spool = &spool;
            scope.spawn(move || {
                (0..200u8).for_each(|i| spool.append(RecordKind::Call, &[&[thread], &[i]]).unwrap())
            });
        }
    });
    drop(spool);
    let found = records(dir.path());
    assert_eq!(found.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=800).collect::<Vec<_>>());
    for thread in 0..4u8 {
        let of_thread =
            found.iter().filter(|(_, payload)| payload[0] == thread).map(|(_, payload)| payload[1]);
        assert_eq!(of_thread.collect::<Vec<_>>(), (0..200u8).collect::<Vec<_>>(), "order within a thread");
    }
    assert!(files(dir.path(), "seg").len() >= 16);
}

#[test]
fn numbers_go_on_after_a_restart_even_when_everything_was_shipped() {
    let dir = tempfile::tempdir().unwrap();
    let header = |path: &PathBuf| Segment::parse(Bytes::from(fs::read(path).unwrap())).unwrap().header;
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Call, &[b"first"]).unwrap();
    drop(spool);
    let first = files(dir.path(), "seg").remove(0);
    let before = header(&first);
    fs::remove_file(first).unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Call, &[b"second"]).unwrap();
    drop(spool);
    let after = header(&files(dir.path(), "seg").remove(0));
    assert_eq!(after.writer, before.writer);
    assert!(after.segment > before.segment);
    assert_eq!(records(dir.path()), [(2, b"second".to_vec())]);
}

#[test]
fn a_second_owner_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Spool::open(config(dir.path())).unwrap();
    assert!(matches!(Spool::open(config(dir.path())), Err(OpenError::Locked(_))));
}

#[test]
fn a_full_spool_keeps_room_for_the_ledger_and_then_refuses_that_too() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Config { max_bytes: 20_000, reserve_bytes: 5_000, ..config(dir.path()) };
    let spool = Spool::open(limits).unwrap();
    let body = vec![7u8; 1_000];
    while spool.append(RecordKind::Call, &[&body]).is_ok() {}
    assert!(
        matches!(spool.append(RecordKind::Call, &[&body]), Err(AppendError::Full { used_bytes }) if used_bytes > 13_000)
    );
    spool.append_ledger(RecordKind::Call, &[&body[..100]]).unwrap();
    while spool.append_ledger(RecordKind::Call, &[&body]).is_ok() {}
    let stats = spool.stats();
    assert!(!spool.has_room());
    assert!(stats.bytes <= 20_000, "never above the limit: {}", stats.bytes);
    assert!(stats.shed_records >= 4 && stats.refused_records >= 3, "{stats:?}");
    drop(spool);
    assert_eq!(records(dir.path()).len() as u64, stats.appended_records);
}

#[test]
fn what_other_spools_hold_of_a_bound_for_all_is_not_filled_again_but_for_the_reserve() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Config { max_bytes: 20_000, reserve_bytes: 5_000, ..config(dir.path()) };
    let spool = Spool::open(limits).unwrap();
    let body = vec![7u8; 1_000];
    spool.share_bound(10_000);
    while spool.append(RecordKind::Call, &[&body]).is_ok() {}
    let held_bytes = spool.stats().bytes;
    assert!((3_000..=5_000).contains(&held_bytes), "{held_bytes} of what 10,000 and the reserve leave");
    spool.share_bound(12_000);
    assert!(!spool.has_room() && spool.has_room_alone(), "what the others took meanwhile is not there");

    spool.share_bound(20_000);
    while spool.append_ledger(RecordKind::Call, &[&body[..100]]).is_ok() {}
    let held_bytes = spool.stats().bytes;
    assert!((4_800..=5_000).contains(&held_bytes), "{held_bytes}: the reserve is its own");

    spool.share_bound(0);
    spool.append(RecordKind::Call, &[&body]).unwrap();
    assert!(spool.has_room());
}

#[test]
fn a_disk_that_runs_low_sheds_before_it_is_full() {
    let dir = tempfile::tempdir().unwrap();
    // No disk has this much free, so it is low from the start.
    let limits = Config { max_bytes: u64::MAX, reserve_bytes: u64::MAX / 2, ..config(dir.path()) };
    let spool = Spool::open(limits).unwrap();
    assert!(!spool.has_room());
    assert!(matches!(spool.append(RecordKind::Call, &[b"body"]), Err(AppendError::Full { .. })));
    spool.append_ledger(RecordKind::Call, &[b"ledger"]).unwrap();
}

#[test]
fn a_closed_spool_takes_nothing_and_has_sealed_everything() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Call, &[b"last"]).unwrap();
    spool.close();
    assert!(matches!(spool.append(RecordKind::Call, &[b"late"]), Err(AppendError::Closed)));
    assert_eq!(spool.stats().segments, 1);
}

#[test]
fn an_unreadable_segment_is_set_aside_and_the_start_goes_on_under_a_new_name() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    spool.append(RecordKind::Call, &[b"kept"]).unwrap();
    drop(spool);
    let writer = |path: &PathBuf| Segment::parse(Bytes::from(fs::read(path).unwrap())).unwrap().header.writer;
    let before = writer(&files(dir.path(), "seg")[0]);
    let open = files(dir.path(), "open").remove(0);
    fs::write(&open, vec![0u8; 500]).unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    assert_eq!(spool.stats().quarantined, 1);
    spool.append(RecordKind::Call, &[b"new"]).unwrap();
    drop(spool);
    let sealed = files(dir.path(), "seg");
    assert_ne!(writer(&sealed[1]), before, "what the unreadable file had used is not used again");
    assert_eq!(files(&dir.path().join("quarantine"), "open").len(), 1);
}

#[test]
fn files_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("spool");
    let spool = Arc::new(Spool::open(config(&inner)).unwrap());
    spool.append(RecordKind::Call, &[b"secret"]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert!(files(&inner, "open").iter().all(|path| mode(path) == 0o600));
}

#[test]
fn a_record_longer_than_any_call_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(config(dir.path())).unwrap();
    let part = vec![0u8; 81 * 1024 * 1024];
    assert!(matches!(spool.append(RecordKind::Call, &[&part, &part]), Err(AppendError::TooLarge { .. })));
}
