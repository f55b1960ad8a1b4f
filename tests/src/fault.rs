//! What the parts of `no_record_lost` and the test agree on: ids, records that can be recomputed from their id, addresses.

use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::record::{AttemptRecord, CallRecord, CallStatus, LogRecord, SpanRecord};
use aop_domain::usage::{Usage, UsageSource};
use bytes::Bytes;

pub const PASSWORD: &str = "fault-test";
pub const TOKEN: &str = "fault-test-token";
pub const TEAM: [u8; 16] = [7; 16];
/// Calls of one conversation: each sends the history of the ones before it.
const TURNS: u64 = 5;

pub fn database(port: u16) -> aop_clickhouse::Config {
    aop_clickhouse::Config {
        url: format!("http://127.0.0.1:{port}"),
        user: "default".to_owned(),
        password: PASSWORD.to_owned(),
        database: "aop".to_owned(),
    }
}

/// Which record: the writer, which of its lives, and a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    pub writer: u16,
    pub life: u32,
    pub counter: u64,
}

impl Id {
    /// As a call id: 16 bytes.
    pub fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&self.writer.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.life.to_be_bytes());
        bytes[8..].copy_from_slice(&self.counter.to_be_bytes());
        bytes
    }

    fn span(self) -> [u8; 8] {
        let mut span = [0; 8];
        span[0] = self.writer as u8;
        span[1..4].copy_from_slice(&self.life.to_be_bytes()[1..]);
        span[4..].copy_from_slice(&(self.counter as u32).to_be_bytes());
        span
    }

    /// One trace per conversation.
    fn trace(self) -> Bytes {
        let first = Self { counter: self.counter - self.counter % TURNS, ..self };
        Bytes::copy_from_slice(&first.bytes())
    }

    /// What the call must show in its error message when it comes out.
    pub fn text(self) -> String {
        format!("record {}-{}-{}", self.writer, self.life, self.counter)
    }

    /// Tokens of the call, different for each.
    pub fn tokens(self) -> u32 {
        (self.counter % 1_000) as u32 + 1
    }
}

fn now_us() -> i64 {
    aop_service::clock::Clock::System.now_us()
}

fn team() -> Bytes {
    Bytes::from_static(&TEAM)
}

fn identity() -> ClaimedIdentity {
    let claim = |value: &str| Some(Claim::new(value, IdentitySource::AopHeader));
    ClaimedIdentity { agent: claim("Researcher"), crew: claim("Fault crew"), ..ClaimedIdentity::default() }
}

pub fn call(id: Id) -> CallRecord {
    let turns = (0..=id.counter % TURNS).map(|turn| {
        let content = format!(
            "{} turn {turn} {}",
            Id { counter: id.counter - id.counter % TURNS, ..id }.text(),
            "x".repeat(200)
        );
        serde_json::json!({"role": "user", "content": content})
    });
    let request = serde_json::json!({"model": "sim-fast", "messages": turns.collect::<Vec<_>>()});
    let response = serde_json::json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": id.text()}}]});
    let tokens = id.tokens();
    CallRecord {
        call_id: Bytes::copy_from_slice(&id.bytes()),
        started_at_us: now_us(),
        team_id: team(),
        trace_id: id.trace(),
        span_id: Bytes::copy_from_slice(&id.span()),
        identity: Some(identity()),
        operation: "chat_completions".to_owned(),
        requested_model: "sim-fast".to_owned(),
        response_model: "sim-fast".to_owned(),
        status: CallStatus::Ok as i32,
        http_status: 200,
        error_message: id.text(),
        duration_us: 1_000,
        usage: Some(Usage { in_uncached: tokens, out_text: 1, ..Usage::default() }),
        usage_source: UsageSource::Provider as i32,
        cost_input: format!("0.{tokens:06}"),
        cost_output: "0.000001".to_owned(),
        cost_known: true,
        attempts: vec![AttemptRecord {
            span_id: Bytes::copy_from_slice(&[&[9], &id.span()[1..]].concat()),
            provider: "simulator".to_owned(),
            deployment: "sim".to_owned(),
            started_at_us: now_us(),
            status: CallStatus::Ok as i32,
            ..AttemptRecord::default()
        }],
        request_body: Bytes::from(request.to_string()),
        response_body: Bytes::from(response.to_string()),
        retention_days: 30,
        ..CallRecord::default()
    }
}

pub fn span(id: Id) -> SpanRecord {
    SpanRecord {
        team_id: team(),
        trace_id: id.trace(),
        span_id: Bytes::copy_from_slice(&[&[8], &id.span()[1..]].concat()),
        span_type: "agent".to_owned(),
        name: id.text(),
        status: "completed".to_owned(),
        started_at_us: now_us(),
        ended_at_us: now_us() + 5,
        identity: Some(identity()),
        source: "runner".to_owned(),
        retention_days: 30,
        ..SpanRecord::default()
    }
}

pub fn log(id: Id) -> LogRecord {
    LogRecord {
        team_id: team(),
        trace_id: id.trace(),
        created_at_us: now_us(),
        level: "info".to_owned(),
        message: id.text(),
        retention_days: 30,
        ..LogRecord::default()
    }
}
