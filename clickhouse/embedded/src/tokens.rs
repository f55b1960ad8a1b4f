//! Tokens without rows: what a kill may leave in a table's deduplication log, taken out before the engine starts.
//!
//! A table writes a block's token to its log first and moves the block's part into place after that. Killed between the two,
//! it knows the token and has no rows: the batch sent again would be answered with success and stored never. So each token
//! whose part nobody holds gets the log's own record of a dropped part, and the batch is new again.
//!
//! A part is held by a part of the same partition that covers its block numbers: itself, or what it was merged into. Parts
//! that were deleted on purpose (age) lose their tokens too; a batch of that age sent again would be deleted again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FOLDER: &str = "deduplication_logs";
const ADDED: &str = "1";
const DROPPED: &str = "2";

/// Repairs the log of every table; gives back how many tokens were taken out. The engine must not run.
pub(crate) fn take_out_unused(data: &Path) -> io::Result<usize> {
    let mut taken = 0;
    for shard in folders(&data.join("store"))? {
        for table in folders(&shard)? {
            taken += repair(&table)?;
        }
    }
    Ok(taken)
}

fn repair(table: &Path) -> io::Result<usize> {
    let logs = logs(&table.join(FOLDER))?;
    let Some(newest) = logs.last() else { return Ok(0) };
    cut_to_whole_records(newest)?;
    let unused = unused(&logs, &parts(table)?)?;
    if unused.is_empty() {
        return Ok(0);
    }
    let mut log = OpenOptions::new().append(true).open(newest)?;
    let records: String =
        unused.iter().map(|(token, part)| format!("{DROPPED}\t{part}\t{token}\n")).collect();
    log.write_all(records.as_bytes())?;
    log.sync_all()?;
    Ok(unused.len())
}

/// (token, part) of each token that stands for rows nobody holds.
fn unused(logs: &[PathBuf], parts: &[Part]) -> io::Result<Vec<(String, String)>> {
    let mut known: HashMap<String, String> = HashMap::new();
    for log in logs {
        for record in std::fs::read_to_string(log)?.lines() {
            let mut fields = record.splitn(3, '\t');
            match (fields.next(), fields.next(), fields.next()) {
                (Some(ADDED), Some(part), Some(token)) => {
                    known.insert(token.to_owned(), part.to_owned());
                }
                (Some(DROPPED), _, Some(token)) => {
                    known.remove(token);
                }
                _ => {}
            }
        }
    }
    let held = |name: &str| {
        // A name nobody can read is left alone.
        Part::parse(name).is_none_or(|part| parts.iter().any(|other| other.covers(&part)))
    };
    Ok(known.into_iter().filter(|(_, part)| !held(part)).collect())
}

/// A record that was not written whole would make the engine skip the rest of the log.
fn cut_to_whole_records(log: &Path) -> io::Result<()> {
    let bytes = std::fs::read(log)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        let file = OpenOptions::new().write(true).open(log)?;
        file.set_len(whole as u64)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Rows of one partition, as the folder's name has it: `<partition>_<first block>_<last block>_<level>[_<mutation>]`.
struct Part {
    partition: String,
    first: u64,
    last: u64,
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        let mut fields = name.split('_');
        let partition = fields.next().filter(|partition| !partition.is_empty())?.to_owned();
        let numbers: Vec<u64> = fields.map(|field| field.parse().ok()).collect::<Option<_>>()?;
        match numbers.as_slice() {
            [first, last, _level] | [first, last, _level, _] => {
                Some(Self { partition, first: *first, last: *last })
            }
            _ => None,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        self.partition == other.partition && self.first <= other.first && other.last <= self.last
    }
}

fn parts(table: &Path) -> io::Result<Vec<Part>> {
    let names = folders(table)?;
    Ok(names.iter().filter_map(|path| Part::parse(path.file_name()?.to_str()?)).collect())
}

/// Oldest first.
fn logs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let number = |path: &Path| -> Option<u64> {
        path.file_stem()?.to_str()?.strip_prefix("deduplication_log_")?.parse().ok()
    };
    let mut logs: Vec<_> =
        entries(folder)?.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    logs.sort();
    Ok(logs.into_iter().map(|(_, path)| path).collect())
}

fn folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(entries(path)?.into_iter().filter(|entry| entry.is_dir()).collect())
}

/// None where there is no such folder.
fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Holds the lock that the engine holds while it runs; `None`: it runs in another process.
pub(crate) fn lock(data: &Path) -> io::Result<Option<File>> {
    let status = OpenOptions::new().create(true).append(true).open(data.join("status"))?;
    match status.try_lock() {
        Ok(()) => Ok(Some(status)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "store/ab/abcd/deduplication_logs/deduplication_log_1.txt";

    fn table(parts: &[&str], log: &str) -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        for part in parts {
            std::fs::create_dir_all(data.path().join("store/ab/abcd").join(part)).unwrap();
        }
        std::fs::create_dir_all(data.path().join(LOG).parent().unwrap()).unwrap();
        std::fs::write(data.path().join(LOG), log).unwrap();
        data
    }

    fn repaired(parts: &[&str], log: &str) -> String {
        let data = table(parts, log);
        take_out_unused(data.path()).unwrap();
        std::fs::read_to_string(data.path().join(LOG)).unwrap()
    }

    #[test]
    fn a_token_stays_while_its_part_or_what_it_was_merged_into_is_there() {
        let log = "1\t20261116-0_1_1_0\ttok_a\n1\t20261116-0_2_2_0\ttok_b\n";
        assert_eq!(repaired(&["20261116-0_1_2_1"], log), log);
        assert_eq!(repaired(&["20261116-0_1_1_0", "20261116-0_2_2_0_9"], log), log);
    }

    #[test]
    fn a_token_goes_when_nobody_has_its_rows() {
        let log = "1\tall_1_1_0\ttok_a\n1\tall_2_2_0\ttok_b\n";
        assert_eq!(
            repaired(&["all_1_1_0", "tmp_insert_all_2_2_0"], log),
            format!("{log}2\tall_2_2_0\ttok_b\n")
        );
        assert_eq!(repaired(&["all_1_1_0", "other_2_2_0"], log), format!("{log}2\tall_2_2_0\ttok_b\n"));
    }

    #[test]
    fn a_token_is_taken_out_once() {
        let log = "1\tall_1_1_0\ttok_a\n2\tall_1_1_0\ttok_a\n";
        assert_eq!(repaired(&["all_7_7_0"], log), log);
    }

    #[test]
    fn a_record_cut_in_its_middle_goes() {
        assert_eq!(repaired(&["all_1_1_0"], "1\tall_1_1_0\ttok_a\n1\tall_2"), "1\tall_1_1_0\ttok_a\n");
    }

    #[test]
    fn an_empty_folder_needs_no_repair() {
        assert_eq!(take_out_unused(tempfile::tempdir().unwrap().path()).unwrap(), 0);
    }
}
