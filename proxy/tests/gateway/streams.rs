//! Streamed answers: as they come, hidden usage, cuts that are told, clients that leave.

use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Gateway, KEY, Reply, World, client, eventually, hasty_within, status_of};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, USAGE, chunk, sse};
use aop_domain::record::CallStatus;
use aop_domain::usage::UsageSource;

fn streamed(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": true})
}

async fn gateway(upstream: &Fixed) -> Gateway {
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    Gateway::start(world).await
}

/// A gateway that soon gives up a provider that is silent.
async fn impatient(upstream: &Fixed) -> Gateway {
    let mut world = World::new();
    let base = format!("http://{}/v1", upstream.address);
    world.route("m", "openai", "m", &[&base], hasty_within);
    Gateway::start(world).await
}

async fn whole() -> Fixed {
    let mut bytes = sse(&[TOKEN, TOKEN, FINISH, USAGE, DONE]);
    bytes.extend(LAST_CHUNK);
    Fixed::start(vec![Act::Send(bytes)], true).await
}

#[tokio::test]
async fn usage_is_asked_for_counted_and_hidden_from_a_client_that_did_not_ask() {
    let upstream = whole().await;
    let gateway = gateway(&upstream).await;
    let reply = gateway.chat(&streamed("m")).await;
    assert_eq!(reply.text, [TOKEN, TOKEN, FINISH, DONE].concat());
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    let sent: Value = serde_json::from_slice(&upstream.requests()[0].body).unwrap();
    assert_eq!(sent["stream_options"]["include_usage"], true);
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Ok);
    assert_eq!(record.usage.unwrap().in_uncached, 7);
    assert_eq!(record.usage_source, UsageSource::Provider as i32);
    assert_eq!(record.finish_reason, "stop");
    assert!(record.stream && record.response_is_sse && record.first_token_us > 0);
    assert!(String::from_utf8_lossy(&record.response_body).contains("prompt_tokens"), "the record keeps all");
}

#[tokio::test]
async fn a_client_that_asked_for_usage_gets_it() {
    let upstream = whole().await;
    let gateway = gateway(&upstream).await;
    let mut body = streamed("m");
    body["stream_options"] = json!({"include_usage": true});
    let reply = gateway.chat(&body).await;
    assert_eq!(reply.text, [TOKEN, TOKEN, FINISH, USAGE, DONE].concat());
    assert_eq!(upstream.requests()[0].body, body.to_string().as_bytes());
}

#[tokio::test]
async fn events_come_when_the_provider_sends_them() {
    let mut acts = vec![Act::Send(sse(&[]))];
    for _ in 0..4 {
        acts.extend([Act::Send(chunk(TOKEN)), Act::Wait(Duration::from_millis(150))]);
    }
    acts.push(Act::Send([chunk(FINISH), chunk(DONE), LAST_CHUNK.to_vec()].concat()));
    let upstream = Fixed::start(acts, true).await;
    let gateway = gateway(&upstream).await;
    let begun = Instant::now();
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
    let response = request.body(streamed("m").to_string()).send().await.unwrap();
    let mut pieces = response.bytes_stream();
    let mut times = Vec::new();
    while let Some(piece) = pieces.next().await {
        piece.unwrap();
        times.push(begun.elapsed());
    }
    assert!(times.len() >= 5, "{times:?}");
    // The first came while the provider still had the others to send; how long the machine takes is not asked.
    assert!(times[times.len() - 1] - times[0] > Duration::from_millis(400), "{times:?}");
}

#[tokio::test]
async fn a_stream_cut_anywhere_ends_as_an_error_never_as_a_clean_finish() {
    let cut_by_close = |pieces: &[&str]| vec![Act::Send(sse(pieces))];
    let mut clean_end = sse(&[TOKEN, TOKEN]);
    clean_end.extend(LAST_CHUNK);
    let half_event = [sse(&[TOKEN]), chunk("data: {\"id\":\"c1\",\"cho")].concat();
    for (what, acts, code) in [
        ("after one event", cut_by_close(&[TOKEN]), "upstream_cut"),
        ("after the finish reason", cut_by_close(&[TOKEN, FINISH]), "upstream_cut"),
        ("in the middle of an event", vec![Act::Send(half_event)], "upstream_cut"),
        ("cleanly, but unfinished", vec![Act::Send(clean_end)], "upstream_cut"),
        ("by silence", vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], "upstream_timeout"),
    ] {
        let upstream = Fixed::start(acts, false).await;
        let is_silent = code == "upstream_timeout";
        let gateway = if is_silent { impatient(&upstream).await } else { gateway(&upstream).await };
        let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        let response = request.body(streamed("m").to_string()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut text = String::new();
        let mut broken = false;
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => text.push_str(&String::from_utf8_lossy(&piece)),
                Err(_) => broken = true,
            }
        }
        assert!(broken, "{what}: the body must not end cleanly: {text}");
        assert!(!text.contains("[DONE]"), "{what}: {text}");
        let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
        let error: Value = serde_json::from_str(&last["data: ".len()..]).expect(what);
        assert_eq!(error["error"]["code"], code, "{what}");
        let record = gateway.only_record().await;
        assert_eq!((record.error_code.as_str(), record.http_status), (code, 200), "{what}");
        assert_ne!(status_of(&record), CallStatus::Ok);
        assert_eq!(record.usage_source, UsageSource::Partial as i32, "{what}: what came is counted");
        assert!(record.usage.unwrap().output() > 0, "{what}");
    }
}

