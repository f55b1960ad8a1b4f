//! Forgets single sign-on states whose cookie has expired: without it they cannot come back.

use aop_store::{Error, Store, sso_used_states};
use time::OffsetDateTime;

/// Returns how many were deleted.
pub(super) async fn run(store: &Store, now: OffsetDateTime) -> Result<u64, Error> {
    sso_used_states::delete_expired(store, now).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_store::testing::TestStore;
    use time::Duration;

    #[tokio::test]
    async fn a_state_is_kept_as_long_as_it_could_come_back_and_the_job_may_run_twice() {
        let store = TestStore::new().await;
        let end = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        assert!(sso_used_states::use_up(&store, &[1; 32], end).await.unwrap());
        assert_eq!(run(&store, end).await.unwrap(), 0);
        assert!(!sso_used_states::use_up(&store, &[1; 32], end).await.unwrap(), "a replay");
        assert_eq!(run(&store, end + Duration::seconds(1)).await.unwrap(), 1);
        assert_eq!(run(&store, end + Duration::seconds(1)).await.unwrap(), 0);
    }
}
