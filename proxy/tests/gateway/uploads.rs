//! Forms with files: transcriptions and edits of pictures (G1). What is small is held, what is large passes as it comes.

use aop_domain::kill::KillKind;
use aop_domain::record::CallStatus;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Gateway, KEY, Reply, World, client, status_of};
use crate::media::{cost, units};
use crate::upstreams::Fixed;

const TYPE: &str = "multipart/form-data; boundary=aop-test";
const PATH: &str = "/v1/audio/transcriptions";

fn field(name: &str, value: &str) -> Vec<u8> {
    format!("--aop-test\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let mut part = format!(
        "--aop-test\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
    )
    .into_bytes();
    part.extend(content);
    part.extend(b"\r\n");
    part
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = parts.concat();
    body.extend(b"--aop-test--\r\n");
    body
}

/// So many seconds of silence.
fn wav(seconds: u32) -> Vec<u8> {
    let data = seconds * 16_000;
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wav.extend(8_000u32.to_le_bytes());
    wav.extend(16_000u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(data.to_le_bytes());
    wav.resize(44 + data as usize, 0);
    wav
}

async fn send(gateway: &Gateway, path: &str, body: Vec<u8>) -> Reply {
    gateway.post_as(KEY, path, body, &[("content-type", TYPE)]).await
}

fn world() -> World {
    let mut world = World::new();
    world.route("hear", "simulator", "sim-whisper", &["simulator:"], |_| {});
    world.route("hear-tokens", "simulator", "sim-transcribe", &["simulator:"], |_| {});
    world.price("sim-whisper", r#"{"second_in":"0.1"}"#);
    world.price("sim-transcribe", r#"{"input":"1","input_audio":"2","output":"3"}"#);
    world
}

#[tokio::test]
async fn sound_is_heard_and_counted_in_seconds_or_in_tokens() {
    let gateway = Gateway::start(world()).await;
    for (model, format) in
        [("hear", "json"), ("hear-tokens", "json"), ("hear", "verbose_json"), ("hear", "text")]
    {
        let parts = [field("model", model), field("response_format", format), file("file", &wav(3))];
        let reply = send(&gateway, PATH, form(&parts)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.text.len() > 10, "{reply:?}");
    }
    let records = gateway.recorded(4).await;
    for (at, expected) in [(0, "0.3"), (2, "0.3"), (3, "0.3")] {
        assert_eq!(units(&records[at]), ["second_in=3"], "{at}");
        assert_eq!(cost(&records[at]).as_deref(), Some(expected), "{at}");
    }
    let usage = records[1].usage.unwrap();
    assert_eq!((usage.in_audio, usage.in_uncached), (30, 0));
    assert_eq!(records[1].cost_input, "60", "tokens, not seconds as well");
    let asked: Value = serde_json::from_slice(&records[0].request_body).unwrap();
    assert_eq!(asked["model"], "hear");
    assert_eq!(
        asked["files"],
        json!([{"name": "file", "filename": "a.wav", "content_type": "audio/wav", "bytes": 48_044}])
    );
    assert!(records[0].response_body.starts_with(b"{\"text\""), "what was heard is text");
    assert_eq!(
        (records[0].operation.as_str(), records[0].requested_model.as_str()),
        ("transcriptions", "hear")
    );
}

#[tokio::test]
async fn a_transcript_streams() {
    let gateway = Gateway::start(world()).await;
    let parts = [field("model", "hear-tokens"), field("stream", "true"), file("file", &wav(2))];
    let reply = send(&gateway, PATH, form(&parts)).await;
    assert_eq!(reply.headers["content-type"], "text/event-stream; charset=utf-8");
    assert!(reply.text.contains("transcript.text.done"), "{}", reply.text);
    let record = gateway.only_record().await;
    assert!(record.stream && record.response_is_sse);
    assert_eq!(record.usage.unwrap().in_audio, 20);
}

#[tokio::test]
async fn a_large_upload_arrives_whole_whatever_stands_first() {
    let upstream = Fixed::json(200, "", r#"{"text":"ok"}"#).await;
    let mut world = World::new();
    let base = format!("http://{}/v1", upstream.address);
    world.route("hear", "openai", "whisper-with-a-longer-name", &[&base], |_| {});
    let gateway = Gateway::start(world).await;
    let sound: Vec<u8> = (0..5u32 << 20).map(|at| (at % 251) as u8).collect();
    let model_first = [field("model", "hear"), file("file", &sound), field("language", "de")];
    let file_first = [file("file", &sound), field("model", "hear")];
    for parts in [&model_first[..], &file_first[..]] {
        let reply = send(&gateway, PATH, form(parts)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let mut expected = form(parts);
        let at = expected.windows(8).position(|it| it == b"\r\n\r\nhear").unwrap() + 4;
        expected.splice(at..at + 4, *b"whisper-with-a-longer-name");
        let arrived = upstream.requests().pop().unwrap();
        assert!(arrived.body == expected, "only the model's name was changed");
        assert!(arrived.head.contains(&format!("content-type: {TYPE}")), "{}", arrived.head);
    }
    let records = gateway.recorded(2).await;
    assert!(records.iter().all(|record| record.request_bytes > 5 << 20 && record.request_body.len() < 500));
}

/// Reads until what came ends with this, and gives it.
async fn until(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut came = Vec::new();
    while !came.ends_with(end) {
        assert!(
            stream.read_buf(&mut came).await.unwrap() > 0,
            "it closed: {}",
            String::from_utf8_lossy(&came)
        );
    }
    came
}

fn head(length: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-type: {TYPE}\r\n{length}\r\n\r\n"
    )
}

/// A provider that is written by the test, and a gateway before it.
async fn by_hand() -> (TcpListener, Gateway) {
    let provider = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = World::new();
    world.model("hear", &[provider.local_addr().unwrap()]);
    (provider, Gateway::start(world).await)
}

/// A form whose held part ends with `MARK`, and what comes behind it.
fn in_two(rest: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let mut begun = field("model", "hear");
    begun.extend(file("file", &vec![7; 2 << 20]));
    begun.truncate(begun.len() - 2);
    begun.extend(b"MARK");
    (begun, rest)
}

#[tokio::test]
async fn an_upload_reaches_the_provider_before_the_client_has_sent_it_all() {
    for is_chunked in [false, true] {
        let (provider, gateway) = by_hand().await;
        let (begun, rest) = in_two(b"\r\n--aop-test--\r\n".to_vec());
        let mut sender = TcpStream::connect(gateway.address).await.unwrap();
        let length = format!("content-length: {}", begun.len() + rest.len());
        let framed = |piece: &[u8]| {
            let size = format!("{:x}\r\n", piece.len()).into_bytes();
            if is_chunked { [&size, piece, b"\r\n"].concat() } else { piece.to_vec() }
        };
        sender
            .write_all(head(if is_chunked { "transfer-encoding: chunked" } else { &length }).as_bytes())
            .await
            .unwrap();
        sender.write_all(&framed(&begun)).await.unwrap();
        let (mut taken, _) = provider.accept().await.unwrap();
        let mut came = Vec::new();
        while !came.windows(4).any(|it| it == b"MARK") {
            assert!(taken.read_buf(&mut came).await.unwrap() > 0);
        }
        sender.write_all(&framed(&rest)).await.unwrap();
        if is_chunked {
            sender.write_all(b"0\r\n\r\n").await.unwrap();
            until(&mut taken, b"0\r\n\r\n").await;
        } else {
            until(&mut taken, b"--aop-test--\r\n").await;
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"text\":\"ok\"}";
        taken.write_all(answer.as_bytes()).await.unwrap();
        until(&mut sender, b"{\"text\":\"ok\"}").await;
        let record = gateway.only_record().await;
        assert_eq!(
            (status_of(&record), record.request_bytes),
            (CallStatus::Ok, (begun.len() + rest.len()) as u64)
        );
    }
}

#[tokio::test]
async fn a_second_model_behind_the_held_part_is_refused_and_the_provider_never_has_a_whole_request() {
    let (provider, gateway) = by_hand().await;
    let (begun, rest) = in_two([b"\r\n".to_vec(), form(&[field("model", "other")])].concat());
    let body = [begun, rest].concat();
    let mut sender = TcpStream::connect(gateway.address).await.unwrap();
    sender
        .write_all(head(&format!("connection: close\r\ncontent-length: {}", body.len())).as_bytes())
        .await
        .unwrap();
    let sending = tokio::spawn(async move {
        let _ = sender.write_all(&body).await;
        let mut answer = Vec::new();
        let _ = sender.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    });
    let (mut taken, _) = provider.accept().await.unwrap();
    let mut came = Vec::new();
    // Its connection is closed: by an end or a reset.
    let _ = taken.read_to_end(&mut came).await;
    assert!(!came.windows(14).any(|it| it == b"--aop-test--\r\n"), "the end of the form was not passed on");
    let record = gateway.only_record().await;
    assert_eq!(
        (record.error_code.as_str(), status_of(&record)),
        ("duplicate_field", CallStatus::ClientError)
    );
    let answer = sending.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("duplicate_field"), "{answer}");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_upload_takes_the_provider_along() {
    let (provider, gateway) = by_hand().await;
    let (begun, rest) = in_two(vec![0; 1 << 20]);
    let mut sender = TcpStream::connect(gateway.address).await.unwrap();
    sender
        .write_all(head(&format!("content-length: {}", begun.len() + rest.len())).as_bytes())
        .await
        .unwrap();
    sender.write_all(&begun).await.unwrap();
    let (mut taken, _) = provider.accept().await.unwrap();
    drop(sender);
    let mut came = Vec::new();
    let _ = taken.read_to_end(&mut came).await;
    let record = gateway.only_record().await;
    assert_eq!((record.error_code.as_str(), cost(&record)), ("client_gone", None));
}

#[tokio::test]
async fn a_kill_ends_an_upload_under_way_and_takes_the_provider_along() {
    let (provider, gateway) = by_hand().await;
    let (begun, rest) = in_two(vec![0; 1 << 20]);
    let mut sender = TcpStream::connect(gateway.address).await.unwrap();
    let headers = format!("content-length: {}\r\nx-aop-agent: Writer", begun.len() + rest.len());
    sender.write_all(head(&headers).as_bytes()).await.unwrap();
    sender.write_all(&begun).await.unwrap();
    let (mut taken, _) = provider.accept().await.unwrap();
    let kill = (uuid::Uuid::from_u128(1), crate::harness::team(), KillKind::Agent, "Writer".to_owned());
    gateway.kills.send_replace(vec![kill]);
    let mut came = Vec::new();
    let _ = taken.read_to_end(&mut came).await;
    assert!(!came.windows(14).any(|it| it == b"--aop-test--\r\n"), "the provider never has a whole request");
    let record = gateway.only_record().await;
    assert_eq!((record.error_code.as_str(), status_of(&record)), ("run_killed", CallStatus::Cancelled));
    until(&mut sender, b"}").await;
}

#[tokio::test]
async fn a_small_upload_is_tried_elsewhere_and_one_that_has_passed_is_not() {
    let failing = Fixed::json(503, "", r#"{"error":{"message":"busy"}}"#).await;
    let answering = Fixed::json(200, "", r#"{"text":"ok"}"#).await;
    let mut world = World::new();
    world.model("hear", &[failing.address, answering.address]);
    let gateway = Gateway::start(world).await;
    let small = form(&[field("model", "hear"), file("file", &wav(1))]);
    assert_eq!(send(&gateway, PATH, small).await.status, 200);
    let large = form(&[field("model", "hear"), file("file", &vec![1; 2 << 20])]);
    let reply = send(&gateway, PATH, large).await;
    assert_eq!((reply.status, reply.json()["error"]["message"].clone()), (503, json!("busy")));
    assert_eq!((failing.requests().len(), answering.requests().len()), (2, 1));
    let records = gateway.recorded(2).await;
    assert_eq!((records[0].attempts.len(), records[1].attempts.len()), (2, 1));
}

#[tokio::test]
async fn forms_that_are_none_are_refused_and_no_provider_is_asked() {
    let upstream = Fixed::json(200, "", r#"{"text":"ok"}"#).await;
    let mut world = World::new();
    world.model("hear", &[upstream.address]);
    world.key("aop-bound", |key| key.allowed_models = vec!["other".into()]);
    let gateway = Gateway::start_with(world, |config| config.limits.body_max_bytes = 1 << 20).await;
    let whole = form(&[field("model", "hear"), file("file", b"x")]);
    let json_body = gateway.post(PATH, r#"{"model":"hear"}"#).await;
    assert_eq!(json_body.error(), (400, "invalid_header".into()));
    for (body, status, code) in [
        (form(&[file("file", b"x")]), 400, "missing_field"),
        (form(&[field("model", "nobody"), file("file", b"x")]), 404, "model_not_found"),
        (form(&[field("model", "hear"), field("model", "hear")]), 400, "duplicate_field"),
        (whole[..whole.len() - 10].to_vec(), 400, "invalid_field"),
        (form(&[field("model", "hear"), file("file", &vec![0; 2 << 20])]), 413, "body_too_large"),
    ] {
        assert_eq!(send(&gateway, PATH, body).await.error(), (status, code.into()));
    }
    let bound = gateway.post_as("aop-bound", PATH, whole, &[("content-type", TYPE)]).await;
    assert_eq!(bound.error(), (403, "model_not_allowed".into()));
    assert!(upstream.requests().is_empty());
    assert!(gateway.recorded(7).await.iter().all(|record| record.operation == "transcriptions"));
}

#[tokio::test]
async fn pictures_are_edited_and_varied_by_form() {
    let mut world = World::new();
    world.route("draw", "simulator", "sim-image", &["simulator:"], |_| {});
    world.price("sim-image", r#"{"image_out":"0.02"}"#);
    let gateway = Gateway::start(world).await;
    for path in ["/v1/images/edits", "/v1/images/variations"] {
        let parts =
            [field("model", "draw"), field("n", "2"), field("prompt", "more wind"), file("image", b"png")];
        let reply = send(&gateway, path, form(&parts)).await;
        assert_eq!(reply.json()["data"].as_array().unwrap().len(), 2, "{reply:?}");
    }
    for record in gateway.recorded(2).await {
        assert_eq!(cost(&record).as_deref(), Some("0.04"), "{record:?}");
        assert!(record.operation == "image_edits" || record.operation == "image_variations");
    }
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_send_is_told() {
    let gateway = Gateway::start(world()).await;
    let body = form(&[field("model", "hear"), file("file", &wav(1))]);
    let request = client().post(gateway.url(PATH)).bearer_auth(KEY).header("expect", "100-continue");
    let request = request.header("content-type", TYPE).body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
}
