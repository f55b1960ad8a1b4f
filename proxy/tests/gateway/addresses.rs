//! Clients by their address: none of them takes all the room there is, and behind a trusted proxy each is its own. This
//! machine's other addresses stand for other clients.

use std::net::Ipv4Addr;

use h2::Reason;
use h2::client::Builder;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use aop_proxy::{AccessLogOf, AccessLogTo, Config};

use crate::harness::{Gateway, KEY, Reply, World, chat, client, eventually};
use crate::tls::Door;
use crate::upstreams::{Act, Fixed};

const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Of this machine only the address that the test itself asks from has no bound.
fn bound(config: &mut Config, connections: usize, api_requests: usize) {
    config.addresses.unbounded = vec!["127.0.0.1".parse().unwrap()];
    config.limits.connections_per_address = Some(connections);
    config.limits.api_requests_per_address = Some(api_requests);
}

async fn connect(source: Ipv4Addr, gateway: &Gateway) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((source, 0).into()).unwrap();
    socket.connect(gateway.address).await.unwrap()
}

/// Connections with a call whose body does not come.
async fn busy(source: Ipv4Addr, gateway: &Gateway, count: usize) -> Vec<TcpStream> {
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 9\r\n\r\n"
    );
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = connect(source, gateway).await;
        connection.write_all(head.as_bytes()).await.unwrap();
        connections.push(connection);
    }
    connections
}

async fn ask_from(source: Ipv4Addr, gateway: &Gateway, path: &str, body: &str) -> reqwest::Result<Reply> {
    let from = reqwest::Client::builder().no_proxy().local_address(Some(source.into())).build().unwrap();
    let request = match body {
        "" => from.get(gateway.url(path)),
        _ => from.post(gateway.url(path)).body(body.to_owned()),
    };
    Ok(Reply::of(request.bearer_auth(KEY).send().await?).await)
}

fn refusals(of: &str) -> String {
    format!("aop_proxy_overload_refusals_total{{scarce=\"{of}\"}}")
}

#[tokio::test]
async fn one_address_has_its_share_of_connections_and_others_are_not_kept_out() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let mut gateway = Gateway::start_with(world, |config| {
        bound(config, 4, 4);
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
    })
    .await;
    let call = chat("m").to_string();
    let mut held = busy(GREEDY, &gateway, 4).await;
    gateway.until("aop_proxy_calls_in_flight", 4.0).await;
    gateway.until("aop_proxy_client_addresses", 1.0).await;

    let told = ask_from(GREEDY, &gateway, "/v1/chat/completions", &call).await.unwrap();
    assert_eq!(told.error(), (503, "overloaded".to_owned()));
    assert_eq!((told.headers["retry-after"].as_str(), told.headers["connection"].as_str()), ("1", "close"));
    assert!(told.text.contains("of this address"), "{}", told.text);
    let api = ask_from(GREEDY, &gateway, "/api/models", "").await.unwrap();
    assert_eq!((api.status, api.headers["retry-after"].as_str()), (503, "1"));
    assert!(api.text.contains("of this address"), "{}", api.text);
    gateway.until(&refusals("address_told"), 2.0).await;

    let other = ask_from(OTHER, &gateway, "/v1/chat/completions", &call).await.unwrap();
    assert_eq!(other.status, 200, "{other:?}");
    assert_eq!(gateway.chat(&chat("m")).await.status, 200, "this machine has no bound");

    // Those that were told have gone; what asks is a connection too.
    gateway.until("aop_proxy_connections", 5.0).await;
    // Far too many are closed: those that would be told take nobody else's room either.
    for _ in 0..8 {
        held.push(connect(GREEDY, &gateway).await);
    }
    let mut closed = connect(GREEDY, &gateway).await;
    assert!(matches!(closed.read(&mut [0]).await, Ok(0) | Err(_)), "closed without a word");
    gateway.until(&refusals("address_connections"), 1.0).await;
    drop(held);
    gateway.until("aop_proxy_client_addresses", 0.0).await;
    let again = ask_from(GREEDY, &gateway, "/v1/chat/completions", &call).await.unwrap();
    assert_eq!(again.status, 200);

    gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let closed = lines.iter().find(|line| line["error_code"] == "address_refused").unwrap();
    assert_eq!((&closed["kind"], &closed["source"]), (&json!("connection"), &json!("127.0.0.2")));
    let told = lines.iter().find(|line| line["error_code"] == "overloaded").unwrap();
    assert_eq!((&told["kind"], &told["source"]), (&json!("call"), &json!("127.0.0.2")));
}

#[tokio::test]
async fn with_tls_one_too_many_is_closed_before_its_handshake() {
    let door = Door::open_with(World::new(), |config| bound(config, 1, 1)).await;
    let _held = door.shake_from(GREEDY, "http/1.1").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((GREEDY, 0).into()).unwrap();
    let mut closed = socket.connect(door.address).await.unwrap();
    assert!(matches!(closed.read(&mut [0]).await, Ok(0) | Err(_)));
    door.gateway.until(&refusals("address_connections"), 1.0).await;
    door.shake_from(OTHER, "http/1.1").await;
}

