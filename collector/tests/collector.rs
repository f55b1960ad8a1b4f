//! The collector on a real ClickHouse: what goes in as a segment comes out of the api's own queries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/shared/metrics_page.rs"]
mod metrics_page;
#[path = "../../tests/shared/patience.rs"]
mod patience;

use std::net::SocketAddr;

use aop_clickhouse::calls::{self, CallDetail, CallFilter};
use aop_clickhouse::repricing::{self, Place};
use aop_clickhouse::runs;
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{CallRepricingRow, ClickHouse, TimeRange};
use aop_domain::frame::{self, Header};
use aop_domain::id::{CallId, TeamId, TraceId};
use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::inference::{HandoverRecord, InferenceRecord, Link, LinkRecord, OneAgent, OneRun, Speaker};
use aop_domain::record::{
    AttemptRecord, CallRecord, CallStatus, LogRecord, PriceName, ProvenToken, RecordKind, SpanRecord,
};
use aop_domain::usage::{Usage, UsageSource};
use aop_service::secret::Secret;
use bytes::Bytes;
use futures::StreamExt;
use patience::PATIENCE;
use prost::Message;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const TEAM: TeamId = TeamId(Uuid::from_u128(0xaaaa));
const TOKEN: &str = "internal";

/// The hour that began last: older rows could already be past their retention, and no test runs across two days.
fn now_us() -> i64 {
    let now_us = aop_service::clock::Clock::System.now_us();
    now_us - now_us % 3_600_000_000
}

/// A collector of its own over a database of its own. Starting another one over the same database is a restart.
struct Collector {
    address: SocketAddr,
    client: reqwest::Client,
    dir: tempfile::TempDir,
    _stop: tokio_util::sync::DropGuard,
}

