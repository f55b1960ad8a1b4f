//! What recorded calls would have cost on other models.

use aop_clickhouse::LlmCallRow;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use serde_json::{Value, json};

use crate::world::World;

async fn price(world: &World, admin: &str, model: &str, card: Value) {
    let body = json!({"provider": "acme", "model": model, "shared": true, "card": card});
    world.call("PUT", "/api/prices", admin, body).await.expect(200);
}

/// Two calls of a short input, one of a long one, one whose price is unknown, and such as cannot be compared.
async fn stage() -> (World, String) {
    let world = World::new().await;
    let admin = world.signed_in("admin", Role::Admin, Some(MemberRole::Member)).await;
    price(
        &world,
        &admin,
        "small",
        json!({"input": "1", "cache_read": "0.5", "output": "2", "input>1000": "3", "output>1000": "4"}),
    )
    .await;
    price(
        &world,
        &admin,
        "gpt-4o",
        json!({"input": "1", "output": "1", "request": "10", "input@flex": "0.5", "output@flex": "0.5"}),
    )
    .await;
    price(&world, &admin, "pictures", json!({"image_out": "1"})).await;
    let call = |id: u8| LlmCallRow {
        response_model: "gpt-4.1-2025-04-14".into(),
        ..crate::records::call(&world, id, id)
    };
    let calls = [
        LlmCallRow { route: "fast".into(), ..call(1) },
        LlmCallRow { service_tier: "flex".into(), ..call(2) },
        LlmCallRow { in_uncached: 2_000, ..call(3) },
        LlmCallRow {
            cost_known: false,
            cost: 0,
            cost_input: 0,
            cost_output: 0,
            agent: "Reader".into(),
            usage_source: "estimated".into(),
            response_model: "small".into(),
            ..call(4)
        },
        LlmCallRow { usage_source: "none".into(), ..call(5) },
        LlmCallRow { units: vec![("search".into(), 1_000_000)], ..call(6) },
        LlmCallRow { cache: "hit".into(), ..call(7) },
        LlmCallRow { team: [9; 16], ..call(8) },
    ];
    world.clickhouse.clickhouse.insert_batch(&calls, "calls").await.unwrap();
    (world, admin)
}

fn named<'a>(found: &'a Value, model: &str) -> &'a Value {
    found["models"].as_array().unwrap().iter().find(|one| one["model"] == model).unwrap()
}

#[tokio::test]
async fn each_call_is_priced_by_its_own_length_and_tier_and_what_has_no_price_says_so() {
    let (world, _) = stage().await;
    let viewer = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let path = "/api/analytics/what-if?models=acme/small,acme/gpt-4o,acme/pictures,nobody/knows,acme/small";
    let found = world.get(path, &viewer).await.expect(200);
    assert_eq!((&found["calls"], &found["left_out_calls"]), (&json!(4), &json!(2)));
    assert_eq!((&found["estimated_calls"], &found["unknown_cost_calls"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&found["recorded_cost"], &found["usage"]["in_uncached"]),
        (&json!("0.004500000003"), &json!(2300))
    );
    // Three short ones of 100 + 20 from a cache in and 35 out; a long one at three and four a token.
    let small = named(&found, "small");
    let expected = 3 * (100 + 10 + 70) + 2_000 * 3 + 10 + 35 * 4;
    assert_eq!((&small["cost"], &small["assumed_calls"]), (&json!(expected.to_string()), &json!(3)));
    assert_eq!((&small["costs"]["cache"], &small["costs"]["output"]), (&json!("40"), &json!("350")));
    // What another tier has no cache price for costs what its input does.
    let other = named(&found, "gpt-4o");
    let expected = 2.0 * 155.0 + 155.0 * 0.5 + 2_055.0 + 40.0;
    assert_eq!((&other["cost"], &other["assumed_calls"]), (&json!(expected.to_string()), &json!(1)));
    assert_eq!((&small["was_used"], &other["was_used"]), (&json!(false), &json!(false)));
    let pictures = named(&found, "pictures");
    assert_eq!((&pictures["cost"], &pictures["has_price"]), (&Value::Null, &json!(true)));
    let unknown = named(&found, "knows");
    assert_eq!(
        (&unknown["cost"], &unknown["costs"], &unknown["has_price"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    let order: Vec<&str> =
        found["models"].as_array().unwrap().iter().map(|one| one["model"].as_str().unwrap()).collect();
    assert_eq!(
        order,
        ["gpt-4o", "small", "pictures", "knows"],
        "the cheapest first, what has no price last, each once"
    );
}

#[tokio::test]
async fn an_agent_a_route_a_model_narrow_it() {
    let (world, token) = stage().await;
    for (narrow, calls, cost) in [
        ("agent=Reader", 1, "180"),
        ("route=fast", 1, "180"),
        ("model=gpt-4.1-2025-04-14&agent=Writer", 3, "6510"),
        ("agent=Nobody", 0, "0"),
    ] {
        let path = format!("/api/analytics/what-if?models=acme/small&{narrow}");
        let found = world.get(&path, &token).await.expect(200);
        assert_eq!((&found["calls"], &found["models"][0]["cost"]), (&json!(calls), &json!(cost)), "{narrow}");
    }
}

#[tokio::test]
async fn without_models_named_those_of_the_teams_deployments_are_compared() {
    let (world, admin) = stage().await;
    crate::replays::model(&world, "sim-fast").await;
    let found = world.get("/api/analytics/what-if", &admin).await.expect(200);
    let models = found["models"].as_array().unwrap();
    assert!(
        !models.is_empty() && models.iter().all(|one| !one["model"].as_str().unwrap().contains('*')),
        "{models:?}"
    );
    for (query, code) in [
        ("models=gpt-4o", "invalid_model"),
        ("models=/x", "invalid_name"),
        ("from=2025-01-01T00:00:00Z", "range_too_long"),
    ] {
        assert_eq!(world.get(&format!("/api/analytics/what-if?{query}"), &admin).await.refused(400), code);
    }
    let many: Vec<String> = (0..101).map(|n| format!("a/{n}")).collect();
    let path = format!("/api/analytics/what-if?models={}", many.join(","));
    assert_eq!(world.get(&path, &admin).await.refused(400), "too_many_models");
}
