//! Virtual keys: who may see, change and use them.

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{KeyId, TeamId, UserId};
use aop_store::api_keys::{self, ApiKey, KeySettings, NewKey};
use aop_store::team_members::{self, MemberRole};
use aop_store::testing::TestStore;
use aop_store::users::{self, Role};
use time::{Duration, OffsetDateTime};

use crate::new_id;

fn settings(name: &str) -> KeySettings {
    KeySettings {
        name: name.into(),
        permissions: vec!["gateway".into(), "read".into()],
        allowed_models: vec!["sim-*".into()],
        rate_limit: Some(60),
        is_active: true,
        expires_at: None,
    }
}

async fn add_key(store: &TestStore, team: TeamId, user: UserId, mac: u8) -> ApiKey {
    let new = NewKey {
        id: new_id(),
        user_id: user,
        mac: [mac; 32],
        hint: "aop-...x7Qa".into(),
        settings: settings("ci"),
    };
    api_keys::create(store, team, &new).await.unwrap()
}

async fn member(store: &TestStore) -> (TeamId, UserId) {
    store.add_user("admin", Role::Admin).await;
    let (team, user) = (store.add_team("Research").await, store.add_user("ada", Role::Developer).await);
    team_members::put(store, team, user, MemberRole::Owner).await.unwrap();
    (team, user)
}

#[tokio::test]
async fn a_key_keeps_what_it_was_made_with_and_is_found_by_its_mac() {
    let store = TestStore::new().await;
    let (team, user) = member(&store).await;
    let key = add_key(&store, team, user, 7).await;
    assert_eq!((key.name.as_str(), key.hint.as_str(), key.rate_limit), ("ci", "aop-...x7Qa", Some(60)));
    assert_eq!(key.permissions, ["gateway", "read"]);
    assert_eq!(key.allowed_models, ["sim-*"]);
    assert_eq!(api_keys::find(&store, team, key.id).await.unwrap(), Some(key.clone()));
    let holder = api_keys::find_by_mac(&store, &[7; 32]).await.unwrap().unwrap();
    assert_eq!((holder.key_id, holder.team_id, holder.user_id), (key.id, team, user));
    assert!(holder.is_usable);
    assert_eq!(holder.user_role, Role::Developer);
    assert_eq!(api_keys::find_by_mac(&store, &[8; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn another_teams_key_does_not_exist() {
    let store = TestStore::new().await;
    let (team, user) = member(&store).await;
    let id: KeyId = add_key(&store, team, user, 7).await.id;
    let other = store.add_team("Other").await;
    assert_eq!(api_keys::find(&store, other, id).await.unwrap(), None);
    assert_eq!(api_keys::update(&store, other, id, &settings("stolen")).await.unwrap(), None);
    assert_eq!(api_keys::regenerate(&store, other, id, &[9; 32], "aop-...").await.unwrap(), None);
    assert!(!api_keys::delete(&store, other, id).await.unwrap());
    assert_eq!(api_keys::list(&store, other, None, None, 10).await.unwrap(), []);
    assert_eq!(api_keys::find(&store, team, id).await.unwrap().unwrap().name, "ci");
}

#[tokio::test]
async fn a_regenerated_key_answers_only_to_its_new_secret() {
    let store = TestStore::new().await;
    let (team, user) = member(&store).await;
    let key = add_key(&store, team, user, 7).await;
    let renewed = api_keys::regenerate(&store, team, key.id, &[8; 32], "aop-...9zZz").await.unwrap().unwrap();
    assert_eq!((renewed.id, renewed.hint.as_str()), (key.id, "aop-...9zZz"));
    assert_eq!(api_keys::find_by_mac(&store, &[7; 32]).await.unwrap(), None);
    assert!(api_keys::find_by_mac(&store, &[8; 32]).await.unwrap().is_some());
    let taken =
        NewKey { id: new_id(), user_id: user, mac: [8; 32], hint: "x".into(), settings: settings("two") };
    assert_eq!(api_keys::create(&store, team, &taken).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_key_is_usable_only_while_it_its_user_and_the_membership_are() {
    let store = TestStore::new().await;
    let (team, user) = member(&store).await;
    let owner = store.add_user("owner", Role::Developer).await;
    team_members::put(&store, team, owner, MemberRole::Owner).await.unwrap();
    let key = add_key(&store, team, user, 7).await;
    let is_usable = async || api_keys::find_by_mac(&store, &[7; 32]).await.unwrap().unwrap().is_usable;
    assert!(is_usable().await);

    api_keys::update(&store, team, key.id, &KeySettings { is_active: false, ..settings("ci") })
        .await
        .unwrap();
    assert!(!is_usable().await, "switched off");
    api_keys::update(&store, team, key.id, &settings("ci")).await.unwrap();
    assert!(is_usable().await);
    users::update_access(&store, user, None, Some(false)).await.unwrap();
    assert!(!is_usable().await, "its user is inactive");
    users::update_access(&store, user, Some(Role::Pending), Some(true)).await.unwrap();
    assert!(!is_usable().await, "its user is not approved");
    users::update_access(&store, user, Some(Role::Developer), None).await.unwrap();
    team_members::remove(&store, team, user).await.unwrap();
    assert!(!is_usable().await, "its user left the team");
    users::delete(&store, user).await.unwrap();
    assert_eq!(api_keys::find_by_mac(&store, &[7; 32]).await.unwrap(), None, "its user is gone");
}

#[tokio::test]
async fn the_list_narrows_to_one_user_and_pages() {
    let store = TestStore::new().await;
    let (team, ada) = member(&store).await;
    let bob = store.add_user("bob", Role::Developer).await;
    let first = add_key(&store, team, ada, 1).await.id;
    let second = add_key(&store, team, bob, 2).await.id;
    let third = add_key(&store, team, ada, 3).await.id;
    let ids = async |user, before, limit| -> Vec<KeyId> {
        let keys = api_keys::list(&store, team, user, before, limit).await.unwrap();
        keys.into_iter().map(|key| key.id).collect()
    };
    assert_eq!(ids(None, None, 2).await, [third, second]);
    assert_eq!(ids(None, Some(second), 2).await, [first]);
    assert_eq!(ids(Some(ada), None, 10).await, [third, first]);
}

#[tokio::test]
async fn the_time_of_last_use_only_moves_forward() {
    let store = TestStore::new().await;
    let (team, user) = member(&store).await;
    let (one, two) = (add_key(&store, team, user, 1).await.id, add_key(&store, team, user, 2).await.id);
    let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let later = at + Duration::seconds(5);
    api_keys::touch_last_used(&store, &[(two, at), (one, later), (one, at), (new_id(), at)]).await.unwrap();
    api_keys::touch_last_used(&store, &[(one, at)]).await.unwrap();
    api_keys::touch_last_used(&store, &[]).await.unwrap();
    let last_used = async |id| api_keys::find(&store, team, id).await.unwrap().unwrap().last_used_at;
    assert_eq!((last_used(one).await, last_used(two).await), (Some(later), Some(at)));
}
