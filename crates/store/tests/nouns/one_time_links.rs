//! Invitations and password links: used once, in time, and by one of many at the same moment.

use aop_domain::id::{TeamId, UserId};
use aop_store::invitations::{self, Guest, NewInvitation};
use aop_store::refresh_tokens::{self, NewToken, Session};
use aop_store::team_members::{self, MemberRole};
use aop_store::testing::TestStore;
use aop_store::users::{self, Role};
use aop_store::{Error, password_resets};
use time::{Duration, OffsetDateTime};

use crate::new_id;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn later() -> OffsetDateTime {
    now() + Duration::days(7)
}

fn new(secret: u8, email: &str, role: MemberRole, account_role: Option<Role>) -> NewInvitation {
    let email = email.to_owned();
    NewInvitation { id: new_id(), email, role, account_role, hash: [secret; 32], expires_at: later() }
}

fn stranger() -> Guest {
    Guest::New { id: new_id(), name: "Ada".into(), password_hash: "hash".into() }
}

async fn role_in(store: &TestStore, team: TeamId, user: UserId) -> Option<MemberRole> {
    team_members::find_role(store, team, user).await.unwrap()
}

#[tokio::test]
async fn a_new_guest_gets_an_account_and_a_place_in_the_team_once() {
    let store = TestStore::new().await;
    let team = store.add_team("ours").await;
    let invitation = new(1, "Ada@Example.com", MemberRole::Owner, Some(Role::Viewer));
    invitations::create(&store, team, &invitation, now()).await.unwrap();
    assert_eq!(invitations::accept(&store, &[2; 32], &stranger(), now()).await.unwrap(), None);
    let user = invitations::accept(&store, &[1; 32], &stranger(), now()).await.unwrap().unwrap();
    assert_eq!((user.email.as_str(), user.role), ("ada@example.com", Role::Viewer));
    assert_eq!(role_in(&store, team, user.id).await, Some(MemberRole::Owner));
    assert_eq!(invitations::accept(&store, &[1; 32], &stranger(), now()).await.unwrap(), None);
    assert_eq!(invitations::list(&store, team, now(), None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn of_many_acceptances_at_once_one_makes_an_account() {
    let store = TestStore::new().await;
    let team = store.add_team("ours").await;
    let invitation = new(1, "ada@example.com", MemberRole::Member, None);
    invitations::create(&store, team, &invitation, now()).await.unwrap();
    let attempts: Vec<_> = (0..20)
        .map(|_| {
            let store = (*store).clone();
            tokio::spawn(
                async move { invitations::accept(&store, &[1; 32], &stranger(), now()).await.unwrap() },
            )
        })
        .collect();
    let mut accepted = 0;
    for attempt in attempts {
        accepted += usize::from(attempt.await.unwrap().is_some());
    }
    assert_eq!(accepted, 1);
    assert_eq!(team_members::list(&store, team, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn accepting_approves_a_pending_account_but_lowers_nobody() {
    let store = TestStore::new().await;
    let team = store.add_team("ours").await;
    let (pending, developer) =
        (store.add_user("new", Role::Pending).await, store.add_user("dev", Role::Developer).await);
    team_members::put(&store, team, developer, MemberRole::Owner).await.unwrap();
    for (secret, user, role) in [(1, pending, Role::Viewer), (2, developer, Role::Developer)] {
        let invitation =
            new(secret, &format!("{secret}@example.com"), MemberRole::Member, Some(Role::Viewer));
        invitations::create(&store, team, &invitation, now()).await.unwrap();
        let accepted = invitations::accept(&store, &[secret; 32], &Guest::Known(user), now()).await.unwrap();
        assert_eq!(accepted.unwrap().role, role);
    }
    assert_eq!(role_in(&store, team, pending).await, Some(MemberRole::Member));
    assert_eq!(role_in(&store, team, developer).await, Some(MemberRole::Owner));
}

#[tokio::test]
async fn an_invitation_ends_when_it_expires_is_revoked_or_is_replaced() {
    let store = TestStore::new().await;
    let (ours, theirs) = (store.add_team("ours").await, store.add_team("theirs").await);
    let first = new(1, "ada@example.com", MemberRole::Member, None);
    invitations::create(&store, ours, &first, now()).await.unwrap();
    assert!(invitations::find(&store, &[1; 32], later() - Duration::seconds(1)).await.unwrap().is_some());
    assert_eq!(invitations::accept(&store, &[1; 32], &stranger(), later()).await.unwrap(), None);

    let second = new(2, "ADA@example.com", MemberRole::Member, None);
    invitations::create(&store, ours, &second, now()).await.unwrap();
    assert_eq!(invitations::accept(&store, &[1; 32], &stranger(), now()).await.unwrap(), None);
    let open = invitations::list(&store, ours, now(), None, 10).await.unwrap();
    assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id]);
    assert_eq!(invitations::list(&store, ours, later(), None, 10).await.unwrap(), []);

    assert_eq!(invitations::list(&store, theirs, now(), None, 10).await.unwrap(), []);
    assert!(!invitations::delete(&store, theirs, second.id).await.unwrap(), "another team's");
    assert!(invitations::delete(&store, ours, second.id).await.unwrap());
    assert_eq!(invitations::accept(&store, &[2; 32], &stranger(), now()).await.unwrap(), None);
}

#[tokio::test]
async fn an_invitation_makes_no_administrator_and_no_second_account() {
    let store = TestStore::new().await;
    let team = store.add_team("ours").await;
    let admin = new(1, "ada@example.com", MemberRole::Member, Some(Role::Admin));
    let refused = invitations::create(&store, team, &admin, now()).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    let user = store.add_user("ada", Role::Viewer).await;
    let email = users::find(&store, user).await.unwrap().unwrap().email;
    invitations::create(&store, team, &new(2, &email, MemberRole::Member, None), now()).await.unwrap();
    let twice = invitations::accept(&store, &[2; 32], &stranger(), now()).await;
    assert!(matches!(twice, Err(Error::Duplicate { .. })), "{twice:?}");
    assert!(invitations::find(&store, &[2; 32], now()).await.unwrap().is_some(), "it stays open");
}

#[tokio::test]
async fn a_password_link_is_used_once_and_ends_every_session() {
    let store = TestStore::new().await;
    let user = store.add_user("ada", Role::Viewer).await;
    let session = Session { user_id: user, family_id: new_id() };
    let token = NewToken { id: new_id(), hash: [9; 32], expires_at: later() };
    refresh_tokens::start(&store, session, &token).await.unwrap();
    password_resets::put(&store, user, &[1; 32], later()).await.unwrap();
    let uses: Vec<_> = (0..10)
        .map(|n| {
            let store = (*store).clone();
            tokio::spawn(async move {
                password_resets::complete(&store, &[1; 32], &format!("hash {n}"), now()).await.unwrap()
            })
        })
        .collect();
    let mut used = Vec::new();
    for (n, one) in uses.into_iter().enumerate() {
        used.extend(one.await.unwrap().map(|by| (by, format!("hash {n}"))));
    }
    let [(by, hash)] = &used[..] else { panic!("{used:?}") };
    assert_eq!(*by, user);
    assert_eq!(users::find_password_hash(&store, user).await.unwrap().as_ref(), Some(hash));
    assert!(!refresh_tokens::is_family_active(&store, session, now()).await.unwrap());
}

#[tokio::test]
async fn a_password_link_ends_when_it_expires_is_replaced_or_no_longer_wanted() {
    let store = TestStore::new().await;
    store.add_user("admin", Role::Admin).await;
    let user = store.add_user("ada", Role::Viewer).await;
    let complete = async |secret: u8, at| {
        password_resets::complete(&store, &[secret; 32], "hash", at).await.unwrap().is_some()
    };
    password_resets::put(&store, user, &[1; 32], later()).await.unwrap();
    assert!(!complete(1, later()).await, "expired");
    password_resets::put(&store, user, &[2; 32], later()).await.unwrap();
    assert!(!complete(1, now()).await, "replaced");
    users::update_access(&store, user, None, Some(false)).await.unwrap();
    assert!(!complete(2, now()).await, "switched off");
    users::update_access(&store, user, None, Some(true)).await.unwrap();
    assert!(complete(2, now()).await);
    password_resets::put(&store, user, &[4; 32], later()).await.unwrap();
    assert!(users::set_password_hash(&store, user, "their own").await.unwrap());
    assert!(!complete(4, now()).await, "the user has chosen a password since");
    let nobody = password_resets::put(&store, new_id(), &[3; 32], later()).await;
    assert!(matches!(nobody, Err(Error::UnknownReference { .. })), "{nobody:?}");
}
