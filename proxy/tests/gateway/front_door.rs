//! The door under attack: HTTP/2 and TLS as nobody honest speaks them. What an attacker holds is bounded and ends, and
//! good calls go on.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::Request;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

use aop_domain::record::CallStatus;
use aop_proxy::{AccessLogOf, AccessLogTo};

use crate::frames::{EMPTY_SETTINGS, PING, PREFACE, frame, head, last_words};
use crate::harness::{KEY, World, chat, eventually, status_of};
use crate::overload::large;
use crate::tls::Door;
use crate::upstreams::{Act, Fixed};

/// The largest window there is.
const HUGE: u32 = (1 << 31) - 1;

impl Door {
    /// A connection with TLS, and next to no room for what is not read.
    async fn shake(&self, protocol: &str) -> TlsStream<TcpStream> {
        self.shake_from(Ipv4Addr::LOCALHOST, protocol).await
    }

    /// From an address of this machine.
    pub async fn shake_from(&self, source: Ipv4Addr, protocol: &str) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()).unwrap();
        let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.bind((source, 0).into()).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        let name = "localhost".try_into().unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    async fn http_2(&self, builder: &Builder) -> SendRequest<Bytes> {
        self.http_2_from(Ipv4Addr::LOCALHOST, builder).await
    }

    pub async fn http_2_from(&self, source: Ipv4Addr, builder: &Builder) -> SendRequest<Bytes> {
        let (send, connection) = builder.handshake(self.shake_from(source, "h2").await).await.unwrap();
        tokio::spawn(async move {
            // However it ends, its requests say so.
            let _ = connection.await;
        });
        send
    }

    fn request(&self, path: &str) -> Request<()> {
        let request = Request::post(self.url(path)).header("authorization", format!("Bearer {KEY}"));
        request.header("content-type", "application/json").body(()).unwrap()
    }

    /// Sends a call; what comes of it can be awaited, or not.
    pub fn call(
        &self,
        send: &mut SendRequest<Bytes>,
        model: &str,
    ) -> (ResponseFuture, h2::SendStream<Bytes>) {
        let (response, mut body) = send.send_request(self.request("/v1/chat/completions"), false).unwrap();
        body.send_data(Bytes::from(chat(model).to_string()), true).unwrap();
        (response, body)
    }
}

/// Reads until the other side has closed.
async fn until_closed(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut bytes = [0; 4096];
    while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}

#[tokio::test]
async fn a_connection_that_does_not_come_to_a_request_is_ended_counted_and_leaves_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let mut door = Door::open_with(World::new(), |config| {
        config.limits.header_timeout = Duration::from_millis(300);
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
    })
    .await;
    // Says nothing at all.
    let mut mute = TcpStream::connect(door.address).await.unwrap();
    until_closed(&mut mute).await;
    // Speaks, but not TLS.
    let mut clear = TcpStream::connect(door.address).await.unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    until_closed(&mut clear).await;
    // Does not trust the certificate.
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap().cert.pem();
    let distrusts = door.trusting(&other).build().unwrap();
    assert!(distrusts.get(door.url("/healthz")).send().await.is_err());
    // Means to speak HTTP/2 and does not begin.
    let mut mute_2 = door.shake("h2").await;
    until_closed(&mut mute_2).await;
    // Leaves before it has asked anything.
    drop(TcpStream::connect(door.gateway.address).await.unwrap());
    drop(door.shake("http/1.1").await);

    let series = "aop_proxy_empty_connections_total";
    for (why, count) in
        [("handshake_timeout", 1.0), ("handshake_failed", 2.0), ("header_timeout", 1.0), ("no_request", 2.0)]
    {
        door.gateway.until(&format!("{series}{{why=\"{why}\"}}"), count).await;
    }
    door.gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |code: &str| -> Vec<_> { lines.iter().filter(|line| line["error_code"] == code).collect() };
    assert!(of("handshake_timeout").iter().all(|line| line["kind"] == "connection"));
    assert_eq!((of("handshake_timeout").len(), of("header_timeout").len()), (1, 1), "{text}");
    assert!(of("no_request").len() >= 2 && lines.iter().all(|line| line["source"] == "127.0.0.1"));
    let details: Vec<_> =
        of("handshake_failed").iter().map(|line| line["detail"].as_str().unwrap()).collect();
    assert_eq!(details.len(), 2, "{text}");
    assert!(details.iter().any(|detail| detail.contains("fatal alert")), "{details:?}");
}

#[tokio::test]
async fn connections_that_say_nothing_make_way_for_those_that_come() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let door = Door::open_with(world, |config| config.limits.connections_max = 8).await;
    let mut mute = Vec::new();
    for turn in 0..40 {
        let address = if turn % 2 == 0 { door.address } else { door.gateway.address };
        mute.push(TcpStream::connect(address).await.unwrap());
    }
    let client = door.trusting(&door.certificate).build().unwrap();
    for _ in 0..10 {
        assert_eq!(door.gateway.chat(&chat("m")).await.status, 200);
        let request = client.post(door.url("/v1/chat/completions")).bearer_auth(KEY).json(&chat("m"));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let made_way = "aop_proxy_empty_connections_total{why=\"made_way\"}";
    assert!(door.gateway.figure(made_way).await.unwrap() >= 30.0);
    assert_eq!(
        door.gateway.figure("aop_proxy_overload_refusals_total{scarce=\"connections\"}").await,
        Some(0.0)
    );
}