impl Collector {
    async fn start(config: &aop_clickhouse::Config) -> Self {
        let collector = Self::start_anyway(config).await;
        for _ in 0..500 {
            if collector.get("/readyz").await.status() == 200 {
                return collector;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the collector did not become ready");
    }

    async fn start_anyway(config: &aop_clickhouse::Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = aop_collector::Config {
            listen: address,
            clickhouse: config.clone(),
            internal_token: Secret::new(TOKEN.to_owned()),
            data_dir: dir.path().to_owned(),
        };
        let stop = CancellationToken::new();
        tokio::spawn(aop_collector::serve(listener, config, stop.clone()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { address, client, dir, _stop: stop.drop_guard() }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let request = self.client.get(format!("http://{}{path}", self.address));
        request.header("x-aop-internal", TOKEN).send().await.unwrap()
    }

    async fn send(&self, segment: impl Into<Bytes>) -> reqwest::Response {
        let request = self.client.post(format!("http://{}/ingest/segments", self.address));
        request.header("x-aop-internal", TOKEN).body(segment.into()).send().await.unwrap()
    }

    async fn stored(&self, segment: impl Into<Bytes>) -> Value {
        let answer = self.send(segment).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    fn dead_letters(&self) -> Vec<std::path::PathBuf> {
        let folder = std::fs::read_dir(self.dir.path().join("dead-letters")).unwrap();
        folder.map(|entry| entry.unwrap().path()).collect()
    }
}

/// Builds a segment as the spool would.
struct Segment {
    header: Header,
    bytes: Vec<u8>,
    seq: u64,
}

impl Segment {
    fn new(number: u64) -> Self {
        let header = Header {
            writer: Uuid::from_u128(0xbbbb),
            segment: number,
            created_at_us: now_us(),
            first_seq: 1,
        };
        Self { header, bytes: header.encode().to_vec(), seq: 1 }
    }

    fn raw(mut self, kind: RecordKind, payload: &[u8]) -> Self {
        let checksum = frame::payload_checksum(&[payload]).unwrap();
        self.bytes.extend_from_slice(&frame::frame_head(self.header.seal(), checksum, self.seq, kind));
        self.bytes.extend_from_slice(payload);
        self.seq += 1;
        self
    }

    fn call(self, call: &CallRecord) -> Self {
        self.raw(RecordKind::Call, &call.encode_to_vec())
    }
}

fn call_id(number: u8) -> CallId {
    CallId(Uuid::from_u128(u128::from(number) + 1))
}

fn bytes16(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

/// An answered call with two attempts; bodies as given.
fn call(number: u8, request: &Value, response: &Value) -> CallRecord {
    let attempt = |deployment: &str, status: CallStatus, span: u8| AttemptRecord {
        span_id: Bytes::copy_from_slice(&[span; 8]),
        provider: "openai".to_owned(),
        deployment: deployment.to_owned(),
        started_at_us: now_us() + i64::from(number),
        duration_us: 400,
        status: status as i32,
        ..AttemptRecord::default()
    };
    CallRecord {
        call_id: bytes16(call_id(number).0),
        started_at_us: now_us() + i64::from(number),
        team_id: bytes16(TEAM.0),
        trace_id: Bytes::from_static(&[5; 16]),
        span_id: Bytes::copy_from_slice(&[number; 8]),
        identity: Some(ClaimedIdentity {
            agent: Some(Claim::new("Researcher", IdentitySource::AopHeader)),
            execution: Some(Claim::new(Uuid::from_u128(0xee).to_string(), IdentitySource::Signed)),
            ..ClaimedIdentity::default()
        }),
        operation: "chat_completions".to_owned(),
        requested_model: "gpt-4o".to_owned(),
        response_model: "gpt-4o-2024-08-06".to_owned(),
        status: CallStatus::Ok as i32,
        http_status: 200,
        duration_us: 1_500,
        usage: Some(Usage { in_uncached: 10, in_cache_read: 5, out_text: 3, ..Usage::default() }),
        usage_source: UsageSource::Provider as i32,
        cost_input: "0.000001".to_owned(),
        cost_cache: "0.0000005".to_owned(),
        cost_output: "0.00002".to_owned(),
        cost_known: true,
        attempts: vec![attempt("east", CallStatus::UpstreamError, 200), attempt("west", CallStatus::Ok, 201)],
        request_body: Bytes::from(request.to_string()),
        response_body: Bytes::from(response.to_string()),
        retention_days: 30,
        ..CallRecord::default()
    }
}

fn says(role: &str, text: &str) -> Value {
    json!({"role": role, "content": text})
}

fn request(messages: &[Value]) -> Value {
    json!({"model": "gpt-4o", "messages": messages, "temperature": 0.2, "tools": [{"type": "function", "function": {"name": "add"}}]})
}

fn answer(text: &str) -> Value {
    json!({"id": "r", "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null}, "finish_reason": "stop"}]})
}

async fn find(clickhouse: &ClickHouse, number: u8) -> CallDetail {
    calls::find(clickhouse, TEAM, call_id(number), &[]).await.unwrap().expect("the call is stored")
}

async fn count(clickhouse: &ClickHouse, what: &str) -> u64 {
    clickhouse.client().query(&format!("SELECT {what}")).fetch_one::<u64>().await.unwrap()
}

#[tokio::test]
async fn a_call_comes_out_as_it_went_in() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let sent = request(&[says("system", "You are Researcher."), says("user", "2+2?")]);
    let accepted = collector.stored(Segment::new(1).call(&call(1, &sent, &answer("4"))).bytes).await;
    assert_eq!(accepted, json!({"records": 1, "dead_letters": 0, "damaged": 0, "again": false}));
    let CallDetail { call, facts, attempts, content, repricings } = find(&database.clickhouse, 1).await;
    assert_eq!((call.provider.as_str(), call.deployment.as_str()), ("openai", "west"));
    assert_eq!((call.input_tokens, call.output_tokens), (15, 3));
    assert_eq!(call.cost.unwrap().parse::<f64>().unwrap(), 0.0000215);
    assert_eq!((call.agent.as_str(), facts.identity_sources["agent"].as_str()), ("Researcher", "aop_header"));
    assert_eq!((call.input_preview.as_str(), call.output_preview.as_str()), ("2+2?", "4"));
    assert_eq!((attempts.len(), repricings.len()), (2, 0));
    let content = content.unwrap();
    assert_eq!(content.input[1].content, says("user", "2+2?"));
    assert_eq!(content.output[0].content, says("assistant", "4"));
    assert_eq!(content.params, json!({"model": "gpt-4o", "temperature": 0.2}));
    assert_eq!(content.tools[0]["function"]["name"], "add");
}

#[tokio::test]
async fn calls_are_found_by_whom_their_token_proves() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let of = |number: u8, issuer: &str, subject: &str| CallRecord {
        token: Some(ProvenToken { issuer: issuer.to_owned(), subject: subject.to_owned() }),
        dropped_fields: vec!["seed".to_owned(), "top_k".to_owned()],
        ..call(number, &request(&[says("user", "a")]), &answer("b"))
    };
    let by_key = call(4, &request(&[says("user", "a")]), &answer("b"));
    let mut segment = Segment::new(1);
    for record in [of(1, "https://a", "ada"), of(2, "https://b", "ada"), of(3, "https://a", "eve"), by_key] {
        segment = segment.call(&record);
    }
    collector.stored(segment.bytes).await;
    for (issuer, subject, expected) in [
        (None, Some("ada"), &[2, 1][..]),
        (Some("https://a"), Some("ada"), &[1]),
        (Some("https://a"), None, &[3, 1]),
        (None, Some("ad"), &[]),
        (None, None, &[4, 3, 2, 1]),
    ] {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let filter = CallFilter {
            token_issuer: own(issuer),
            token_subject: own(subject),
            limit: 10,
            ..CallFilter::default()
        };
        let found = calls::list(&database.clickhouse, TEAM, &filter).await.unwrap().items;
        let expected: Vec<String> = expected.iter().map(|number| call_id(*number).to_string()).collect();
        let ids: Vec<String> = found.into_iter().map(|call| call.call_id).collect();
        assert_eq!(ids, expected, "{issuer:?} {subject:?}");
    }
    let CallDetail { call, facts, .. } = find(&database.clickhouse, 1).await;
    assert_eq!(facts.dropped_fields, ["seed", "top_k"]);
    assert_eq!((call.token_issuer.as_str(), call.token_subject.as_str()), ("https://a", "ada"));
}

#[tokio::test]
async fn a_slice_of_a_repricing_changes_a_recorded_call_once_and_only_for_those_who_belong_here() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let record = CallRecord {
        service_tier: "flex".to_owned(),
        price_name: Some(PriceName { provider: "openai".to_owned(), model: "gpt-4o".to_owned() }),
        ..call(1, &request(&[says("user", "a")]), &answer("b"))
    };
    collector.stored(Segment::new(1).call(&record).bytes).await;
    let range = TimeRange { from_us: now_us() - 3_600_000_000, to_us: now_us() + 3_600_000_000 };
    let clickhouse = &database.clickhouse;
    let found =
        repricing::calls(clickhouse, TEAM, range, Place::before(range.from_us), None, 10).await.unwrap();
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (found.service_tier.as_str(), found.price_provider.as_str(), found.price_model.as_str()),
        ("flex", "openai", "gpt-4o")
    );
    let row = CallRepricingRow {
        team: *TEAM.as_bytes(),
        repricing: [8; 16],
        slice: 0,
        ts: found.ts_us,
        call_id: found.call_id,
        trace_id: found.trace_id,
        execution_id: found.execution_id,
        provider: found.provider.clone(),
        model: found.response_model.clone(),
        agent: found.agent.clone(),
        status: found.status.clone(),
        old_cost_input: found.cost_input,
        old_cost_cache: found.cost_cache,
        old_cost_output: found.cost_output,
        old_cost: found.cost,
        old_cost_known: true,
        new_cost_input: 1,
        new_cost: 1,
        new_price_version: 7,
        retention_days: found.retention_days,
        ..CallRepricingRow::default()
    };
    let asked = json!({"team": TEAM, "repricing": Uuid::from_bytes([8; 16]), "slice": 0, "rows": [row]});
    let url = format!("http://{}/ingest/repricings", collector.address);
    let stranger = collector.client.post(&url).json(&asked).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    for _ in 0..2 {
        let done =
            collector.client.post(&url).header("x-aop-internal", TOKEN).json(&asked).send().await.unwrap();
        assert_eq!(done.status(), 200, "{}", done.text().await.unwrap());
    }
    let detail = find(clickhouse, 1).await;
    assert_eq!((detail.call.cost.as_deref(), detail.facts.price_version), (Some("0.000000000001"), 7));
    assert_eq!(detail.repricings.len(), 1);
    assert_eq!(detail.repricings[0].old_cost.as_deref(), Some("0.0000215"));
    for table in ["usage_1m", "usage_1h", "usage_1d", "usage_run", "trace_index"] {
        assert_eq!(
            count(clickhouse, &format!("toUInt64(sum(cost) * 1000000000000) FROM {table}")).await,
            1,
            "{table}"
        );
    }
}

#[tokio::test]
async fn a_segment_sent_again_is_stored_once_by_the_same_collector_and_by_the_next() {
    let database = TestClickHouse::start().await.unwrap();
    let segment = Segment::new(1)
        .call(&call(1, &request(&[says("user", "a")]), &answer("b")))
        .call(&call(
            2,
            &request(&[says("user", "a"), says("assistant", "b"), says("user", "c")]),
            &answer("d"),
        ))
        .bytes;
    let collector = Collector::start(&database.config).await;
    assert_eq!(collector.stored(segment.clone()).await["again"], false);
    assert_eq!(collector.stored(segment.clone()).await["again"], true);
    // A new process remembers nothing and inserts it all again.
    let restarted = Collector::start(&database.config).await;
    assert_eq!(restarted.stored(segment).await["again"], false);
    let clickhouse = &database.clickhouse;
    assert_eq!(count(clickhouse, "count() FROM llm_calls").await, 2);
    assert_eq!(count(clickhouse, "count() FROM spans").await, 6);
    assert_eq!(count(clickhouse, "count() FROM call_bodies").await, 2);
    for rollup in ["usage_1m", "usage_1h", "usage_1d", "usage_run"] {
        assert_eq!(count(clickhouse, &format!("sum(calls) FROM {rollup}")).await, 2, "{rollup}");
    }
}

#[tokio::test]
async fn a_history_sent_again_is_stored_once_and_each_call_says_where_it_is_new() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let mut history = vec![says("system", "You are Writer.")];
    for turn in 0..6u8 {
        history.push(says("user", &format!("question {turn}")));
        let text = format!("answer {turn}");
        // Half of the turns share a segment with the one before: both ways must find the conversation.
        let segment = Segment::new(u64::from(turn) + 1).call(&call(turn, &request(&history), &answer(&text)));
        history.push(says("assistant", &text));
        if turn % 2 == 0 {
            history.push(says("user", &format!("more {turn}")));
            let next = call(turn + 100, &request(&history), &answer("noted"));
            history.push(says("assistant", "noted"));
            collector.stored(segment.call(&next).bytes).await;
        } else {
            collector.stored(segment.bytes).await;
        }
    }
    // 19 messages and one list of tools, each once.
    assert_eq!(count(&database.clickhouse, "count() FROM messages").await, 1 + 6 * 2 + 3 * 2 - 2 + 1);
    let last = find(&database.clickhouse, 5).await.content.unwrap();
    assert!(last.input.iter().all(|message| message.role != "missing"));
    assert_eq!(usize::from(last.new_from), last.input.len() - 1);
    let within_a_segment = find(&database.clickhouse, 100).await.content.unwrap();
    assert_eq!(within_a_segment.new_from, 3);
    assert_eq!(find(&database.clickhouse, 0).await.content.unwrap().new_from, 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_never_blocks_its_neighbours() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let mut segment = Segment::new(1)
        .call(&call(1, &json!({}), &json!({})))
        .raw(RecordKind::Call, b"\xff\xff\xff no call")
        .call(&call(2, &json!("not an object"), &json!(null)));
    let damaged_at = segment.bytes.len() + 30;
    segment = segment.call(&call(3, &json!({}), &json!({}))).call(&call(4, &json!({}), &json!({})));
    segment.bytes[damaged_at] ^= 0xff;
    let sent_again = segment.bytes.clone();
    let accepted = collector.stored(segment.bytes).await;
    assert_eq!(accepted, json!({"records": 3, "dead_letters": 1, "damaged": 1, "again": false}));
    assert_eq!(count(&database.clickhouse, "count() FROM llm_calls").await, 3);
    let letters = collector.dead_letters();
    assert_eq!(letters.len(), 2, "{letters:?}");
    let kept =
        letters.iter().find(|path| path.extension().is_some_and(|extension| extension == "seg")).unwrap();
    let kept = frame::Segment::parse(Bytes::from(std::fs::read(kept).unwrap())).unwrap();
    assert!(
        matches!(&kept.items().next(), Some(frame::Item::Frame(frame)) if frame.payload.ends_with(b"no call"))
    );
    collector.stored(sent_again).await;
    assert_eq!(collector.dead_letters().len(), 2);
}

#[tokio::test]
async fn bytes_that_are_no_segment_get_the_verdict() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let answer = collector.send("hello").await;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()["x-aop-verdict"], "unreadable");
}

#[tokio::test]
async fn without_the_internal_token_nothing_is_taken_or_shown() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let url = |path: &str| format!("http://{}{path}", collector.address);
    let client = &collector.client;
    assert_eq!(client.post(url("/ingest/segments")).body("x").send().await.unwrap().status(), 401);
    assert_eq!(
        client.get(url("/live")).header("x-aop-internal", "guess").send().await.unwrap().status(),
        401
    );
}

#[tokio::test]
async fn while_clickhouse_is_away_a_segment_is_to_be_sent_again() {
    let nobody = aop_clickhouse::Config {
        url: "http://127.0.0.1:9".to_owned(),
        user: "default".to_owned(),
        password: String::new(),
        database: "aop".to_owned(),
    };
    let collector = Collector::start_anyway(&nobody).await;
    assert_eq!(collector.get("/healthz").await.status(), 200);
    assert_eq!(collector.get("/readyz").await.status(), 503);
    let answer = collector.send(Segment::new(1).call(&call(1, &json!({}), &json!({}))).bytes).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().get("x-aop-verdict").is_none());
}

