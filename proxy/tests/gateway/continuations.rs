//! A stream that breaks goes on elsewhere: one stream, no text lost or repeated, every try with its own figures (G4).

use std::sync::Arc;

use aop_domain::gateway::{Deployment, Provider, Route};
use aop_domain::guard::{Action, Check, Detector, Guardrail, Stage};
use aop_domain::id::GuardrailId;
use aop_domain::kill::KillKind;
use aop_domain::limits::{Kind, Window};
use aop_domain::record::{CallRecord, CallStatus};
use aop_domain::routing::{BreakerPolicy, Continues};
use aop_domain::usage::UsageSource;
use futures::StreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{Gateway, KEY, World, client, eventually, hasty_within, status_of, team};
use crate::upstreams::{Act, DONE, FINISH, Fixed, LAST_CHUNK, TOKEN, USAGE, sse};

const TEXT: &str = "Wind parks  at sea are\nbuilt where the wind is strong, \"far out\" 바다에서.";
const PRICE: &str = r#"{"input":"0.001","output":"0.01"}"#;

/// Two deployments of the built-in provider, which goes on with what it is given.
fn pair(world: &mut World, name: &str, upstream_model: &str, continuations: u8) {
    let bases = ["simulator:", "simulator:"];
    world.route(name, "simulator", upstream_model, &bases, |route| continues(route, continuations));
}

/// And no breaker: what fails is asked again by the next call.
fn continues(route: &mut Route, times: u8) {
    route.policy.continuations = times;
    for target in &mut route.targets {
        let breaker = BreakerPolicy { failures: 0, ..target.deployment.breaker };
        target.deployment = Arc::new(Deployment { breaker, ..Deployment::clone(&target.deployment) });
    }
}

/// Changes what stands behind one of a route's deployments.
fn target(route: &mut Route, at: usize, kind: &str, upstream_model: &str) {
    let known = &route.targets[at].deployment;
    let provider = Provider { kind: kind.into(), ..Provider::clone(&known.provider) };
    let deployment = Deployment {
        provider: Arc::new(provider),
        upstream_model: upstream_model.into(),
        ..Deployment::clone(known)
    };
    route.targets[at].deployment = Arc::new(deployment);
}

async fn simulator() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    format!("http://{address}")
}

/// What came of a stream, whole or cut.
async fn stream(gateway: &Gateway, path: &str, body: &Value) -> Vec<Value> {
    let request = client().post(gateway.url(path)).bearer_auth(KEY).body(body.to_string());
    let mut pieces = request.send().await.unwrap().bytes_stream();
    let mut bytes = Vec::new();
    while let Some(Ok(piece)) = pieces.next().await {
        bytes.extend_from_slice(&piece);
    }
    let text = String::from_utf8(bytes).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
}

fn asks(model: &str, sim: &Value) -> Value {
    let said = json!([{"role": "user", "content": "Tell me about wind parks."}]);
    json!({"model": model, "stream": true, "max_tokens": 500, "messages": said, "sim": sim})
}

fn chat_text(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
}

fn message_text(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect()
}

