//! Single sign-on: the account behind a person, and what their groups give.

use aop_api::sso::{GroupGrant, NewUsers};
use aop_domain::id::UserId;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use aop_store::{team_members, users};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sso_stage::{Stage, location};
use crate::world::World;

#[tokio::test]
async fn a_new_person_waits_for_approval_and_is_known_again() {
    let stage = Stage::new().await;
    let first = stage.signed_in().await;
    let user = &first["user"];
    assert_eq!(
        (&user["email"], &user["name"], &user["role"]),
        (&json!("ann@example.com"), &json!("Ann"), &json!("pending"))
    );
    // The address may change at the provider; the person does not.
    stage.claim(json!({"email": "ann.married@example.com"}));
    let again = stage.signed_in().await;
    assert_eq!((&again["user"]["id"], &again["user"]["email"]), (&user["id"], &user["email"]));
    stage.claim(json!({"sub": "subject-2", "email": "bob@example.com"}));
    assert_ne!(stage.signed_in().await["user"]["id"], user["id"]);
    assert_eq!(stage.users().await, 2);
}

#[tokio::test]
async fn an_address_that_is_not_verified_leads_to_no_account() {
    let stage = Stage::with(|settings| {
        settings.link_by_email = true;
        settings.new_users = NewUsers::Become(Role::Developer);
    })
    .await;
    let admin = stage.local_user("ann@example.com", Role::Admin).await;
    for claims in [json!({"email_verified": false}), json!({"email_verified": null}), json!({"email": null})]
    {
        stage.claim(claims);
        assert_eq!(stage.refusal().await, "unverified_email");
    }
    stage.claim(json!({"email": "new@example.com", "email_verified": false}));
    assert_eq!(stage.refusal().await, "unverified_email");
    assert_eq!(stage.users().await, 1, "nor is one made");
    let kept = users::find_password_hash(&stage.world.store, admin).await.unwrap();
    assert_eq!(kept.as_deref(), Some("$argon2id$"));
}

#[tokio::test]
async fn an_account_with_the_address_is_linked_only_where_that_is_allowed() {
    let stage = Stage::new().await;
    stage.local_user("ann@example.com", Role::Developer).await;
    assert_eq!(stage.refusal().await, "email_taken");

    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let local = stage.local_user("ann@example.com", Role::Developer).await;
    let user = stage.signed_in().await["user"].clone();
    assert_eq!(
        (user["id"].as_str().unwrap(), &user["role"]),
        (local.to_string().as_str(), &json!("developer"))
    );
    assert!(users::find_password_hash(&stage.world.store, local).await.unwrap().is_some());
    // The address now belongs to somebody else at the provider: that is not the same person.
    stage.claim(json!({"sub": "subject-2"}));
    assert_eq!(stage.refusal().await, "email_taken");
    assert_eq!(stage.users().await, 1);
}

#[tokio::test]
async fn an_account_that_nobody_vouched_for_is_taken_over_by_the_owner_of_the_address() {
    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let squatted = stage.local_user("ann@example.com", Role::Pending).await;
    let squatter = stage.world.sign_in(squatted).await;
    stage.world.get("/api/auth/me", &squatter).await.expect(200);
    stage.signed_in().await;
    assert_eq!(users::find_password_hash(&stage.world.store, squatted).await.unwrap(), None);
    assert_eq!(stage.world.get("/api/auth/me", &squatter).await.refused(401), "session_over");
}

#[tokio::test]
async fn a_switched_off_account_stays_shut() {
    let stage = Stage::with(|settings| settings.link_by_email = true).await;
    let id: UserId = stage.signed_in().await["user"]["id"].as_str().unwrap().parse().unwrap();
    users::update_access(&stage.world.store, id, None, Some(false)).await.unwrap();
    assert_eq!(stage.refusal().await, "account_off");
    // Nor by another identity with its address.
    stage.claim(json!({"sub": "subject-2"}));
    assert_eq!(stage.refusal().await, "account_off");
    assert_eq!(stage.users().await, 1);
}