#[tokio::test]
async fn a_client_of_http_2_that_reads_nothing_is_cut_and_holds_places_until_then() {
    let upstream = large(300 << 10).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let door = Door::open_with(world, |config| {
        config.limits.client_write_timeout = Duration::from_millis(500);
    })
    .await;
    // Opened by hand, because a client of the library would read.
    let mut deaf = door.shake("h2").await;
    let mut bytes = PREFACE.to_vec();
    bytes.extend([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4]);
    bytes.extend(HUGE.to_be_bytes());
    bytes.extend([0, 0, 4, 8, 0, 0, 0, 0, 0]);
    bytes.extend((HUGE - 65_535).to_be_bytes());
    for call in 0..32 {
        bytes.extend(raw_call(1 + 2 * call, &chat("m").to_string()));
    }
    deaf.write_all(&bytes).await.unwrap();
    deaf.flush().await.unwrap();
    eventually("what it does not take is still held by its calls", || async {
        let places = door.gateway.figure("aop_proxy_http2_streams").await?;
        (places > 4.0 && door.gateway.figure("aop_proxy_buffered_bytes").await? > 1e6).then_some(())
    })
    .await;
    door.gateway.until("aop_proxy_cut_connections_total{why=\"deaf\"}", 1.0).await;
    door.gateway.until("aop_proxy_http2_streams", 0.0).await;
    door.gateway.until("aop_proxy_buffered_bytes", 0.0).await;
    door.gateway.until("aop_proxy_calls_in_flight", 0.0).await;
}

/// HEADERS and DATA of a call.
fn raw_call(stream: u32, body: &str) -> Vec<u8> {
    let head = head("/v1/chat/completions", &[("authorization", &format!("Bearer {KEY}"))]);
    let mut bytes = frame(1, 4, stream, &head);
    bytes.extend(frame(0, 1, stream, body.as_bytes()));
    bytes
}

#[tokio::test]
async fn who_floods_with_pings_and_reads_no_answer_is_not_read_any_more_and_cut() {
    let door = Door::open_with(World::new(), |config| {
        config.limits.client_write_timeout = Duration::from_millis(500);
    })
    .await;
    let mut deaf = door.shake("h2").await;
    deaf.write_all(PREFACE).await.unwrap();
    deaf.write_all(EMPTY_SETTINGS).await.unwrap();
    let flood = [PING.repeat(1_000), EMPTY_SETTINGS.repeat(1_000)].concat();
    while deaf.write_all(&flood).await.is_ok() {}
    door.gateway.until("aop_proxy_cut_connections_total{why=\"deaf\"}", 1.0).await;
}

#[tokio::test]
async fn calls_that_are_begun_and_reset_all_the_time_end_the_connection_and_not_the_gateway() {
    let slow = Fixed::start(vec![Act::WaitForClose], false).await;
    let good = Fixed::answering().await;
    let mut world = World::new();
    world.model("slow", &[slow.address]).model("m", &[good.address]);
    let door = Door::open_with(world, |_| {}).await;
    // By hand: a client of the library would not send what it resets at once.
    let (mut read, mut write) = tokio::io::split(door.shake("h2").await);
    let reading = tokio::spawn(async move {
        let mut told = Vec::new();
        // It ends with the connection, cleanly or not.
        let _ = read.read_to_end(&mut told).await;
        told
    });
    write.write_all(PREFACE).await.unwrap();
    write.write_all(EMPTY_SETTINGS).await.unwrap();
    let body = chat("slow").to_string();
    for call in 0.. {
        let mut bytes = raw_call(1 + 2 * call, &body);
        if call == 8 {
            let all = || async { (slow.requests().len() == 8).then_some(()) };
            eventually("the first ones are at the provider", all).await;
        }
        if call >= 8 {
            bytes.extend(frame(3, 0, 1 + 2 * (call - 8), &8_u32.to_be_bytes()));
        }
        if write.write_all(&bytes).await.is_err() || write.flush().await.is_err() || reading.is_finished() {
            break;
        }
        assert!(call < 50_000, "nobody stops it");
        tokio::task::yield_now().await;
    }
    let told = reading.await.unwrap();
    let why = Reason::ENHANCE_YOUR_CALM;
    assert!(
        last_words(&told) == Some(why) || told.is_empty(),
        "{why:?} is what it hears, if it hears anything"
    );
    door.gateway.until("aop_proxy_calls_in_flight", 0.0).await;
    door.gateway.until("aop_proxy_http2_streams", 0.0).await;
    assert_eq!(door.gateway.chat(&chat("m")).await.status, 200);
    assert!(door.gateway.records().iter().all(|record| {
        matches!(status_of(record), CallStatus::Cancelled | CallStatus::Ok | CallStatus::ClientError)
    }));
}

