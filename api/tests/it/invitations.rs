//! Invitations: from the owner's link to the new member.

use aop_store::audit_log;
use aop_store::team_members::MemberRole;
use aop_store::users::{self, Role};
use serde_json::{Value, json};

use crate::world::{PUBLIC_URL, World};

const ACCEPT: &str = "/api/auth/invitations/accept";
const PASSWORD: &str = "correct horse battery";

fn path(world: &World) -> String {
    format!("/api/teams/{}/invitations", world.team)
}

async fn owner(world: &World) -> String {
    world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await
}

async fn invite(world: &World, by: &str, email: &str) -> Value {
    let body = json!({"email": email, "role": "member"});
    world.post(&path(world), by, body).await.expect(201)
}

fn token(made: &Value) -> Value {
    made["link"]["token"].clone()
}

fn newcomer(made: &Value) -> Value {
    json!({"token": token(made), "name": "Ada", "password": PASSWORD})
}

#[tokio::test]
async fn an_owners_invitation_makes_an_account_that_waits_for_approval() {
    let world = World::new().await;
    let owner = owner(&world).await;
    let made = invite(&world, &owner, "Ada@Example.com").await;
    assert_eq!(made["invitation"]["email"], "ada@example.com");
    let link = made["link"]["link"].as_str().unwrap();
    assert_eq!(link, format!("{PUBLIC_URL}/invitation#token={}", token(&made).as_str().unwrap()));

    let accepted = world.post(ACCEPT, "", newcomer(&made)).await;
    assert!(accepted.cookie().contains("aop_refresh="));
    let accepted = accepted.expect(201);
    assert_eq!(
        (&accepted["user"]["role"], &accepted["user"]["email"]),
        (&json!("pending"), &json!("ada@example.com"))
    );
    assert_eq!(accepted["user"]["teams"][0]["id"], json!(world.team.0));
    let ada = accepted["access_token"].as_str().unwrap();
    assert_eq!(world.get("/api/models", ada).await.refused(403), "account_pending");
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    world.post("/api/auth/login", "", login).await.expect(200);
}

#[tokio::test]
async fn an_administrator_invites_somebody_who_starts_at_once() {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, None).await;
    let body = json!({"email": "ada@example.com", "role": "owner", "account_role": "developer"});
    let made = world.post(&path(&world), &admin, body.clone()).await.expect(201);
    let accepted = world.post(ACCEPT, "", newcomer(&made)).await.expect(201);
    assert_eq!(
        (&accepted["user"]["role"], &accepted["user"]["teams"][0]["role"]),
        (&json!("developer"), &json!("owner"))
    );
    let ada = accepted["access_token"].as_str().unwrap();
    world.get(&path(&world), ada).await.expect(200);
    assert_eq!(
        world.post(&path(&world), ada, body).await.refused(403),
        "not_allowed",
        "an owner approves nobody"
    );
    for role in ["admin", "pending"] {
        let body = json!({"email": "b@example.com", "role": "member", "account_role": role});
        assert_eq!(world.post(&path(&world), &admin, body).await.refused(400), "invalid_account_role");
    }
}

#[tokio::test]
async fn a_signed_in_user_joins_with_an_invitation_of_their_own() {
    let world = World::new().await;
    let owner = owner(&world).await;
    let user = world.user("ada", Role::Viewer, None).await;
    let ada = world.sign_in(user).await;
    let email = users::find(&world.store, user).await.unwrap().unwrap().email;
    let made = invite(&world, &owner, &email).await;
    assert_eq!(world.post(ACCEPT, "", newcomer(&made)).await.refused(409), "sign_in_first");
    let bob = world.signed_in("bob", Role::Developer, None).await;
    let body = json!({"token": token(&made)});
    assert_eq!(world.post(ACCEPT, &bob, body.clone()).await.refused(403), "other_account");
    assert_eq!(world.post(ACCEPT, "nonsense", body.clone()).await.refused(401), "session_over");
    let me = world.post(ACCEPT, &ada, body.clone()).await.expect(200);
    assert_eq!((&me["teams"][0]["id"], &me["teams"][0]["role"]), (&json!(world.team.0), &json!("member")));
    assert_eq!((&me["role"], me["access_token"].is_null()), (&json!("viewer"), true));
    assert_eq!(world.post(ACCEPT, &ada, body).await.refused(400), "invalid_invitation");
}

