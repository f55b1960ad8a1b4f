//! The format of a spool segment: the bytes on disk are the bytes on the wire.
//!
//! A segment is one header and any number of frames. Integers are little-endian.
//!
//! ```text
//! header, 56 bytes                          frame, 17 bytes + payload
//!  0  magic        8   "AOPSPOOL"            0  length   u32   bytes of payload
//!  8  version      u16 1                     4  crc32c   u32   see below
//! 10  flags        u16 0                     8  seq      u64   number of the record at its writer
//! 12  writer       16  UUID of the spool    16  kind     u8    see `RecordKind`
//! 28  segment      u64 number, rising       17  payload
//! 36  created_at   i64 µs since 1970
//! 44  first seq    u64 no record here has a lower one
//! 52  crc32c       u32 of bytes 0 to 51
//! ```
//!
//! A frame's checksum runs over the payload, then over `length`, `seq`, `kind`, then over the header's checksum. The
//! last part ties a frame to its segment: bytes left on the disk by an older file never pass for a frame of this one.
//! The payload comes first so that a writer can do the long part before it takes its lock ([`payload_checksum`]).
//!
//! Within a segment `seq` only rises. A reader that meets bytes that are no frame looks for the next place where a
//! frame passes its checksum with a higher `seq`: what lies between is damage, reported and skipped ([`Item::Damaged`]);
//! if there is no such place, the rest is a torn tail ([`Item::Torn`]). Damage is never fatal and never silent.
//!
//! Versions: a change of layout takes a new version number, and readers keep the old ones for as long as a spool on
//! somebody's disk may hold them. `fixtures/segment-v1.bin` pins version 1 byte for byte.

use bytes::Bytes;
use uuid::Uuid;

use crate::record::RecordKind;

mod read;

pub use read::{Items, Segment};

pub const MAGIC: [u8; 8] = *b"AOPSPOOL";
pub const VERSION: u16 = 1;
pub const HEADER_BYTES: usize = 56;
/// What a frame takes beside its payload.
pub const FRAME_OVERHEAD_BYTES: usize = 17;
/// Longest payload: a request and an answer of 64 MiB each fit, with room for the rest.
pub const MAX_PAYLOAD_BYTES: usize = 160 * 1024 * 1024;

/// Who wrote a segment, and which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub writer: Uuid,
    pub segment: u64,
    /// Microseconds since 1970.
    pub created_at_us: i64,
    /// The number that the first record takes.
    pub first_seq: u64,
}

/// One record as it lies in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where the frame begins in the segment, in bytes.
    pub offset: usize,
    pub seq: u64,
    /// A [`RecordKind`], or a number that a newer writer knows and we do not.
    pub kind: u8,
    pub payload: Bytes,
}

/// What a reader meets in a segment, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Frame(Frame),
    /// Bytes that are no frame, with at least one good frame after them.
    Damaged {
        offset: usize,
        bytes: usize,
    },
    /// Bytes at the end that are no frame: a write that a crash cut. Always the last item.
    Torn {
        offset: usize,
        bytes: usize,
    },
}

/// Why the bytes are not a segment at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("the segment has only {0} bytes, less than its header")]
    Short(usize),
    #[error("the bytes do not begin as a spool segment does")]
    Magic,
    #[error("the segment's header does not match its checksum")]
    Checksum,
    #[error("the segment has format version {0}, this program reads up to {VERSION}: update the reader")]
    Version(u16),
}

impl Header {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0u8; HEADER_BYTES];
        out[..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&VERSION.to_le_bytes());
        out[12..28].copy_from_slice(self.writer.as_bytes());
        out[28..36].copy_from_slice(&self.segment.to_le_bytes());
        out[36..44].copy_from_slice(&self.created_at_us.to_le_bytes());
        out[44..52].copy_from_slice(&self.first_seq.to_le_bytes());
        let checksum = crc32c::crc32c(&out[..52]);
        out[52..].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    pub fn decode(segment: &[u8]) -> Result<Self, HeaderError> {
        let header = segment.get(..HEADER_BYTES).ok_or(HeaderError::Short(segment.len()))?;
        if header[..8] != MAGIC {
            return Err(HeaderError::Magic);
        }
        if crc32c::crc32c(&header[..52]) != u32_at(header, 52) {
            return Err(HeaderError::Checksum);
        }
        match u16::from_le_bytes([header[8], header[9]]) {
            VERSION => Ok(Self {
                writer: Uuid::from_bytes(array_at(header, 12)),
                segment: u64_at(header, 28),
                created_at_us: i64::from_le_bytes(array_at(header, 36)),
                first_seq: u64_at(header, 44),
            }),
            other => Err(HeaderError::Version(other)),
        }
    }

    /// What ties frames to this segment: the header's own checksum.
    pub fn seal(&self) -> Seal {
        let encoded = self.encode();
        Seal(array_at(&encoded, 52))
    }
}

/// The header's checksum, as frames carry it in theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal([u8; 4]);

/// A payload's length and checksum: all that a frame needs to know about it. Made before the writer's lock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadChecksum {
    length: u32,
    crc: u32,
}

impl PayloadChecksum {
    pub fn length(&self) -> usize {
        self.length as usize
    }
}

/// Reads the payload once, given in parts that follow each other. `None` when it is longer than [`MAX_PAYLOAD_BYTES`].
pub fn payload_checksum(parts: &[&[u8]]) -> Option<PayloadChecksum> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    if length > MAX_PAYLOAD_BYTES {
        return None;
    }
    let crc = parts.iter().fold(0, |crc, part| crc32c::crc32c_append(crc, part));
    Some(PayloadChecksum { length: length as u32, crc })
}

/// The 17 bytes that stand before a payload.
pub fn frame_head(
    seal: Seal,
    payload: PayloadChecksum,
    seq: u64,
    kind: RecordKind,
) -> [u8; FRAME_OVERHEAD_BYTES] {
    let mut head = [0u8; FRAME_OVERHEAD_BYTES];
    head[..4].copy_from_slice(&payload.length.to_le_bytes());
    head[8..16].copy_from_slice(&seq.to_le_bytes());
    head[16] = kind as u8;
    let checksum = checksum(payload.crc, &head, seal);
    head[4..8].copy_from_slice(&checksum.to_le_bytes());
    head
}

fn checksum(payload_crc: u32, head: &[u8], seal: Seal) -> u32 {
    let crc = crc32c::crc32c_append(payload_crc, &head[..4]);
    let crc = crc32c::crc32c_append(crc, &head[8..FRAME_OVERHEAD_BYTES]);
    crc32c::crc32c_append(crc, &seal.0)
}

/// `N` bytes at an offset that the caller knows to be inside.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}
