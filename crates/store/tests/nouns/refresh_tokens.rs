//! Rotation, its grace, and what happens to a token that was copied.

use aop_domain::id::UserId;
use aop_store::refresh_tokens::{self, NewToken, Rotation, Session};
use aop_store::testing::TestStore;
use aop_store::users::{self, Role};
use time::{Duration, OffsetDateTime};

use crate::new_id;

const GRACE: Duration = Duration::seconds(10);

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn token(secret: u8) -> NewToken {
    NewToken { id: new_id(), hash: [secret; 32], expires_at: now() + Duration::days(30) }
}

async fn signed_in(store: &TestStore) -> Session {
    store.add_user("admin", Role::Admin).await;
    let session = Session { user_id: store.add_user("ada", Role::Viewer).await, family_id: new_id() };
    refresh_tokens::start(store, session, &token(1)).await.unwrap();
    session
}

async fn rotate(store: &TestStore, from: u8, to: u8, at: OffsetDateTime) -> Rotation {
    refresh_tokens::rotate(store, &[from; 32], &token(to), at, GRACE).await.unwrap()
}

#[tokio::test]
async fn each_token_is_used_once_and_leaves_a_successor() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    assert_eq!(rotate(&store, 1, 2, now()).await, Rotation::Rotated(session));
    assert_eq!(rotate(&store, 2, 3, now()).await, Rotation::Rotated(session));
    assert_eq!(rotate(&store, 99, 4, now()).await, Rotation::Refused);
    assert!(refresh_tokens::is_family_active(&store, session, now()).await.unwrap());
}

#[tokio::test]
async fn a_double_click_within_the_grace_keeps_the_session() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    assert_eq!(rotate(&store, 1, 2, now()).await, Rotation::Rotated(session));
    assert_eq!(rotate(&store, 1, 3, now() + GRACE).await, Rotation::Repeated(session));
    assert_eq!(rotate(&store, 3, 4, now()).await, Rotation::Refused, "the repeated use stored nothing");
    assert!(!refresh_tokens::is_used(&store, &[2; 32]).await.unwrap());
    assert_eq!(rotate(&store, 2, 5, now()).await, Rotation::Rotated(session));
    assert!(refresh_tokens::is_used(&store, &[2; 32]).await.unwrap());
    assert!(!refresh_tokens::is_used(&store, &[99; 32]).await.unwrap());
}

#[tokio::test]
async fn a_token_used_again_later_revokes_its_whole_family_and_no_other() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    let elsewhere = Session { family_id: new_id(), ..session };
    refresh_tokens::start(&store, elsewhere, &token(50)).await.unwrap();
    rotate(&store, 1, 2, now()).await;
    let later = now() + GRACE + Duration::seconds(1);
    assert_eq!(rotate(&store, 1, 3, later).await, Rotation::Reused(session));
    assert_eq!(rotate(&store, 2, 4, later).await, Rotation::Refused);
    assert!(!refresh_tokens::is_family_active(&store, session, later).await.unwrap());
    assert_eq!(rotate(&store, 50, 51, later).await, Rotation::Rotated(elsewhere));
}

#[tokio::test]
async fn of_fifty_uses_at_once_one_rotates_and_the_family_stays_whole() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    let uses: Vec<_> = (0..50)
        .map(|n| {
            let store = (*store).clone();
            tokio::spawn(async move {
                refresh_tokens::rotate(&store, &[1; 32], &token(100 + n), now(), GRACE).await.unwrap()
            })
        })
        .collect();
    let mut rotated = 0;
    for one in uses {
        match one.await.unwrap() {
            Rotation::Rotated(_) => rotated += 1,
            other => assert_eq!(other, Rotation::Repeated(session)),
        }
    }
    assert_eq!(rotated, 1);
    assert!(refresh_tokens::is_family_active(&store, session, now()).await.unwrap());
}

#[tokio::test]
async fn expired_tokens_and_those_of_inactive_users_are_refused() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    assert_eq!(rotate(&store, 1, 2, now() + Duration::days(30)).await, Rotation::Refused);
    users::update_access(&store, session.user_id, None, Some(false)).await.unwrap();
    assert_eq!(rotate(&store, 1, 2, now()).await, Rotation::Refused);
    assert_eq!(refresh_tokens::delete_expired(&store, now() + Duration::days(31)).await.unwrap(), 1);
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all_but_one() {
    let store = TestStore::new().await;
    let session = signed_in(&store).await;
    let user: UserId = session.user_id;
    let second = Session { user_id: user, family_id: new_id() };
    let third = Session { user_id: user, family_id: new_id() };
    refresh_tokens::start(&store, second, &token(20)).await.unwrap();
    refresh_tokens::start(&store, third, &token(30)).await.unwrap();
    assert_eq!(refresh_tokens::revoke_family_of(&store, &[1; 32], now()).await.unwrap(), Some(user));
    assert_eq!(refresh_tokens::revoke_family_of(&store, &[99; 32], now()).await.unwrap(), None);
    assert_eq!(rotate(&store, 1, 2, now()).await, Rotation::Refused);
    refresh_tokens::revoke_all_of_user(&store, user, Some(third.family_id), now()).await.unwrap();
    assert_eq!(rotate(&store, 20, 21, now()).await, Rotation::Refused);
    assert_eq!(rotate(&store, 30, 31, now()).await, Rotation::Rotated(third));
}
