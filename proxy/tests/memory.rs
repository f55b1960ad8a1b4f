//! A flood with a small bound on memory: what the process holds stays near the bound, whatever is offered. A test of its
//! own program, because it looks at the memory of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]

#[allow(dead_code)]
#[path = "gateway/harness.rs"]
mod harness;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use harness::{Gateway, KEY, World};

const BUFFERED_BYTES: usize = 16 << 20;
const BODY_BYTES: usize = 2 << 20;
const CLIENTS: usize = 160;
const OFFERED_BYTES: usize = CLIENTS * BODY_BYTES;
/// Beside the bodies: sockets of both ends, the calls themselves, pieces being read, what the allocator keeps, and the
/// test's own clients and provider, which are in this process too.
const BESIDE_BYTES: usize = 160 << 20;

/// A provider that takes everything, holds nothing, and answers late.
async fn sink() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                let mut taken = 0;
                while taken < BODY_BYTES {
                    match stream.read(&mut buffer).await {
                        Ok(0) | Err(_) => return,
                        Ok(n) => taken += n,
                    }
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
                let body = r#"{"id":"c","model":"up","choices":[]}"#;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
            });
        }
    });
    address
}

/// Resident now and at most, bytes.
fn resident() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kilobytes = |name: &str| -> usize {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    };
    (kilobytes("VmRSS") << 10, kilobytes("VmHWM") << 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_near_its_bound_whatever_is_offered() {
    let mut world = World::new();
    world.model("m", &[sink().await]);
    let gateway = Gateway::start_with(world, |config| {
        config.limits.buffered_max_bytes = BUFFERED_BYTES;
        config.limits.calls_max = 150;
        config.limits.recorded_body_max_bytes = 64 << 10;
    })
    .await;
    let filler = "x".repeat(BODY_BYTES);
    let body = json!({"model": "m", "messages": [{"role": "user", "content": filler}]}).to_string();
    let body = Bytes::from(body);
    let client = harness::client();
    let (before, _) = resident();
    let call = async || {
        let request = client.post(gateway.url("/v1/chat/completions")).bearer_auth(KEY).body(body.clone());
        request.send().await.map(|reply| reply.status().as_u16()).ok()
    };
    let answers = join_all((0..CLIENTS).map(|_| call())).await;
    let of = |status: u16| answers.iter().filter(|answer| **answer == Some(status)).count();
    // A client that is refused while it sends may see its connection closed before it reads why.
    let cut = answers.iter().filter(|answer| answer.is_none()).count();
    let (after, most) = resident();
    println!(
        "offered {} MB; bound {} MB; resident {} MB before, {} MB at most, {} MB after; {} answered, {} refused, {cut} cut",
        OFFERED_BYTES >> 20,
        BUFFERED_BYTES >> 20,
        before >> 20,
        most >> 20,
        after >> 20,
        of(200),
        of(503),
    );
    assert!(of(200) > 0 && of(503) + cut > 0, "some pass, some are refused: {answers:?}");
    let held = most.saturating_sub(before);
    assert!(held < BUFFERED_BYTES * 2 + BESIDE_BYTES, "{} MB more than before", held >> 20);
    // Everything that was held has come back.
    let metrics = gateway.get("/metrics").await.text;
    assert!(metrics.contains("\naop_proxy_buffered_bytes 0\n"), "{metrics}");
}
