//! Forgets idempotency keys, and the answers kept for them, after their day.

use aop_store::{Error, Store, idempotency_keys};
use time::OffsetDateTime;

/// Returns how many were deleted.
pub(super) async fn run(store: &Store, now: OffsetDateTime) -> Result<u64, Error> {
    idempotency_keys::delete_expired(store, now).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_store::idempotency_keys::{Claim, Key, Times};
    use aop_store::testing::TestStore;
    use time::Duration;

    #[tokio::test]
    async fn a_key_is_kept_for_its_time_and_the_job_may_run_twice() {
        let store = TestStore::new().await;
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let times =
            Times { now, held_until: now + Duration::minutes(2), expires_at: now + Duration::days(1) };
        let key = Key { caller: "user:1", key: "k" };
        assert_eq!(idempotency_keys::claim(&store, key, &[1; 32], times).await.unwrap(), Claim::Ours);
        assert_eq!(run(&store, times.expires_at).await.unwrap(), 0);
        assert_eq!(run(&store, times.expires_at + Duration::seconds(1)).await.unwrap(), 1);
        assert_eq!(run(&store, times.expires_at + Duration::seconds(1)).await.unwrap(), 0);
        assert_eq!(idempotency_keys::claim(&store, key, &[2; 32], times).await.unwrap(), Claim::Ours);
    }
}
