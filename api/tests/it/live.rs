//! Live records over real WebSockets.

use aop_api::live::hub::LiveRecord;
use aop_domain::id::TraceId;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::world::World;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Serves the world on a port, as the process does.
async fn serve(world: &World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (app, shutdown) = (world.app.clone(), world.state.shutdown.clone());
    tokio::spawn(aop_service::http_server::serve(listener, app, Default::default(), shutdown));
    address
}

async fn ticket(world: &World, token: &str) -> String {
    let made = world.post("/api/live/ticket", token, Value::Null).await.expect(201);
    made["ticket"].as_str().unwrap().to_owned()
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("expected a record, got {other:?}"),
        }
    }
}

fn publish(world: &World, trace: u8, n: u32) {
    let text = json!({"type": "call", "n": n}).to_string();
    world.state.live.publish(world.team, LiveRecord { trace_id: TraceId([trace; 16]), text });
}

#[tokio::test]
async fn a_ticket_opens_the_teams_records_once() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let address = serve(&world).await;
    let ticket = ticket(&world, &token).await;
    let url = format!("ws://{address}/ws/live?ticket={ticket}");
    let (mut socket, _) = connect_async(&url).await.unwrap();
    publish(&world, 1, 7);
    assert_eq!(next(&mut socket).await["n"], 7);
    let Err(Error::Http(refused)) = connect_async(&url).await else { panic!("the ticket worked twice") };
    assert_eq!(refused.status(), 401);
    let Err(Error::Http(refused)) = connect_async(format!("ws://{address}/ws/live")).await else {
        panic!("opened without anything")
    };
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn a_trace_socket_hears_its_own_trace_only() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let address = serve(&world).await;
    let ticket = ticket(&world, &token).await;
    let url = format!("ws://{address}/ws/trace/{}/?ticket={ticket}", TraceId([2; 16]));
    let (mut socket, _) = connect_async(url).await.unwrap();
    publish(&world, 1, 1);
    publish(&world, 2, 2);
    assert_eq!(next(&mut socket).await["n"], 2);
}

#[tokio::test]
async fn a_cut_inside_is_announced_and_shutdown_says_goodbye() {
    let world = World::new().await;
    let token = world.signed_in("viewer", Role::Viewer, Some(MemberRole::Member)).await;
    let address = serve(&world).await;
    let ticket = ticket(&world, &token).await;
    let (mut socket, _) = connect_async(format!("ws://{address}/ws/live?ticket={ticket}")).await.unwrap();
    world.state.live.publish_gap();
    assert_eq!(next(&mut socket).await, json!({"type": "lagged", "missed": 0}));
    world.state.shutdown.cancel();
    while let Some(message) = socket.next().await {
        if matches!(message.unwrap(), Message::Close(Some(frame)) if u16::from(frame.code) == 1001) {
            return;
        }
    }
    panic!("the socket ended without a goodbye");
}
