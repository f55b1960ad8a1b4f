//! Rules by which tokens of other issuers act as keys: what a rule must be, and whom it may lead to.

use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::world::{ISSUER, World};

async fn key(world: &World, token: &str) -> Value {
    let body = json!({"name": "service", "permissions": ["gateway"]});
    world.post("/api/api-keys", token, body).await.expect(201)["api_key"]["id"].clone()
}

#[tokio::test]
async fn an_administrator_lets_a_claims_value_act_as_a_key() {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let key = key(&world, &admin).await;
    let issuers = world.get("/api/token-issuers", &admin).await.expect(200);
    assert_eq!(issuers["items"], json!([{"issuer": ISSUER, "audiences": ["aop"]}]));
    let body = json!({"issuer": ISSUER, "claim": "groups", "value": "ops", "key_id": key});
    let made = world.post("/api/token-rules", &admin, body.clone()).await.expect(201);
    assert_eq!((&made["key_name"], &made["position"]), (&json!("service"), &json!(100)));
    assert_eq!(world.post("/api/token-rules", &admin, body).await.refused(409), "rule_taken");
    let listed = world.get("/api/token-rules", &admin).await.expect(200);
    assert_eq!(listed["items"], json!([made]));
    let path = format!("/api/token-rules/{}", made["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", &path, &admin, Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE", &path, &admin, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_rule_that_could_not_hold_is_refused_with_the_field_at_fault() {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let key = key(&world, &admin).await;
    let good = json!({"issuer": ISSUER, "claim": "sub", "value": "x", "key_id": key});
    for (field, wrong, code) in [
        ("issuer", json!("https://elsewhere.example"), "unknown_issuer"),
        ("claim", json!(""), "invalid_rule"),
        ("claim", json!("a\nb"), "invalid_rule"),
        ("value", json!("x".repeat(501)), "invalid_rule"),
        ("position", json!(-1), "invalid_rule"),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        let answer = world.post("/api/token-rules", &admin, body).await;
        assert_eq!(answer.body["field"], field, "{}", answer.body);
        assert_eq!(answer.refused(400), code);
    }
    let mut foreign = good;
    foreign["key_id"] = json!("0199a7c2-0000-7000-8000-00000000dead");
    assert_eq!(world.post("/api/token-rules", &admin, foreign).await.status, 404);
}

#[tokio::test]
async fn a_teams_owner_sees_and_ends_rules_but_draws_nobody_to_a_key() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let key = key(&world, &owner).await;
    let body = json!({"issuer": ISSUER, "claim": "sub", "value": "boss", "key_id": key});
    assert_eq!(world.post("/api/token-rules", &owner, body.clone()).await.status, 403);
    let made = world.post("/api/token-rules", &admin, body).await.expect(201);
    assert_eq!(world.get("/api/token-rules", &owner).await.expect(200)["items"][0]["id"], made["id"]);
    let path = format!("/api/token-rules/{}", made["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.status, 204);
}
