//! Hooks over the API, and their messages on the way to a real receiver.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use aop_api::hooks::{once, signature};
use aop_clickhouse::HookEventRow;
use aop_domain::hook::{Act, Point};
use aop_domain::id::{CallId, HookId};
use aop_store::gateway::load_snapshot;
use aop_store::hook_deliveries::{self, MOST_WAITING, Told};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::records::call;
use crate::world::World;

/// Takes messages, and answers as it is told.
#[derive(Clone)]
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let made = Self { url, got: Arc::default(), status: Arc::new(AtomicU16::new(200)) };
        let routes =
            axum::Router::new().route("/hook", axum::routing::post(receive)).with_state(made.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        made
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    fn got(&self) -> Vec<(HeaderMap, Value)> {
        let read =
            |(headers, body): &(HeaderMap, Bytes)| (headers.clone(), serde_json::from_slice(body).unwrap());
        self.got.lock().unwrap().iter().map(read).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.got.lock().unwrap().push((headers, body));
    StatusCode::from_u16(receiver.status.load(Ordering::Relaxed)).unwrap()
}

fn telling(url: &str, content: bool) -> Value {
    json!({
        "name": "Tell us", "point": "after",
        "filter": {"models": ["gpt-4*"], "statuses": ["timeout"], "errors": ["upstream_*"]},
        "act": {"kind": "webhook", "url": url, "content": content},
    })
}

async fn admin(world: &World) -> String {
    world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await
}

/// The gateway noted that this hook is to tell of these calls.
async fn happened(world: &World, hook: &Value, calls: &[u8], token: &str) {
    let row = |id: &u8| HookEventRow {
        team: *world.team.as_bytes(),
        hook_id: *Uuid::parse_str(hook["id"].as_str().unwrap()).unwrap().as_bytes(),
        call_id: [*id; 16],
        ts: world.clock.now_us(),
    };
    let rows: Vec<_> = calls.iter().map(row).collect();
    world.clickhouse.clickhouse.insert_batch(&rows, token).await.unwrap();
}

async fn deliveries(world: &World, hook: &Value, token: &str) -> Vec<Value> {
    let path = format!("/api/hooks/{}/deliveries", hook["id"].as_str().unwrap());
    world.get(&path, token).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_developer_makes_changes_turns_off_and_deletes_a_hook() {
    let world = World::new().await;
    let developer = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let made =
        world.post("/api/hooks", &developer, telling("https://example.com/hook", false)).await.expect(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    assert_eq!(made["filter"]["statuses"], json!(["timeout"]));
    let snapshot = load_snapshot(&world.store).await.unwrap();
    assert_eq!((snapshot.hooks[0].point, snapshot.hooks[0].team_id), (Point::After, world.team));
    assert!(matches!(&snapshot.hooks[0].act, Act::Webhook { allow_private: false, .. }));
    let path = format!("/api/hooks/{}", made["id"].as_str().unwrap());
    assert!(world.get(&path, &developer).await.expect(200).get("secret").is_none(), "shown once");

    let mut changed = telling("https://example.com/hook", false);
    changed["is_active"] = json!(false);
    let answer = world.call("PUT", &path, &developer, changed.clone()).await.expect(200);
    assert!(answer.get("secret").is_none() && answer["is_active"] == json!(false));
    assert!(load_snapshot(&world.store).await.unwrap().hooks.is_empty(), "off");
    changed["new_secret"] = json!(true);
    let answer = world.call("PUT", &path, &developer, changed).await.expect(200);
    assert_ne!(answer["secret"].as_str().unwrap(), secret);
    assert_eq!(world.call("DELETE", &path, &developer, Value::Null).await.status, 204);
    assert_eq!(world.get(&path, &developer).await.refused(404), "not_found");
}

#[tokio::test]
async fn one_that_makes_no_sense_is_refused_with_a_reason() {
    let world = World::new().await;
    let developer = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let hook = |point: &str, act: Value| json!({"name": "h", "point": point, "act": act});
    for (body, code) in [
        (hook("after", json!({"kind": "reject", "message": "No."})), "invalid_hook"),
        (hook("before", json!({"kind": "tag", "tags": []})), "invalid_hook"),
        (
            hook("before", json!({"kind": "mask", "check": {"kind": "regex", "patterns": ["a("]}})),
            "invalid_hook",
        ),
        (hook("before", json!({"kind": "mask", "check": {"kind": "json_schema"}})), "invalid_hook"),
        (hook("after", json!({"kind": "webhook", "url": "http://10.0.0.1/"})), "invalid_url"),
        (
            json!({"name": "h", "point": "before", "filter": {"statuses": ["ok"]}, "act": {"kind": "tag", "tags": ["x"]}}),
            "invalid_hook",
        ),
        (
            json!({"name": "h", "point": "before", "filter": {"models": [" "]}, "act": {"kind": "tag", "tags": ["x"]}}),
            "invalid_filter",
        ),
    ] {
        assert_eq!(world.post("/api/hooks", &developer, body.clone()).await.refused(400), code, "{body}");
    }
}

#[tokio::test]
async fn a_call_that_was_noted_is_told_once_signed_and_without_what_was_said() {
    let world = World::new().await;
    let (admin, receiver) = (admin(&world).await, Receiver::start().await);
    let hook = world.post("/api/hooks", &admin, telling(&receiver.url, false)).await.expect(201);
    world.clickhouse.clickhouse.insert_batch(&[call(&world, 7, 4)], "calls").await.unwrap();
    happened(&world, &hook, &[7], "a").await;
    once(&world.state).await.unwrap();
    // Found again, as after a restart.
    happened(&world, &hook, &[7], "b").await;
    once(&world.state).await.unwrap();

    let raw = receiver.got.lock().unwrap().clone();
    assert_eq!(raw.len(), 1);
    let (headers, body) = &raw[0];
    let timestamp = headers["x-aop-timestamp"].to_str().unwrap().parse().unwrap();
    assert_eq!(timestamp, world.clock.now_s());
    let secret = hook["secret"].as_str().unwrap();
    assert_eq!(headers["x-aop-signature"], signature(secret.as_bytes(), timestamp, body));
    let (headers, message) = &receiver.got()[0];
    assert_eq!(
        (headers["x-aop-event"].to_str().unwrap(), &message["event"]),
        ("call.ended", &json!("call.ended"))
    );
    assert_eq!(message["call"]["id"], json!(Uuid::from_bytes([7; 16])));
    assert_eq!(
        (&message["call"]["agent"], &message["call"]["cost"]),
        (&json!("Writer"), &json!("0.001500000001"))
    );
    assert!(message["call"].get("content").is_none() && message["call"].get("output_preview").is_none());
    let told = deliveries(&world, &hook, &admin).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["state"], &told[0]["http_status"]), (&json!("delivered"), &json!(200)));
    assert_eq!(headers["x-aop-delivery"].to_str().unwrap(), told[0]["id"].as_str().unwrap());
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_later_and_given_up_at_last() {
    let world = World::new().await;
    let user = world.user("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let (admin, receiver) = (world.sign_in(user).await, Receiver::start().await);
    let hook = world.post("/api/hooks", &admin, telling(&receiver.url, false)).await.expect(201);
    receiver.answer(503);
    happened(&world, &hook, &[1], "a").await;
    once(&world.state).await.unwrap();
    once(&world.state).await.unwrap();
    assert_eq!(receiver.got().len(), 1, "not before its time");
    let told = deliveries(&world, &hook, &admin).await;
    assert_eq!(
        (&told[0]["state"], &told[0]["attempts"], &told[0]["http_status"]),
        (&json!("waiting"), &json!(1), &json!(503))
    );
    assert!(told[0]["next_at"].is_string());
    for _ in 0..9 {
        world.clock.advance_us(2 * 3_600_000_000);
        once(&world.state).await.unwrap();
    }
    assert_eq!(receiver.got().len(), 8);
    let admin = world.sign_in(user).await;
    let told = deliveries(&world, &hook, &admin).await;
    assert_eq!(
        (&told[0]["state"], &told[0]["error"]),
        (&json!("failed"), &json!("The receiver answered with status 503."))
    );

    receiver.answer(204);
    let path = format!(
        "/api/hooks/{}/deliveries/{}/redeliver",
        hook["id"].as_str().unwrap(),
        told[0]["id"].as_str().unwrap()
    );
    assert_eq!(world.post(&path, &admin, Value::Null).await.status, 202);
    assert_eq!(world.post(&path, &admin, Value::Null).await.refused(404), "not_found", "it waits already");
    once(&world.state).await.unwrap();
    assert_eq!(deliveries(&world, &hook, &admin).await[0]["state"], "delivered");
}

#[tokio::test]
async fn who_is_gone_is_not_asked_again_and_a_test_says_so() {
    let world = World::new().await;
    let (admin, receiver) = (admin(&world).await, Receiver::start().await);
    let hook = world.post("/api/hooks", &admin, telling(&receiver.url, true)).await.expect(201);
    receiver.answer(410);
    let path = format!("/api/hooks/{}/test", hook["id"].as_str().unwrap());
    assert_eq!(world.post(&path, &admin, Value::Null).await.status, 202);
    once(&world.state).await.unwrap();
    let (headers, message) = &receiver.got()[0];
    assert_eq!((headers["x-aop-event"].to_str().unwrap(), message.get("call")), ("hook.test", None));
    assert_eq!(deliveries(&world, &hook, &admin).await[0]["state"], "failed");
}

#[tokio::test]
async fn content_is_told_to_hooks_that_want_it_at_their_point() {
    let world = World::new().await;
    let (admin, receiver) = (admin(&world).await, Receiver::start().await);
    let row = aop_clickhouse::LlmCallRow {
        input_preview: "asked".into(),
        output_preview: "told".into(),
        ..call(&world, 7, 4)
    };
    world.clickhouse.clickhouse.insert_batch(&[row], "calls").await.unwrap();
    for (point, asked, told) in [("before", true, false), ("after", false, true), ("around", true, true)] {
        let act = json!({"kind": "webhook", "url": receiver.url, "content": true});
        let body = json!({"name": point, "point": point, "act": act});
        let hook = world.post("/api/hooks", &admin, body).await.expect(201);
        happened(&world, &hook, &[7], point).await;
        once(&world.state).await.unwrap();
        let (_, message) = receiver.got().pop().unwrap();
        assert_eq!(message["hook"]["point"], point);
        assert_eq!(message["call"].get("input_preview").is_some(), asked, "{point}");
        assert_eq!(message["call"].get("output_preview").is_some(), told, "{point}");
    }
}

#[tokio::test]
async fn a_slow_receiver_gets_few_at_a_time_and_keeps_nobody_elses_waiting() {
    let world = World::new().await;
    let (admin, receiver) = (admin(&world).await, Receiver::start().await);
    let slow = world.post("/api/hooks", &admin, telling("http://127.0.0.1:9/", false)).await.expect(201);
    let quick = world.post("/api/hooks", &admin, telling(&receiver.url, false)).await.expect(201);
    let many: Vec<u8> = (1..=50).collect();
    happened(&world, &slow, &many, "slow").await;
    happened(&world, &quick, &[1], "quick").await;
    once(&world.state).await.unwrap();
    assert_eq!(receiver.got().len(), 1);
    let tried = deliveries(&world, &slow, &admin).await;
    assert_eq!(tried.iter().filter(|told| told["attempts"] == json!(1)).count(), 4);
}

#[tokio::test]
async fn what_finds_no_room_is_counted_and_another_teams_hooks_are_not_there() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let hook = world.post("/api/hooks", &admin, telling("https://example.com", false)).await.expect(201);
    let hook_id = HookId(Uuid::parse_str(hook["id"].as_str().unwrap()).unwrap());
    let told = |range: std::ops::Range<u128>| -> Vec<Told> {
        range.map(|n| Told { hook_id, call_id: CallId(Uuid::from_u128(n)) }).collect()
    };
    let most = MOST_WAITING as u128;
    let first = hook_deliveries::add(&world.store, world.team, &told(1..most), 5, world.now()).await.unwrap();
    assert_eq!(first, most as u64 - 1);
    let more = hook_deliveries::add(&world.store, world.team, &told(most - 2..most + 10), 6, world.now())
        .await
        .unwrap();
    assert_eq!(more, 1, "two were known, nine found no room");
    let path = format!("/api/hooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &admin).await.expect(200)["dropped"], json!(9));
    let elsewhere = aop_domain::id::TeamId(Uuid::now_v7());
    aop_store::teams::create(&world.store, elsewhere, "theirs", None).await.unwrap();
    let none = hook_deliveries::add(&world.store, elsewhere, &told(1..2), 5, world.now()).await.unwrap();
    assert_eq!(none, 0);
    let stranger = world.store.add_user("stranger", Role::Developer).await;
    aop_store::team_members::put(&world.store, elsewhere, stranger, MemberRole::Owner).await.unwrap();
    let stranger = world.sign_in(stranger).await;
    assert_eq!(world.get(&path, &stranger).await.refused(404), "not_found");
    assert_eq!(world.get(&format!("{path}/deliveries"), &stranger).await.refused(404), "not_found");
}
