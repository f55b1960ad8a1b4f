//! A provider's own API through the gateway: whose credential goes there, what passes, who may, what is recorded (G1).

use std::time::Duration;

use aop_domain::kill::KillKind;
use aop_domain::limits::{Kind, Window};
use aop_domain::record::CallStatus;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Gateway, KEY, PROVIDER_KEY, Reply, World, client, status_of};
use crate::upstreams::{Act, Fixed, Seen, chunk, sse_head};

const WIDE_KEY: &str = "aop-wide-key";

fn world() -> World {
    let mut world = World::new();
    world.key(WIDE_KEY, |key| key.permissions.push("passthrough".into()));
    world
}

async fn simulator() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(aop_simulator::serve(listener, CancellationToken::new()));
    format!("http://{address}")
}

async fn in_front_of(upstream: &Fixed) -> Gateway {
    let mut world = world();
    world.provider("p", "openai", &format!("http://{}/v1", upstream.address), PROVIDER_KEY);
    Gateway::start(world).await
}

async fn ask(gateway: &Gateway, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client().request(method, gateway.url(path)).bearer_auth(WIDE_KEY);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !body.is_empty() {
        request = request.body(body.to_owned());
    }
    Reply::of(request.send().await.unwrap()).await
}

fn has(seen: &Seen, line: &str) -> bool {
    seen.head.lines().any(|it| it == line.to_ascii_lowercase())
}

