//! The corpus of the fuzz targets, replayed, and each of its files changed in many small ways by a generator that is the
//! same every time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[allow(dead_code)]
#[path = "../../fuzz/targets.rs"]
mod targets;

use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const CHANGES_PER_FILE: usize = 400;
/// Bytes that mean something somewhere.
const TELLING: &[u8] = b"\"{}[],:\\\n\r\0 -=;%/.*\xff\xc3e9";

fn changed(mut bytes: Vec<u8>, other: &[u8], random: &mut StdRng) -> Vec<u8> {
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=bytes.len());
        match random.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at, TELLING[random.random_range(0..TELLING.len())]),
            3 => bytes.truncate(at),
            4 => {
                let end = (at + random.random_range(0..40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                let from = random.random_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes
}

fn replay(name: &str) {
    let (_, target) = targets::TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 1, "{name} has no corpus");
    let texts: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let mut random = StdRng::seed_from_u64(7);
    for (at, text) in texts.iter().enumerate() {
        target(text);
        for _ in 0..CHANGES_PER_FILE {
            let other = &texts[random.random_range(0..texts.len())];
            let input = changed(text.clone(), other, &mut random);
            let judged = std::panic::catch_unwind(|| target(&input));
            assert!(judged.is_ok(), "{name}: {} changed to {}", files[at].display(), input.escape_ascii());
        }
    }
}

macro_rules! replays {
    ($($name:ident),*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(targets::TARGETS.map(|(name, _)| name), replayed);
        }
    };
}

replays!(sse, requests, streams, routes, spool, identity, body, multipart, token);
