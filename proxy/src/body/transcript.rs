//! What is kept of a streamed answer for its record: up to the recording bound, and only while the memory for bodies has
//! room. A stream goes on whether it is kept or not; what is missing is marked as cut off.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::budget::{Budget, Reservation};

/// Taken from the budget at a time, so that a short piece of a stream costs no atomic operation.
const STEP_BYTES: usize = 16 << 10;

#[derive(Debug)]
pub(crate) struct Transcript {
    kept: BytesMut,
    max_bytes: usize,
    reserved_bytes: usize,
    reservation: Reservation,
    is_cut: bool,
}

impl Transcript {
    pub(crate) fn new(budget: &Arc<Budget>, max_bytes: usize) -> Self {
        let reservation = budget.reserve();
        Self { kept: BytesMut::new(), max_bytes, reserved_bytes: 0, reservation, is_cut: false }
    }

    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        // Behind a gap, what follows would read as if nothing were missing.
        if self.is_cut || bytes.is_empty() {
            return;
        }
        let room = self.max_bytes.saturating_sub(self.kept.len());
        let wanted = bytes.len().min(room);
        if self.has_room_for(self.kept.len() + wanted) {
            self.kept.extend_from_slice(&bytes[..wanted]);
            self.is_cut = wanted < bytes.len();
        } else {
            self.is_cut = true;
        }
    }

    fn has_room_for(&mut self, bytes: usize) -> bool {
        if bytes <= self.reserved_bytes {
            return true;
        }
        let more = (bytes - self.reserved_bytes).next_multiple_of(STEP_BYTES);
        let has_room = self.reservation.grow(more);
        self.reserved_bytes += if has_room { more } else { 0 };
        has_room
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Not everything was kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What was kept, and what holds its memory.
    pub(crate) fn into_parts(self) -> (Bytes, Reservation) {
        (self.kept.freeze(), self.reservation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_kept_up_to_its_bound_and_marked_when_more_came() {
        let budget = Budget::new(1 << 20);
        let mut transcript = Transcript::new(&budget, 10);
        transcript.keep(b"01234567");
        assert!(!transcript.is_cut());
        transcript.keep(b"89ab");
        assert!(transcript.is_cut());
        transcript.keep(b"cd");
        let (kept, reservation) = transcript.into_parts();
        assert_eq!(kept, "0123456789");
        drop(reservation);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn streams_that_find_no_memory_keep_what_they_have_and_take_no_more() {
        let budget = Budget::new(2 * STEP_BYTES);
        let mut first = Transcript::new(&budget, 1 << 20);
        let mut second = Transcript::new(&budget, 1 << 20);
        first.keep(b"a");
        second.keep(b"b");
        first.keep(&[b'a'; STEP_BYTES]);
        assert_eq!((first.len(), first.is_cut()), (1, true));
        second.keep(&[b'b'; STEP_BYTES - 1]);
        assert!(!second.is_cut() && second.len() == STEP_BYTES, "its own step has room for it");
        assert_eq!(budget.used(), 2 * STEP_BYTES);
        drop((first, second));

        assert_eq!(budget.used(), 0);
    }
}
