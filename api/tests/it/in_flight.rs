//! Calls in flight over the API, with a collector that tells of one.

use aop_domain::in_flight::InFlight;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

use crate::world::World;

const CALL: Uuid = Uuid::from_u128(7);

fn call() -> Value {
    json!({
        "team_id": World::team_id(), "trace_id": "04".repeat(16), "call_id": CALL, "span_id": "01".repeat(8),
        "started_at_us": 1_700_000_000_000_000_i64, "agent": "Writer", "operation": "chat_completions",
        "requested_model": "m", "stream": true, "state": "answering", "provider": "openai", "attempt_count": 1,
        "first_token_us": 400, "output_tokens": 12, "runaway": [], "node": "proxy-1",
    })
}

/// Answers as the collector does, and shows whether it was asked for our team.
async fn collector() -> String {
    async fn list(Query(query): Query<HashMap<String, String>>) -> Json<Value> {
        let ours = query["team_id"] == World::team_id().to_string();
        let other = query.get("call_id").is_some_and(|id| *id != CALL.to_string());
        let calls = if ours && !other { vec![call()] } else { vec![] };
        Json(json!({"calls": calls, "complete": true}))
    }
    async fn text(Path(id): Path<Uuid>) -> impl IntoResponse {
        if id == CALL { Ok("event: text\ndata: {\"text\":\"hi\"}\n\n") } else { Err(StatusCode::NOT_FOUND) }
    }
    let app = Router::new().route("/live/calls", get(list)).route("/live/calls/{id}/text", get(text));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn calls_in_flight_are_listed_read_and_killed() {
    let _: InFlight = serde_json::from_value(call()).unwrap();
    let world = World::with_collector(&collector().await).await;
    let developer = world.signed_in("developer", Role::Developer, Some(MemberRole::Member)).await;
    let listed = world.get("/api/calls/in-flight", &developer).await.expect(200);
    assert_eq!((&listed["total"], &listed["complete"]), (&json!(1), &json!(true)));
    let item = &listed["items"][0];
    assert_eq!(
        (&item["agent"], &item["state"], &item["crew"]),
        (&json!("Writer"), &json!("answering"), &Value::Null)
    );
    assert_eq!(item["started_at"], "2023-11-14T22:13:20Z");
    let text = world.get(&format!("/api/calls/{CALL}/text"), &developer).await;
    assert_eq!(text.headers["content-type"], "text/event-stream");
    assert_eq!(text.body, json!("event: text\ndata: {\"text\":\"hi\"}\n\n"));
    let other = Uuid::from_u128(8);
    world.get(&format!("/api/calls/{other}/text"), &developer).await.expect(404);
    let killed = world.post(&format!("/api/calls/{CALL}/kill"), &developer, json!({})).await.expect(201);
    assert_eq!((&killed["kind"], &killed["calls_in_flight"]), (&json!("call"), &json!(1)));
    world.post(&format!("/api/calls/{other}/kill"), &developer, json!({})).await.expect(404);
}

#[tokio::test]
async fn without_a_collector_the_list_says_that_it_is_not_complete() {
    let world = World::with_collector("http://127.0.0.1:9").await;
    let viewer = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let listed = world.get("/api/calls/in-flight", &viewer).await.expect(200);
    assert_eq!((&listed["items"], &listed["complete"]), (&json!([]), &json!(false)));
}
