//! Providers, their secrets, models and prices.

use aop_domain::id::CredentialId;
use aop_service::keys::KeyDomain;
use aop_store::provider_credentials;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::{Json, Router, http::HeaderMap, routing};
use serde_json::{Value, json};

use crate::world::World;

async fn admin(world: &World) -> String {
    world.signed_in("admin", Role::Admin, Some(MemberRole::Owner)).await
}

async fn provider(world: &World, token: &str, base_url: &str) -> Value {
    let credential = json!({"name": "main", "secret": "sk-canary-0123456789"});
    let body = json!({"name": "Acme", "kind": "openai", "base_url": base_url, "credential": credential});
    world.post("/api/providers", token, body).await.expect(201)
}

/// An OpenAI-compatible provider that knows one model and one secret.
async fn upstream() -> String {
    let models = async |headers: HeaderMap| {
        let known = headers.get("authorization").is_some_and(|value| value == "Bearer sk-canary-0123456789");
        let status = if known { 200 } else { 401 };
        (axum::http::StatusCode::from_u16(status).unwrap(), Json(json!({"data": [{"id": "acme-1"}]})))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/v1/models", routing::get(models))).await
    });
    url
}

#[tokio::test]
async fn a_providers_secret_is_stored_sealed_and_never_shown() {
    let world = World::new().await;
    let token = admin(&world).await;
    let made = provider(&world, &token, "https://llm.example/v1/").await;
    assert_eq!(
        (&made["base_url"], &made["price_provider"]),
        (&json!("https://llm.example/v1"), &json!("acme"))
    );
    assert_eq!(made["credentials"][0]["hint"], "…6789");
    let list = world.get("/api/providers", &token).await.expect(200);
    assert!(!made.to_string().contains("canary") && !list.to_string().contains("canary"));

    let id: CredentialId = made["credentials"][0]["id"].as_str().unwrap().parse().unwrap();
    let sealed = provider_credentials::find_sealed(&world.store, world.team, id).await.unwrap().unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"canary"));
    let key = world.master_key.derive(KeyDomain::ProviderCredential);
    assert_eq!(key.open(&sealed, id.as_bytes()).unwrap().expose(), b"sk-canary-0123456789");
}

#[tokio::test]
async fn bad_addresses_and_secrets_are_refused_without_repeating_the_secret() {
    let world = World::new().await;
    let token = admin(&world).await;
    for url in
        ["ftp://x/", "https://user:pw@x/v1", "https://x/v1?key=1", "https://x/#a", "nonsense", "simulator:"]
    {
        let body = json!({"name": "A", "kind": "openai", "base_url": url});
        assert_eq!(world.post("/api/providers", &token, body).await.refused(400), "invalid_url", "{url}");
    }
    let body = json!({"name": "A", "kind": "simulator", "base_url": "https://x/v1"});
    assert_eq!(world.post("/api/providers", &token, body).await.refused(400), "invalid_kind");
    let secret = json!({"name": "s", "secret": "two words canary"});
    let body = json!({"name": "A", "kind": "openai", "base_url": "https://x/v1", "credential": secret});
    let refused = world.post("/api/providers", &token, body).await;
    assert!(!refused.body.to_string().contains("canary"));
    assert_eq!(refused.refused(400), "invalid_secret");
    let body = json!({"name": "A", "kind": "openai", "base_url": "https://x/v1", "credential": {"name": "s", "secret": 7}});
    assert_eq!(world.post("/api/providers", &token, body).await.refused(400), "invalid_body");
}

