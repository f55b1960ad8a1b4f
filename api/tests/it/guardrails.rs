//! Guardrails over the API, and what they did on the calls.

use aop_clickhouse::LlmCallRow;
use aop_domain::guard::{Action, Check, Detector, Stage};
use aop_store::gateway::load_snapshot;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::records::call;
use crate::world::World;

fn secrets() -> Value {
    json!({
        "name": "No secrets", "stage": "both", "action": "mask", "models": ["gpt-4*"],
        "check": {"kind": "detectors", "detectors": ["api_key", "private_key"]},
    })
}

#[tokio::test]
async fn an_owner_makes_changes_turns_off_and_deletes_a_guardrail() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let made = world.post("/api/guardrails", &owner, secrets()).await.expect(201);
    assert_eq!((&made["check"], &made["is_active"]), (&secrets()["check"], &json!(true)));
    let list = world.get("/api/guardrails", &owner).await.expect(200);
    assert_eq!(list["items"], json!([made]));
    let snapshot = load_snapshot(&world.store).await.unwrap();
    let rail = &snapshot.guard.guardrails[0];
    assert_eq!((rail.team_id, rail.stage, rail.action), (Some(world.team), Stage::Both, Action::Mask));
    assert_eq!(rail.check, Check::Detectors { detectors: vec![Detector::ApiKey, Detector::PrivateKey] });

    let path = format!("/api/guardrails/{}", made["id"].as_str().unwrap());
    let mut changed = secrets();
    changed["check"] = json!({"kind": "regex", "patterns": ["ACME-\\d{4}"]});
    changed["is_active"] = json!(false);
    let answer = world.call("PUT", &path, &owner, changed.clone()).await.expect(200);
    assert_eq!((&answer["check"], &answer["is_active"]), (&changed["check"], &json!(false)));
    assert!(load_snapshot(&world.store).await.unwrap().guard.guardrails.is_empty(), "off");
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.status, 204);
    assert_eq!(world.get(&path, &owner).await.refused(404), "not_found");
}

#[tokio::test]
async fn one_that_cannot_be_used_is_refused_with_a_reason() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    for check in [
        json!({"kind": "regex", "patterns": ["a("]}),
        json!({"kind": "regex", "patterns": ["x*"]}),
        json!({"kind": "regex", "patterns": ["(\\w{100}){100}"]}),
        json!({"kind": "deny_list", "phrases": []}),
        json!({"kind": "detectors", "detectors": []}),
        // What does not fit a schema has no place that could be replaced.
        json!({"kind": "json_schema", "schema": {"type": "object"}}),
        json!({"kind": "json_schema", "schema": {"$ref": "https://example.com"}}),
        json!({"kind": "http", "url": "https://example.com/judge", "timeout_ms": 60_000}),
    ] {
        let mut body = secrets();
        body["check"] = check.clone();
        assert_eq!(
            world.post("/api/guardrails", &owner, body).await.refused(400),
            "invalid_guardrail",
            "{check}"
        );
    }
    let mut body = secrets();
    body["check"] = json!({"kind": "detectors", "detectors": ["feelings"]});
    assert_eq!(world.post("/api/guardrails", &owner, body).await.status, 400);
}

fn service(url: &str) -> Value {
    json!({
        "name": "Judge", "stage": "both", "action": "block",
        "check": {"kind": "http", "url": url, "timeout_ms": 500, "on_failure": "refuse",
            "header": {"name": "Authorization", "value": "Bearer s3cret"}},
    })
}

