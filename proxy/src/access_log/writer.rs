//! The thread that writes the lines, to standard error or to a file that somebody may move away.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use prometheus::IntCounter;

use super::Message;

const BUFFER_BYTES: usize = 64 << 10;
/// A file is looked for where it should be, and a failure is logged, at most so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Writer {
    out: Out,
    buffer: BufWriter<Box<dyn Write + Send>>,
    /// Lines in the buffer: what is lost when it cannot be written.
    buffered_lines: u64,
    looked_at: Instant,
    complained_at: Option<Instant>,
}

enum Out {
    StandardError,
    File { path: PathBuf, device_and_inode: (u64, u64) },
}

impl Writer {
    pub(super) fn standard_error() -> Self {
        Self::new(Out::StandardError, Box::new(io::stderr()))
    }

    pub(super) fn file(path: &Path) -> io::Result<Self> {
        let (file, device_and_inode) = open(path)?;
        Ok(Self::new(Out::File { path: path.to_owned(), device_and_inode }, Box::new(file)))
    }

    fn new(out: Out, to: Box<dyn Write + Send>) -> Self {
        let buffer = BufWriter::with_capacity(BUFFER_BYTES, to);
        Self { out, buffer, buffered_lines: 0, looked_at: Instant::now(), complained_at: None }
    }

    /// Until it is told to stop.
    pub(super) fn run(mut self, lines: &Receiver<Message>, lost: &IntCounter) {
        loop {
            let message = match lines.try_recv() {
                Ok(message) => Ok(message),
                Err(_) => {
                    self.flush(lost);
                    lines.recv_timeout(LOOK_EVERY)
                }
            };
            match message {
                Ok(Message::Line(line)) => self.write(&line, lost),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.follow(lost);
        }
        self.flush(lost);
    }

    fn write(&mut self, line: &[u8], lost: &IntCounter) {
        if self.buffered_lines > 0 && self.buffer.buffer().len() + line.len() > BUFFER_BYTES {
            self.flush(lost);
        }
        self.buffered_lines += 1;
        if let Err(error) = self.buffer.write_all(line) {
            self.lose(&error, lost);
        }
    }

    fn flush(&mut self, lost: &IntCounter) {
        match self.buffer.flush() {
            Ok(()) => self.buffered_lines = 0,
            Err(error) => self.lose(&error, lost),
        }
    }

    /// What could not be written is given up, so that a full disk does not become a full memory.
    fn lose(&mut self, error: &io::Error, lost: &IntCounter) {
        lost.inc_by(std::mem::take(&mut self.buffered_lines));
        if self.complained_at.is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY) {
            self.complained_at = Some(Instant::now());
            tracing::warn!(%error, "the access log cannot be written; lines are dropped and counted");
        }
        let to: Box<dyn Write + Send> = match &self.out {
            Out::StandardError => Box::new(io::stderr()),
            Out::File { path, .. } => match open(path) {
                Ok((file, _)) => Box::new(file),
                Err(_) => Box::new(io::sink()),
            },
        };
        // Taken apart, not dropped: dropping would write again.
        let _ = std::mem::replace(&mut self.buffer, BufWriter::with_capacity(BUFFER_BYTES, to)).into_parts();
    }

    /// Opens the file anew when another or none stands in its place.
    fn follow(&mut self, lost: &IntCounter) {
        if self.looked_at.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked_at = Instant::now();
        let Out::File { path, device_and_inode } = &mut self.out else { return };
        let now = std::fs::metadata(&*path).map(|there| (there.dev(), there.ino())).ok();
        if now == Some(*device_and_inode) {
            return;
        }
        match open(path) {
            Ok((file, found)) => {
                *device_and_inode = found;
                self.flush(lost);
                self.buffer = BufWriter::with_capacity(BUFFER_BYTES, Box::new(file));
            }
            Err(error) => self.lose(&error, lost),
        }
    }
}

fn open(path: &Path) -> io::Result<(File, (u64, u64))> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let there = file.metadata()?;
    Ok((file, (there.dev(), there.ino())))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn counter() -> IntCounter {
        IntCounter::new("lost", "lost").unwrap()
    }

    #[test]
    fn lines_are_in_the_file_when_the_writer_has_stopped_and_what_was_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access.log");
        std::fs::write(&path, "before\n").unwrap();
        let (to, lines) = sync_channel(100);
        let lost = counter();
        let writer = Writer::file(&path).unwrap();
        for n in 0..50 {
            to.send(Message::Line(format!("{n}\n").into_bytes())).unwrap();
        }
        to.send(Message::Stop).unwrap();
        writer.run(&lines, &lost);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("before\n0\n") && text.ends_with("\n49\n"), "{text}");
        assert_eq!(lost.get(), 0);
    }

    #[test]
    fn a_file_that_was_moved_away_is_made_anew_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let (path, moved) = (dir.path().join("access.log"), dir.path().join("access.log.1"));
        let lost = counter();
        let mut writer = Writer::file(&path).unwrap();
        writer.write(b"first\n", &lost);
        std::fs::rename(&path, &moved).unwrap();
        writer.looked_at = Instant::now().checked_sub(LOOK_EVERY).unwrap();
        writer.follow(&lost);
        writer.write(b"second\n", &lost);
        writer.flush(&lost);
        assert_eq!(std::fs::read_to_string(&moved).unwrap(), "first\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second\n");
        assert_eq!(lost.get(), 0);
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told_at_once() {
        assert!(Writer::file(Path::new("/nowhere/access.log")).is_err());
    }

    #[test]
    fn lines_for_a_full_disk_are_dropped_and_counted() {
        let lost = counter();
        let mut writer = Writer::file(Path::new("/dev/full")).unwrap();
        for _ in 0..3 {
            writer.write(b"line\n", &lost);
        }
        writer.flush(&lost);
        assert_eq!(lost.get(), 3);
        writer.write(b"line\n", &lost);
        writer.flush(&lost);
        assert_eq!(lost.get(), 4, "none is counted twice");
    }
}
