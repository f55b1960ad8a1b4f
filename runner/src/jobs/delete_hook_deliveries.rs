//! Forgets messages of webhooks that ended a week ago.

use aop_store::{Error, Store, hook_deliveries};
use time::{Duration, OffsetDateTime};

const KEPT: Duration = Duration::days(7);

/// Returns how many were deleted.
pub(super) async fn run(store: &Store, now: OffsetDateTime) -> Result<u64, Error> {
    hook_deliveries::forget(store, now - KEPT).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_domain::hook::{Act, Filter, Hook, Point};
    use aop_domain::id::HookId;
    use aop_store::hook_deliveries::Outcome;
    use aop_store::hooks;
    use aop_store::testing::TestStore;
    use aop_store::users::Role;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_message_is_forgotten_a_week_after_its_end_and_one_that_waits_is_not() {
        let store = TestStore::new().await;
        let user = store.add_user("ann", Role::Developer).await;
        let act = Act::Webhook { url: "https://example.com".into(), content: false, allow_private: false };
        let (id, team_id) = (HookId(Uuid::now_v7()), store.add_team("team").await);
        let hook =
            Hook { id, team_id, name: "h".into(), point: Point::After, filter: Filter::default(), act };
        hooks::create(&store, &hook, None, true, user).await.unwrap();
        let end = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let delivered = hook_deliveries::add_test(&store, id, end).await.unwrap();
        let waiting = hook_deliveries::add_test(&store, id, end).await.unwrap();
        hook_deliveries::end(&store, delivered, &Outcome::Delivered { http_status: 200 }, end).await.unwrap();
        assert_eq!(run(&store, end + KEPT).await.unwrap(), 0);
        assert_eq!(run(&store, end + KEPT + Duration::seconds(1)).await.unwrap(), 1);
        let left = hook_deliveries::list(&store, team_id, id, None, 10).await.unwrap();
        assert_eq!(left.iter().map(|left| left.id).collect::<Vec<_>>(), [waiting]);
    }
}
