//! Registration, sign-in, refresh and sign-out.

use aop_store::refresh_tokens;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::body::Body;
use axum::http::{Request, header};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const PASSWORD: &str = "correct horse battery";

async fn first_admin(world: &World) -> Answer {
    let token = world.state.keys.setup_token.expose().clone();
    let body = json!({"email": "Ann@Example.com", "password": PASSWORD, "name": "Ann", "setup_token": token});
    world.post("/api/auth/register", "", body).await
}

async fn refresh(world: &World, cookie: &str) -> Answer {
    let request = Request::post("/api/auth/refresh").header(header::COOKIE, cookie);
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_first_run_makes_the_administrator_with_the_printed_token_and_then_closes() {
    let world = World::new().await;
    assert_eq!(world.get("/api/setup", "").await.expect(200)["needs_admin"], true);
    let mut body = json!({"email": "eve@example.com", "password": PASSWORD, "name": "Eve"});
    assert_eq!(world.post("/api/auth/register", "", body.clone()).await.refused(403), "setup_token_needed");
    body["setup_token"] = json!("guess");
    assert_eq!(world.post("/api/auth/register", "", body).await.refused(403), "wrong_setup_token");

    let signed_in = first_admin(&world).await.expect(201);
    assert_eq!(signed_in["user"]["role"], "admin");
    assert_eq!(signed_in["user"]["email"], "ann@example.com");
    assert_eq!(signed_in["user"]["teams"][0]["role"], "owner");
    assert_eq!(world.get("/api/setup", "").await.expect(200)["needs_admin"], false);
    assert_eq!(first_admin(&world).await.refused(409), "setup_done");
}

#[tokio::test]
async fn of_many_first_runs_at_once_one_becomes_administrator() {
    let world = World::new().await;
    let token = world.state.keys.setup_token.expose().clone();
    let attempts = (0..6).map(|n| {
        let email = format!("user{n}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "name": "N", "setup_token": token});
        world.post("/api/auth/register", "", body)
    });
    let answers = join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 5);
}

#[tokio::test]
async fn a_new_account_waits_for_approval_and_then_works() {
    let world = World::new().await;
    let admin = first_admin(&world).await.expect(201);
    let admin = admin["access_token"].as_str().unwrap();
    let body = json!({"email": "bob@example.com", "password": PASSWORD, "name": "Bob"});
    let bob = world.post("/api/auth/register", "", body.clone()).await.expect(201);
    assert_eq!(bob["user"]["role"], "pending");
    assert_eq!(world.post("/api/auth/register", "", body).await.refused(409), "email_taken");
    let bob_token = bob["access_token"].as_str().unwrap();
    assert_eq!(world.get("/api/auth/me", bob_token).await.status, 200);
    assert_eq!(world.get("/api/teams", bob_token).await.refused(403), "account_pending");

    let path = format!("/api/users/{}", bob["user"]["id"].as_str().unwrap());
    world.call("PATCH", &path, admin, json!({"role": "developer"})).await.expect(200);
    assert_eq!(world.get("/api/teams", bob_token).await.expect(200)["items"], json!([]));
    assert_eq!(world.get("/api/models", bob_token).await.refused(403), "no_team");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let world = World::new().await;
    first_admin(&world).await.expect(201);
    let login = async |email: &str, password: &str| {
        world.post("/api/auth/login", "", json!({"email": email, "password": password})).await
    };
    let wrong = login("ann@example.com", "wrong password").await;
    let unknown = login("nobody@example.com", "wrong password").await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert_eq!(wrong.refused(401), "wrong_credentials");
    let good = login(" ANN@example.com", PASSWORD).await;
    let set = good.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    assert!(!good.expect(200).to_string().contains("password"));
}

#[tokio::test]
async fn guessing_is_slowed_down_per_account() {
    let world = World::new().await;
    first_admin(&world).await.expect(201);
    let wrong = json!({"email": "ann@example.com", "password": "wrong password"});
    for _ in 0..10 {
        world.post("/api/auth/login", "", wrong.clone()).await.expect(401);
    }
    let refused = world.post("/api/auth/login", "", wrong).await;
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(refused.refused(429), "too_many_attempts");
    let right = json!({"email": "ann@example.com", "password": PASSWORD});
    assert_eq!(world.post("/api/auth/login", "", right.clone()).await.refused(429), "too_many_attempts");
    world.clock.advance_us(61_000_000);
    world.post("/api/auth/login", "", right).await.expect(200);
}

#[tokio::test]
async fn fifty_refreshes_at_once_leave_one_successor_and_an_intact_session() {
    let world = World::new().await;
    let cookie = first_admin(&world).await.cookie();
    let answers = join_all((0..50).map(|_| refresh(&world, &cookie))).await;
    let mut cookies: Vec<String> = answers.iter().map(Answer::cookie).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    cookies.dedup();
    assert_eq!(cookies.len(), 1, "every tab got the same successor");
    let again = refresh(&world, &cookies[0]).await;
    assert_eq!(again.status, 200);
    assert_ne!(again.cookie(), cookies[0]);
}

#[tokio::test]
async fn a_token_that_is_used_again_later_ends_the_whole_session() {
    let world = World::new().await;
    let cookie = first_admin(&world).await.cookie();
    let next = refresh(&world, &cookie).await;
    let successor = next.cookie();
    let token = next.expect(200)["access_token"].as_str().unwrap().to_owned();
    world.clock.advance_us(31_000_000);
    let reused = refresh(&world, &cookie).await;
    assert!(reused.cookie().ends_with("aop_refresh="), "the browser forgets it");
    assert_eq!(reused.refused(401), "no_session");
    assert_eq!(refresh(&world, &successor).await.refused(401), "no_session");
    assert_eq!(world.get("/api/auth/me", &token).await.refused(401), "session_over");
}

#[tokio::test]
async fn a_page_loaded_again_before_its_answer_came_keeps_its_session() {
    let world = World::new().await;
    let lost = first_admin(&world).await.cookie();
    refresh(&world, &lost).await;
    world.clock.advance_us(30_000_000);
    let again = refresh(&world, &lost).await;
    let successor = again.cookie();
    let token = again.expect(200)["access_token"].as_str().unwrap().to_owned();
    world.get("/api/auth/me", &token).await.expect(200);
    // One live chain: long after, the successor is good for a next one.
    world.clock.advance_us(600_000_000);
    assert_ne!(refresh(&world, &successor).await.cookie(), successor);
    world.get("/api/auth/me", &token).await.expect(200);
}

#[tokio::test]
async fn whoever_comes_late_with_a_replaced_token_gets_the_end_of_the_chain_and_not_a_used_one() {
    let world = World::new().await;
    let first = first_admin(&world).await.cookie();
    let mut last = first.clone();
    for _ in 0..5 {
        last = refresh(&world, &last).await.cookie();
        world.clock.advance_us(2_000_000);
    }
    let late = refresh(&world, &first).await;
    assert_eq!((late.status.as_u16(), late.cookie()), (200, last));
    // A browser that keeps the late answer's cookie is signed in still when it comes back.
    world.clock.advance_us(600_000_000);
    assert_eq!(refresh(&world, &late.cookie()).await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_access_token_too() {
    let world = World::new().await;
    let answer = first_admin(&world).await;
    let cookie = answer.cookie();
    let token = answer.expect(201)["access_token"].as_str().unwrap().to_owned();
    world.get("/api/auth/me", &token).await.expect(200);
    let request = Request::post("/api/auth/logout").header(header::COOKIE, &cookie);
    assert_eq!(world.send(request.body(Body::empty()).unwrap()).await.status, 204);
    assert_eq!(world.get("/api/auth/me", &token).await.refused(401), "session_over");
    assert_eq!(refresh(&world, &cookie).await.refused(401), "no_session");
}

#[tokio::test]
async fn an_access_token_expires_after_fifteen_minutes() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    world.get("/api/auth/me", &token).await.expect(200);
    world.clock.advance_us((15 * 60 + 31) * 1_000_000);
    assert_eq!(world.get("/api/auth/me", &token).await.refused(401), "access_token_expired");
}

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let world = World::new().await;
    let first = first_admin(&world).await.expect(201);
    let token = first["access_token"].as_str().unwrap();
    let body = json!({"current_password": "not it at all", "new_password": "another long one"});
    assert_eq!(world.post("/api/auth/password", token, body).await.refused(400), "wrong_password");
    let body = json!({"current_password": PASSWORD, "new_password": "short"});
    assert_eq!(world.post("/api/auth/password", token, body).await.refused(400), "password_too_short");
    let body = json!({"current_password": PASSWORD, "new_password": "another long one"});
    let changed = world.post("/api/auth/password", token, body).await.expect(200);
    assert_eq!(world.get("/api/auth/me", token).await.refused(401), "session_over");
    world.get("/api/auth/me", changed["access_token"].as_str().unwrap()).await.expect(200);
    let old = json!({"email": "ann@example.com", "password": PASSWORD});
    assert_eq!(world.post("/api/auth/login", "", old).await.refused(401), "wrong_credentials");
}

#[tokio::test]
async fn a_switched_off_user_is_out_at_once() {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let user = world.user("dev", Role::Developer, Some(MemberRole::Member)).await;
    let (token, key) = (world.sign_in(user).await, world.key(user, &["read"]).await);
    world.get("/api/models", &token).await.expect(200);
    world.get("/api/models", &key).await.expect(200);
    let path = format!("/api/users/{user}");
    world.call("PATCH", &path, &admin, json!({"is_active": false})).await.expect(200);
    assert_eq!(world.get("/api/models", &token).await.refused(401), "session_over");
    assert_eq!(world.get("/api/models", &key).await.refused(401), "invalid_key");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let user = world.user("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let token = world.sign_in(user).await;
    let path = format!("/api/users/{user}");
    for body in [json!({"role": "viewer"}), json!({"is_active": false})] {
        assert_eq!(world.call("PATCH", &path, &token, body).await.refused(409), "last_admin");
    }
    assert_eq!(world.call("DELETE", &path, &token, Value::Null).await.refused(409), "last_admin");
}

#[tokio::test]
async fn one_changes_ones_own_name_and_preferences_only() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let body = json!({"name": " 민준 ", "settings": {"theme": "dark", "language": "ko"}});
    let me = world.call("PATCH", "/api/auth/me", &token, body).await.expect(200);
    assert_eq!((&me["name"], &me["settings"]["language"]), (&json!("민준"), &json!("ko")));
    let kept = world.call("PATCH", "/api/auth/me", &token, json!({"name": "M"})).await.expect(200);
    assert_eq!(kept["settings"]["theme"], "dark");
    for body in [json!({"role": "admin"}), json!({"settings": "x"}), json!({"name": ""}), json!([])] {
        assert_eq!(world.call("PATCH", "/api/auth/me", &token, body.clone()).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn ended_sessions_are_forgotten_by_the_store_in_time() {
    let world = World::new().await;
    first_admin(&world).await.expect(201);
    let later = world.now() + time::Duration::days(31);
    assert_eq!(refresh_tokens::delete_expired(&world.store, later).await.unwrap(), 1);
}