/// Sends it again and again until the other side ends the connection; what it said last.
async fn flood(stream: TlsStream<TcpStream>, mut next: impl FnMut(u32) -> Vec<u8>) -> Option<Reason> {
    let (mut read, mut write) = tokio::io::split(stream);
    let reading = tokio::spawn(async move {
        let mut told = Vec::new();
        // It ends with the connection, cleanly or not.
        let _ = read.read_to_end(&mut told).await;
        told
    });
    write.write_all(&[PREFACE, EMPTY_SETTINGS].concat()).await.unwrap();
    for turn in 0.. {
        assert!(turn < 100_000, "nobody stops it");
        if write.write_all(&next(turn)).await.is_err()
            || write.flush().await.is_err()
            || reading.is_finished()
        {
            break;
        }
        tokio::task::yield_now().await;
    }
    last_words(&reading.await.unwrap())
}

#[tokio::test]
async fn floods_that_the_library_stops_end_the_connection_and_leave_nothing_behind() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let door = Door::open_with(world, |_| {}).await;
    let request = head("/v1/models", &[]);
    let reset = |turn: u32| {
        let stream = 1 + 2 * turn;
        [frame(1, 4, stream, &request), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let filler = [&[0, 1, b'x', 127, 0x80, 0x7e][..], &[b'y'; 16_255]].concat();
    let endless = |turn: u32| match turn {
        0 => frame(1, 0, 1, &request),
        _ => frame(9, 0, 1, &filler),
    };
    let empty = |turn: u32| match turn {
        0 => frame(1, 4, 1, &head("/v1/chat/completions", &[("authorization", &format!("Bearer {KEY}"))])),
        _ => frame(0, 0, 1, &[]),
    };
    let calm = Some(Reason::ENHANCE_YOUR_CALM);
    for (what, said) in [
        ("calls begun and reset at once", flood(door.shake("h2").await, reset).await),
        ("a head without end", flood(door.shake("h2").await, endless).await),
        ("pieces of nothing", flood(door.shake("h2").await, empty).await),
    ] {
        // A connection that is closed while the client still sends may be gone before its last word is read.
        assert!(said == calm || said.is_none(), "{what}: {said:?}");
        door.gateway.until("aop_proxy_http2_streams", 0.0).await;
        door.gateway.until("aop_proxy_calls_in_flight", 0.0).await;
        door.gateway.until("aop_proxy_buffered_bytes", 0.0).await;
        assert_eq!(door.gateway.chat(&chat("m")).await.status, 200, "{what}");
    }
}

#[tokio::test]
async fn streams_of_all_connections_are_bounded_and_one_too_many_is_told_or_may_come_again() {
    let slow = Fixed::start(vec![Act::WaitForClose], false).await;
    let mut world = World::new();
    world.model("slow", &[slow.address]);
    let door = Door::open_with(world, |config| config.limits.connections_max = 8).await;
    // A window of nothing: who is told there is no room cannot take the answer's body.
    let mut send = door.http_2(Builder::new().initial_window_size(0)).await;
    let held: Vec<_> = (0..8).map(|_| door.call(&mut send, "slow")).collect();
    eventually("eight calls are at the provider", || async { (slow.requests().len() == 8).then_some(()) })
        .await;
    door.gateway.until("aop_proxy_http2_streams", 8.0).await;

    let mut told = Vec::new();
    for _ in 0..8 {
        let (response, body) = door.call(&mut send, "slow");
        let response = response.await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        told.push((response, body));
    }
    let (response, _body) = door.call(&mut send, "slow");
    assert_eq!(response.await.unwrap_err().reason(), Some(Reason::REFUSED_STREAM), "it may be sent again");
    door.gateway.until("aop_proxy_overload_refusals_total{scarce=\"streams\"}", 9.0).await;
    drop((held, told));
    door.gateway.until("aop_proxy_http2_streams", 0.0).await;
}

#[tokio::test]
async fn a_body_for_the_api_that_does_not_come_gives_its_place_back_on_either_protocol() {
    let api = axum::Router::new().route("/api/x", axum::routing::post(|body: String| async move { body }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, api).await });
    let door = Door::open_with(World::new(), |config| {
        config.api_url = api_url;
        config.limits.api_requests_max = 1;
        config.limits.header_timeout = Duration::from_millis(300);
        config.limits.body_grace = Duration::from_millis(300);
    })
    .await;
    for (protocol, cuts) in [("HTTP/2", 1.0), ("HTTP/1.1", 2.0)] {
        let client = door.trusting(&door.certificate);
        let client = if protocol == "HTTP/2" { client } else { client.http1_only() };
        let client = client.build().unwrap();
        let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let slow = client.post(door.url("/api/x")).body(reqwest::Body::wrap_stream(never));
        assert!(slow.send().await.is_err(), "{protocol}: it is cut");
        door.gateway.until("aop_proxy_cut_connections_total{why=\"slow_body\"}", cuts).await;
        let whole = client.post(door.url("/api/x")).body(json!({"a": 1}).to_string()).send().await.unwrap();
        assert_eq!(whole.status(), 200, "{protocol}: the only place is free again");
    }
}
