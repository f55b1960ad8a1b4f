//! The same request sent twice: one effect, one answer.

use aop_store::idempotency_keys::{self, Claim, Key, Times};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::Row;

use crate::world::{Answer, World, request};

fn with_key(method: &str, path: &str, token: &str, key: &str, body: &Value) -> Request<Body> {
    let mut request = request(method, path, token, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

async fn make_team(world: &World, token: &str, key: &str, name: &str) -> Answer {
    world.send(with_key("POST", "/api/teams", token, key, &json!({"name": name}))).await
}

async fn team_count(world: &World, token: &str) -> usize {
    let list = world.get("/api/teams", token).await.expect(200);
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_second_request_gets_the_first_answer_and_does_nothing() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, None).await;
    let first = make_team(&world, &token, "k-1", "a").await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let again = make_team(&world, &token, "k-1", "a").await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["content-type"], "application/json");
    assert_eq!(again.headers["cache-control"], "no-store");
    assert_eq!((first.expect(201), 1), (again.expect(201), team_count(&world, &token).await));
    make_team(&world, &token, "k-2", "a").await.expect(201);
    assert_eq!(team_count(&world, &token).await, 2, "another key is another request");
}

#[tokio::test]
async fn of_many_at_once_one_is_done_and_the_others_wait_or_repeat_it() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, None).await;
    let answers = join_all((0..20).map(|_| make_team(&world, &token, "k", "a"))).await;
    let fresh = answers.iter().filter(|a| a.status == 201 && !a.headers.contains_key("idempotency-replayed"));
    assert_eq!(fresh.count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.refused(409), "idempotency_in_progress");
    }
    assert_eq!(team_count(&world, &token).await, 1);
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_caller() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, None).await;
    let other = world.signed_in("other", Role::Developer, None).await;
    make_team(&world, &token, "k", "a").await.expect(201);
    assert_eq!(make_team(&world, &token, "k", "b").await.refused(422), "idempotency_mismatch");
    let elsewhere = with_key("POST", "/api/teams?x=1", &token, "k", &json!({"name": "a"}));
    assert_eq!(world.send(elsewhere).await.refused(422), "idempotency_mismatch");
    assert_eq!(make_team(&world, &other, "k", "a").await.expect(201)["name"], "a");
    assert_eq!((team_count(&world, &token).await, team_count(&world, &other).await), (1, 1));
}

#[tokio::test]
async fn a_refusal_does_not_use_the_key_up() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, None).await;
    make_team(&world, &token, "k", "").await.expect(400);
    make_team(&world, &token, "k", "a").await.expect(201);
    assert_eq!(make_team(&world, "", "k", "a").await.refused(401), "not_signed_in");
    for bad in ["", "a b", &"x".repeat(256)] {
        assert_eq!(
            make_team(&world, &token, bad, "a").await.refused(400),
            "invalid_idempotency_key",
            "{bad}"
        );
    }
    assert_eq!(team_count(&world, &token).await, 1);
}

#[tokio::test]
async fn a_key_shown_once_is_replayed_to_its_caller_and_stands_sealed_in_the_database() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let body = json!({"name": "k", "permissions": ["read"]});
    let make = || world.send(with_key("POST", "/api/api-keys", &token, "once", &body));
    let first = make().await.expect(201);
    assert_eq!(make().await.expect(201), first, "the caller was cut off and asks again");
    let secret = first["key"].as_str().unwrap().as_bytes();
    let row = sqlx::query("SELECT answer FROM idempotency_keys").fetch_one(world.store.pool()).await.unwrap();
    let kept: Vec<u8> = row.get(0);
    assert!(!kept.windows(secret.len()).any(|window| window == secret));
    world.get("/api/models", first["key"].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let world = World::new().await;
    let user = world.user("dev", Role::Developer, None).await;
    make_team(&world, &world.sign_in(user).await, "k", "a").await.expect(201);
    world.clock.advance_us(24 * 3_600_000_000);
    let answer = make_team(&world, &world.sign_in(user).await, "k", "b").await;
    assert_eq!(answer.expect(201)["name"], "b");
}

#[tokio::test]
async fn a_claim_whose_worker_died_is_taken_over_by_the_same_request_only() {
    let world = World::new().await;
    let now = world.now();
    let key = Key { caller: "user:1", key: "k" };
    let times = |now| Times {
        now,
        held_until: now + time::Duration::minutes(2),
        expires_at: now + time::Duration::days(1),
    };
    let claim = async |fingerprint: u8, now| {
        idempotency_keys::claim(&world.store, key, &[fingerprint; 32], times(now)).await.unwrap()
    };
    assert_eq!(claim(1, now).await, Claim::Ours);
    assert_eq!(claim(1, now + time::Duration::seconds(119)).await, Claim::InProgress);
    let later = now + time::Duration::minutes(2);
    assert_eq!(claim(2, later).await, Claim::Mismatch);
    assert_eq!(claim(1, later).await, Claim::Ours);
    // The first worker was only slow: what it has to say counts no more.
    assert!(!idempotency_keys::answer(&world.store, key, times(now).held_until, b"old").await.unwrap());
    idempotency_keys::release(&world.store, key, times(now).held_until).await.unwrap();
    assert!(idempotency_keys::answer(&world.store, key, times(later).held_until, b"new").await.unwrap());
    assert_eq!(claim(1, later).await, Claim::Answered(b"new".to_vec()));
}

#[tokio::test]
async fn work_that_began_is_finished_when_its_caller_leaves() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, None).await;
    // The caller leaves as soon as the key is claimed.
    let asking = make_team(&world, &token, "k", "a");
    let claimed = async {
        loop {
            let row =
                sqlx::query("SELECT count(*) FROM idempotency_keys").fetch_one(world.store.pool()).await;
            if row.unwrap().get::<i64, _>(0) > 0 {
                return;
            }
        }
    };
    futures::future::select(Box::pin(asking), Box::pin(claimed)).await;
    let answer = loop {
        let answer = make_team(&world, &token, "k", "a").await;
        if answer.status != 409 {
            break answer;
        }
    };
    answer.expect(201);
    assert_eq!(team_count(&world, &token).await, 1);
}

#[tokio::test]
async fn a_stream_is_not_given_twice() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let mut asking = with_key("POST", "/api/crews/validate", &token, "k", &json!({}));
    asking.headers_mut().insert("accept", "text/event-stream".parse().unwrap());
    assert_eq!(world.send(asking).await.refused(400), "idempotency_not_for_streams");
}