#[tokio::test]
async fn method_path_query_and_body_arrive_as_they_are_with_the_providers_credential() {
    let upstream = Fixed::json(200, "x-from-provider: yes\r\nset-cookie: a=b\r\n", r#"{"ok":true}"#).await;
    let gateway = in_front_of(&upstream).await;
    let path = "/passthrough/p/v1/fine_tuning/jobs/a%2Fb?after=x%20y&limit=2";
    let headers = [
        ("content-type", "application/json"),
        ("x-custom", "1"),
        ("cookie", "c=d"),
        ("x-aop-agent", "Writer"),
    ];
    let reply = ask(&gateway, "PATCH", path, &headers, r#"{ "a": [1,  2] }"#).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, r#"{"ok":true}"#));
    assert_eq!(reply.headers["x-from-provider"], "yes");
    assert!(!reply.headers.contains_key("set-cookie"));
    let seen = upstream.requests().remove(0);
    assert!(has(&seen, "patch /v1/fine_tuning/jobs/a%2fb?after=x%20y&limit=2 http/1.1"), "{}", seen.head);
    assert!(has(&seen, &format!("authorization: Bearer {PROVIDER_KEY}")), "{}", seen.head);
    assert!(has(&seen, "x-custom: 1") && has(&seen, "content-type: application/json"), "{}", seen.head);
    assert!(
        !seen.head.contains(WIDE_KEY) && !seen.head.contains("cookie") && !seen.head.contains("x-aop-"),
        "{}",
        seen.head
    );
    assert_eq!(seen.body, br#"{ "a": [1,  2] }"#);
    let record = gateway.only_record().await;
    assert_eq!((record.operation.as_str(), record.route.as_str()), ("passthrough", "passthrough/p"));
    assert_eq!(record.passed, "PATCH /v1/fine_tuning/jobs/a%2Fb");
    assert_eq!(record.identity.unwrap().agent.unwrap().value, "Writer");
    assert_eq!(
        (record.attempts.len(), record.attempts[0].provider.as_str(), record.cost_known),
        (1, "p", false)
    );
}

#[tokio::test]
async fn it_takes_a_permission_of_its_own_and_leads_nowhere_but_to_the_provider() {
    let upstream = Fixed::json(200, "", "{}").await;
    let mut world = world();
    world.provider("p", "openai", &format!("http://{}/tenants/a/v1", upstream.address), "");
    world.key("aop-bound", |key| {
        key.permissions.push("passthrough".into());
        key.allowed_models = vec!["gpt-*".into()];
    });
    let gateway = Gateway::start(world).await;
    for (key, status, code) in [
        (KEY, 403, "permission_denied"),
        ("aop-bound", 403, "permission_denied"),
        ("aop-nobody", 401, "invalid_api_key"),
        ("", 401, "missing_api_key"),
    ] {
        assert_eq!(
            gateway.post_as(key, "/passthrough/p/files", "{}", &[]).await.error(),
            (status, code.into())
        );
    }
    let unknown = gateway.post_as(WIDE_KEY, "/passthrough/other/files", "{}", &[]).await;
    assert_eq!(unknown.error(), (404, "unknown_url".into()));
    for path in ["/%2e%2e/%2e%2e/b/v1/files", "/a%2f..%2f..%2fb", "/%252e%252e/b", "/..%5cb"] {
        let raw = format!(
            "GET /passthrough/p{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WIDE_KEY}\r\nconnection: close\r\n\r\n"
        );
        let answer = gateway.raw(raw.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    assert!(upstream.requests().is_empty());
    // The host that a caller names is the gateway's, whatever it says.
    let raw = format!(
        "GET http://169.254.169.254/passthrough/p/files HTTP/1.1\r\nhost: 169.254.169.254\r\nauthorization: Bearer {WIDE_KEY}\r\nconnection: close\r\n\r\n"
    );
    let _ = gateway.raw(raw.as_bytes()).await;
    for seen in upstream.requests() {
        assert!(has(&seen, &format!("host: {}", upstream.address)), "{}", seen.head);
        assert!(seen.head.starts_with("get /tenants/a/v1/files "), "{}", seen.head);
    }
}

#[tokio::test]
async fn what_the_provider_says_passes_errors_included_but_for_what_is_about_the_credential() {
    for (status, body) in
        [(404, r#"{"error":{"message":"No such File object"}}"#), (409, "{}"), (302, "{}"), (500, "{}")]
    {
        let upstream = Fixed::json(status, "location: https://elsewhere.example/\r\n", body).await;
        let gateway = in_front_of(&upstream).await;
        let path = gateway.url("/passthrough/p/files/f");
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let reply = Reply::of(client.get(path).bearer_auth(WIDE_KEY).send().await.unwrap()).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, body), "no redirect is followed");
        let record = gateway.only_record().await;
        assert_eq!(
            (record.http_status, record.attempts.len()),
            (u32::from(status), 1),
            "nothing is done twice"
        );
        let expected = match status {
            302 => CallStatus::Ok,
            500 => CallStatus::UpstreamError,
            _ => CallStatus::ClientError,
        };
        assert_eq!(status_of(&record), expected, "{status}");
    }
    let leaking =
        Fixed::json(401, "", &format!(r#"{{"error":{{"message":"bad key {PROVIDER_KEY}"}}}}"#)).await;
    let gateway = in_front_of(&leaking).await;
    let reply = ask(&gateway, "GET", "/passthrough/p/files", &[], "").await;
    assert_eq!(reply.error(), (502, "upstream_refused_credential".into()));
}

#[tokio::test]
async fn a_key_in_the_query_is_the_callers_and_goes_no_further() {
    let upstream = Fixed::json(200, "", r#"{"usageMetadata":{"promptTokenCount":4}}"#).await;
    let mut world = world();
    world.provider("g", "gemini", &format!("http://{}/v1beta", upstream.address), PROVIDER_KEY);
    world.provider("o", "openai", &format!("http://{}/v1", upstream.address), PROVIDER_KEY);
    let gateway = Gateway::start(world).await;
    let path = "/v1beta/models/embed-1:embedContent";
    let post = |path: String, key: Option<&str>| {
        let request = client().post(gateway.url(&path)).header("content-type", "application/json").body("{}");
        let request = match key {
            Some(key) => request.header("x-goog-api-key", key),
            None => request,
        };
        async { Reply::of(request.send().await.unwrap()).await }
    };
    let by_query = post(format!("/passthrough/g{path}?alt=json&key={WIDE_KEY}"), None).await;
    assert_eq!(by_query.status, 200, "{by_query:?}");
    assert_eq!(post(format!("/passthrough/g{path}?key=of-somebody"), Some(WIDE_KEY)).await.status, 200);
    assert_eq!(post("/passthrough/o/files?key=a".to_owned(), Some(WIDE_KEY)).await.status, 200);
    let lines: Vec<String> =
        upstream.requests().iter().map(|seen| seen.head.lines().next().unwrap().to_owned()).collect();
    let embed = "post /v1beta/models/embed-1:embedcontent";
    assert_eq!(lines[0], format!("{embed}?alt=json http/1.1"));
    assert_eq!(lines[1], format!("{embed} http/1.1"));
    assert_eq!(lines[2], "post /v1/files?key=a http/1.1", "elsewhere it is a parameter like any other");
    assert!(upstream.requests().iter().all(|seen| !seen.head.contains(WIDE_KEY)));
    let records = gateway.recorded(3).await;
    assert_eq!((records[0].requested_model.as_str(), records[0].usage.unwrap().input()), ("embed-1", 4));
    assert!(records.iter().all(|record| !format!("{record:?}").contains(WIDE_KEY)));
    // At the gateway's own endpoints a key in the query is none.
    let front = client().get(gateway.url(&format!("/v1/models?key={WIDE_KEY}"))).send().await.unwrap();
    assert_eq!(front.status(), 401);
}

#[tokio::test]
async fn the_gateways_errors_are_in_the_words_of_the_api_that_was_called() {
    let cut = Fixed::start(vec![Act::Send(sse_head()), Act::Send(chunk("data: {}\r\n\r\n"))], false).await;
    let mut world = world();
    world.provider("g", "gemini", &format!("http://{}/v1beta", cut.address), PROVIDER_KEY);
    world.provider("c", "cohere", &format!("http://{}/v2", cut.address), PROVIDER_KEY);
    let gateway = Gateway::start(world).await;
    let google = "/passthrough/g/v1/models/m:streamGenerateContent";
    let refused = gateway.post_as("aop-nobody", google, "{}", &[]).await.json();
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["status"]),
        (&json!(401), &json!("UNAUTHENTICATED"))
    );
    assert_eq!(refused["error"]["details"][0]["metadata"]["code"], "invalid_api_key");
    let refused = gateway.post_as("aop-nobody", "/passthrough/c/v2/chat", "{}", &[]).await.json();
    assert_eq!(refused["message"], refused["error"]["message"]);
    let told = until_cut(&gateway, google).await;
    assert!(told.contains("data: {\"error\":{\"code\":502,"), "{told}");
    let told = until_cut(&gateway, "/passthrough/c/v2/chat").await;
    assert!(
        told.contains("data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\""),
        "{told}"
    );
    for record in gateway.recorded(4).await.split_off(2) {
        assert_eq!((record.error_code.as_str(), record.stream), ("upstream_cut", true));
    }
}

#[tokio::test]
async fn files_go_up_and_down_and_methods_without_a_body_have_none() {
    let mut world = world();
    world.provider("sim", "simulator", "simulator:", "");
    let gateway = Gateway::start(world).await;
    let content = vec![7; 5 << 20];
    let mut form =
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n\r\n".to_vec();
    form.extend(&content);
    form.extend(b"\r\n--b--\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let sent = form.len() as u64;
    let up = gateway.post_as(WIDE_KEY, "/passthrough/sim/v1/files", form, &kind).await;
    assert_eq!(up.json()["bytes"], 5 << 20, "{up:?}");
    let id = up.json()["id"].as_str().unwrap().to_owned();
    let down =
        client().get(gateway.url(&format!("/passthrough/sim/files/{id}/content"))).bearer_auth(WIDE_KEY);
    let down = down.send().await.unwrap();
    assert_eq!((down.content_length(), down.bytes().await.unwrap().len()), (Some(5 << 20), 5 << 20));
    assert_eq!(
        ask(&gateway, "DELETE", &format!("/passthrough/sim/v1/files/{id}"), &[], "").await.json()["deleted"],
        true
    );
    let head = ask(&gateway, "HEAD", "/passthrough/sim/v1/files", &[], "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    let list = ask(
        &gateway,
        "GET",
        "/passthrough/sim/v1/files?purpose=a&purpose=b",
        &[("x-goog-api-key", WIDE_KEY)],
        "",
    )
    .await;
    assert_eq!(list.json()["sim"]["query"], json!([["purpose", "a"], ["purpose", "b"]]));
    let headers = list.json()["sim"]["headers"].to_string();
    assert!(!headers.contains("content-length") && !headers.contains("x-goog-api-key"), "{headers}");
    let records = gateway.recorded(5).await;
    assert_eq!((records[0].request_bytes, records[1].response_bytes), (sent, 5 << 20));
    assert!(
        records[0].request_body.len() < 200 && records[1].response_body.len() < 200,
        "media is not recorded"
    );
    assert_eq!(records[2].passed, format!("DELETE /v1/files/{id}"));
}

#[tokio::test]
async fn what_a_model_used_is_counted_in_every_houses_words() {
    let base = simulator().await;
    let mut world = world();
    world.provider("openai", "openai", &format!("{base}/v1"), PROVIDER_KEY);
    world.provider("anthropic", "anthropic", &base, PROVIDER_KEY);
    world.provider("gemini", "gemini", &format!("{base}/v1beta"), PROVIDER_KEY);
    world.provider("cohere", "cohere", &format!("{base}/v2"), PROVIDER_KEY);
    world.provider("bedrock", "bedrock", &base, "AKID:secret@eu-west-1");
    world.price("sim-fast", r#"{"input":"1","output":"10"}"#);
    let gateway = Gateway::start(world).await;
    let said = json!([{"role": "user", "content": "Tell me about wind parks."}]);
    let chat = json!({"model": "sim-fast", "messages": said, "max_tokens": 50});
    let streamed = json!({"model": "sim-fast", "messages": said, "max_tokens": 50, "stream": true,
        "stream_options": {"include_usage": true}});
    let gemini = json!({"contents": [{"role": "user", "parts": [{"text": "Tell me about wind parks."}]}]});
    let bedrock = json!({"messages": [{"role": "user", "content": [{"text": "Tell me about wind parks."}]}]});
    let cohere = json!({"model": "sim-fast", "messages": said, "stream": true});
    let calls = [
        ("openai/v1/chat/completions", &chat),
        ("openai/chat/completions", &streamed),
        ("anthropic/v1/messages", &chat),
        ("anthropic/v1/messages", &streamed),
        ("gemini/v1beta/models/sim-fast:generateContent", &gemini),
        ("gemini/v1beta/models/sim-fast:streamGenerateContent?alt=sse", &gemini),
        ("cohere/v2/chat", &chat),
        ("cohere/chat", &cohere),
        ("bedrock/model/sim-fast/converse", &bedrock),
    ];
    for (path, body) in calls {
        let kind = [("content-type", "application/json"), ("anthropic-version", "2023-06-01")];
        let reply = ask(&gateway, "POST", &format!("/passthrough/{path}"), &kind, &body.to_string()).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
    }
    let records = gateway.recorded(calls.len()).await;
    for (record, (path, _)) in records.iter().zip(calls) {
        let usage = record.usage.unwrap_or_else(|| panic!("{path} used nothing: {record:?}"));
        assert!(usage.input() > 3 && usage.output() > 3, "{path}: {usage:?}");
        assert!(record.cost_known, "{path}");
        assert_eq!(record.requested_model, "sim-fast", "{path}");
        assert!(!record.response_body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn limits_count_what_passes() {
    let upstream = Fixed::json(200, "", "{}").await;
    let mut world = world();
    world.provider("p", "openai", &format!("http://{}/v1", upstream.address), PROVIDER_KEY);
    world.limit("requests", Kind::Requests, Window::Hour, 2, |_| {});
    let gateway = Gateway::start(world).await;
    for _ in 0..2 {
        assert_eq!(ask(&gateway, "GET", "/passthrough/p/files", &[], "").await.status, 200);
    }
    let refused = ask(&gateway, "GET", "/passthrough/p/files", &[], "").await;
    assert_eq!(refused.error(), (429, "rate_limit_exceeded".into()));
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_passes_event_by_event() {
    let base = simulator().await;
    let mut world = world();
    world.provider("openai", "openai", &format!("{base}/v1"), PROVIDER_KEY);
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "sim-fast", "stream": true, "messages": [{"role": "user", "content": "Hello"}],
        "sim": {"stall_after": 2}});
    let request = client().post(gateway.url("/passthrough/openai/chat/completions")).bearer_auth(WIDE_KEY);
    let mut answer = request.json(&body).send().await.unwrap();
    let mut came = String::new();
    while came.matches("data: ").count() < 2 {
        came.push_str(&String::from_utf8_lossy(&answer.chunk().await.unwrap().unwrap()));
    }
    drop(answer);
    let record = gateway.only_record().await;
    assert_eq!(record.error_code, "client_gone");
    let asked: Value = serde_json::from_slice(&record.request_body).unwrap();
    assert_eq!(asked, body, "the record holds what was asked");
}

/// A provider that says more than ten thousand tokens, in Anthropic's words.
async fn talking() -> Fixed {
    let said = json!({"type": "content_block_delta", "index": 0,
        "delta": {"type": "text_delta", "text": "word ".repeat(200)}});
    let mut acts = vec![Act::Send(sse_head())];
    for _ in 0..50 {
        acts.push(Act::Send(chunk(&format!("event: content_block_delta\ndata: {said}\n\n"))));
        acts.push(Act::Wait(Duration::from_millis(10)));
    }
    acts.push(Act::WaitForClose);
    Fixed::start(acts, false).await
}

async fn until_cut(gateway: &Gateway, path: &str) -> String {
    let request =
        client().post(gateway.url(path)).bearer_auth(WIDE_KEY).header("content-type", "application/json");
    let request = request.header("x-aop-agent", "Writer");
    let mut answer = request.body(r#"{"model":"m","stream":true}"#).send().await.unwrap();
    let mut came = String::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        came.push_str(&String::from_utf8_lossy(&piece));
    }
    came
}

#[tokio::test]
async fn a_stream_that_passes_is_cut_in_its_own_words_when_its_budget_is_gone() {
    let upstream = talking().await;
    let mut world = world();
    world.provider("p", "anthropic", &format!("http://{}", upstream.address), PROVIDER_KEY);
    world.price("m", r#"{"input":"0.000001","output":"0.01"}"#);
    // Two thousand tokens of output.
    world.limit("budget", Kind::Spend, Window::Total, 20_000_000_000_000, |_| {});
    let gateway = Gateway::start(world).await;
    let came = until_cut(&gateway, "/passthrough/p/v1/messages").await;
    let last: Value =
        serde_json::from_str(came.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap())
            .unwrap();
    assert_eq!(last["type"], "error", "{last}");
    assert!(last["error"]["message"].as_str().unwrap().contains("'budget'"), "{last}");
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::Budget, "budget_exceeded"));
    let tokens = record.usage.unwrap().output();
    // While it runs it is measured by its bytes; what came is counted in tokens.
    assert!((1_600..2_700).contains(&tokens), "cut at about two thousand: {tokens}");
    assert!(record.cost_known);
}

/// Google's way to stream to who does not ask for events.
fn array_head() -> Vec<u8> {
    let head = "HTTP/1.1 200 x\r\ncontent-type: application/json; charset=UTF-8\r\ntransfer-encoding: chunked\r\n\r\n";
    head.as_bytes().to_vec()
}

fn item(words: usize, more: &Value) -> Value {
    let mut item = json!({"candidates": [{"content": {"parts": [{"text": "word ".repeat(words)}]}}],
        "modelVersion": "gemini-of-today"});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

#[tokio::test]
async fn an_array_that_streams_is_metered_and_recorded_as_the_stream_it_is() {
    let (one, last) = (
        item(1, &json!({})),
        item(1, &json!({"usageMetadata": {"promptTokenCount": 40, "candidatesTokenCount": 2}})),
    );
    let pieces = ["[".to_owned(), format!("{one}\r\n"), format!(",\r\n{last}"), "]".to_owned()];
    let mut acts = vec![Act::Send(array_head())];
    acts.extend(pieces.iter().map(|piece| Act::Send(chunk(piece))));
    acts.push(Act::Send(b"0\r\n\r\n".to_vec()));
    let upstream = Fixed::start(acts, false).await;
    let mut world = world();
    world.provider("g", "gemini", &format!("http://{}/v1beta", upstream.address), PROVIDER_KEY);
    world.price("m", r#"{"input":"0.001","output":"0.01"}"#);
    let gateway = Gateway::start(world).await;
    let path = "/passthrough/g/v1beta/models/m:streamGenerateContent";
    assert_eq!(until_cut(&gateway, path).await, pieces.concat());
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.stream), (CallStatus::Ok, true));
    let usage = record.usage.unwrap();
    assert_eq!((usage.in_uncached, usage.out_text), (40, 2));
    assert_eq!((record.response_model.as_str(), record.cost_known), ("gemini-of-today", true));
    assert!(record.first_token_us > 0);
}

#[tokio::test]
async fn an_array_that_streams_is_cut_when_its_budget_is_gone() {
    let mut acts = vec![Act::Send(array_head()), Act::Send(chunk("["))];
    for _ in 0..50 {
        acts.push(Act::Send(chunk(&format!("{},", item(200, &json!({}))))));
        acts.push(Act::Wait(Duration::from_millis(10)));
    }
    acts.push(Act::WaitForClose);
    let upstream = Fixed::start(acts, false).await;
    let mut world = world();
    world.provider("g", "gemini", &format!("http://{}/v1beta", upstream.address), PROVIDER_KEY);
    world.price("m", r#"{"input":"0.000001","output":"0.01"}"#);
    world.limit("budget", Kind::Spend, Window::Total, 20_000_000_000_000, |_| {});
    let gateway = Gateway::start(world).await;
    let came = until_cut(&gateway, "/passthrough/g/v1beta/models/m:streamGenerateContent").await;
    assert!(came.ends_with(','), "nothing is added to what would not be read");
    let record = gateway.only_record().await;
    assert_eq!((status_of(&record), record.error_code.as_str()), (CallStatus::Budget, "budget_exceeded"));
    let tokens = record.usage.unwrap().output();
    // While it runs it is measured by its bytes; what came is counted in tokens.
    assert!((1_600..2_700).contains(&tokens), "cut at about two thousand: {tokens}");
}

#[tokio::test]
async fn a_stream_that_passes_and_is_killed_ends_in_an_error_event() {
    let upstream = talking().await;
    let mut world = world();
    world.provider("p", "anthropic", &format!("http://{}", upstream.address), PROVIDER_KEY);
    let gateway = Gateway::start(world).await;
    let killing = async {
        crate::harness::eventually("it is asked", || async {
            (!upstream.requests().is_empty()).then_some(())
        })
        .await;
        let kill = (uuid::Uuid::from_u128(1), crate::harness::team(), KillKind::Agent, "Writer".to_owned());
        gateway.kills.send_replace(vec![kill]);
    };
    let (came, ()) = tokio::join!(until_cut(&gateway, "/passthrough/p/v1/messages"), killing);
    assert!(came.contains("event: error"), "{}", &came[came.len().saturating_sub(500)..]);
    assert_eq!(gateway.only_record().await.error_code, "run_killed");
}

#[tokio::test]
async fn a_stream_that_passes_ends_with_its_cost_when_that_was_asked_for() {
    let base = simulator().await;
    let mut world = world();
    world.provider("openai", "openai", &format!("{base}/v1"), PROVIDER_KEY);
    world.price("sim-fast", r#"{"input":"1","output":"10"}"#);
    let gateway = Gateway::start(world).await;
    let body = json!({"model": "sim-fast", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Hello"}]});
    let path = "/passthrough/openai/chat/completions";
    let kind = ("content-type", "application/json");
    let plain = ask(&gateway, "POST", path, &[kind], &body.to_string()).await;
    assert!(!plain.text.contains(": aop"), "{}", plain.text);
    let asked = ask(&gateway, "POST", path, &[kind, ("x-aop-include-cost", "true")], &body.to_string()).await;
    let told = asked.text.lines().find_map(|line| line.strip_prefix(": aop ")).expect("the comment");
    let told: Value = serde_json::from_str(told).unwrap();
    let record = gateway.recorded(2).await.remove(1);
    let cost: f64 = told["cost"].as_str().unwrap().parse().unwrap();
    assert!(cost > 0.0 && told["output_tokens"] == record.usage.unwrap().output(), "{told}");
}
