//! Forgets refresh tokens that ended a week ago. Until then a copy that turns up late is still recognized as one.

use aop_store::{Error, Store, refresh_tokens};
use time::{Duration, OffsetDateTime};

const KEPT: Duration = Duration::days(7);

/// Returns how many were deleted.
pub(super) async fn run(store: &Store, now: OffsetDateTime) -> Result<u64, Error> {
    refresh_tokens::delete_expired(store, now - KEPT).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_store::refresh_tokens::{NewToken, Session};
    use aop_store::testing::TestStore;
    use aop_store::users::Role;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_token_is_forgotten_a_week_after_its_end_and_the_job_may_run_twice() {
        let store = TestStore::new().await;
        let end = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let session =
            Session { user_id: store.add_user("ann", Role::Viewer).await, family_id: Uuid::now_v7() };
        for (hash, expires_at) in [([1; 32], end), ([2; 32], end + Duration::seconds(1))] {
            let token = NewToken { id: Uuid::now_v7(), hash, expires_at };
            refresh_tokens::start(&store, session, &token).await.unwrap();
        }
        assert_eq!(run(&store, end + KEPT).await.unwrap(), 0);
        assert_eq!(run(&store, end + KEPT + Duration::seconds(1)).await.unwrap(), 1);
        assert_eq!(run(&store, end + KEPT + Duration::seconds(1)).await.unwrap(), 0);
        assert!(
            refresh_tokens::is_family_active(&store, session, end).await.unwrap(),
            "the other one is kept"
        );
    }
}
