//! What a browser meets: headers, foreign pages, documentation, bodies that do not fit, health.

use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::world::{PUBLIC_URL, World, request};

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let world = World::new().await;
    for path in ["/api/setup", "/api/nowhere", "/api/docs/", "/", "/healthz"] {
        let answer = world.get(path, "").await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(policy.contains("'unsafe-inline'"), path == "/api/docs/", "{path}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
    assert_eq!(world.get("/api/setup", "").await.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_change_anything() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let mut foreign = request("POST", "/api/teams", &token, &json!({"name": "x"}));
        foreign.headers_mut().insert(header::HOST, "aop.test".parse().unwrap());
        foreign.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(world.send(foreign).await.refused(403), "foreign_origin");
    }
    let mut own = request("POST", "/api/teams", &token, &json!({"name": "x"}));
    own.headers_mut().insert(header::ORIGIN, PUBLIC_URL.parse().unwrap());
    world.send(own).await.expect(201);
}

#[tokio::test]
async fn bodies_that_do_not_fit_are_refused_with_one_sentence() {
    let world = World::new().await;
    let token = world.signed_in("dev", Role::Developer, Some(MemberRole::Member)).await;
    let send = async |kind: &str, body: String| {
        let request = Request::post("/api/teams")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind);
        world.send(request.body(Body::from(body)).unwrap()).await
    };
    let json = "application/json";
    assert_eq!(send("text/plain", r#"{"name":"x"}"#.into()).await.refused(400), "not_json");
    for body in ["", "{", "[]", r#"{"name":1}"#, r#"{"name":"x","extra":1}"#, "{\"name\":\"\u{1}\"}"] {
        assert_eq!(send(json, body.into()).await.refused(400), "invalid_body", "{body}");
    }
    let deep = "[".repeat(200_000);
    assert_eq!(send(json, deep).await.refused(400), "invalid_body");
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(3 << 20));
    assert_eq!(send(json, large).await.refused(413), "body_too_large");
}

#[tokio::test]
async fn malformed_credentials_are_a_plain_401() {
    let world = World::new().await;
    let long = format!("Bearer aop-{}", "x".repeat(5000));
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer x",
        "Bearer aop-",
        "Bearer aop-run.a.b",
        &long,
        "Bearer a.b.c",
    ] {
        let request = Request::get("/api/teams").header(header::AUTHORIZATION, value);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 401, "{value}");
    }
}

#[tokio::test]
async fn the_contract_and_its_documentation_are_served() {
    let world = World::new().await;
    let served = world.get("/api/openapi.json", "").await.expect(200);
    assert_eq!(served, serde_json::to_value(aop_api::router::contract()).unwrap());
    let page = world.get("/api/docs/", "").await.expect(200);
    assert!(page.as_str().unwrap().contains("swagger-ui"));
}

#[tokio::test]
async fn unknown_endpoints_are_problems_and_every_other_address_is_the_app() {
    let world = World::new().await;
    for path in ["/api/nowhere", "/api", "/ws/nowhere", "/assets/gone-123.js"] {
        assert_eq!(world.get(path, "").await.refused(404), "not_found", "{path}");
    }
    let app = world.get("/crews/some/deep/link", "").await;
    match app.status.as_u16() {
        200 => assert!(app.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html")),
        404 => assert_eq!(app.refused(404), "ui_not_built"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn health_is_told_and_metrics_name_routes_not_paths() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz", "").await.status, 200);
    let ready = world.get("/readyz", "").await.expect(200);
    assert_eq!(ready, json!({"ready": true, "postgres": true, "clickhouse": true}));
    world.get("/api/traces/secret-trace", "").await;
    let metrics = world.get("/metrics", "").await.expect(200);
    let Value::String(text) = metrics else { panic!("metrics are text") };
    assert!(text.contains(r#"route="/api/traces/{trace_id}""#), "{text}");
    assert!(!text.contains("secret-trace"));
    world.store.close().await;
    assert_eq!(world.get("/readyz", "").await.expect(503)["postgres"], false);
}

#[tokio::test]
async fn every_metric_is_documented() {
    let world = World::new().await;
    world.get("/api/setup", "").await.expect(200);
    let answer = world.get("/metrics", "").await;
    crate::metrics_page::assert_documented("aop_api_", answer.body.as_str().unwrap());
}