#[tokio::test]
async fn a_server_without_done_is_believed_when_it_gave_a_finish_reason() {
    let mut bytes = sse(&[TOKEN, FINISH]);
    bytes.extend(LAST_CHUNK);
    let upstream = Fixed::start(vec![Act::Send(bytes)], true).await;
    let gateway = gateway(&upstream).await;
    let reply = gateway.chat(&streamed("m")).await;
    assert_eq!(reply.text, [TOKEN, FINISH].concat());
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Ok);
    assert_eq!(record.usage_source, UsageSource::Estimated as i32);
}

#[tokio::test]
async fn an_error_event_of_the_provider_passes_and_is_recorded_as_a_failure() {
    let mut world = World::new();
    world.simulated("sim-fail-error");
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&streamed("sim-fail-error")).await;
    assert!(reply.text.contains("\"error\""), "{}", reply.text);
    assert_eq!(status_of(&gateway.only_record().await), CallStatus::UpstreamError);
}

#[tokio::test]
async fn before_the_first_event_another_target_still_answers() {
    let empty = Fixed::start(vec![Act::Send(sse(&[]))], false).await;
    let upstream = whole().await;
    let mut world = World::new();
    world.model("m", &[empty.address, upstream.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.chat(&streamed("m")).await;
    assert_eq!(reply.text, [TOKEN, TOKEN, FINISH, DONE].concat());
    let record = gateway.only_record().await;
    assert_eq!(record.attempts.len(), 2);
    assert_eq!(record.attempts[0].error_code, "upstream_cut");
}

/// Sends a request, waits until the provider has it, closes, and waits until the provider is told.
async fn leave(gateway: &Gateway, upstream: &Fixed, body: &Value, wait_for: &str) {
    let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    eventually("the provider has the request", || async { (!upstream.requests().is_empty()).then_some(()) })
        .await;
    let mut seen = String::new();
    while !seen.contains(wait_for) {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    drop(stream);
    eventually("the provider is told", || async { (upstream.drops() > 0).then_some(()) }).await;
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_byte_cancels_the_provider() {
    let upstream = Fixed::start(vec![Act::WaitForClose], false).await;
    let gateway = gateway(&upstream).await;
    leave(&gateway, &upstream, &crate::harness::chat("m"), "").await;
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.attempts.len()), (CallStatus::Cancelled, 1));
    assert_eq!(record.attempts[0].status, CallStatus::Cancelled as i32);
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_cancels_the_provider_and_what_came_is_counted() {
    let upstream = Fixed::start(vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], false).await;
    let gateway = gateway(&upstream).await;
    leave(&gateway, &upstream, &streamed("m"), "hi ").await;
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Cancelled);
    assert_eq!(record.usage_source, UsageSource::Partial as i32);
    assert!(record.usage.unwrap().input() > 0 && record.usage.unwrap().output() > 0);
}

#[tokio::test]
async fn a_client_that_leaves_while_a_whole_answer_comes_cancels_the_provider() {
    let half =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 600\r\n\r\n{\"id\":".to_vec();
    let upstream = Fixed::start(vec![Act::Send(half), Act::WaitForClose], false).await;
    let gateway = gateway(&upstream).await;
    leave(&gateway, &upstream, &crate::harness::chat("m"), "").await;
    assert_eq!(status_of(&gateway.only_record().await), CallStatus::Cancelled);
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_and_memory_stays_bounded() {
    let mut acts = vec![Act::Send(sse(&[]))];
    let large =
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(1 << 20));
    acts.extend(std::iter::repeat_n(Act::Send(chunk(&large)), 64));
    let upstream = Fixed::start(acts, false).await;
    let mut world = World::new();
    world.model("m", &[upstream.address]);
    let gateway =
        Gateway::start_with(world, |config| config.limits.client_write_timeout = Duration::from_millis(500))
            .await;
    let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    let body = streamed("m").to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let record = gateway.only_record().await;
    assert_eq!(status_of(&record), CallStatus::Cancelled);
    assert!(
        record.response_bytes < 32 << 20,
        "the provider was not read to its end: {}",
        record.response_bytes
    );
    assert!(record.body_truncated);
}

#[tokio::test]
async fn the_simulators_streams_pass_whole() {
    let mut world = World::new();
    world.simulated("sim-fast").simulated("sim-tools").simulated("sim-reasoning");
    let gateway = Gateway::start(world).await;
    for model in ["sim-fast", "sim-tools", "sim-reasoning"] {
        let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
        // Pieces of 3 bytes: events come cut at every place.
        let request = request.header("x-sim-split-bytes", "3").body(streamed(model).to_string());
        let reply = Reply::of(request.send().await.unwrap()).await;
        assert_eq!(reply.events().last().map(String::as_str), Some("[DONE]"), "{model}: {}", reply.text);
        assert!(!reply.text.contains("\"usage\":{"), "{model}: {}", reply.text);
    }
    let records = gateway.recorded(3).await;
    assert!(records.iter().all(|record| record.usage_source == UsageSource::Provider as i32));
}
