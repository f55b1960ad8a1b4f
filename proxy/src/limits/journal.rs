//! What this gateway's leases have settled, on its disk: one short line a settlement, written before the call's record.
//! After a kill the next start tells the ledger what it had not heard, and gives the rest of the old leases back.
//!
//! Lines are appended to the file without waiting for the disk: they outlive the process, not a power cut within the
//! moment the kernel needs (then up to that moment's settlements are missing from the count, not from the records).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use uuid::Uuid;

use aop_domain::hex::hex;
use aop_domain::id::LimitId;
use aop_domain::limits::Exchange;
use aop_store::limit_leases::Asked;

const NAME: &str = "limits.journal";
/// Beyond this, the journal is written anew with what is still open.
const COMPACT_ABOVE_BYTES: u64 = 4 << 20;

/// A lease and what it has settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) lease: Uuid,
    pub(crate) limit_id: LimitId,
    pub(crate) bucket: Box<str>,
    pub(crate) window_start_s: i64,
    pub(crate) forget_at_s: i64,
    pub(crate) spent: i64,
}

pub(crate) struct Journal {
    path: PathBuf,
    state: Mutex<State>,
    /// Leases of the process before, as it left them.
    recovered: Mutex<Vec<(u64, Entry)>>,
}

struct State {
    file: File,
    bytes: u64,
    next_no: u64,
    open: HashMap<u64, Entry>,
    /// A write failed and was told about; one line until it works again.
    is_failing: bool,
}

impl Journal {
    /// Reads what the process before left and begins anew with it.
    pub(crate) fn open_in(dir: &Path) -> std::io::Result<Self> {
        let path = dir.join(NAME);
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let open = read(&text);
        let (file, bytes) = rewrite(&path, &open)?;
        let next_no = open.keys().max().map_or(0, |no| no + 1);
        let recovered = open.iter().map(|(no, entry)| (*no, entry.clone())).collect();
        let state = State { file, bytes, next_no, open, is_failing: false };
        Ok(Self { path, state: Mutex::new(state), recovered: Mutex::new(recovered) })
    }

    /// The leases of the process before, each with the number to close it by.
    pub(super) fn take_recovered(&self) -> Vec<(u64, Asked)> {
        let recovered = std::mem::take(&mut *self.recovered.lock());
        recovered.into_iter().map(|(no, entry)| (no, given_back(entry))).collect()
    }

    /// Takes over what a process that has gone left in another directory, which nobody owns now.
    pub(super) fn take_over(&self, dir: &Path) -> std::io::Result<()> {
        let path = dir.join(NAME);
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in read(&text).into_values() {
            if let Some(no) = self.open(&entry) {
                self.recovered.lock().push((no, entry));
            }
        }
        // A kill before this line has them told twice: a lease's total is told, not added.
        File::create(&path).map(drop)
    }

    /// `None`: the disk does not take it; the lease then counts as used if this process is killed.
    pub(super) fn open(&self, entry: &Entry) -> Option<u64> {
        let mut state = self.state.lock();
        let no = state.next_no;
        state.next_no += 1;
        let line = opened(no, entry);
        state.open.insert(no, entry.clone());
        state.append(&line).then_some(no)
    }

    /// Totals by number.
    pub(super) fn settled(&self, totals: &[(u64, i64)]) {
        if totals.is_empty() {
            return;
        }
        let mut lines = String::with_capacity(24 * totals.len());
        let mut state = self.state.lock();
        for (no, spent) in totals {
            if let Some(entry) = state.open.get_mut(no) {
                // Two calls may come here in the other order than they settled.
                entry.spent = entry.spent.max(*spent);
                // Writing to a string cannot fail.
                let _ = writeln!(lines, "s {no} {spent}");
            }
        }
        state.append(&lines);
    }

    /// The ledger knows everything about this lease.
    pub(super) fn close(&self, no: u64) {
        let mut state = self.state.lock();
        if state.open.remove(&no).is_some() {
            state.append(&format!("c {no}\n"));
        }
        if state.bytes > COMPACT_ABOVE_BYTES {
            match rewrite(&self.path, &state.open) {
                Ok((file, bytes)) => (state.file, state.bytes) = (file, bytes),
                Err(error) => tracing::warn!(%error, "the journal of limits cannot be shortened"),
            }
        }
    }

    /// Is it time to write it anew? Asked by the background task, for a journal whose leases live long.
    pub(super) fn compact(&self) {
        let mut state = self.state.lock();
        if state.bytes > COMPACT_ABOVE_BYTES
            && let Ok((file, bytes)) = rewrite(&self.path, &state.open)
        {
            (state.file, state.bytes) = (file, bytes);
        }
    }
}

impl State {
    fn append(&mut self, lines: &str) -> bool {
        let written = self.file.write_all(lines.as_bytes());
        if let Err(error) = &written
            && !self.is_failing
        {
            tracing::error!(%error, "the journal of limits cannot be written; a kill now would leave leases counted as used");
        }
        self.is_failing = written.is_err();
        self.bytes += lines.len() as u64;
        written.is_ok()
    }
}

fn given_back(entry: Entry) -> Asked {
    Asked {
        limit_id: entry.limit_id,
        bucket: entry.bucket.into(),
        window_start_s: entry.window_start_s,
        forget_at_s: entry.forget_at_s,
        amount: 0,
        frees_expired: false,
        exchange: Exchange { lease: entry.lease, spent: entry.spent, wanted: 0, needed: 0 },
    }
}