#[tokio::test]
async fn runner_spans_and_logs_are_stored_and_the_later_span_wins() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let running = SpanRecord {
        team_id: bytes16(TEAM.0),
        trace_id: Bytes::from_static(&[5; 16]),
        span_id: Bytes::from_static(&[6; 8]),
        span_type: "agent".to_owned(),
        name: "Researcher".to_owned(),
        status: "running".to_owned(),
        started_at_us: now_us(),
        source: "runner".to_owned(),
        ..SpanRecord::default()
    };
    let ended = SpanRecord { status: "completed".to_owned(), ended_at_us: now_us() + 9, ..running.clone() };
    let log = LogRecord {
        team_id: bytes16(TEAM.0),
        trace_id: Bytes::from_static(&[5; 16]),
        created_at_us: now_us(),
        level: "info".to_owned(),
        message: "begun".to_owned(),
        ..LogRecord::default()
    };
    let first = Segment::new(1).raw(RecordKind::Span, &running.encode_to_vec());
    collector.stored(first.raw(RecordKind::Log, &log.encode_to_vec()).bytes).await;
    collector.stored(Segment::new(2).raw(RecordKind::Span, &ended.encode_to_vec()).bytes).await;
    let final_status = "countIf(status = 'completed') FROM spans FINAL";
    assert_eq!(count(&database.clickhouse, final_status).await, 1);
    assert_eq!(count(&database.clickhouse, "count() FROM spans FINAL").await, 1);
    assert_eq!(count(&database.clickhouse, "countIf(message = 'begun') FROM logs").await, 1);
}

