//! Limits and budgets over the API.

use aop_domain::id::LimitId;
use aop_domain::limits::Exchange;
use aop_store::limit_leases::{self, Asked};
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::World;

fn monthly(amount: &str) -> Value {
    json!({"name": "Team budget", "scope": "team", "kind": "spend", "window": "month", "amount": amount})
}

#[tokio::test]
async fn an_owner_makes_sees_changes_and_deletes_a_budget() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let made = world.post("/api/budgets", &owner, monthly("12.50")).await.expect(201);
    assert_eq!((&made["amount"], &made["current"]["used"]), (&json!("12.5"), &json!("0")));
    assert!(made["current"]["resets_at"].as_str().unwrap().contains("-01T00:00:00"), "{made}");
    let id: LimitId = made["id"].as_str().unwrap().parse().unwrap();
    let path = format!("/api/budgets/{id}");
    let version = world.get(&path, &owner).await.headers["etag"].clone();
    // What a gateway tells the ledger is what the list shows.
    let span = aop_domain::limits::Window::Month.span(world.clock.now_s());
    let asked = Asked {
        limit_id: id,
        bucket: String::new(),
        window_start_s: span.start_s,
        forget_at_s: 4_000_000_000,
        amount: 12_500_000_000_000,
        frees_expired: false,
        exchange: Exchange {
            lease: Uuid::now_v7(),
            spent: 2_250_000_000_000,
            wanted: 500_000_000_000,
            needed: 0,
        },
    };
    limit_leases::exchange(&world.store, &[asked], 60.0).await.unwrap();
    let list = world.get("/api/budgets", &owner).await.expect(200);
    assert_eq!(list["items"][0]["current"]["used"], "2.25");
    assert_eq!(list["items"][0]["current"]["held"], "0.5");
    let used = world.get(&path, &owner).await;
    assert_eq!(used.headers["etag"], version, "being used is no new version");
    assert_eq!(used.expect(200)["current"]["used"], "2.25");

    let mut raised = monthly("20");
    raised["shadow"] = json!(true);
    let changed = world.call("PUT", &path, &owner, raised).await.expect(200);
    assert_eq!((&changed["amount"], &changed["shadow"]), (&json!("20"), &json!(true)));
    assert_eq!(changed["current"]["used"], "2.25", "what was used stays counted");
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.refused(404), "not_found");
}

#[tokio::test]
async fn a_limit_of_the_installation_is_made_by_administrators_and_seen_by_owners() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await;
    let everybodys = json!({"name": "All", "scope": "organisation", "kind": "requests", "window": "minute", "amount": "1000"});
    assert_eq!(
        world.post("/api/budgets", &owner, everybodys.clone()).await.refused(403),
        "administrators_only"
    );
    let made = world.post("/api/budgets", &admin, everybodys.clone()).await.expect(201);
    assert!(made.get("team_id").is_none());
    let seen = world.get("/api/budgets", &owner).await.expect(200);
    assert_eq!(seen["items"][0]["id"], made["id"]);
    let path = format!("/api/budgets/{}", made["id"].as_str().unwrap());
    assert_eq!(world.call("PUT", &path, &owner, monthly("1")).await.refused(403), "administrators_only");
    assert_eq!(world.call("DELETE", &path, &owner, Value::Null).await.refused(403), "administrators_only");
    world.call("PUT", &path, &admin, everybodys).await.expect(200);
}

#[tokio::test]
async fn a_rule_that_cannot_be_kept_is_refused_with_a_reason() {
    let world = World::new().await;
    let owner = world.signed_in("owner", Role::Developer, Some(MemberRole::Owner)).await;
    for (field, value) in [
        ("amount", json!("0")),
        ("amount", json!("99999999")),
        ("window", json!("now")),
        ("window", json!("run")),
        ("subject", json!("x")),
    ] {
        let mut body = monthly("1");
        body[field] = value;
        assert_eq!(world.post("/api/budgets", &owner, body).await.refused(400), "invalid_budget", "{field}");
    }
}
