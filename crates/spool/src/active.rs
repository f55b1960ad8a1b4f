//! The active segment: one file that grows by whole frames.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;
use std::time::Instant;

use aop_domain::frame::{self, FRAME_OVERHEAD_BYTES, HEADER_BYTES, Header, PayloadChecksum, Seal};
use aop_domain::record::RecordKind;

use crate::batch::{Batch, Waiting};
use crate::dir::Dir;

/// A record on its way into a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payload<'a> {
    pub(crate) kind: RecordKind,
    pub(crate) parts: &'a [&'a [u8]],
    pub(crate) checksum: PayloadChecksum,
}

impl Payload<'_> {
    /// Length of its frame.
    pub(crate) fn frame_bytes(&self) -> u64 {
        (self.checksum.length() + FRAME_OVERHEAD_BYTES) as u64
    }
}

#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) file: Arc<File>,
    pub(crate) header: Header,
    pub(crate) bytes: u64,
    pub(crate) records: u32,
    /// When the first record came, on both clocks: one for waiting, one for people.
    pub(crate) first_at: Option<(Instant, i64)>,
    pub(crate) next_seq: u64,
    /// Records since the last fdatasync.
    pub(crate) dirty: bool,
    /// A failed write could not be undone: nothing may be appended behind it.
    pub(crate) broken: bool,
    /// Frames that belong behind the last one and are not written yet.
    pub(crate) waiting: Waiting,
    seal: Seal,
}

impl Active {
    pub(crate) fn create(dir: &Dir, header: Header) -> io::Result<Self> {
        let file = dir.create_open(header.segment)?;
        (&file).write_all(&header.encode())?;
        Ok(Self {
            file: Arc::new(file),
            header,
            bytes: HEADER_BYTES as u64,
            records: 0,
            first_at: None,
            next_seq: header.first_seq,
            dirty: false,
            broken: false,
            waiting: Waiting::default(),
            seal: header.seal(),
        })
    }

    pub(crate) fn first_at_us(&self) -> i64 {
        self.first_at.map_or(self.header.created_at_us, |(_, wall_us)| wall_us)
    }

    /// With what waits.
    pub(crate) fn bytes_in_all(&self) -> u64 {
        self.bytes + self.waiting.frames.len() as u64
    }

    pub(crate) fn records_in_all(&self) -> u32 {
        self.records + self.waiting.records
    }

    /// Takes one frame into memory, behind those that wait.
    pub(crate) fn stage(&mut self, payload: &Payload<'_>) -> Arc<Batch> {
        let head = self.head_of_next(payload);
        let waiting = &mut self.waiting;
        waiting.frames.extend_from_slice(&head);
        payload.parts.iter().for_each(|part| waiting.frames.extend_from_slice(part));
        waiting.records += 1;
        Arc::clone(waiting.batch.get_or_insert_default())
    }

    /// Writes what waits, and one frame behind it. On an error the file is as it was before, and nothing waits any more.
    pub(crate) fn write(&mut self, last: Option<&Payload<'_>>) -> io::Result<Written> {
        let head = last.map(|payload| self.head_of_next(payload));
        let parts = last.map_or(&[][..], |payload| payload.parts);
        let head = head.as_ref().map_or(&[][..], |head| &head[..]);
        let written = Written {
            bytes: self.waiting.frames.len() as u64 + last.map_or(0, Payload::frame_bytes),
            records: self.waiting.records + u32::from(last.is_some()),
        };
        let result = write_all(&self.file, &self.waiting.frames, head, parts);
        self.waiting.clear();
        if let Err(error) = result {
            self.broken = self.file.set_len(self.bytes).is_err();
            return Err(error);
        }
        self.bytes += written.bytes;
        self.records += written.records;
        self.next_seq += u64::from(written.records);
        self.dirty = true;
        if self.first_at.is_none() {
            self.first_at = Some((Instant::now(), wall_clock_us()));
        }
        Ok(written)
    }

    fn head_of_next(&self, payload: &Payload<'_>) -> [u8; FRAME_OVERHEAD_BYTES] {
        let seq = self.next_seq + u64::from(self.waiting.records);
        frame::frame_head(self.seal, payload.checksum, seq, payload.kind)
    }
}

/// What one write has added to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) records: u32,
}

/// One system call for all of it, unless the kernel takes less.
fn write_all(mut file: &File, waiting: &[u8], head: &[u8], parts: &[&[u8]]) -> io::Result<()> {
    let mut slices = Vec::with_capacity(parts.len() + 2);
    slices.push(IoSlice::new(waiting));
    slices.push(IoSlice::new(head));
    slices.extend(parts.iter().map(|part| IoSlice::new(part)));
    let mut rest = &mut slices[..];
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match file.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Microseconds since 1970.
pub(crate) fn wall_clock_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
