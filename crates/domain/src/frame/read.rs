//! Reading a segment: frames in order, damage named and stepped over.

use bytes::Bytes;

use super::{
    FRAME_OVERHEAD_BYTES, Frame, HEADER_BYTES, Header, HeaderError, Item, MAX_PAYLOAD_BYTES, Seal, checksum,
    u32_at, u64_at,
};

/// A frame is believed only if its `seq` is less than this far from the header's first: no segment holds more records.
const SEQ_WINDOW: u64 = 1 << 24;

/// A segment whose header is good.
#[derive(Debug, Clone)]
pub struct Segment {
    pub header: Header,
    bytes: Bytes,
}

impl Segment {
    pub fn parse(bytes: Bytes) -> Result<Self, HeaderError> {
        Ok(Self { header: Header::decode(&bytes)?, bytes })
    }

    /// Frames and damage in order. Payloads are slices of the segment's bytes, not copies.
    pub fn items(&self) -> Items {
        Items {
            bytes: self.bytes.clone(),
            seal: self.header.seal(),
            at: HEADER_BYTES,
            next_seq: self.header.first_seq,
            end_seq: self.header.first_seq.saturating_add(SEQ_WINDOW),
        }
    }

    /// Bytes up to the end of the last good frame: what a writer keeps of a file that a crash cut.
    pub fn valid_prefix_bytes(&self) -> usize {
        match self.items().last() {
            Some(Item::Torn { offset, .. }) => offset,
            _ => self.bytes.len(),
        }
    }
}

/// Iterator over a segment; see [`Segment::items`].
#[derive(Debug, Clone)]
pub struct Items {
    bytes: Bytes,
    seal: Seal,
    at: usize,
    next_seq: u64,
    end_seq: u64,
}

impl Items {
    /// The frame that begins at an offset, if one does that passes its checksum.
    fn frame_at(&self, offset: usize) -> Option<Frame> {
        let rest = self.bytes.get(offset..)?;
        if rest.len() < FRAME_OVERHEAD_BYTES {
            return None;
        }
        let length = u32_at(rest, 0) as usize;
        let seq = u64_at(rest, 8);
        if length > MAX_PAYLOAD_BYTES || length > rest.len() - FRAME_OVERHEAD_BYTES {
            return None;
        }
        if !(self.next_seq..self.end_seq).contains(&seq) {
            return None;
        }
        let payload_at = offset + FRAME_OVERHEAD_BYTES;
        let payload = &rest[FRAME_OVERHEAD_BYTES..FRAME_OVERHEAD_BYTES + length];
        if checksum(crc32c::crc32c(payload), rest, self.seal) != u32_at(rest, 4) {
            return None;
        }
        Some(Frame {
            offset,
            seq,
            kind: rest[16],
            payload: self.bytes.slice(payload_at..payload_at + length),
        })
    }

    /// Where the next good frame begins after a bad one. The bad one's own length is tried first: when only its payload
    /// is damaged, the answer is there, and nothing inside that payload can pass for a frame. It is believed only when
    /// the frame there is the very next one: a damaged length may lead to a later frame, over good ones.
    fn resynchronise(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        if rest.len() >= FRAME_OVERHEAD_BYTES {
            let claimed = self.at + FRAME_OVERHEAD_BYTES + u32_at(rest, 0) as usize;
            if self.frame_at(claimed).is_some_and(|frame| frame.seq == self.next_seq + 1) {
                return Some(claimed);
            }
        }
        (self.at + 1..self.bytes.len()).find(|&offset| self.frame_at(offset).is_some())
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        if let Some(frame) = self.frame_at(self.at) {
            self.at += FRAME_OVERHEAD_BYTES + frame.payload.len();
            self.next_seq = frame.seq + 1;
            return Some(Item::Frame(frame));
        }
        let offset = self.at;
        let next = self.resynchronise();
        self.at = next.unwrap_or(self.bytes.len());
        let bytes = self.at - offset;
        Some(match next {
            Some(_) => Item::Damaged { offset, bytes },
            None => Item::Torn { offset, bytes },
        })
    }
}
