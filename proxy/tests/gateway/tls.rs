//! The door with TLS: HTTP/2 and HTTP/1.1, the same gateway and the same API behind it, certificates renewed.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use http::Version;
use serde_json::json;

use aop_domain::record::CallStatus;
use aop_proxy::{AccessLogOf, AccessLogTo, Config, Tls, TlsFiles};

use crate::harness::{Gateway, KEY, World, chat, client, eventually, free_address, status_of};
use crate::upstreams::{Act, Fixed, TOKEN, sse};

/// Writes a certificate for `localhost` and gives it in PEM.
fn certify(files: &TlsFiles) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    made.cert.pem()
}

fn files(dir: &Path) -> TlsFiles {
    TlsFiles { certificate: dir.join("chain.pem"), key: dir.join("key.pem") }
}

pub struct Door {
    pub gateway: Gateway,
    pub address: SocketAddr,
    files: TlsFiles,
    pub certificate: String,
    _dir: tempfile::TempDir,
}

impl Door {
    async fn open(world: World, api_url: Option<String>) -> Self {
        Self::open_with(world, |config| {
            if let Some(api_url) = api_url {
                config.api_url = api_url;
            }
        })
        .await
    }

    pub async fn open_with(world: World, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        let certificate = certify(&files);
        let address = free_address();
        let tls = Tls { listen: address, files: files.clone(), look_every: Duration::from_millis(20) };
        let gateway = Gateway::start_with(world, |config| {
            config.tls = Some(tls);
            change(config);
        })
        .await;
        Self { gateway, address, files, certificate, _dir: dir }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    pub fn trusting(&self, certificate: &str) -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .no_proxy()
            .resolve("localhost", self.address)
            .tls_certs_only([reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap()])
    }
}

#[tokio::test]
async fn a_call_over_http_2_is_answered_streamed_and_recorded() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let door = Door::open(world, None).await;
    let client = door.trusting(&door.certificate).build().unwrap();
    for stream in [false, true] {
        let mut body = chat("sim-fast");
        body["stream"] = json!(stream);
        let request = client.post(door.url("/v1/chat/completions")).bearer_auth(KEY).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!((response.version(), response.status().as_u16()), (Version::HTTP_2, 200));
        let text = response.text().await.unwrap();
        assert_eq!(text.ends_with("data: [DONE]\n\n"), stream, "{text}");
    }
    let refused = client.post(door.url("/v1/chat/completions")).body("{").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let records = eventually("both calls are recorded", || async {
        let records = door.gateway.records();
        (records.len() == 3).then_some(records)
    })
    .await;
    assert_eq!(records.iter().filter(|record| status_of(record) == CallStatus::Ok).count(), 2);
}

