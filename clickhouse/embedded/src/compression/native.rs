//! ClickHouse's own frames: checksum (16 bytes), method (1), sizes with and without compression (4 + 4, little endian), data.
//! The checksum is CityHash128 (version 1.0.2) of everything behind it.

use std::io::{Error, ErrorKind, Read, Result};

const CHECKSUM_BYTES: usize = 16;
const HEADER_BYTES: usize = 9;
const LZ4: u8 = 0x82;
const ZSTD: u8 = 0x90;
const NONE: u8 = 0x02;
/// A frame above this is not from a ClickHouse client: they flush at 1 MiB.
const MAX_FRAME_BYTES: usize = 64 * 1024 * 1024;
/// What one frame of an answer holds.
const FRAME_BYTES: usize = 1024 * 1024;

/// Reads frame after frame and gives out what is inside.
pub(super) struct FrameReader<R> {
    inner: R,
    frame: Vec<u8>,
    data: Vec<u8>,
    given: usize,
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, frame: Vec::new(), data: Vec::new(), given: 0 }
    }

    /// False at the end of the body.
    fn next_frame(&mut self) -> Result<bool> {
        let mut checksum = [0; CHECKSUM_BYTES];
        if !read_or_end(&mut self.inner, &mut checksum)? {
            return Ok(false);
        }
        let mut header = [0; HEADER_BYTES];
        self.inner.read_exact(&mut header)?;
        let size = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
        };
        let (packed_bytes, plain_bytes) = (size(1), size(5));
        if !(HEADER_BYTES..=MAX_FRAME_BYTES).contains(&packed_bytes) || plain_bytes > MAX_FRAME_BYTES {
            return Err(invalid("a compressed frame has an impossible size"));
        }
        self.frame.clear();
        self.frame.extend_from_slice(&header);
        self.frame.resize(packed_bytes, 0);
        self.inner.read_exact(&mut self.frame[HEADER_BYTES..])?;
        if checksum != checksum_of(&self.frame) {
            return Err(invalid("Checksum doesn't match: corrupted data."));
        }
        self.data = unpack(header[0], &self.frame[HEADER_BYTES..], plain_bytes)?;
        self.given = 0;
        Ok(true)
    }
}

impl<R: Read> Read for FrameReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.given == self.data.len() {
            if !self.next_frame()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.data.len() - self.given);
        buffer[..count].copy_from_slice(&self.data[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

fn unpack(method: u8, packed: &[u8], plain_bytes: usize) -> Result<Vec<u8>> {
    let data = match method {
        LZ4 => {
            lz4_flex::block::decompress(packed, plain_bytes).map_err(|error| invalid(&error.to_string()))?
        }
        ZSTD => zstd::bulk::decompress(packed, plain_bytes)?,
        NONE => packed.to_vec(),
        other => return Err(invalid(&format!("Unknown compression method: {other:#x}"))),
    };
    if data.len() == plain_bytes {
        Ok(data)
    } else {
        Err(invalid("a compressed frame holds less than it says"))
    }
}

/// `data` as LZ4 frames.
pub(super) fn frames(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    for piece in data.chunks(FRAME_BYTES) {
        let packed = lz4_flex::block::compress(piece);
        let start = out.len() + CHECKSUM_BYTES;
        out.resize(start, 0);
        out.push(LZ4);
        out.extend_from_slice(&((packed.len() + HEADER_BYTES) as u32).to_le_bytes());
        out.extend_from_slice(&(piece.len() as u32).to_le_bytes());
        out.extend_from_slice(&packed);
        let checksum = checksum_of(&out[start..]);
        out[start - CHECKSUM_BYTES..start].copy_from_slice(&checksum);
    }
    out
}

/// The two halves of the hash, the higher first, each little endian.
fn checksum_of(frame: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = cityhash_rs::cityhash_102_128(frame);
    let mut bytes = [0; CHECKSUM_BYTES];
    bytes[..8].copy_from_slice(&((hash >> 64) as u64).to_le_bytes());
    bytes[8..].copy_from_slice(&(hash as u64).to_le_bytes());
    bytes
}

/// Fills `buffer`, or says false when the body ended before its first byte.
fn read_or_end(reader: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    let first = loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first == 0 {
        return Ok(false);
    }
    reader.read_exact(&mut buffer[first..])?;
    Ok(true)
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidData, message.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read_all(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut data = Vec::new();
        FrameReader::new(bytes).read_to_end(&mut data).map(|_| data)
    }

    #[test]
    fn frames_round_trip_over_their_borders() {
        for length in [0, 1, 100, FRAME_BYTES, FRAME_BYTES + 1] {
            let data: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            assert_eq!(read_all(&frames(&data)).unwrap(), data);
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut packed = frames(b"some rows of data, some rows of data");
        let last = packed.len() - 1;
        packed[last] ^= 1;
        assert!(read_all(&packed).unwrap_err().to_string().contains("Checksum"));
    }

    #[test]
    fn a_body_that_is_cut_is_an_error_and_not_an_end() {
        let packed = frames(b"some rows of data");
        for length in 1..packed.len() {
            assert!(read_all(&packed[..length]).is_err(), "{length}");
        }
    }
}