#[tokio::test]
async fn unknown_used_revoked_replaced_and_expired_links_look_the_same() {
    let world = World::new().await;
    let owner = owner(&world).await;
    let used = invite(&world, &owner, "used@example.com").await;
    world.post(ACCEPT, "", newcomer(&used)).await.expect(201);
    let revoked = invite(&world, &owner, "revoked@example.com").await;
    let one = format!("{}/{}", path(&world), revoked["invitation"]["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", &one, &owner, Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE", &one, &owner, Value::Null).await.refused(404), "not_found");
    let replaced = invite(&world, &owner, "twice@example.com").await;
    invite(&world, &owner, "twice@example.com").await;
    let never = json!({"link": {"token": "x".repeat(43)}});
    let long = json!({"link": {"token": "x".repeat(4000)}});
    let unknown = world.post(ACCEPT, "", newcomer(&never)).await.expect(400);
    assert_eq!(unknown["code"], "invalid_invitation");
    for made in [used, revoked, replaced, long] {
        assert_eq!(world.post(ACCEPT, "", newcomer(&made)).await.expect(400), unknown);
    }
    let late = invite(&world, &owner, "late@example.com").await;
    world.clock.advance_us(7 * 24 * 3600 * 1_000_000);
    assert_eq!(world.post(ACCEPT, "", newcomer(&late)).await.expect(400), unknown);
}

#[tokio::test]
async fn a_wrong_form_leaves_the_invitation_open() {
    let world = World::new().await;
    let owner = owner(&world).await;
    let made = invite(&world, &owner, "ada@example.com").await;
    for (name, password, code) in [
        (json!(""), json!(PASSWORD), "invalid_name"),
        (Value::Null, json!(PASSWORD), "invalid_name"),
        (json!("Ada"), Value::Null, "password_needed"),
        (json!("Ada"), json!("short"), "password_too_short"),
    ] {
        let body = json!({"token": token(&made), "name": name, "password": password});
        assert_eq!(world.post(ACCEPT, "", body).await.refused(400), code);
    }
    world.post(ACCEPT, "", newcomer(&made)).await.expect(201);
}

#[tokio::test]
async fn open_invitations_are_listed_without_their_tokens_and_page_by_page() {
    let world = World::new().await;
    let owner = owner(&world).await;
    for name in ["a", "b", "c"] {
        invite(&world, &owner, &format!("{name}@example.com")).await;
    }
    let first = world.get(&format!("{}?limit=2", path(&world)), &owner).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.get(&format!("{}?limit=2&cursor={cursor}", path(&world)), &owner).await.expect(200);
    let emails: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| item["email"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(emails, ["c@example.com", "b@example.com", "a@example.com"]);
    assert!(first["items"][0].get("token").is_none() && first["items"][0].get("link").is_none());
}

#[tokio::test]
async fn whoever_guesses_invitations_is_slowed_down() {
    let world = World::new().await;
    let guess = json!({"link": {"token": "guess"}});
    for _ in 0..50 {
        assert_eq!(world.post(ACCEPT, "", newcomer(&guess)).await.status, 400);
    }
    assert_eq!(world.post(ACCEPT, "", newcomer(&guess)).await.refused(429), "too_many_attempts");
}

#[tokio::test]
async fn inviting_revoking_and_accepting_stand_in_the_audit_log_without_the_token() {
    let world = World::new().await;
    let owner = owner(&world).await;
    let revoked = invite(&world, &owner, "bob@example.com").await;
    let one = format!("{}/{}", path(&world), revoked["invitation"]["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", &one, &owner, Value::Null).await.status, 204);
    let made = invite(&world, &owner, "ada@example.com").await;
    let accepted = world.post(ACCEPT, "", newcomer(&made)).await.expect(201);
    let entries = audit_log::list(&world.store, Some(world.team), None, 10).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["invitation.accept", "invitation.create", "invitation.revoke", "invitation.create"]);
    assert_eq!(json!(entries[0].actor.user_id.unwrap().0), accepted["user"]["id"]);
    let text = format!("{entries:?}");
    assert!(!text.contains(token(&made).as_str().unwrap()) && !text.contains(PASSWORD));
}
