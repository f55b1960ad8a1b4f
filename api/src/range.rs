//! Time ranges of lists and figures.

use time::OffsetDateTime;

use aop_clickhouse::TimeRange;
use aop_service::problem::Problem;

use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::time::to_us;

const DAY_US: i64 = 86_400_000_000;

/// The range asked for. Without a beginning it is the 24 hours up to its end; without an end it goes to now.
pub fn of(
    state: &AppState,
    from: Option<OffsetDateTime>,
    to: Option<OffsetDateTime>,
) -> ApiResult<TimeRange> {
    // A record of this very moment belongs in a range that ends now.
    let end_us = to.map_or(state.clock.now_us().saturating_add(1), to_us);
    let from_us = from.map_or(end_us.saturating_sub(DAY_US), to_us);
    if from_us >= end_us {
        return Err(Problem::invalid("invalid_range", "The time range ends before it begins.")
            .field("from")
            .into());
    }
    Ok(TimeRange { from_us, to_us: end_us })
}

/// The range of the same length right before.
pub fn before(range: TimeRange) -> TimeRange {
    TimeRange { from_us: range.from_us.saturating_sub(range.to_us - range.from_us), to_us: range.from_us }
}
