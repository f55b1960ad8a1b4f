//! Virtual keys: who may call what.

use serde_json::json;

use crate::harness::{Gateway, KEY, World, chat, client, eventually, master, team};
use aop_domain::id::{ExecutionId, KeyId, SpanId, TraceId, UserId};
use aop_service::keys::KeyDomain;
use aop_service::run_credential::{self, RunClaims};
use aop_store::testing::TestStore;

async fn gateway() -> Gateway {
    let mut world = World::new();
    world
        .simulated("sim-fast")
        .simulated("sim-tools")
        .key("aop-expired", |key| key.expires_at_s = Some(1))
        .key("aop-off", |key| key.active = false)
        .key("aop-reader", |key| key.permissions = vec!["read".into()])
        .key("aop-limited", |key| key.allowed_models = vec!["sim-f*".into()]);
    Gateway::start(world).await
}

#[tokio::test]
async fn a_key_that_may_not_call_is_told_why_and_never_shown() {
    let gateway = gateway().await;
    for (key, status, code) in [
        ("", 401, "missing_api_key"),
        ("aop-unknown", 401, "invalid_api_key"),
        ("sk-something-else", 401, "invalid_api_key"),
        ("aop-expired", 401, "expired_api_key"),
        ("aop-off", 401, "invalid_api_key"),
        ("aop-reader", 403, "permission_denied"),
    ] {
        let reply = gateway.post_as(key, "/v1/chat/completions", chat("sim-fast").to_string(), &[]).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{key}");
        assert!(key.is_empty() || !reply.text.contains(key), "{}", reply.text);
    }
    let records = gateway.recorded(6).await;
    let teams: Vec<bool> = records.iter().map(|record| *record.team_id == *team().as_bytes()).collect();
    assert_eq!(teams, [false, false, false, true, true, true], "an unknown key belongs to nobody");
}

#[tokio::test]
async fn a_key_may_come_in_any_of_three_headers_but_not_two_that_differ() {
    let gateway = gateway().await;
    let body = chat("sim-fast").to_string();
    for header in ["x-api-key", "api-key"] {
        let reply = gateway.post_as("", "/v1/chat/completions", body.clone(), &[(header, KEY)]).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let same = gateway.post_as(KEY, "/v1/chat/completions", body.clone(), &[("x-api-key", KEY)]).await;
    assert_eq!(same.status, 200);
    let other = gateway.post_as(KEY, "/v1/chat/completions", body, &[("x-api-key", "aop-limited")]).await;
    assert_eq!(other.error(), (401, "invalid_api_key".to_owned()));
}

#[tokio::test]
async fn an_allowlist_bounds_calls_and_lists() {
    let gateway = gateway().await;
    let call = |model: &str| {
        let body = chat(model).to_string();
        async { gateway.post_as("aop-limited", "/v1/chat/completions", body, &[]).await }
    };
    assert_eq!(call("sim-fast").await.status, 200);
    assert_eq!(call("sim-tools").await.error(), (403, "model_not_allowed".to_owned()));
    let request = crate::harness::client().get(gateway.url("/v1/models")).bearer_auth("aop-limited");
    let list = crate::harness::Reply::of(request.send().await.unwrap()).await.json();
    assert_eq!(
        list["data"],
        json!([{"id": "sim-fast", "object": "model", "created": 0, "owned_by": "provider-0", "operations": []}])
    );
}

#[tokio::test]
async fn models_are_listed_and_found_by_name() {
    let gateway = gateway().await;
    let list = gateway.get("/v1/models").await.json();
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert_eq!(gateway.get("/v1/models/sim-fast").await.json()["id"], "sim-fast");
    assert_eq!(gateway.get("/v1/models/nothing").await.error(), (404, "model_not_found".to_owned()));
}

#[tokio::test]
async fn a_revoked_key_stops_working_at_the_next_snapshot() {
    let gateway = gateway().await;
    assert_eq!(gateway.chat(&chat("sim-fast")).await.status, 200);
    gateway.facts.send_replace(std::sync::Arc::default());
    crate::harness::eventually("the key is gone", || async {
        (gateway.chat(&chat("sim-fast")).await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_run_credential_is_believed_only_when_signed_here() {
    let gateway = gateway().await;
    let claims = RunClaims {
        team_id: team(),
        user_id: UserId::from_bytes([9; 16]),
        key_id: KeyId::NIL,
        execution_id: ExecutionId::from_bytes([3; 16]),
        trace_id: TraceId([4; 16]),
        parent_span_id: SpanId([5; 8]),
        crew: "demo".into(),
        task: "research".into(),
        agent: "Researcher".into(),
        parent_agent: String::new(),
        expires_at_s: 4_000_000_000,
    };
    let body = chat("sim-fast").to_string();
    let good = run_credential::sign(&claims, &master().derive(KeyDomain::RunCredential)).unwrap();
    let reply = gateway.post_as(&good, "/v1/chat/completions", body.clone(), &[]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let record = gateway.only_record().await;
    assert_eq!(*record.team_id, *team().as_bytes());
    assert_eq!(record.trace_id, [4; 16][..]);
    assert_eq!(record.parent_span_id, [5; 8][..]);
    assert_eq!(record.identity.unwrap().agent.unwrap().value, "Researcher");
    let forged = run_credential::sign(&claims, &master().derive(KeyDomain::VirtualKey)).unwrap();
    let reply = gateway.post_as(&forged, "/v1/chat/completions", body, &[]).await;
    assert_eq!(reply.error(), (401, "invalid_api_key".to_owned()));
}

#[tokio::test]
async fn a_call_that_comes_before_the_keys_are_loaded_waits_for_them() {
    let store = TestStore::new().await;
    // Nobody can read the keys until this is given up.
    let mut lock = store.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let gateway = Gateway::launch_on(store.url()).await;
    eventually("it listens", || async { client().get(gateway.url("/healthz")).send().await.ok() }).await;
    let call = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY).json(&chat("m")).send();
    let call = tokio::spawn(call);
    gateway.until("aop_proxy_calls_in_flight", 1.0).await;
    let ready = gateway.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["snapshot"]), (503, &json!(false)));
    lock.rollback().await.unwrap();
    let answer = call.await.unwrap().unwrap();
    assert_eq!(answer.status(), 401, "the keys are there, and this is none of them");
}
