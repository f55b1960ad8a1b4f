//! Times as they travel: RFC 3339, from the microseconds that records carry.

use time::OffsetDateTime;

/// Microseconds since the Unix epoch as a time. What no calendar holds becomes the epoch.
pub fn from_us(us: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Microseconds since the Unix epoch.
pub fn to_us(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}