#[tokio::test]
async fn accepted_records_reach_who_listens_for_them_and_nobody_else() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let mine = collector.get(&format!("/live?team={TEAM}")).await;
    let others = collector.get(&format!("/live?team={}", Uuid::from_u128(1))).await;
    collector
        .stored(Segment::new(1).call(&call(1, &request(&[says("user", "hi")]), &answer("yo"))).bytes)
        .await;
    let mut events = Vec::new();
    let mut text = String::new();
    let mut stream = mine.bytes_stream();
    while events.len() < 4 {
        let chunk = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap();
        text.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
        events = text.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_owned).collect();
    }
    let events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(events[0]["type"], "call");
    assert_eq!(events[0]["team_id"], TEAM.to_string());
    assert_eq!(events[0]["agent_id"], "Researcher");
    assert_eq!(events[0]["call_id"], call_id(1).to_string());
    assert_eq!(events[0]["input_tokens"], 15);
    assert_eq!(events[0]["trace_id"], "05".repeat(16));
    let types: Vec<_> = events[1..].iter().map(|event| event["span_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["llm_call", "attempt", "attempt"]);
    let silence =
        tokio::time::timeout(std::time::Duration::from_millis(300), others.bytes_stream().next()).await;
    assert!(silence.is_err(), "another team's records were sent");
}

#[tokio::test]
async fn what_was_found_about_a_call_is_stored_with_it_once() {
    let database = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&database.config).await;
    let handover = HandoverRecord {
        from_span: 0x0102,
        from_conversation: 10,
        from_agent: 77,
        target: "Writer".to_owned(),
        passing: "transfer".to_owned(),
        rule: "tool".to_owned(),
        confidence: 95,
        ..HandoverRecord::default()
    };
    let link = |link| LinkRecord { link: Some(link), rule: "answer_text".to_owned(), confidence: 90 };
    let inference = InferenceRecord {
        conversation: 10,
        parent_conversation: 9,
        agent: 77,
        prompt: 5,
        agent_name: "researcher".to_owned(),
        agent_rule: "prompt:your_name_is".to_owned(),
        agent_confidence: 90,
        run_rule: "same_history".to_owned(),
        run_confidence: 80,
        handovers: vec![handover.clone(), HandoverRecord { target: "Editor".to_owned(), ..handover }],
        links: vec![
            link(Link::OneRun(OneRun { part: vec![6; 16], whole: vec![5; 16] })),
            link(Link::OneAgent(OneAgent { was: 66, is: 77, name: "researcher".to_owned() })),
            link(Link::Speaker(Speaker { conversation: 8, is: 77, name: "researcher".to_owned() })),
            // Of a newer proxy: nothing that we know.
            LinkRecord::default(),
        ],
        ..InferenceRecord::default()
    };
    let sent =
        CallRecord { inference: Some(inference), ..call(1, &request(&[says("user", "a")]), &answer("b")) };
    let segment = Segment::new(1).call(&sent).bytes;
    collector.stored(segment.clone()).await;
    // A collector that remembers nothing stores the same again, and nothing is there twice.
    Collector::start(&database.config).await.stored(segment).await;
    let clickhouse = &database.clickhouse;
    for (table, rows) in [("handovers", 2), ("trace_links", 1), ("agent_links", 2)] {
        assert_eq!(count(clickhouse, &format!("count() FROM {table}")).await, rows, "{table}");
    }
    let range = aop_clickhouse::TimeRange { from_us: now_us(), to_us: now_us() + 3_600_000_000 };
    let parts = runs::parts(clickhouse, TEAM, TraceId([6; 16])).await.unwrap();
    assert_eq!(parts.traces, [[5; 16], [6; 16]]);
    let calls = runs::calls(clickhouse, TEAM, &parts.traces, range).await.unwrap();
    let found = &calls[0];
    assert_eq!((found.conversation, found.parent_conversation), (10, 9));
    assert_eq!((found.agent_fingerprint, found.prompt_fingerprint), (77, 5));
    assert_eq!((found.found_agent.as_str(), found.found_confidence), ("researcher", 90));
    assert_eq!((found.run_rule.as_str(), found.run_confidence), ("same_history", 80));
    assert_eq!(found.span, u64::from_be_bytes([1; 8]));
    assert_eq!((found.cost, found.cost_known), (21_500_000, true));
    assert_ne!(found.answer_key, 0);
    let handovers = runs::handovers(clickhouse, TEAM, &parts.traces, range).await.unwrap();
    let told: Vec<_> = handovers.iter().map(|one| (one.target.as_str(), one.from_span)).collect();
    assert_eq!(told, [("Writer", 0x0102), ("Editor", 0x0102)]);
    let links = runs::agent_links(clickhouse, TEAM, &[66], &[8], 0).await.unwrap();
    assert_eq!(links.iter().map(|link| link.is).collect::<Vec<_>>(), [77, 77]);
    assert!(runs::agent_links(clickhouse, TEAM, &[67], &[], 0).await.unwrap().is_empty());
    let shapes = runs::shapes(clickhouse, TEAM, &parts.traces, range).await.unwrap();
    assert_eq!((shapes.len(), shapes[0].roles.as_slice()), (1, ["user".to_owned()].as_slice()));
    assert!(shapes[0].bytes[0] > 0 && shapes[0].tools != 0);
    let nobody = aop_domain::id::TeamId::NIL;
    assert_eq!(runs::parts(clickhouse, nobody, TraceId([6; 16])).await.unwrap().traces, [[6; 16]]);
}

#[tokio::test]
async fn every_metric_is_documented() {
    let clickhouse = TestClickHouse::start().await.unwrap();
    let collector = Collector::start(&clickhouse.config).await;
    metrics_page::assert_documented("aop_collector_", &collector.get("/metrics").await.text().await.unwrap());
}
