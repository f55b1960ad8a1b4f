//! What is no model call: the management API behind the front door, WebSockets, health, metrics.

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::routing::{any, get};
use futures::{SinkExt, StreamExt};

use crate::harness::{Gateway, World, client, eventually};

/// A management API that shows what reached it.
async fn api() -> String {
    let app = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route(
            "/api/echo",
            any(|headers: HeaderMap, body: String| async move { format!("{headers:?}\n{body}") }),
        )
        .route(
            "/ws/live",
            any(|upgrade: WebSocketUpgrade| async {
                upgrade.on_upgrade(|mut socket| async move {
                    while let Some(Ok(Message::Text(text))) = socket.recv().await {
                        let _ = socket.send(Message::Text(format!("echo {text}").into())).await;
                    }
                })
            }),
        )
        .fallback(|| async { "ui" });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn the_api_and_the_ui_stand_behind_the_same_port() {
    let url = api().await;
    let gateway = Gateway::start_with(World::new(), |config| config.api_url = url).await;
    assert_eq!(gateway.get("/").await.text, "ui");
    let large = "y".repeat(1 << 20);
    let headers = [("x-aop-internal", "forged"), ("x-forwarded-for", "1.2.3.4")];
    let reply = gateway.post_as("token", "/api/echo", large.clone(), &headers).await;
    assert_eq!(reply.status, 200);
    let (seen, body) = reply.text.split_once('\n').unwrap();
    assert!(body == large);
    assert!(seen.contains("Bearer token"), "{seen}");
    assert!(!seen.contains("forged") && !seen.contains("1.2.3.4") && seen.contains("127.0.0.1"), "{seen}");
    assert!(gateway.records().is_empty(), "no model call");
}

#[tokio::test]
async fn a_websocket_passes_through() {
    let url = api().await;
    let gateway = Gateway::start_with(World::new(), |config| config.api_url = url).await;
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/ws/live", gateway.address)).await.unwrap();
    for word in ["one", "two"] {
        socket.send(tokio_tungstenite::tungstenite::Message::text(word)).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
        assert_eq!(answer.as_str(), format!("echo {word}"));
    }
}

#[tokio::test]
async fn ready_means_facts_spool_and_api() {
    let url = api().await;
    let gateway = Gateway::start_with(World::new(), |config| config.api_url = url).await;
    eventually("it is ready", || async { (gateway.get("/readyz").await.status == 200).then_some(()) }).await;
    let alone = Gateway::start(World::new()).await;
    let reply = alone.get("/readyz").await;
    assert_eq!((reply.status, reply.json()["api"].as_bool()), (503, Some(false)));
    assert_eq!(client().get(alone.url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn without_its_api_the_gateway_still_answers_calls() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let gateway = Gateway::start(world).await;
    let reply = gateway.get("/api/calls").await;
    assert_eq!((reply.status, reply.json()["status"].as_u64()), (503, Some(503)));
    assert_eq!(gateway.chat(&crate::harness::chat("sim-fast")).await.status, 200);
}
