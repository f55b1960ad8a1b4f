//! Calls of the last seconds, by when they ended: one that follows from another's answer began after it.

use std::collections::BTreeMap;

use super::Heard;

/// Bytes of what calls said that wait at most.
const MOST_BYTES: usize = 64 << 20;
const MOST_CALLS: usize = 50_000;

#[derive(Default)]
pub(super) struct Waiting {
    calls: BTreeMap<(i64, u64), Heard>,
    bytes: usize,
    /// Tells calls apart that ended in the same microsecond.
    taken: u64,
}

impl Waiting {
    /// How many were dropped for it: the oldest.
    pub(super) fn add(&mut self, call: Heard) -> u64 {
        self.taken += 1;
        self.bytes += call.bytes();
        self.calls.insert((call.ended_at_us, self.taken), call);
        let mut dropped = 0;
        while self.bytes > MOST_BYTES || self.calls.len() > MOST_CALLS {
            let Some((_, oldest)) = self.calls.pop_first() else { break };
            self.bytes -= oldest.bytes();
            dropped += 1;
        }
        dropped
    }

    /// Those that ended at this time or before, in their order.
    pub(super) fn due(&mut self, until_us: i64) -> Vec<Heard> {
        let later = self.calls.split_off(&(until_us.saturating_add(1), 0));
        let due: Vec<Heard> = std::mem::replace(&mut self.calls, later).into_values().collect();
        self.bytes -= due.iter().map(Heard::bytes).sum::<usize>();
        due
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use aop_domain::inference::InferenceRecord;
    use aop_domain::record::CallRecord;

    use super::*;

    fn call(ended_at_us: i64, bytes: usize) -> Heard {
        let found = InferenceRecord { conversation: 1, ..InferenceRecord::default() };
        let record = CallRecord {
            started_at_us: ended_at_us,
            team_id: vec![1; 16].into(),
            key_id: vec![4; 16].into(),
            call_id: vec![5; 16].into(),
            trace_id: vec![2; 16].into(),
            span_id: vec![3; 8].into(),
            request_body: vec![b' '; bytes].into(),
            inference: Some(found),
            ..CallRecord::default()
        };
        Heard::of(&record, uuid::Uuid::nil()).unwrap()
    }

    #[test]
    fn calls_come_out_in_the_order_they_ended_once_they_are_old_enough() {
        let mut waiting = Waiting::default();
        for ended_at_us in [30, 10, 20, 10] {
            assert_eq!(waiting.add(call(ended_at_us, 5)), 0);
        }
        let due: Vec<i64> = waiting.due(20).iter().map(|call| call.ended_at_us).collect();
        assert_eq!((due, waiting.bytes), (vec![10, 10, 20], 5));
        assert_eq!(waiting.due(20).len(), 0);
    }

    #[test]
    fn what_is_too_much_drops_the_oldest() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.add(call(1, MOST_BYTES)), 0);
        assert_eq!(waiting.add(call(2, 1)), 1);
        assert_eq!((waiting.calls.len(), waiting.bytes), (1, 1));
    }
}
