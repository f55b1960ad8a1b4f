//! What happens to the files that an earlier process left behind.
//!
//! Every `.open` file is cut to its last good frame and sealed; an empty one is deleted; one whose header cannot be read
//! is set aside. Damage is copied to `quarantine/` and counted, and never stops the start.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;

use aop_domain::frame::{HEADER_BYTES, Header, HeaderError, Item, Segment};
use bytes::Bytes;
use uuid::Uuid;

use crate::dir::{Dir, Found};

/// A sealed segment that waits for the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) bytes: u64,
    /// When its first record came (for a recovered one: when it was last written), microseconds since 1970.
    pub(crate) first_at_us: i64,
}

/// What was found, and where the writer goes on.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) sealed: Vec<(u64, Sealed)>,
    pub(crate) next: Header,
    pub(crate) quarantined: u64,
}

/// `fresh_writer` is taken when no file says who wrote here, or when one that cannot be read may have said more.
pub(crate) fn recover(dir: &Dir, fresh_writer: Uuid, now_us: i64) -> io::Result<Recovered> {
    let fresh = Header { writer: fresh_writer, segment: 1, created_at_us: now_us, first_seq: 1 };
    let mut recovered = Recovered { sealed: Vec::new(), next: fresh, quarantined: 0 };
    let files = dir.list()?;
    let (sealed, open): (Vec<Found>, Vec<Found>) = files.iter().partition(|found| found.sealed);
    for found in &sealed {
        recovered.keep(dir, found.number)?;
    }
    let mut numbers = None;
    let mut all_readable = true;
    for found in &open {
        match seal_leftover(dir, found.number, &mut recovered)? {
            Leftover::Numbers(next) => numbers = Some(next),
            Leftover::CutInItsHeader => {}
            Leftover::Unreadable => all_readable = false,
        }
    }
    if let (None, Some(last)) = (numbers, sealed.last()) {
        let bytes = Bytes::from(fs::read(dir.sealed_path(last.number))?);
        numbers = Segment::parse(bytes).ok().map(|segment| numbers_after(&segment));
    }
    if let (Some(next), true) = (numbers, all_readable) {
        recovered.next = next;
    }
    recovered.next.created_at_us = now_us;
    recovered.next.segment = files.iter().map(|found| found.number + 1).max().unwrap_or(1);
    dir.sync()?;
    Ok(recovered)
}

/// The writer of a segment and the `seq` that follows its last record.
fn numbers_after(segment: &Segment) -> Header {
    let last_seq = |item| match item {
        Item::Frame(frame) => Some(frame.seq),
        _ => None,
    };
    let next_seq = segment.items().filter_map(last_seq).last().map(|seq| seq + 1);
    Header { first_seq: next_seq.unwrap_or(segment.header.first_seq), ..segment.header }
}

/// What an `.open` file of an earlier process said.
enum Leftover {
    Numbers(Header),
    /// The crash came while the file was made: it never held a record.
    CutInItsHeader,
    Unreadable,
}

fn seal_leftover(dir: &Dir, number: u64, recovered: &mut Recovered) -> io::Result<Leftover> {
    let path = dir.open_path(number);
    let bytes = Bytes::from(fs::read(&path)?);
    let segment = match Segment::parse(bytes.clone()) {
        Ok(segment) => segment,
        Err(HeaderError::Short(_)) => {
            fs::remove_file(&path)?;
            return Ok(Leftover::CutInItsHeader);
        }
        Err(error) => {
            dir.quarantine_file(&path)?;
            recovered.quarantined += 1;
            tracing::error!(file = %path.display(), %error, "a spool segment cannot be read and was set aside");
            return Ok(Leftover::Unreadable);
        }
    };
    for item in segment.items() {
        if let Item::Damaged { offset, bytes: length } | Item::Torn { offset, bytes: length } = item {
            dir.quarantine_bytes(number, offset, &bytes[offset..offset + length])?;
            recovered.quarantined += 1;
            tracing::warn!(file = %path.display(), offset, bytes = length, "damaged bytes in the spool were set aside");
        }
    }
    let valid = segment.valid_prefix_bytes();
    if valid <= HEADER_BYTES {
        fs::remove_file(&path)?;
    } else {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(valid as u64)?;
        file.sync_all()?;
        dir.rename_sealed(number)?;
        recovered.keep(dir, number)?;
    }
    Ok(Leftover::Numbers(numbers_after(&segment)))
}

impl Recovered {
    fn keep(&mut self, dir: &Dir, number: u64) -> io::Result<()> {
        let metadata = fs::metadata(dir.sealed_path(number))?;
        let first_at_us = metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1_000;
        self.sealed.push((number, Sealed { bytes: metadata.len(), first_at_us }));
        Ok(())
    }
}