#[tokio::test]
async fn who_may_have_an_account_is_for_the_operator_to_say() {
    let stage = Stage::with(|settings| settings.email_domains = vec!["example.org".into()]).await;
    assert_eq!(stage.refusal().await, "other_domain");
    let stage = Stage::with(|settings| settings.new_users = NewUsers::Refused).await;
    assert_eq!(stage.refusal().await, "no_account");
    assert_eq!(stage.users().await, 0);
    let stage = Stage::with(|settings| settings.new_users = NewUsers::Become(Role::Developer)).await;
    assert_eq!(stage.signed_in().await["user"]["role"], "developer");
}

#[tokio::test]
async fn groups_decide_the_role_at_every_sign_in_and_open_teams() {
    let grant = |group: &str, role| GroupGrant { group: group.into(), role: Some(role), team: None };
    let stage = Stage::with(|settings| {
        settings.new_users = NewUsers::Refused;
        settings.groups =
            vec![grant("staff", Role::Viewer), grant("ops", Role::Admin), grant("eng", Role::Developer)];
    })
    .await;
    let sign_in = async |groups: Value| {
        stage.claim(json!({"groups": groups}));
        stage.signed_in().await["user"]["role"].clone()
    };
    stage.claim(json!({"groups": ["unknown"]}));
    assert_eq!(stage.refusal().await, "no_account");
    assert_eq!(sign_in(json!(["staff", "eng"])).await, "developer");
    assert_eq!(sign_in(json!(["staff"])).await, "viewer");
    assert_eq!(sign_in(json!([])).await, "viewer", "no group says nothing");
    assert_eq!(sign_in(json!("ops")).await, "admin");
    assert_eq!(sign_in(json!(["staff"])).await, "admin", "the last administrator stays one");
}

#[tokio::test]
async fn a_group_leads_into_a_team_and_nobody_is_lowered_there() {
    let stage = Stage::with(|settings| {
        let team = Some((World::team_id(), MemberRole::Member));
        let nowhere = Some((aop_domain::id::TeamId(Uuid::now_v7()), MemberRole::Owner));
        settings.groups = vec![
            GroupGrant { group: "eng".into(), role: Some(Role::Developer), team },
            GroupGrant { group: "eng".into(), role: None, team: nowhere },
        ];
    })
    .await;
    stage.claim(json!({"groups": ["eng"]}));
    let user = stage.signed_in().await["user"].clone();
    assert_eq!(user["teams"], json!([{"id": World::team_id(), "name": "ours", "role": "member"}]));
    let id: UserId = user["id"].as_str().unwrap().parse().unwrap();
    team_members::put(&stage.world.store, stage.world.team, id, MemberRole::Owner).await.unwrap();
    assert_eq!(stage.signed_in().await["user"]["teams"][0]["role"], "owner");
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for_and_must_be_about_the_same_person() {
    let stage = Stage::new().await;
    stage.claim(json!({"email": null, "email_verified": null, "name": null}));
    let about =
        |sub: &str| json!({"sub": sub, "email": "ann@example.com", "email_verified": true, "name": "Ann U."});
    stage.script(|script| script.userinfo = about("subject-2"));
    assert_eq!(stage.refusal().await, "failed");
    stage.script(|script| script.userinfo = about("subject-1"));
    assert_eq!(stage.signed_in().await["user"]["name"], "Ann U.");
    // What is signed counts more than what is asked for.
    let stage = Stage::with(|settings| {
        settings.groups = vec![GroupGrant { group: "ops".into(), role: Some(Role::Admin), team: None }];
    })
    .await;
    stage.script(|script| {
        script.userinfo = json!({"sub": "subject-1", "email": "eve@example.com", "groups": ["ops"]});
    });
    let user = stage.signed_in().await["user"].clone();
    assert_eq!((&user["email"], &user["role"]), (&json!("ann@example.com"), &json!("admin")));
}

#[tokio::test]
async fn one_person_in_many_browsers_at_once_becomes_one_user() {
    let stage = Stage::new().await;
    let answers = join_all((0..8).map(|_| stage.sign_in())).await;
    let went: Vec<_> = answers.iter().map(location).collect();
    assert!(went.iter().all(|to| to.starts_with("/signed-in")), "{went:?}");
    assert_eq!(stage.users().await, 1);
}
