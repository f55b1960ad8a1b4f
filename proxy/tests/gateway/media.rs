//! Endpoints beside conversation: moderations, rerank, pictures, speech (G1), and what of them is counted (M1, M2).

use aop_domain::limits::{Kind, Window};
use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::usage::UsageSource;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, KEY, PROVIDER_KEY, World, client, status_of};
use crate::upstreams::{Act, Fixed};

/// The units of a call as `meter#variant=count`.
pub fn units(record: &CallRecord) -> Vec<String> {
    let variant = |text: &str| if text.is_empty() { String::new() } else { format!("#{text}") };
    record
        .units
        .iter()
        .map(|unit| format!("{}{}={}", unit.meter, variant(&unit.variant), unit.count))
        .collect()
}

pub fn cost(record: &CallRecord) -> Option<String> {
    record.cost_known.then(|| record.cost_input.clone())
}

#[tokio::test]
async fn a_moderation_may_leave_its_model_out_and_costs_nothing() {
    let mut world = World::new();
    world.route("omni-moderation-latest", "simulator", "sim-moderate", &["simulator:"], |_| {});
    world.price("sim-moderate", r#"{"input":"0"}"#);
    let gateway = Gateway::start(world).await;
    let reply = gateway.post("/v1/moderations", r#"{"input": ["a weapon", "a cat"]}"#).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let results = reply.json()["results"].clone();
    assert_eq!((&results[0]["flagged"], &results[1]["flagged"]), (&json!(true), &json!(false)));
    let record = gateway.only_record().await;
    assert_eq!(record.operation, "moderations");
    assert_eq!(record.requested_model, "omni-moderation-latest");
    assert_eq!(cost(&record).as_deref(), Some("0"));
    let missing = gateway.post("/v1/moderations", r#"{"model": "omni-moderation-latest"}"#).await;
    assert_eq!(missing.error(), (400, "missing_field".into()));
}

#[tokio::test]
async fn a_rerank_is_counted_by_searches_or_by_tokens_as_its_provider_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cohere = format!("http://{}/v2", listener.local_addr().unwrap());
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    let mut world = World::new();
    world.route("cohere", "cohere", "sim-rerank", &[&cohere], |_| {});
    world.route("jina", "simulator", "sim-rerank", &["simulator:"], |_| {});
    world.price("sim-rerank", r#"{"query":"0.002","input":"0"}"#);
    let gateway = Gateway::start(world).await;
    let documents: Vec<String> = (0..101).map(|at| format!("document {at} about wind")).collect();
    let body =
        |model: &str| json!({"model": model, "query": "document 42", "documents": documents, "top_n": 2});
    for path in ["/v1/rerank", "/v2/rerank"] {
        let reply = gateway.post(path, body("cohere").to_string()).await;
        assert_eq!((reply.status, &reply.json()["results"][0]["index"]), (200, &json!(42)), "{reply:?}");
    }
    let reply = gateway.post("/v1/rerank", body("jina").to_string()).await;
    assert_eq!(reply.json()["results"].as_array().unwrap().len(), 2, "{reply:?}");
    let records = gateway.recorded(3).await;
    assert_eq!(units(&records[0]), ["query=2"], "two hundreds were begun");
    assert_eq!((cost(&records[1]).as_deref(), records[1].operation.as_str()), (Some("0.004"), "rerank"));
    assert_eq!(records[0].usage, None);
    assert!(records[2].usage.unwrap().in_uncached > 100, "tokens were told");
    let no_query = gateway.post("/v1/rerank", r#"{"model":"jina","documents":[]}"#).await;
    assert_eq!(no_query.error(), (400, "missing_field".into()));
}

fn world_of_pictures() -> World {
    let mut world = World::new();
    world.route("draw", "simulator", "sim-image", &["simulator:"], |_| {});
    world.price("sim-image", r#"{"image_out":"0.02","image_out#1536x1024":"0.03"}"#);
    world
}

#[tokio::test]
async fn pictures_are_passed_on_counted_by_their_size_and_not_recorded() {
    let gateway = Gateway::start(world_of_pictures()).await;
    // 200 KB of picture each.
    let body = json!({"model": "draw", "prompt": "a wind park", "n": 2, "size": "1536x1024", "sim": {"words": 200_000}});
    let reply = gateway.post("/v1/images/generations", body.to_string()).await;
    assert_eq!(reply.status, 200);
    let data = reply.json()["data"].as_array().unwrap().clone();
    assert!(data.len() == 2 && data[0]["b64_json"].as_str().unwrap().len() > 200_000);
    let record = gateway.only_record().await;
    assert_eq!(units(&record), ["image_out#1536x1024=2", "pixel_out=3145728"]);
    assert_eq!(cost(&record).as_deref(), Some("0.06"));
    assert_eq!((record.operation.as_str(), record.response_bytes > 400_000), ("image_generations", true));
    assert!(record.response_body.len() < 200, "only what it was: {:?}", record.response_body);
    assert_eq!(record.usage_source, UsageSource::None as i32);
    assert!(record.request_body.starts_with(b"{"), "what was asked for is text");
}

#[tokio::test]
async fn a_picture_priced_by_tokens_costs_what_its_tokens_cost() {
    let mut world = World::new();
    world.route("draw", "simulator", "sim-image", &["simulator:"], |_| {});
    world.price("sim-image", r#"{"input":"1","input_image":"2","output":"3","output_image":"5"}"#);
    let gateway = Gateway::start(world).await;
    let usage = json!({"input_tokens": 10, "input_tokens_details": {"text_tokens": 6, "image_tokens": 4},
        "output_tokens": 100, "output_tokens_details": {"image_tokens": 90, "text_tokens": 10}, "total_tokens": 110});
    for stream in [false, true] {
        let body = json!({"model": "draw", "prompt": "x", "stream": stream, "sim": {"usage": usage}});
        let reply = gateway.post("/v1/images/generations", body.to_string()).await;
        assert_eq!((reply.status, reply.headers["content-type"].contains("event-stream")), (200, stream));
    }
    for record in gateway.recorded(2).await {
        let usage = record.usage.unwrap();
        assert_eq!((usage.in_uncached, usage.in_image, usage.out_text), (6, 4, 100), "{record:?}");
        assert_eq!(record.cost_input, (6 + 8 + 90 * 5).to_string(), "units stand beside the input");
        assert_eq!(record.cost_output, "30");
        assert!(units(&record).contains(&"output_image=90".to_owned()) && record.response_body.len() < 200);
    }
}

#[tokio::test]
async fn speech_passes_as_it_is_made_and_is_counted_by_its_characters() {
    let mut world = World::new();
    world.route("read", "simulator", "sim-speech", &["simulator:"], |_| {});
    world.price("sim-speech", r#"{"character_in":"0.5"}"#);
    let gateway = Gateway::start(world).await;
    // The third chunk never comes: what is before it must have been passed on.
    let body = json!({"model": "read", "input": "Wind über Land", "voice": "alloy"});
    let answer = client()
        .post(gateway.url("/v1/audio/speech"))
        .bearer_auth(KEY)
        .header("x-sim-stall-after", "2")
        .json(&body)
        .send();
    let mut answer = answer.await.unwrap();
    assert_eq!(answer.headers()["content-type"], "audio/mpeg");
    let mut came = 0;
    while came < 8_192 {
        came += answer.chunk().await.unwrap().unwrap().len();
    }
    drop(answer);
    let left = gateway.only_record().await;
    assert_eq!((status_of(&left), left.error_code.as_str()), (CallStatus::Cancelled, "client_gone"));
    let whole = gateway.post("/v1/audio/speech", body.to_string()).await;
    assert_eq!((whole.status, whole.headers["content-type"].as_str()), (200, "audio/mpeg"));
    let record = gateway.recorded(2).await.remove(1);
    assert_eq!((units(&record), cost(&record).as_deref()), (vec!["character_in=14".into()], Some("7.0")));
    let described: Value = serde_json::from_slice(&record.response_body).unwrap();
    assert_eq!(
        (&described["content_type"], &described["bytes"]),
        (&json!("audio/mpeg"), &json!(record.response_bytes))
    );
    assert!(record.response_bytes > 10_000 && record.first_token_us > 0);
}

#[tokio::test]
async fn speech_that_breaks_off_is_broken_off_for_the_client_too() {
    let mut world = World::new();
    world.route("read", "simulator", "sim-speech", &["simulator:"], |_| {});
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "read", "input": "Wind over land", "voice": "alloy", "sim": {"cut_after": 2}});
    let answer =
        client().post(gateway.url("/v1/audio/speech")).bearer_auth(KEY).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err(), "half a sound must not look like a whole one");
    let record = gateway.only_record().await;
    assert_eq!((record.error_code.as_str(), cost(&record)), ("upstream_cut", None));
}

#[tokio::test]
async fn budgets_models_and_routes_hold_for_pictures_as_for_words() {
    let mut world = world_of_pictures();
    world.limit("pictures", Kind::Spend, Window::Month, 20_000_000_000, |_| {});
    world.route("words", "simulator", "sim-fast", &["simulator:"], |route| {
        route.operations = vec!["chat".into()]
    });
    world.key("aop-bound", |key| key.allowed_models = vec!["words".into()]);
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "draw", "prompt": "x"}).to_string();
    let path = "/v1/images/generations";
    assert_eq!(gateway.post(path, body.clone()).await.status, 200);
    assert_eq!(
        gateway.post(path, body.clone()).await.error(),
        (402, "budget_exceeded".into()),
        "one costs 0.02"
    );
    let bound = gateway.post_as("aop-bound", path, body, &[]).await;
    assert_eq!(bound.error(), (403, "model_not_allowed".into()));
    let wrong = gateway.post(path, json!({"model": "words", "prompt": "x"}).to_string()).await;
    assert_eq!(wrong.error(), (400, "operation_not_supported".into()));
    let records = gateway.recorded(4).await;
    assert!(records.iter().all(|record| record.operation == "image_generations"));
    assert_eq!(status_of(&records[1]), CallStatus::Budget);
}

#[tokio::test]
async fn a_failing_provider_of_pictures_is_followed_by_the_next_and_errors_are_the_providers_own() {
    let failing = Fixed::json(503, "", r#"{"error":{"message":"busy"}}"#).await;
    let refusing = Fixed::json(400, "", r#"{"error":{"message":"no such size","code":"bad_size"}}"#).await;
    let answering = Fixed::json(200, "", r#"{"created":1,"data":[{"url":"http://x/y.png"}]}"#).await;
    let mut world = World::new();
    world.model("draw", &[failing.address, answering.address]);
    world.model("refuse", &[refusing.address]);
    let gateway = Gateway::start(world).await;
    let reply = gateway.post("/v1/images/generations", r#"{"model":"draw","prompt":"x"}"#).await;
    assert_eq!(reply.status, 200);
    assert!(answering.requests()[0].head.contains(&PROVIDER_KEY.to_lowercase()));
    let reply = gateway.post("/v1/images/generations", r#"{"model":"refuse","prompt":"x"}"#).await;
    assert_eq!(reply.error(), (400, "bad_size".into()));
    let records = gateway.recorded(2).await;
    assert_eq!((records[0].attempts.len(), records[1].attempts.len()), (2, 1));
    assert_eq!(cost(&records[0]), None, "no price is known: unknown, not free");
}

#[tokio::test]
async fn a_stream_of_sound_that_ends_in_an_error_is_recorded_as_one() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let events = "data: {\"type\":\"speech.audio.delta\",\"audio\":\"AA\"}\n\ndata: {\"type\":\"error\",\"error\":{\"message\":\"out of voice\"}}\n\n";
    let upstream = Fixed::start(vec![Act::Send(format!("{head}{events}").into_bytes())], false).await;
    let mut world = World::new();
    world.model("read", &[upstream.address]);
    let gateway = Gateway::start(world).await;
    let reply =
        gateway.post("/v1/audio/speech", r#"{"model":"read","input":"x","stream_format":"sse"}"#).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, events));
    let record = gateway.only_record().await;
    assert_eq!(record.error_code, "upstream_error");
    assert!(record.error_message.contains("out of voice"), "{}", record.error_message);
}