#[tokio::test]
async fn many_calls_share_one_http_2_connection_and_a_large_body_is_taken_whole() {
    let upstream = Fixed::answering().await;
    let mut world = World::new();
    world.model("m", &[upstream.address]).simulated("sim-fast");
    let door = Door::open(world, None).await;
    let client = door.trusting(&door.certificate).build().unwrap();
    let calls = (0..100).map(|_| {
        let request = client.post(door.url("/v1/chat/completions")).bearer_auth(KEY).json(&chat("sim-fast"));
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let answered = futures::future::join_all(calls).await;
    assert_eq!(answered, vec![200; 100]);
    let large = json!({"model": "m", "messages": [{"role": "user", "content": "x".repeat(3 << 20)}]});
    let request = client.post(door.url("/v1/chat/completions")).bearer_auth(KEY).json(&large);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(upstream.requests()[0].body, large.to_string().as_bytes());
}

#[tokio::test]
async fn a_call_over_http_2_may_take_longer_than_a_header_may() {
    let pieces = vec![Act::Wait(Duration::from_millis(600)), Act::Send(sse(&[TOKEN, "data: [DONE]\n\n"]))];
    let upstream = Fixed::start(pieces, false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let door =
        Door::open_with(world, |config| config.limits.header_timeout = Duration::from_millis(100)).await;
    let mut body = chat("m");
    body["stream"] = json!(true);
    for client in [door.trusting(&door.certificate), door.trusting(&door.certificate).http1_only()] {
        let request = client.build().unwrap().post(door.url("/v1/chat/completions"));
        let response = request.bearer_auth(KEY).json(&body).send().await.expect("it is answered");
        assert_eq!(response.status(), 200, "{:?}", response.version());
        let text = response.text().await.expect("it is answered whole");
        assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_on_either_protocol() {
    let mut world = World::new();
    world.simulated("sim-fast");
    let door =
        Door::open_with(world, |config| config.limits.body_read_timeout = Duration::from_millis(200)).await;
    for client in [door.trusting(&door.certificate), door.trusting(&door.certificate).http1_only()] {
        let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = client.build().unwrap().post(door.url("/v1/chat/completions")).bearer_auth(KEY);
        let response = request.body(reqwest::Body::wrap_stream(never)).send().await.unwrap();
        assert_eq!(response.status(), 408, "{:?}", response.version());
    }
}

#[tokio::test]
async fn requests_over_http_2_leave_lines_and_no_false_ones() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let mut door = Door::open_with(World::new(), |config| {
        config.access_log = AccessLogTo::File(path.clone());
        config.access_log_of = AccessLogOf::Everything;
    })
    .await;
    let client = door.trusting(&door.certificate).build().unwrap();
    for _ in 0..2 {
        assert_eq!(client.get(door.url("/healthz")).send().await.unwrap().status(), 200);
    }
    drop(client);
    door.gateway.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let of_h2: Vec<_> = text.lines().filter(|line| line.contains("HTTP/2")).collect();
    assert_eq!(of_h2.len(), 2, "{text}");
    assert!(
        of_h2
            .iter()
            .all(|line| line.contains("\"path\":\"/healthz\"") && line.contains("\"http_status\":200"))
    );
    assert!(!text.contains("no_request"), "{text}");
}

#[tokio::test]
async fn a_client_that_resets_its_stream_cancels_the_provider() {
    let upstream = Fixed::start(vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let door = Door::open(world, None).await;
    let client = door.trusting(&door.certificate).build().unwrap();
    let body = json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let request = client.post(door.url("/v1/chat/completions")).bearer_auth(KEY).json(&body);
    let mut pieces = request.send().await.unwrap().bytes_stream();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    eventually("the provider is told", || async { (upstream.drops() == 1).then_some(()) }).await;
    assert_eq!(status_of(&door.gateway.only_record().await), CallStatus::Cancelled);
}

#[tokio::test]
async fn the_api_behind_the_door_sees_the_host_that_was_asked_for() {
    let echo = axum::routing::any(|headers: http::HeaderMap| async move { format!("{headers:?}") });
    let app = axum::Router::new().route("/api/echo", echo);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let door = Door::open(World::new(), Some(api_url)).await;
    for client in [door.trusting(&door.certificate), door.trusting(&door.certificate).http1_only()] {
        let seen = client.build().unwrap().get(door.url("/api/echo")).send().await.unwrap();
        let seen = seen.text().await.unwrap();
        let host = format!("\"host\": \"localhost:{}\"", door.address.port());
        assert!(seen.contains(&host), "{seen}");
        assert!(seen.contains("\"x-forwarded-proto\": \"https\""), "{seen}");
    }
    let clear = client().get(door.gateway.url("/api/echo")).send().await.unwrap().text().await.unwrap();
    assert!(clear.contains("\"x-forwarded-proto\": \"http\""), "{clear}");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let door = Door::open(World::new(), None).await;
    let renewed = certify(&door.files);
    eventually("the new certificate is shown", || async {
        let client = door.trusting(&renewed).build().unwrap();
        client.get(door.url("/healthz")).send().await.ok()
    })
    .await;
    let old = door.trusting(&door.certificate).build().unwrap();
    assert!(old.get(door.url("/healthz")).send().await.is_err());
    std::fs::write(&door.files.key, "nonsense").unwrap();
    eventually("the failure is counted", || async {
        let text = client().get(door.gateway.url("/metrics")).send().await.ok()?.text().await.ok()?;
        text.contains("aop_proxy_tls_renewal_failures_total 1").then_some(())
    })
    .await;
    let client = door.trusting(&renewed).build().unwrap();
    assert_eq!(client.get(door.url("/healthz")).send().await.unwrap().status(), 200);
}
