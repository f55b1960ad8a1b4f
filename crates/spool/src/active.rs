//! The active segment: one file that grows by whole frames.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;
use std::time::Instant;

use aop_domain::frame::{self, HEADER_BYTES, Header, PayloadChecksum, Seal};
use aop_domain::record::RecordKind;

use crate::dir::Dir;

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
            seal: header.seal(),
        })
    }

    pub(crate) fn first_at_us(&self) -> i64 {
        self.first_at.map_or(self.header.created_at_us, |(_, wall_us)| wall_us)
    }

    /// Writes one frame behind the last. On an error the file is as it was before.
    pub(crate) fn append(
        &mut self,
        kind: RecordKind,
        parts: &[&[u8]],
        checksum: PayloadChecksum,
    ) -> io::Result<u64> {
        let head = frame::frame_head(self.seal, checksum, self.next_seq, kind);
        if let Err(error) = write_all(&self.file, &head, parts) {
            self.broken = self.file.set_len(self.bytes).is_err();
            return Err(error);
        }
        let written = (head.len() + checksum.length()) as u64;
        self.bytes += written;
        self.records += 1;
        self.next_seq += 1;
        self.dirty = true;
        if self.first_at.is_none() {
            self.first_at = Some((Instant::now(), wall_clock_us()));
        }
        Ok(written)
    }
}

/// One system call for the whole frame, unless the kernel takes less.
fn write_all(mut file: &File, head: &[u8], parts: &[&[u8]]) -> io::Result<()> {
    let mut slices = Vec::with_capacity(parts.len() + 1);
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