fn count(events: &[Value], is_it: impl Fn(&Value) -> bool) -> usize {
    events.iter().filter(|event| is_it(event)).count()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn cost(record: &CallRecord) -> Decimal {
    [&record.cost_input, &record.cost_cache, &record.cost_output].iter().map(|part| decimal(part)).sum()
}

#[tokio::test]
async fn a_chat_stream_that_is_cut_anywhere_is_whole_for_its_client() {
    let mut world = World::new();
    pair(&mut world, "m", "sim-fast", 1);
    world.price("sim-fast", PRICE);
    let gateway = Gateway::start(world).await;
    let whole = stream(&gateway, "/v1/chat/completions", &asks("m", &json!({"text": TEXT}))).await;
    assert_eq!(chat_text(&whole), TEXT);
    for how in ["cut_after", "error_after", "end_after"] {
        // From the first word on.
        for at in 2..whole.len() - 1 {
            let events =
                stream(&gateway, "/v1/chat/completions", &asks("m", &json!({"text": TEXT, how: at}))).await;
            assert_eq!(chat_text(&events), TEXT, "{how} {at}");
            assert_eq!(events.last(), Some(&json!("[DONE]")), "{how} {at}");
            let finish = |event: &Value| event["choices"][0]["finish_reason"] == "stop";
            let roles = |event: &Value| event["choices"][0]["delta"]["role"] == "assistant";
            assert_eq!((count(&events, finish), count(&events, roles)), (1, 1), "{how} {at}");
            assert!(events[..events.len() - 1].iter().all(|event| event["id"] == events[0]["id"]));
            assert!(events[..events.len() - 1].iter().all(|event| event["created"] == events[0]["created"]));
            assert_eq!(count(&events, |event| !event["usage"].is_null()), 0, "nobody asked for usage");
        }
    }
    let records = gateway.recorded(1 + 3 * (whole.len() - 3)).await;
    for record in &records[1..] {
        assert_eq!((status_of(record), record.attempts.len()), (CallStatus::Ok, 2), "{record:?}");
        let [broken, other] = &record.attempts[..] else { panic!("two tries") };
        assert_eq!((other.reason.as_str(), other.deployment.as_str()), ("continuation", "m-1"));
        assert!(["upstream_cut", "upstream_error"].contains(&broken.error_code.as_str()), "{broken:?}");
        let (part, rest) = (broken.usage.unwrap(), other.usage.unwrap());
        assert_eq!(record.usage, Some(part.plus(&rest)));
        assert_eq!(record.usage_source, UsageSource::Estimated as i32, "the part is counted, not told");
        assert!(part.input() > 0 && broken.may_be_billed && other.may_be_billed);
        assert!(record.cost_known && decimal(&broken.cost) > Decimal::ZERO);
        assert_eq!(cost(record), decimal(&broken.cost) + decimal(&other.cost));
        assert!(record.wasted_cost.is_empty(), "what it paid for was used");
    }
}

#[tokio::test]
async fn a_stream_of_messages_that_is_cut_anywhere_is_whole_for_its_client() {
    let mut world = World::new();
    pair(&mut world, "m", "sim-fast", 1);
    let gateway = Gateway::start(world).await;
    let whole = stream(&gateway, "/v1/messages", &asks("m", &json!({"text": TEXT}))).await;
    assert_eq!(message_text(&whole), TEXT);
    // Behind `message_delta` only the end itself is missing; what the answer is, is known.
    for at in 4..whole.len() - 1 {
        let events =
            stream(&gateway, "/v1/messages", &asks("m", &json!({"text": TEXT, "cut_after": at}))).await;
        assert_eq!(message_text(&events), TEXT, "{at}");
        for kind in ["message_start", "message_delta", "message_stop"] {
            assert_eq!(count(&events, |event| event["type"] == kind), 1, "{kind} {at}");
        }
        // Blocks begin and end one after the other.
        let mut open = None;
        for event in &events {
            match event["type"].as_str().unwrap() {
                "content_block_start" => assert_eq!(open.replace(event["index"].clone()), None, "{at}"),
                "content_block_delta" => assert_eq!(open.as_ref(), Some(&event["index"]), "{at}"),
                "content_block_stop" => assert_eq!(open.take().as_ref(), Some(&event["index"]), "{at}"),
                _ => {}
            }
        }
        let end = events.iter().find(|event| event["type"] == "message_delta").unwrap();
        assert!(end["usage"]["output_tokens"].as_u64().unwrap() > 0, "{at}: {end}");
    }
}

/// What breaks is one provider of its kind, what goes on another of its own.
#[tokio::test]
async fn each_clients_dialect_goes_on_across_providers() {
    let base = simulator().await;
    let pairs = [("vllm", "mistral"), ("mistral", "anthropic"), ("anthropic", "vllm"), ("vllm", "vllm")];
    let breaks = ["sim-fail-cut", "sim-fail-error", "sim-fail-end"];
    let mut world = World::new();
    for (first, second) in pairs {
        for breaks in breaks {
            let url = format!("{base}/v1");
            world.route(&format!("{first}+{second}+{breaks}"), first, breaks, &[&url, &url], |route| {
                target(route, 1, second, "sim-fast");
                continues(route, 1);
            });
        }
    }
    let gateway = Gateway::start(world).await;
    let mut calls = 0;
    for (first, second) in pairs {
        for breaks in breaks {
            let model = format!("{first}+{second}+{breaks}");
            let mut body = asks(&model, &json!({}));
            body.as_object_mut().unwrap().remove("sim");
            let chat = stream(&gateway, "/v1/chat/completions", &body).await;
            assert_eq!(chat.last(), Some(&json!("[DONE]")), "{model}: {chat:?}");
            let messages = stream(&gateway, "/v1/messages", &body).await;
            assert_eq!(messages.last().unwrap()["type"], "message_stop", "{model}: {messages:?}");
            let asked = json!({"model": model, "stream": true, "input": "Tell me about wind parks."});
            let responses = stream(&gateway, "/v1/responses", &asked).await;
            let last = responses.last().unwrap();
            assert_eq!(last["type"], "response.completed", "{model}: {responses:?}");
            let deltas = responses.iter().filter(|event| event["type"] == "response.output_text.delta");
            let told: String = deltas.filter_map(|event| event["delta"].as_str()).collect();
            assert_eq!(last["response"]["output"][0]["content"][0]["text"], told, "{model}");
            assert_eq!(last["response"]["output"].as_array().unwrap().len(), 1, "one text");
            // The same words, whoever asked and in whichever dialect.
            assert_eq!((chat_text(&chat), message_text(&messages)), (told.clone(), told.clone()), "{model}");
            assert!(told.split_whitespace().count() > 20 && !told.contains("  "), "{model}: {told}");
            calls += 3;
        }
    }
    for record in gateway.recorded(calls).await {
        assert_eq!((status_of(&record), record.attempts.len()), (CallStatus::Ok, 2), "{record:?}");
        assert_eq!(record.attempts[1].reason, "continuation");
        assert!(record.usage.unwrap().output() >= record.attempts[1].usage.unwrap().output());
    }
}

#[tokio::test]
async fn a_provider_is_told_to_go_on_in_its_own_words_and_its_echo_is_not_repeated() {
    // It begins with what it was given.
    let echo = TOKEN.replace("hi ", "hi there").replace("c1", "c9");
    let mut bytes = sse(&[&echo, FINISH, USAGE, DONE]);
    bytes.extend(LAST_CHUNK);
    let other = Fixed::start(vec![Act::Send(bytes)], true).await;
    let broken = Fixed::start(vec![Act::Send(sse(&[TOKEN]))], false).await;
    let mut world = World::new();
    let bases = [format!("http://{}/v1", broken.address), format!("http://{}/v1", other.address)];
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    world.route("m", "openai", "m", &bases, |route| {
        target(route, 1, "mistral", "mistral-large");
        continues(route, 1);
    });
    let gateway = Gateway::start(world).await;
    let mut body = asks("m", &json!(null));
    body.as_object_mut().unwrap().remove("sim");
    body["stream_options"] = json!({"include_usage": true});
    let events = stream(&gateway, "/v1/chat/completions", &body).await;
    assert_eq!(chat_text(&events), "hi there");
    let sent: Value = serde_json::from_slice(&other.requests()[0].body).unwrap();
    assert_eq!(sent["messages"][1], json!({"role": "assistant", "content": "hi", "prefix": true}));
    assert_eq!((&sent["model"], &sent["max_tokens"]), (&json!("mistral-large"), &json!(500)));
    let record = gateway.only_record().await;
    let used = record.usage.unwrap();
    let told = &events.iter().find(|event| event["usage"].is_object()).unwrap()["usage"];
    assert_eq!(
        (told["prompt_tokens"].as_u64(), told["completion_tokens"].as_u64()),
        (Some(used.input()), Some(used.output())),
        "the client is told what both have used"
    );
    assert_eq!(record.attempts[1].usage.unwrap().input(), 7);
    assert_eq!((record.response_model.as_str(), record.provider_response_id.as_str()), ("up-1", "c1"));
}

#[tokio::test]
async fn what_cannot_be_continued_truthfully_ends_with_an_error() {
    let base = simulator().await;
    let mut world = World::new();
    pair(&mut world, "off", "sim-fast", 0);
    pair(&mut world, "tools", "sim-tools", 3);
    pair(&mut world, "thinking", "sim-reasoning", 3);
    pair(&mut world, "on", "sim-fast", 3);
    pair(&mut world, "broken", "sim-fail-cut", 3);
    world.route("alone", "simulator", "sim-fast", &["simulator:"], |route| continues(route, 3));
    let urls = [format!("{base}/v1"), format!("{base}/v1")];
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    world.route("unknown", "openai", "sim-fast", &urls, |route| continues(route, 3));
    let gateway = Gateway::start(world).await;
    let tool = json!([{"type": "function", "function": {"name": "f", "parameters":
        {"type": "object", "properties": {"city": {"type": "string"}}}}}]);
    let with = |model: &str, more: Value| {
        let mut body = asks(model, &json!({"cut_after": 4}));
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let schema = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}});
    let began = json!([{"role": "user", "content": "Go on."}, {"role": "assistant", "content": "I"}]);
    let cases = [
        (with("off", json!({})), 1),
        (with("tools", json!({"tools": tool})), 1),
        (with("thinking", json!({})), 1),
        (with("on", json!({"reasoning_effort": "high"})), 1),
        (with("on", json!({"response_format": schema})), 1),
        (with("on", json!({"n": 2})), 1),
        (with("alone", json!({})), 1),
        (with("unknown", json!({})), 1),
        (with("broken", json!({})), 2),
        (with("on", json!({"messages": began, "sim": {"text": TEXT}, "model": "broken"})), 1),
    ];
    for (at, (body, tries)) in cases.iter().enumerate() {
        let events = stream(&gateway, "/v1/chat/completions", body).await;
        assert_eq!(events.last().unwrap()["error"]["code"], "upstream_cut", "{at}: {events:?}");
        assert!(!events.contains(&json!("[DONE]")), "{at}");
        let record = gateway.recorded(at + 1).await.remove(at);
        assert_eq!((status_of(&record), record.attempts.len()), (CallStatus::UpstreamError, *tries), "{at}");
        assert_eq!(record.usage_source, UsageSource::Partial as i32, "{at}: {record:?}");
        assert_eq!(record.error_code, "upstream_cut");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_before_it_says_anything_is_asked_for_anew_by_anybody() {
    let role = TOKEN.replace("\"content\":\"hi \"", "\"role\":\"assistant\",\"content\":\"\"");
    let broken = Fixed::start(vec![Act::Send(sse(&[&role])), Act::WaitForClose], false).await;
    let mut bytes = sse(&[&role, TOKEN, FINISH, USAGE, DONE]);
    bytes.extend(LAST_CHUNK);
    let other = Fixed::start(vec![Act::Send(bytes)], true).await;
    let mut world = World::new();
    let bases = [format!("http://{}/v1", broken.address), format!("http://{}/v1", other.address)];
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    world.route("m", "openai", "m", &bases, |route| {
        continues(route, 1);
        hasty_within(route);
    });
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let events = stream(&gateway, "/v1/chat/completions", &body).await;
    assert_eq!((chat_text(&events).as_str(), events.last()), ("hi ", Some(&json!("[DONE]"))), "{events:?}");
    let roles = |event: &Value| event["choices"][0]["delta"]["role"] == "assistant";
    assert_eq!(count(&events, roles), 1);
    let sent: Value = serde_json::from_slice(&other.requests()[0].body).unwrap();
    assert_eq!(sent["messages"], body["messages"], "nothing was said that could be given");
    let record = gateway.only_record().await;
    assert_eq!(record.attempts[0].error_code, "upstream_timeout");
    assert_eq!((record.attempts[1].reason.as_str(), status_of(&record)), ("continuation", CallStatus::Ok));
}

#[tokio::test]
async fn guardrails_see_one_text_across_the_seam() {
    let told = "Ask ann@example.com, she knows.";
    let mut world = World::new();
    pair(&mut world, "m", "sim-fast", 1);
    let check = Check::Detectors { detectors: vec![Detector::Email] };
    let rail = Guardrail {
        id: GuardrailId::from_bytes([1; 16]),
        team_id: Some(team()),
        name: "mail".into(),
        stage: Stage::After,
        check,
        action: Action::Mask,
        keys: vec![],
        models: vec![],
    };
    let deny = Guardrail {
        id: GuardrailId::from_bytes([2; 16]),
        name: "phrase".into(),
        check: Check::DenyList { phrases: vec!["she knows".into()] },
        action: Action::Block,
        models: vec!["blocked".into()],
        ..rail.clone()
    };
    pair(&mut world, "blocked", "sim-fast", 1);
    world.guard(|guard| guard.guardrails = vec![Arc::new(rail), Arc::new(deny)]);
    let gateway = Gateway::start(world).await;
    // `Ask`, ` ann@example.com,`, ` she`, ` knows.`, after the role.
    for at in 2..=5 {
        let events =
            stream(&gateway, "/v1/chat/completions", &asks("m", &json!({"text": told, "cut_after": at})))
                .await;
        assert_eq!(chat_text(&events), "Ask [email], she knows.", "{at}");
        assert_eq!(events.last(), Some(&json!("[DONE]")));
    }
    let blocked = asks("blocked", &json!({"text": told, "cut_after": 4}));
    let events = stream(&gateway, "/v1/chat/completions", &blocked).await;
    assert_eq!(events.last().unwrap()["error"]["code"], "guardrail_blocked", "{events:?}");
    assert!(!chat_text(&events).contains("knows"), "{events:?}");
}

#[tokio::test]
async fn a_budget_counts_what_both_have_used() {
    let mut world = World::new();
    pair(&mut world, "m", "sim-fast", 1);
    world.price("sim-fast", PRICE);
    world.limit("month", Kind::Spend, Window::Month, i64::MAX / 4, |_| {});
    let gateway = Gateway::start(world).await;
    stream(&gateway, "/v1/chat/completions", &asks("m", &json!({"text": TEXT, "cut_after": 5}))).await;
    let record = gateway.only_record().await;
    let quota = gateway.get("/v1/quota").await.json();
    let used = quota["data"][0]["used"].as_str().unwrap_or_else(|| panic!("{quota}"));
    assert_eq!(decimal(used), cost(&record), "{quota}");
}

#[tokio::test]
async fn a_kill_ends_what_another_has_gone_on_with() {
    let broken = Fixed::start(vec![Act::Send(sse(&[TOKEN]))], false).await;
    let other = Fixed::start(vec![Act::Send(sse(&[TOKEN])), Act::WaitForClose], false).await;
    let mut world = World::new();
    let bases = [format!("http://{}/v1", broken.address), format!("http://{}/v1", other.address)];
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    world.route("m", "groq", "m", &bases, |route| continues(route, 3));
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let request = client().post(gateway.url("/v1/chat/completions")).bearer_auth(KEY);
    let request = request.header("x-aop-agent", "Writer").body(body.to_string());
    let mut pieces = request.send().await.unwrap().bytes_stream();
    let mut text = String::new();
    while text.matches("hi ").count() < 2 {
        text.push_str(&String::from_utf8_lossy(&pieces.next().await.unwrap().unwrap()));
    }
    gateway.kills.send_replace(vec![(Uuid::from_u128(1), team(), KillKind::Agent, "Writer".to_owned())]);
    while let Some(Ok(piece)) = pieces.next().await {
        text.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(text.contains("run_killed") && !text.contains("[DONE]"), "{text}");
    eventually("the provider's connection is closed", || async { (other.drops() == 1).then_some(()) }).await;
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.attempts.len()), (CallStatus::Cancelled, 2));
    assert_eq!(record.attempts[0].error_code, "upstream_cut");
    assert_eq!(record.attempts[1].error_code, "run_killed");
}

