//! Times of records, kept within reason.
//!
//! A writer with a broken clock must not make ClickHouse open a partition for each of a thousand weeks. The bounds come from
//! the segment's own header, not from this machine's clock, so that a segment sent again gives the same rows.

use aop_domain::frame::Header;

const DAY_US: i64 = 86_400 * 1_000_000;
/// A call or a run may have begun this long before its segment was made.
const BEFORE_US: i64 = 31 * DAY_US;
/// A segment is made when the one before it is sealed, and may then wait this long for its first record.
const AFTER_US: i64 = 366 * DAY_US;
/// 2020-01-01 and 2100-01-01: a header with a time outside of these comes from a clock that says nothing.
const EARLIEST_US: i64 = 1_577_836_800_000_000;
const LATEST_US: i64 = 4_102_444_800_000_000;

/// Longest time to keep a row, in days: 50 years, as ClickHouse counts 0.
const MAX_RETENTION_DAYS: u32 = 18_250;

/// The times that records of one segment may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    first_us: i64,
    last_us: i64,
}

impl Window {
    pub(super) fn of(header: &Header) -> Self {
        let made = header.created_at_us.clamp(EARLIEST_US, LATEST_US);
        Self { first_us: made - BEFORE_US, last_us: made + AFTER_US }
    }

    /// Microseconds since the Unix epoch, in and out.
    pub(super) fn clamp(&self, at_us: i64) -> i64 {
        at_us.clamp(self.first_us, self.last_us)
    }
}

/// Days since the Unix epoch.
pub(super) fn day(at_us: i64) -> u16 {
    u16::try_from(at_us.div_euclid(DAY_US)).unwrap_or(0)
}

pub(super) fn retention_days(given: u32) -> u16 {
    given.min(MAX_RETENTION_DAYS) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_clock_stays_within_the_segments_own_time() {
        let made = 1_763_000_000_000_000;
        let header = Header { writer: uuid::Uuid::nil(), segment: 1, created_at_us: made, first_seq: 1 };
        let window = Window::of(&header);
        assert_eq!(window.clamp(made + 5), made + 5);
        assert_eq!(window.clamp(0), made - BEFORE_US);
        assert_eq!(window.clamp(i64::MAX), made + AFTER_US);
        let mad = Window::of(&Header { created_at_us: i64::MIN, ..header });
        assert_eq!(mad.clamp(i64::MIN), EARLIEST_US - BEFORE_US);
    }
}
