//! Guardrails that judge the whole: a schema for answers, and services that are asked over HTTP (G10).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aop_domain::guard::{Action, Check, Guardrail, HttpCheck, OnFailure, SealedHeader, Stage};
use aop_domain::id::GuardrailId;
use aop_domain::record::CallStatus;
use aop_service::keys::KeyDomain;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine;
use serde_json::{Value, json};

use crate::harness::{Gateway, World, chat, free_address, master, status_of, team};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, chunk, sse_head};

type Judge = dyn Fn(&Value) -> Value + Send + Sync;

/// A service that judges what it is sent, and remembers it.
#[derive(Clone)]
struct Service {
    url: String,
    asked: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    judge: Arc<Judge>,
}

impl Service {
    async fn start(judge: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/judge", listener.local_addr().unwrap());
        let service = Self { url, asked: Arc::default(), judge: Arc::new(judge) };
        let routes =
            axum::Router::new().route("/judge", axum::routing::post(answer)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        service
    }

    /// Finds a word, and puts `***` in its place.
    async fn finding(word: &'static str) -> Self {
        Self::start(move |question| {
            let texts: Vec<&str> =
                question["texts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let count = texts.iter().filter(|text| text.contains(word)).count();
            let replaced: Vec<String> = texts.iter().map(|text| text.replace(word, "***")).collect();
            match count {
                0 => json!({"verdict": "pass"}),
                _ => json!({"verdict": "found", "what": "bad word", "count": count, "texts": replaced}),
            }
        })
        .await
    }

    fn asked(&self) -> Vec<(HeaderMap, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(service): State<Service>,
    headers: HeaderMap,
    Json(question): Json<Value>,
) -> Json<Value> {
    let verdict = (service.judge)(&question);
    service.asked.lock().unwrap().push((headers, question));
    if verdict == "never" {
        std::future::pending::<()>().await;
    }
    Json(verdict)
}

fn rail(n: u8, stage: Stage, action: Action, check: Check) -> Guardrail {
    Guardrail {
        id: GuardrailId::from_bytes([n; 16]),
        team_id: Some(team()),
        name: format!("rail {n}"),
        stage,
        check,
        action,
        keys: vec![],
        models: vec![],
    }
}

fn http(url: &str, on_failure: OnFailure) -> Check {
    Check::Http(HttpCheck {
        url: url.to_owned(),
        timeout_ms: 10_000,
        on_failure,
        allow_private: true,
        header: None,
    })
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]})
}

async fn gateway(rails: Vec<Guardrail>) -> Gateway {
    let mut world = World::new();
    world.simulated("sim-fast");
    world.guard(|guard| guard.guardrails = rails.into_iter().map(Arc::new).collect());
    Gateway::start(world).await
}

fn body(said: &str, told: &str, stream: bool) -> Value {
    json!({
        "model": "sim-fast", "stream": stream, "max_tokens": 10_000,
        "messages": [{"role": "user", "content": said}],
        "sim": {"text": told, "split_bytes": 11},
    })
}

