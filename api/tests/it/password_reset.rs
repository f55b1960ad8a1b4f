//! A forgotten password: an administrator's link, used once.

use aop_domain::id::UserId;
use aop_store::audit_log;
use aop_store::team_members::MemberRole;
use aop_store::users::{self, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{PUBLIC_URL, World};

const RESET: &str = "/api/auth/password-reset";
const PASSWORD: &str = "another long one";

async fn admin(world: &World) -> String {
    world.signed_in("admin", Role::Admin, None).await
}

async fn link(world: &World, admin: &str, user: UserId) -> Value {
    world.post(&format!("/api/users/{user}/password-reset"), admin, Value::Null).await.expect(201)
}

fn with(link: &Value) -> Value {
    json!({"token": link["token"], "password": PASSWORD})
}

#[tokio::test]
async fn a_link_sets_a_new_password_and_ends_every_session() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let user = world.user("ada", Role::Viewer, Some(MemberRole::Member)).await;
    let email = users::find(&world.store, user).await.unwrap().unwrap().email;
    let (here, there) = (world.sign_in(user).await, world.sign_in(user).await);
    let made = link(&world, &admin, user).await;
    let address = format!("{PUBLIC_URL}/password-reset#token={}", made["token"].as_str().unwrap());
    assert_eq!(made["link"], address);
    world.get("/api/auth/me", &here).await.expect(200);

    let short = json!({"token": made["token"], "password": "short"});
    assert_eq!(world.post(RESET, "", short).await.refused(400), "password_too_short");
    assert_eq!(world.post(RESET, "", with(&made)).await.status, 204);
    for token in [here, there] {
        assert_eq!(world.get("/api/auth/me", &token).await.refused(401), "session_over");
    }
    world.get("/api/auth/me", &admin).await.expect(200);
    world.post("/api/auth/login", "", json!({"email": email, "password": PASSWORD})).await.expect(200);
}

#[tokio::test]
async fn unknown_used_replaced_and_expired_links_look_the_same() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let users = [
        world.user("used", Role::Viewer, None).await,
        world.user("replaced", Role::Viewer, None).await,
        world.user("off", Role::Viewer, None).await,
        world.user("late", Role::Viewer, None).await,
    ];
    let mut links = Vec::new();
    for user in users {
        links.push(link(&world, &admin, user).await);
    }
    assert_eq!(world.post(RESET, "", with(&links[0])).await.status, 204);
    link(&world, &admin, users[1]).await;
    let off = format!("/api/users/{}", users[2]);
    world.call("PATCH", &off, &admin, json!({"is_active": false})).await.expect(200);
    let unknown = world.post(RESET, "", with(&json!({"token": "x".repeat(43)}))).await.expect(400);
    assert_eq!(unknown["code"], "invalid_reset_link");
    for link in &links[..3] {
        assert_eq!(world.post(RESET, "", with(link)).await.expect(400), unknown);
    }
    let long = json!({"token": "x".repeat(4000)});
    assert_eq!(world.post(RESET, "", with(&long)).await.expect(400), unknown);
    world.clock.advance_us(3600 * 1_000_000);
    assert_eq!(world.post(RESET, "", with(&links[3])).await.expect(400), unknown);
}

#[tokio::test]
async fn a_token_of_an_invitation_sets_no_password() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let body = json!({"email": "ada@example.com", "role": "member"});
    let made = world.post(&format!("/api/teams/{}/invitations", world.team), &admin, body).await.expect(201);
    assert_eq!(world.post(RESET, "", with(&made["link"])).await.refused(400), "invalid_reset_link");
}

#[tokio::test]
async fn there_is_no_link_for_nobody() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let path = format!("/api/users/{}/password-reset", Uuid::now_v7());
    assert_eq!(world.post(&path, &admin, Value::Null).await.refused(404), "not_found");
}

#[tokio::test]
async fn whoever_guesses_links_is_slowed_down() {
    let world = World::new().await;
    for _ in 0..50 {
        assert_eq!(world.post(RESET, "", with(&json!({"token": "guess"}))).await.status, 400);
    }
    assert_eq!(
        world.post(RESET, "", with(&json!({"token": "guess"}))).await.refused(429),
        "too_many_attempts"
    );
}

#[tokio::test]
async fn making_and_using_a_link_stand_in_the_audit_log_without_the_token() {
    let world = World::new().await;
    let admin_id = world.user("admin", Role::Admin, None).await;
    let admin = world.sign_in(admin_id).await;
    let user = world.user("ada", Role::Viewer, None).await;
    let made = link(&world, &admin, user).await;
    assert_eq!(world.post(RESET, "", with(&made)).await.status, 204);
    let entries = audit_log::list(&world.store, None, None, 10).await.unwrap();
    let lines: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.actor.user_id)).collect();
    assert_eq!(lines, [("user.password_reset", Some(user)), ("user.password_reset_link", Some(admin_id))]);
    assert!(entries.iter().all(|entry| entry.target_id == user.to_string()));
    assert!(!format!("{entries:?}").contains(made["token"].as_str().unwrap()));
}
