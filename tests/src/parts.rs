//! The parts of an installation, each a process of its own: where they listen, when they do, and what their spools still hold.
#![allow(clippy::unwrap_used, clippy::panic, clippy::missing_panics_doc)]

use std::path::Path;
use std::time::{Duration, Instant};

/// A segment's header: an open segment of this size holds no record.
const EMPTY_SEGMENT_BYTES: u64 = aop_domain::frame::HEADER_BYTES as u64;

/// Ports that nobody has at the moment.
pub fn free_ports<const N: usize>() -> [u16; N] {
    // All are held until all are known, so that no two are the same.
    let listeners: [_; N] = std::array::from_fn(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Waits a minute at most.
pub fn until_it_listens(port: u16) {
    let patience = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "nothing listens on port {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Segment files that hold a record which is not known to be stored.
pub fn segments_with_records(spool: &Path) -> usize {
    let entries = std::fs::read_dir(spool).unwrap().map(Result::unwrap);
    let holds_records = |entry: &std::fs::DirEntry| match entry.path().extension()?.to_str()? {
        "seg" => Some(()),
        "open" => (entry.metadata().ok()?.len() > EMPTY_SEGMENT_BYTES).then_some(()),
        _ => None,
    };
    entries.filter(|entry| holds_records(entry).is_some()).count()
}
