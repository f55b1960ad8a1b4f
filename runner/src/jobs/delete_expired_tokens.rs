//! Forgets refresh tokens that ended a week ago. Until then a copy that turns up late is still recognized as one.

use aop_store::{Error, Store, refresh_tokens};
use time::{Duration, OffsetDateTime};

const KEPT: Duration = Duration::days(7);

/// `now_s`: Unix seconds. Returns how many were deleted.
pub(super) async fn run(store: &Store, now_s: i64) -> Result<u64, Error> {
    let now = OffsetDateTime::from_unix_timestamp(now_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    refresh_tokens::delete_expired(store, now - KEPT).await
}