fn opened(no: u64, entry: &Entry) -> String {
    format!(
        "o {no} {} {} {} {} {} x{}\n",
        entry.lease,
        entry.limit_id,
        entry.window_start_s,
        entry.forget_at_s,
        entry.spent,
        hex(entry.bucket.as_bytes())
    )
}

/// Lines that are cut short or damaged are passed over; a total only ever grows.
fn read(text: &str) -> HashMap<u64, Entry> {
    let mut open = HashMap::new();
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let mut words = line.split(' ');
        let (kind, no) = (words.next(), words.next().and_then(|no| no.parse::<u64>().ok()));
        match (kind, no) {
            (Some("o"), Some(no)) => {
                if let Some(entry) = entry(&mut words) {
                    open.insert(no, entry);
                }
            }
            (Some("s"), Some(no)) => {
                let spent = words.next().and_then(|spent| spent.parse::<i64>().ok());
                if let (Some(entry), Some(spent)) = (open.get_mut(&no), spent) {
                    entry.spent = entry.spent.max(spent);
                }
            }
            (Some("c"), Some(no)) => {
                open.remove(&no);
            }
            _ => {}
        }
    }
    open
}

fn entry<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Entry> {
    Some(Entry {
        lease: words.next()?.parse().ok()?,
        limit_id: words.next()?.parse().ok()?,
        window_start_s: words.next()?.parse().ok()?,
        forget_at_s: words.next()?.parse().ok()?,
        spent: words.next()?.parse().ok()?,
        bucket: unhex(words.next()?.strip_prefix('x')?)?.into(),
    })
}

fn unhex(text: &str) -> Option<String> {
    let digits = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = digits
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    String::from_utf8(bytes?).ok()
}

/// A new file beside the old one, then in its place: a kill in between leaves one of the two whole.
fn rewrite(path: &Path, open: &HashMap<u64, Entry>) -> std::io::Result<(File, u64)> {
    let fresh = path.with_extension("journal-new");
    let text: String = open.iter().map(|(no, entry)| opened(*no, entry)).collect();
    let mut file = File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    Ok((OpenOptions::new().append(true).open(path)?, text.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry_of(lease: u128) -> Entry {
        Entry {
            lease: Uuid::from_u128(lease),
            limit_id: LimitId(Uuid::from_u128(9)),
            bucket: "Writer 1\n한".into(),
            window_start_s: 60,
            forget_at_s: 7_000,
            spent: 0,
        }
    }

    #[test]
    fn what_a_killed_process_settled_is_found_again_and_what_was_closed_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(dir.path()).unwrap();
        let (kept, closed) = (journal.open(&entry_of(1)).unwrap(), journal.open(&entry_of(2)).unwrap());
        journal.settled(&[(kept, 5), (closed, 1)]);
        journal.settled(&[(kept, 12)]);
        journal.close(closed);
        drop(journal);
        // Cut in the middle of a line, as by a kill.
        let path = dir.path().join(NAME);
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(format!("s {kept} 99").as_bytes()).unwrap();
        let again = Journal::open_in(dir.path()).unwrap();
        let recovered = again.take_recovered();
        assert_eq!(recovered.len(), 1);
        assert_eq!(
            recovered[0].1.exchange,
            Exchange { lease: Uuid::from_u128(1), spent: 12, wanted: 0, needed: 0 }
        );
        assert_eq!(recovered[0].1.bucket, "Writer 1\n한");
        drop(again);
        assert_eq!(
            Journal::open_in(dir.path()).unwrap().take_recovered().len(),
            1,
            "not lost before it is told"
        );
        let third = Journal::open_in(dir.path()).unwrap();
        third.close(recovered[0].0);
        drop(third);
        assert!(Journal::open_in(dir.path()).unwrap().take_recovered().is_empty());
    }

    #[test]
    fn what_a_process_left_in_another_directory_is_taken_over_once_and_kept_until_it_is_told() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let gone = Journal::open_in(other.path()).unwrap();
        let no = gone.open(&entry_of(1)).unwrap();
        gone.settled(&[(no, 7)]);
        drop(gone);
        let journal = Journal::open_in(own.path()).unwrap();
        journal.take_over(other.path()).unwrap();
        let recovered = journal.take_recovered();
        assert_eq!((recovered.len(), recovered[0].1.exchange.spent), (1, 7));
        journal.take_over(other.path()).unwrap();
        assert!(journal.take_recovered().is_empty(), "taken over once");
        journal.take_over(own.path().join("nothing").as_path()).unwrap();
        drop(journal);
        let again = Journal::open_in(own.path()).unwrap();
        assert_eq!(again.take_recovered()[0].1.exchange.spent, 7, "not lost before it is told");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_fault(text in "[osc0-9a-fx \\n-]{0,300}") {
            let open = read(&text);
            prop_assert!(open.len() <= text.lines().count());
        }

        #[test]
        fn an_entry_is_read_back(lease in any::<u128>(), bucket in ".{0,40}", spent in 0i64.., start in any::<i64>()) {
            let entry = Entry { bucket: bucket.into(), spent, window_start_s: start, ..entry_of(lease) };
            prop_assert_eq!(read(&opened(7, &entry)).remove(&7), Some(entry));
        }
    }
}