/// Says of one of a route's deployments how it goes on.
fn goes_on(route: &mut Route, at: usize, continues: Continues) {
    let known = &route.targets[at].deployment;
    route.targets[at].deployment = Arc::new(Deployment { continues, ..Deployment::clone(known) });
}

#[tokio::test]
async fn what_is_said_of_a_deployment_counts_for_more_than_what_its_kind_is_known_for() {
    let mut world = World::new();
    let base = format!("{}/v1", simulator().await);
    let bases = [base.as_str(), base.as_str()];
    // A server that only copies OpenAI's API is not known to go on; this one is said to.
    world.route("said", "openai_chat", "sim-fast", &bases, |route| {
        continues(route, 1);
        goes_on(route, 1, Continues::LastMessage);
    });
    world.route("unsaid", "openai_chat", "sim-fast", &bases, |route| continues(route, 1));
    // And one that is known to is said not to.
    world.route("never", "simulator", "sim-fast", &["simulator:", "simulator:"], |route| {
        continues(route, 1);
        goes_on(route, 1, Continues::Never);
    });
    let gateway = Gateway::start(world).await;
    for (model, whole) in [("said", true), ("unsaid", false), ("never", false)] {
        let body = asks(model, &json!({"text": TEXT, "cut_after": 6}));
        let events = stream(&gateway, "/v1/chat/completions", &body).await;
        assert_eq!(events.last() == Some(&json!("[DONE]")), whole, "{model}: {events:?}");
        assert_eq!(chat_text(&events) == TEXT, whole, "{model}");
    }
}