#[tokio::test]
async fn a_model_is_made_changed_checked_and_deleted_with_its_deployments() {
    let world = World::new().await;
    let token = admin(&world).await;
    let made = provider(&world, &token, &upstream().await).await;
    let (provider_id, credential) = (&made["id"], &made["credentials"][0]["id"]);
    let target = json!({"provider_id": provider_id, "credential_id": credential, "upstream_model": "acme-1"});
    let body = json!({"model": "smart", "operations": ["chat"], "targets": [target]});
    let model = world.post("/api/models", &token, body.clone()).await.expect(201);
    assert_eq!(model["targets"][0]["provider_name"], "Acme");
    assert_eq!(world.post("/api/models", &token, body.clone()).await.refused(409), "already_exists");
    let path = format!("/api/models/{}", model["id"].as_str().unwrap());
    let check = world.post(&format!("{path}/check"), &token, Value::Null).await.expect(200);
    assert_eq!(
        (&check["healthy"], &check["targets"][0]["http_status"]),
        (&json!(true), &json!(200)),
        "{check}"
    );

    let unnamed = json!({"provider_id": provider_id, "upstream_model": "acme-2", "weight": 3, "priority": 1});
    let changed = json!({"model": "smart", "targets": [target, unnamed], "max_attempts": 2});
    let changed = world.call("PUT", &path, &token, changed).await.expect(200);
    assert_eq!(
        changed["targets"][0]["deployment_id"], model["targets"][0]["deployment_id"],
        "kept as it was"
    );
    assert_eq!(changed["targets"][1]["weight"], 3);
    let check = world.post(&format!("{path}/check"), &token, Value::Null).await.expect(200);
    assert_eq!(
        (&check["healthy"], &check["targets"][1]["http_status"]),
        (&json!(false), &json!(401)),
        "{check}"
    );

    let provider_path = format!("/api/providers/{}", provider_id.as_str().unwrap());
    assert_eq!(world.call("DELETE", &provider_path, &token, Value::Null).await.refused(409), "still_used");
    assert_eq!(world.call("DELETE", &path, &token, Value::Null).await.status, 204);
    let left = aop_store::model_deployments::list(&world.store, world.team, None, 10).await.unwrap();
    assert!(left.is_empty(), "deployments that no model uses are gone: {left:?}");
    assert_eq!(world.call("DELETE", &provider_path, &token, Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_model_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    let token = admin(&world).await;
    let made = provider(&world, &token, "https://llm.example/v1").await;
    let target = json!({"provider_id": made["id"]});
    let unknown = json!({"provider_id": world.team});
    let timeouts = json!({"connect_ms": 0, "first_byte_ms": 1, "idle_ms": 1, "total_ms": 1});
    for body in [
        json!({"model": "m", "targets": []}),
        json!({"model": "", "targets": [target]}),
        json!({"model": "m", "targets": [target, target]}),
        json!({"model": "m", "targets": [unknown]}),
        json!({"model": "m", "targets": [target], "max_attempts": 0}),
        json!({"model": "m", "targets": [target], "operations": []}),
        json!({"model": "m", "targets": [target], "operations": ["sing"]}),
        json!({"model": "m", "targets": [target], "api_base": "https://evil.example"}),
        json!({"model": "m", "targets": [{"provider_id": made["id"], "weight": 0}]}),
        json!({"model": "m", "targets": [{"provider_id": made["id"], "timeouts": timeouts}]}),
    ] {
        assert_eq!(world.post("/api/models", &token, body.clone()).await.status, 400, "{body}");
    }
    let left = aop_store::routes::list(&world.store, world.team, None, 10).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn a_models_routing_is_kept_as_it_was_asked_for() {
    let world = World::new().await;
    let token = admin(&world).await;
    let made = provider(&world, &token, "https://llm.example/v1").await;
    let target = json!({"provider_id": made["id"]});
    let plain =
        world.post("/api/models", &token, json!({"model": "long", "targets": [target]})).await.expect(201);
    assert_eq!((&plain["strategy"], &plain["sticky"]), (&json!("weighted"), &json!(false)));
    assert_eq!(plain["targets"][0]["breaker"]["failures"], 5);

    let breaker = json!({"failures": 3, "failure_percent": 50, "window_ms": 60000, "cooldown_ms": 5000});
    let one =
        json!({"provider_id": made["id"], "upstream_model": "*", "breaker": breaker, "continues": "prefix"});
    let two = json!({"provider_id": made["id"], "upstream_model": "two"});
    let body = json!({
        "model": "openai/*", "aliases": ["gpt-4o*", "smart"], "targets": [one, two],
        "strategy": "lowest_latency", "sticky": true, "hedge_after_ms": 700, "continuations": 2,
        "unsupported": "drop",
        "fallbacks": [{"on": "context_too_long", "model": "long"}, {"on": "any", "model": "long"}],
    });
    let model = world.post("/api/models", &token, body.clone()).await.expect(201);
    for field in
        ["strategy", "sticky", "aliases", "fallbacks", "hedge_after_ms", "continuations", "unsupported"]
    {
        assert_eq!(model[field], body[field], "{field}");
    }
    assert_eq!(model["targets"][0]["breaker"], breaker);
    assert_eq!(
        (&plain["unsupported"], &plain["targets"][0]["continues"]),
        (&json!("caller_decides"), &json!("auto"))
    );
    let continues = [0, 1].map(|at| &model["targets"][at]["continues"]);
    assert_eq!(continues, [&json!("prefix"), &json!("auto")]);
    let path = format!("/api/models/{}", model["id"].as_str().unwrap());
    let again = world.call("PUT", &path, &token, body.clone()).await.expect(200);
    assert_eq!(again["aliases"], model["aliases"], "its own names are not taken by itself");
    let mut silent = body;
    silent.as_object_mut().unwrap().retain(|field, _| field != "continuations" && field != "unsupported");
    let kept = world.call("PUT", &path, &token, silent).await.expect(200);
    let kept = (&kept["continuations"], &kept["unsupported"]);
    assert_eq!(kept, (&json!(2), &json!("drop")), "who does not speak of it does not change it");
}

#[tokio::test]
async fn routing_that_makes_no_sense_is_refused_with_its_reason() {
    let world = World::new().await;
    let token = admin(&world).await;
    let made = provider(&world, &token, "https://llm.example/v1").await;
    let target = json!({"provider_id": made["id"]});
    let other = json!({"model": "other", "aliases": ["o*"], "targets": [target]});
    world.post("/api/models", &token, other).await.expect(201);
    let breaker = json!({"failures": 3, "failure_percent": 0, "window_ms": 60000, "cooldown_ms": 5000});
    for (part, code) in [
        (json!({"model": "a*b*"}), "invalid_name"),
        (json!({"strategy": "fastest"}), "invalid_body"),
        (json!({"aliases": ["other"]}), "invalid_aliases"),
        (json!({"aliases": ["o*"]}), "invalid_aliases"),
        (json!({"aliases": ["**"]}), "invalid_name"),
        (json!({"fallbacks": [{"on": "any", "model": "m"}]}), "invalid_fallbacks"),
        (json!({"fallbacks": [{"on": "any", "model": "nowhere"}]}), "invalid_fallbacks"),
        (json!({"fallbacks": [{"on": "any", "model": "o*"}]}), "invalid_fallbacks"),
        (json!({"fallbacks": vec![json!({"on": "any", "model": "other"}); 2]}), "invalid_fallbacks"),
        (json!({"fallbacks": [{"on": "rain", "model": "other"}]}), "invalid_body"),
        (json!({"hedge_after_ms": 500}), "invalid_hedging"),
        (json!({"continuations": 4}), "invalid_continuations"),
        (json!({"unsupported": "perhaps"}), "invalid_body"),
        (
            json!({"hedge_after_ms": 1, "targets": [target, {"provider_id": made["id"], "upstream_model": "x"}]}),
            "invalid_hedging",
        ),
        (json!({"targets": [{"provider_id": made["id"], "breaker": breaker}]}), "invalid_breaker"),
    ] {
        let mut body = json!({"model": "m", "targets": [target]});
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        assert_eq!(world.post("/api/models", &token, body.clone()).await.refused(400), code, "{body}");
    }
    let shared = json!({
        "model": "everybodys", "shared": true, "targets": [target],
        "fallbacks": [{"on": "any", "model": "other"}],
    });
    assert_eq!(
        world.post("/api/models", &token, shared).await.status,
        400,
        "a team's own model is not everybody's"
    );
}

#[tokio::test]
async fn an_administrators_price_stands_over_the_shipped_one() {
    let world = World::new().await;
    let token = admin(&world).await;
    let price = json!({"provider": "openai", "model": "gpt-4o", "card": {"input": "0.000001"}});
    assert_eq!(world.call("PUT", "/api/prices", &token, price.clone()).await.expect(200)["version"], 1);
    assert_eq!(world.call("PUT", "/api/prices", &token, price).await.expect(200)["version"], 2);
    let list = world.get("/api/prices?provider=openai&q=gpt-4o&limit=200", &token).await.expect(200);
    let of_model: Vec<_> =
        list["items"].as_array().unwrap().iter().filter(|price| price["model"] == "gpt-4o").collect();
    assert_eq!((&of_model[0]["source"], &of_model[0]["version"]), (&json!("team"), &json!(2)));
    assert_eq!(
        (&of_model[1]["source"], &of_model[1]["card"]["input"]),
        (&json!("shipped"), &json!("0.0000025"))
    );
    for card in [json!({}), json!({"input": 0.1}), json!({"inptu": "1"}), json!({"input": "-1"}), json!([])] {
        let body = json!({"provider": "openai", "model": "m", "card": card});
        assert_eq!(world.call("PUT", "/api/prices", &token, body.clone()).await.status, 400, "{body}");
    }
}