fn text_of(events: &[String]) -> String {
    let said = |event: &String| {
        let value: Value = serde_json::from_str(event).ok()?;
        value["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
    };
    events.iter().filter_map(said).collect()
}

#[tokio::test]
async fn an_answer_that_does_not_fit_its_schema_is_blocked_whole_and_in_a_stream_before_it_leaves() {
    let check = Check::JsonSchema { schema: Some(schema()) };
    let gateway = gateway(vec![rail(1, Stage::After, Action::Block, check)]).await;
    for stream in [false, true] {
        let good = gateway.chat(&body("age?", r#"{"age": 40}"#, stream)).await;
        let said = if stream {
            text_of(&good.events())
        } else {
            good.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
        };
        assert_eq!(said, r#"{"age": 40}"#);
    }
    let whole = gateway.chat(&body("age?", r#"{"age": -1}"#, false)).await;
    assert_eq!(whole.error(), (400, "guardrail_blocked".into()));
    assert!(whole.text.contains("it does not fit /properties/age/minimum"), "{}", whole.text);
    let stream = gateway.chat_until_cut(&body("age?", "I think it is 40", true)).await;
    assert!(stream.contains("guardrail_blocked") && stream.contains("it is not JSON"), "{stream}");
    assert!(!stream.contains("I think") && !stream.contains("[DONE]"), "{stream}");
    // In another dialect than the provider's.
    let messages = gateway.post("/v1/messages", body("age?", "no", false).to_string()).await;
    assert_eq!((messages.status, &messages.json()["type"]), (400, &json!("error")));
    let records = gateway.recorded(5).await;
    for record in &records[2..] {
        assert_eq!(status_of(record), CallStatus::Blocked);
        let did = &record.guardrails[0];
        assert_eq!(
            (did.stage.as_str(), did.action.as_str(), did.what.as_str()),
            ("after", "block", "schema")
        );
        assert!(record.usage.unwrap().output() > 0, "the provider worked for it");
    }
    assert!(records[0].guardrails.is_empty() && records[1].guardrails.is_empty());
}

#[tokio::test]
async fn an_answer_is_held_against_the_schema_that_its_request_declares() {
    let gateway =
        gateway(vec![rail(1, Stage::Both, Action::Block, Check::JsonSchema { schema: None })]).await;
    let declaring = |schema: Value, told: &str, stream: bool| {
        let mut body = body("age?", told, stream);
        body["response_format"] =
            json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
        body
    };
    assert_eq!(gateway.chat(&body("age?", "whatever", false)).await.status, 200, "it declares nothing");
    assert_eq!(gateway.chat(&declaring(schema(), r#"{"age": 4}"#, false)).await.status, 200);
    assert_eq!(gateway.chat(&declaring(schema(), "{}", false)).await.error().1, "guardrail_blocked");
    let cut = gateway.chat_until_cut(&declaring(schema(), "{}", true)).await;
    assert!(cut.contains("/required"), "{cut}");
    let endless = json!({"$ref": "#"});
    assert_eq!(gateway.chat(&declaring(endless, "{}", false)).await.error().1, "guardrail_blocked");
    let elsewhere = json!({"$ref": "https://example.com/schema"});
    let refused = gateway.chat(&declaring(elsewhere, "{}", false)).await;
    assert!(refused.text.contains("cannot be checked here"), "{}", refused.text);
    let records = gateway.recorded(6).await;
    assert!(records[5].attempts.is_empty(), "nobody was asked for an answer that could not be checked");
    assert_eq!(records[5].guardrails[0].stage, "before");
}

#[tokio::test]
async fn a_misfit_that_is_only_noted_changes_nothing() {
    let check = Check::JsonSchema { schema: Some(schema()) };
    let gateway = gateway(vec![rail(1, Stage::After, Action::Flag, check)]).await;
    let stream = gateway.chat(&body("age?", "forty", true)).await;
    assert_eq!(text_of(&stream.events()), "forty");
    assert_eq!(stream.events().last().map(String::as_str), Some("[DONE]"));
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.guardrails[0].action.as_str()), (CallStatus::Ok, "flag"));
}

#[tokio::test]
async fn a_service_is_asked_with_its_secret_and_blocks_what_it_finds() {
    let service = Service::finding("forbidden").await;
    let id = GuardrailId::from_bytes([1; 16]);
    let sealed =
        master().derive(KeyDomain::GuardrailHeader).seal(b"Bearer s3cret", id.as_bytes(), [7; 24]).unwrap();
    let sealed = base64::engine::general_purpose::STANDARD.encode(sealed);
    let Check::Http(mut check) = http(&service.url, OnFailure::Refuse) else { unreachable!() };
    check.header = Some(SealedHeader { name: "authorization".into(), sealed });
    let gateway = gateway(vec![rail(1, Stage::Both, Action::Block, Check::Http(check))]).await;
    let refused = gateway.chat(&body("a forbidden thing", "fine", false)).await;
    assert_eq!(refused.error(), (400, "guardrail_blocked".into()));
    assert_eq!(gateway.chat(&body("hello", "fine", true)).await.status, 200);
    let cut = gateway.chat_until_cut(&body("hello", "a forbidden answer", true)).await;
    assert!(cut.contains("guardrail_blocked") && !cut.contains("forbidden answer"), "{cut}");

    let asked = service.asked();
    assert_eq!(asked.len(), 5, "one for the first, two for each of the others");
    assert!(asked.iter().all(|(headers, _)| headers["authorization"] == "Bearer s3cret"));
    let (_, question) = &asked[0];
    assert_eq!(question["texts"], json!(["a forbidden thing"]));
    assert_eq!((&question["stage"], &question["model"]), (&json!("before"), &json!("sim-fast")));
    assert_eq!(asked[4].1["texts"], json!(["a forbidden answer"]));
    let records = gateway.recorded(3).await;
    assert!(records[0].attempts.is_empty(), "nobody was asked");
    let did = &records[0].guardrails[0];
    assert_eq!((did.action.as_str(), did.what.as_str(), did.count), ("block", "bad word", 1));
    assert_eq!(records[1].guardrails.len(), 0);
    assert_eq!(status_of(&records[2]), CallStatus::Blocked);
    let metrics = gateway.get("/metrics").await.text;
    assert!(metrics.contains("aop_proxy_guardrail_services_total{verdict=\"found\"} 2"), "{metrics}");
    assert!(metrics.contains("aop_proxy_guardrail_services_total{verdict=\"pass\"} 3"), "{metrics}");
}

#[tokio::test]
async fn a_service_puts_other_texts_in_place_of_what_it_finds() {
    let service = Service::finding("Bob").await;
    let check = http(&service.url, OnFailure::Refuse);
    let gateway = gateway(vec![rail(1, Stage::Both, Action::Mask, check)]).await;
    let whole = gateway.chat(&body("who is Bob?", "It is Bob, yes.", false)).await;
    assert_eq!(whole.json()["choices"][0]["message"]["content"], "It is ***, yes.");
    let stream = gateway.chat(&body("who is Bob?", "It is Bob, yes.", true)).await;
    assert_eq!(text_of(&stream.events()), "It is ***, yes.");
    assert_eq!(stream.events().last().map(String::as_str), Some("[DONE]"));
    let asked = json!({"model": "sim-fast", "stream": true, "input": "who is Bob?",
        "sim": {"text": "It is Bob, yes.", "split_bytes": 11}});
    let responses = gateway.post("/v1/responses", asked.to_string()).await;
    assert!(
        responses.text.contains("It is ***, yes.") && !responses.text.contains("is Bob"),
        "{}",
        responses.text
    );
    for record in gateway.recorded(3).await {
        assert!(!String::from_utf8_lossy(&record.request_body).contains("who is Bob"), "kept as it was sent");
        assert!(
            !String::from_utf8_lossy(&record.response_body).contains("It is Bob"),
            "kept as it was given"
        );
        assert_eq!(record.guardrails.iter().filter(|did| did.action == "mask").count(), 2);
    }
}

#[tokio::test]
async fn a_service_that_is_away_late_or_says_nonsense_fails_as_its_owner_wants() {
    let within = |timeout_ms: u32, url: &str, on_failure: OnFailure| {
        let Check::Http(check) = http(url, on_failure) else { unreachable!() };
        Check::Http(HttpCheck { timeout_ms, ..check })
    };
    let away = format!("http://{}/judge", free_address());
    let late = Service::start(|_| json!("never")).await;
    let nonsense = Service::start(|_| json!({"ok": true})).await;
    for url in [&away, &late.url, &nonsense.url] {
        let refusing =
            gateway(vec![rail(1, Stage::Before, Action::Block, within(300, url, OnFailure::Refuse))]).await;
        let reply = refusing.chat(&body("hello", "fine", false)).await;
        assert_eq!(reply.error(), (503, "guardrail_unavailable".into()), "{url}");
        assert_eq!(reply.headers["retry-after"], "1");
        let record = refusing.only_record().await;
        assert_eq!(
            (status_of(&record), record.guardrails[0].what.as_str()),
            (CallStatus::Internal, "unavailable")
        );

        let after =
            gateway(vec![rail(1, Stage::After, Action::Mask, within(300, url, OnFailure::Refuse))]).await;
        let cut = after.chat_until_cut(&body("hello", "fine", true)).await;
        assert!(cut.contains("guardrail_unavailable") && !cut.contains("fine"), "{cut}");

        let allowing =
            gateway(vec![rail(1, Stage::Both, Action::Block, within(300, url, OnFailure::Allow))]).await;
        assert_eq!(text_of(&allowing.chat(&body("hello", "fine", true)).await.events()), "fine");
        let record = allowing.only_record().await;
        let did: Vec<_> =
            record.guardrails.iter().map(|did| (did.action.as_str(), did.what.as_str())).collect();
        assert_eq!(did, [("flag", "unavailable"), ("flag", "unavailable")]);

        let noting =
            gateway(vec![rail(1, Stage::Before, Action::Flag, within(300, url, OnFailure::Refuse))]).await;
        assert_eq!(noting.chat(&body("hello", "fine", false)).await.status, 200, "a trial run ends nothing");
    }
}

#[tokio::test]
async fn time_at_a_service_is_not_the_gateways_own() {
    let slow = Service::start(|_| {
        std::thread::sleep(Duration::from_millis(150));
        json!({"verdict": "pass"})
    })
    .await;
    let gateway =
        gateway(vec![rail(1, Stage::Before, Action::Block, http(&slow.url, OnFailure::Refuse))]).await;
    assert_eq!(gateway.chat(&body("hello", "fine", false)).await.status, 200);
    let record = gateway.only_record().await;
    assert!(record.duration_us >= 150_000, "{}", record.duration_us);
    let outside = record.duration_us - u64::from(record.overhead_us);
    assert!(outside >= 150_000, "{} of {}", record.overhead_us, record.duration_us);
}

#[tokio::test]
async fn a_service_in_a_private_network_is_not_asked_unless_an_administrator_named_it() {
    let service = Service::finding("x").await;
    let Check::Http(mut check) = http(&service.url, OnFailure::Refuse) else { unreachable!() };
    check.allow_private = false;
    let gateway = gateway(vec![rail(1, Stage::Before, Action::Block, Check::Http(check))]).await;
    assert_eq!(gateway.chat(&body("hello", "fine", false)).await.error().1, "guardrail_unavailable");
    assert!(service.asked().is_empty());
}

#[tokio::test]
async fn secrets_that_another_guardrail_masks_do_not_reach_a_service() {
    let service = Service::finding("nothing").await;
    let emails = Check::Detectors { detectors: vec![aop_domain::guard::Detector::Email] };
    let rails = vec![
        rail(1, Stage::Both, Action::Block, http(&service.url, OnFailure::Refuse)),
        rail(2, Stage::Both, Action::Mask, emails),
    ];
    let gateway = gateway(rails).await;
    gateway.chat(&body("to ann@example.com", "from bob@example.com", true)).await;
    let asked: Vec<Value> =
        service.asked().into_iter().map(|(_, question)| question["texts"].clone()).collect();
    assert_eq!(asked, [json!(["to [email]"]), json!(["from [email]"])]);
}

#[tokio::test]
async fn an_answer_too_long_to_be_judged_is_decided_as_a_failure() {
    let service = Service::finding("nothing").await;
    let long = TOKEN.replace("hi ", &"word ".repeat(10_000));
    let mut acts = vec![Act::Send(sse_head())];
    acts.extend((0..25).map(|_| Act::Send(chunk(&long))));
    acts.push(Act::Send([chunk(FINISH), chunk(DONE), LAST_CHUNK.to_vec()].concat()));
    let upstream = Fixed::start(acts, true).await;
    for (on_failure, arrives) in [(OnFailure::Refuse, false), (OnFailure::Allow, true)] {
        let mut world = World::new();
        world.model("m", &[upstream.address]);
        let rail = rail(1, Stage::After, Action::Block, http(&service.url, on_failure));
        world.guard(|guard| guard.guardrails = vec![Arc::new(rail)]);
        let gateway = Gateway::start(world).await;
        let mut asked = chat("m");
        asked["stream"] = json!(true);
        let told = gateway.chat_until_cut(&asked).await;
        assert_eq!(told.contains("[DONE]"), arrives);
        assert_eq!(told.matches("word").count(), if arrives { 250_000 } else { 0 });
        let record = gateway.only_record().await;
        assert_eq!(record.guardrails[0].what, "too_long");
        assert_eq!(status_of(&record) == CallStatus::Ok, arrives);
    }
    assert!(service.asked().is_empty());
}