#[tokio::test]
async fn one_address_has_its_share_of_streams_over_all_its_connections() {
    let slow = Fixed::start(vec![Act::WaitForClose], false).await;
    let mut world = World::new();
    world.model("slow", &[slow.address]);
    let door = Door::open_with(world, |config| bound(config, 4, 4)).await;
    // A window of nothing: who is told there is no room cannot take the answer's body.
    let mut builder = Builder::new();
    builder.initial_window_size(0);
    let mut first = door.http_2_from(GREEDY, &builder).await;
    let mut second = door.http_2_from(GREEDY, &builder).await;
    let held: Vec<_> = [&mut first, &mut second]
        .into_iter()
        .flat_map(|send| [door.call(send, "slow"), door.call(send, "slow")])
        .collect();
    eventually("four calls are at the provider", || async { (slow.requests().len() == 4).then_some(()) })
        .await;
    let mut told = Vec::new();
    for _ in 0..8 {
        let (response, body) = door.call(&mut second, "slow");
        let response = response.await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        told.push((response, body));
    }
    let (response, refused) = door.call(&mut first, "slow");
    assert_eq!(response.await.unwrap_err().reason(), Some(Reason::REFUSED_STREAM), "it may be sent again");
    door.gateway.until(&refusals("address_requests"), 9.0).await;

    let mut other = door.http_2_from(OTHER, &builder).await;
    let others = door.call(&mut other, "slow");
    eventually("another's call is at the provider", || async { (slow.requests().len() == 5).then_some(()) })
        .await;
    drop((held, told, refused, others, first, second, other));
    door.gateway.until("aop_proxy_client_addresses", 0.0).await;
}

#[tokio::test]
async fn one_address_has_its_share_of_the_management_api() {
    let api = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = Gateway::start_with(World::new(), |config| {
        bound(config, 10, 1);
        config.api_url = format!("http://{}", api.address);
    })
    .await;
    let at_the_api = || api.requests().iter().filter(|seen| seen.head.starts_with("get /api/calls")).count();
    let request = b"GET /api/calls HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut held = connect(GREEDY, &gateway).await;
    held.write_all(request).await.unwrap();
    eventually("the request is at the API", || async { (at_the_api() == 1).then_some(()) }).await;
    let refused = ask_from(GREEDY, &gateway, "/api/calls", "").await.unwrap();
    assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (503, "1"));
    assert!(refused.text.contains("of this address"), "{}", refused.text);
    gateway.until(&refusals("address_api_requests"), 1.0).await;
    let mut other = connect(OTHER, &gateway).await;
    other.write_all(request).await.unwrap();
    eventually("another's request is at the API", || async { (at_the_api() == 2).then_some(()) }).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_share_of_its_own_and_is_told_of_by_its_address() {
    let slow = Fixed::start(vec![Act::WaitForClose], false).await;
    let api = Fixed::json(200, "", "{}").await;
    let mut world = World::new();
    world.model("slow", &[slow.address]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let mut gateway = Gateway::start_with(world, |config| {
        bound(config, 2, 2);
        config.addresses.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.api_url = format!("http://{}", api.address);
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
    })
    .await;
    let through = client();
    let call = |client: &str| {
        let request = through.post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        // What a client says itself stands before what the proxy adds.
        request.header("x-forwarded-for", format!("10.1.1.1, {client}")).json(&chat("slow")).send()
    };
    let mut held: Vec<_> = (0..2).map(|_| tokio::spawn(call("203.0.113.9"))).collect();
    eventually("two calls are at the provider", || async { (slow.requests().len() == 2).then_some(()) })
        .await;
    let refused = Reply::of(call("203.0.113.9").await.unwrap()).await;
    assert_eq!(refused.error(), (503, "overloaded".to_owned()));
    gateway.until(&refusals("address_requests"), 1.0).await;
    held.push(tokio::spawn(call("203.0.113.10")));
    eventually("another's call is at the provider", || async { (slow.requests().len() == 3).then_some(()) })
        .await;
    gateway.until("aop_proxy_client_addresses", 2.0).await;

    let asked = through.get(gateway.url("/api/me")).header("x-forwarded-for", "203.0.113.9").send().await;
    assert_eq!(asked.unwrap().status(), 200);
    let seen = api.requests().into_iter().find(|seen| seen.head.starts_with("get /api/me")).unwrap();
    assert!(seen.head.contains("\r\nx-forwarded-for: 203.0.113.9\r\n"), "{}", seen.head);

    held.iter().for_each(tokio::task::JoinHandle::abort);
    gateway.until("aop_proxy_client_addresses", 0.0).await;
    gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_of = |line: &Value, kind: &str, source: &str| line["kind"] == kind && line["source"] == source;
    assert_eq!(lines.iter().filter(|line| is_of(line, "call", "203.0.113.9")).count(), 3, "{text}");
    assert_eq!(lines.iter().filter(|line| is_of(line, "call", "203.0.113.10")).count(), 1);
    assert!(lines.iter().any(|line| is_of(line, "request", "203.0.113.9") && line["path"] == "/api/me"));
}

#[tokio::test]
async fn who_is_no_trusted_proxy_names_nobody() {
    let api = Fixed::json(200, "", "{}").await;
    let gateway = Gateway::start_with(World::new(), |config| {
        config.api_url = format!("http://{}", api.address);
    })
    .await;
    let asked = client().get(gateway.url("/api/me")).header("x-forwarded-for", "203.0.113.9").send().await;
    assert_eq!(asked.unwrap().status(), 200);
    let seen = api.requests().into_iter().find(|seen| seen.head.starts_with("get /api/me")).unwrap();
    assert!(seen.head.contains("\r\nx-forwarded-for: 127.0.0.1\r\n"), "{}", seen.head);
}