#[tokio::test]
async fn a_services_header_is_kept_encrypted_shown_to_nobody_and_stays_while_its_host_does() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let made = world.post("/api/guardrails", &owner, service("https://example.com/judge")).await.expect(201);
    assert_eq!(made["check"]["header"], json!({"name": "authorization"}));
    let kept = |snapshot: &aop_domain::gateway::GatewaySnapshot| match &snapshot.guard.guardrails[0].check {
        Check::Http(check) => check.clone(),
        other => panic!("{other:?}"),
    };
    let check = kept(&load_snapshot(&world.store).await.unwrap());
    assert!(!format!("{check:?}").contains("s3cret") && !check.allow_private);
    let id = Uuid::parse_str(made["id"].as_str().unwrap()).unwrap();
    let key = world.master_key.derive(aop_service::keys::KeyDomain::GuardrailHeader);
    let sealed = STANDARD.decode(&check.header.as_ref().unwrap().sealed).unwrap();
    assert_eq!(key.open(&sealed, id.as_bytes()).unwrap().expose(), b"Bearer s3cret");

    let path = format!("/api/guardrails/{id}");
    let mut change = service("https://example.com/other");
    change["check"]["header"] = json!({"name": "authorization"});
    world.call("PUT", &path, &owner, change.clone()).await.expect(200);
    let after = kept(&load_snapshot(&world.store).await.unwrap());
    assert_eq!((after.url.as_str(), &after.header), ("https://example.com/other", &check.header));
    change["check"]["url"] = json!("https://elsewhere.example/judge");
    assert_eq!(world.call("PUT", &path, &owner, change).await.refused(400), "invalid_header");
}

#[tokio::test]
async fn a_service_in_a_private_network_is_an_administrators() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    for url in [
        "http://127.0.0.1:9/judge",
        "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "http://a:b@example.com/",
    ] {
        assert_eq!(
            world.post("/api/guardrails", &owner, service(url)).await.refused(400),
            "invalid_url",
            "{url}"
        );
    }
    let made = world.post("/api/guardrails", &admin, service("http://127.0.0.1:9/judge")).await.expect(201);
    let path = format!("/api/guardrails/{}", made["id"].as_str().unwrap());
    let mut off = service("http://127.0.0.1:9/judge");
    off["is_active"] = json!(false);
    world.call("PUT", &path, &owner, off).await.expect(200);
    assert_eq!(
        world.call("PUT", &path, &owner, service("http://127.0.0.1:8/judge")).await.refused(400),
        "invalid_url"
    );
}

#[tokio::test]
async fn every_teams_guardrails_are_administrators_and_other_teams_are_not_there() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let mut body = secrets();
    body["for_all_teams"] = json!(true);
    assert_eq!(world.post("/api/guardrails", &owner, body.clone()).await.refused(403), "administrators_only");
    let made = world.post("/api/guardrails", &admin, body.clone()).await.expect(201);
    assert!(made.get("team_id").is_none());
    let path = format!("/api/guardrails/{}", made["id"].as_str().unwrap());
    world.get(&path, &owner).await.expect(200);
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.refused(403), "administrators_only");
    assert_eq!(world.call("PUT", &path, &admin, secrets()).await.refused(400), "owner_stays");
    world.call("PUT", &path, &admin, body).await.expect(200);
}

#[tokio::test]
async fn a_call_shows_what_was_kept_of_it_what_guardrails_did_and_what_the_cache_saved() {
    let world = World::new().await;
    let viewer = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let did =
        json!([{"name": "No secrets", "stage": "before", "action": "mask", "what": "api_key", "count": 2}]);
    let row = LlmCallRow {
        recording: "redacted".into(),
        redactions: 3,
        cache: "hit".into(),
        cost_saved: 1_500_000_001,
        guardrails: did.to_string(),
        ..call(&world, 3, 4)
    };
    world.clickhouse.clickhouse.insert_batch(&[row, call(&world, 5, 4)], "t").await.unwrap();
    let id = |byte: u8| Uuid::from_bytes([byte; 16]);
    let shown = world.get(&format!("/api/calls/{}", id(3)), &viewer).await.expect(200);
    assert_eq!((&shown["recording"], &shown["redactions"]), (&json!("redacted"), &json!(3)));
    assert_eq!((&shown["cache"], &shown["cost_saved"]), (&json!("hit"), &json!("0.001500000001")));
    assert_eq!(shown["guardrails"], did);
    let plain = world.get(&format!("/api/calls/{}", id(5)), &viewer).await.expect(200);
    assert_eq!((&plain["recording"], &plain["guardrails"]), (&json!("full"), &json!([])));
    assert!(plain.get("cache").is_none() && plain.get("cost_saved").is_none());
    let overview = world.get("/api/analytics/overview", &viewer).await.expect(200);
    assert_eq!(
        (&overview["totals"]["cache_hits"], &overview["totals"]["cost_saved"]),
        (&json!(1), &json!("0.001500000001"))
    );
}
