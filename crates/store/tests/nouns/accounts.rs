//! Users, teams and their members.

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{TeamId, UserId};
use aop_store::team_members::{self, MemberRole};
use aop_store::testing::TestStore;
use aop_store::users::{self, NewUser, Role};
use aop_store::{Error, teams};
use serde_json::json;
use time::OffsetDateTime;

use crate::new_id;

fn new_user(email: &str, role: Role) -> NewUser {
    NewUser {
        id: new_id(),
        email: email.into(),
        name: "Ada".into(),
        role,
        password_hash: Some("$argon2id$".into()),
    }
}

#[tokio::test]
async fn a_user_is_found_by_email_in_any_case_and_an_email_is_taken_once() {
    let store = TestStore::new().await;
    let user = users::create(&store, &new_user("Ada@Example.com", Role::Viewer)).await.unwrap();
    assert_eq!(user.email, "ada@example.com");
    assert_eq!(users::find_by_email(&store, "ADA@example.com").await.unwrap().unwrap(), user);
    let sign_in = users::find_sign_in(&store, "ada@example.com").await.unwrap().unwrap();
    assert_eq!((sign_in.id, sign_in.password_hash.as_deref()), (user.id, Some("$argon2id$")));
    let again = users::create(&store, &new_user("ada@EXAMPLE.com", Role::Viewer)).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    assert_eq!(users::find(&store, new_id()).await.unwrap(), None);
}

#[tokio::test]
async fn of_many_first_admins_at_once_exactly_one_is_made() {
    let store = TestStore::new().await;
    let attempts = (0..8).map(|n| {
        let (store, new) = ((*store).clone(), new_user(&format!("first{n}@example.com"), Role::Viewer));
        tokio::spawn(async move { users::create_first_admin(&store, &new).await })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(user) => {
                assert_eq!(user.role, Role::Admin);
                made += 1;
            }
            Err(error) => assert!(matches!(error, Error::AdminExists), "{error}"),
        }
    }
    assert_eq!(made, 1);
    assert!(users::has_admin(&store).await.unwrap());
}

#[tokio::test]
async fn the_last_administrator_stays_one_and_others_can_change() {
    let store = TestStore::new().await;
    let first = store.add_user("first", Role::Admin).await;
    for refused in [
        users::update_access(&store, first, Some(Role::Viewer), None).await.map(|_| ()),
        users::update_access(&store, first, None, Some(false)).await.map(|_| ()),
        users::delete(&store, first).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(Error::LastAdmin)));
    }
    let second = store.add_user("second", Role::Pending).await;
    let approved = users::update_access(&store, second, Some(Role::Admin), None).await.unwrap().unwrap();
    assert_eq!((approved.role, approved.is_active), (Role::Admin, true));
    assert!(users::delete(&store, first).await.unwrap());
    assert!(!users::delete(&store, first).await.unwrap());
    assert_eq!(users::update_access(&store, first, None, Some(true)).await.unwrap(), None);
}

#[tokio::test]
async fn two_administrators_cannot_demote_each_other_at_the_same_moment() {
    let store = TestStore::new().await;
    for round in 0..5 {
        let one = store.add_user(&format!("one{round}"), Role::Admin).await;
        let two = store.add_user(&format!("two{round}"), Role::Admin).await;
        let demote = |user: UserId| {
            let store = (*store).clone();
            tokio::spawn(
                async move { users::update_access(&store, user, Some(Role::Viewer), None).await.is_ok() },
            )
        };
        let (first, second) = (demote(one), demote(two));
        let done = [first.await.unwrap(), second.await.unwrap()];
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "round {round}");
        // The next round starts with no other administrator.
        let left = if done[0] { two } else { one };
        sqlx::query("DELETE FROM users WHERE id = $1").bind(left.0).execute(store.pool()).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_changes_name_settings_and_password() {
    let store = TestStore::new().await;
    let id = store.add_user("ada", Role::Developer).await;
    let changed = users::update_profile(&store, id, Some("Countess"), None).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.settings), ("Countess", json!({})));
    let changed =
        users::update_profile(&store, id, None, Some(&json!({"language": "ko"}))).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.settings), ("Countess", json!({"language": "ko"})));
    let refused = users::update_profile(&store, id, None, Some(&json!("dark"))).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid, "settings are an object");

    assert_eq!(users::find_password_hash(&store, id).await.unwrap(), None);
    assert!(users::set_password_hash(&store, id, "$argon2id$new").await.unwrap());
    assert_eq!(users::find_password_hash(&store, id).await.unwrap().unwrap(), "$argon2id$new");
    let at = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    users::record_login(&store, id, at).await.unwrap();
    assert_eq!(users::find(&store, id).await.unwrap().unwrap().last_login_at, Some(at));
}

#[tokio::test]
async fn lists_are_newest_first_and_continue_where_the_page_before_ended() {
    let store = TestStore::new().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(store.add_user(&format!("user{n}"), Role::Viewer).await);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = users::list(&store, before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.into_iter().map(|user| user.id));
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_team_is_made_with_its_owner_and_goes_with_all_it_has() {
    let store = TestStore::new().await;
    let owner = store.add_user("owner", Role::Developer).await;
    let id: TeamId = new_id();
    let team = teams::create(&store, id, "Research", Some(owner)).await.unwrap();
    assert_eq!(teams::find(&store, id).await.unwrap().unwrap(), team);
    assert_eq!(team_members::find_role(&store, id, owner).await.unwrap(), Some(MemberRole::Owner));
    let other = store.add_team("Other").await;
    assert_eq!(teams::list_of_user(&store, owner, None, 10).await.unwrap(), [team]);
    assert_eq!(teams::list(&store, None, 10).await.unwrap()[0].id, other);

    let changed = teams::update(&store, id, "Lab", Some(30)).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.retention_days), ("Lab", Some(30)));
    assert_eq!(teams::update(&store, id, "Lab", Some(0)).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert!(teams::delete(&store, id).await.unwrap());
    assert_eq!(team_members::list_of_user(&store, owner).await.unwrap(), []);
    assert!(users::find(&store, owner).await.unwrap().is_some(), "people outlive their teams");
}

#[tokio::test]
async fn members_come_go_and_change_but_one_owner_stays() {
    let store = TestStore::new().await;
    let (owner, member) =
        (store.add_user("owner", Role::Developer).await, store.add_user("member", Role::Viewer).await);
    let team: TeamId = new_id();
    teams::create(&store, team, "Research", Some(owner)).await.unwrap();
    team_members::put(&store, team, member, MemberRole::Member).await.unwrap();
    let members = team_members::list(&store, team, None, 10).await.unwrap();
    assert_eq!(members.iter().map(|one| one.user_id).collect::<Vec<_>>(), [member, owner]);
    assert_eq!(team_members::list(&store, team, Some(members[0].id), 10).await.unwrap().len(), 1);

    assert!(matches!(team_members::remove(&store, team, owner).await, Err(Error::LastOwner)));
    let demoted = team_members::put(&store, team, owner, MemberRole::Member).await;
    assert!(matches!(demoted, Err(Error::LastOwner)));
    team_members::put(&store, team, member, MemberRole::Owner).await.unwrap();
    assert!(team_members::remove(&store, team, owner).await.unwrap());
    assert!(!team_members::remove(&store, team, owner).await.unwrap());
    let nobody = team_members::put(&store, team, new_id(), MemberRole::Member).await.unwrap_err();
    assert!(matches!(nobody, Error::UnknownReference { .. }), "{nobody}");
    let other = store.add_team("Other").await;
    assert_eq!(team_members::find_role(&store, other, member).await.unwrap(), None);
}
