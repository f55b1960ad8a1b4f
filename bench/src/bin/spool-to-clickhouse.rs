//! From spool to ClickHouse: `spool-to-clickhouse --aop target/release/aop`. Two figures: how many 1 KB calls a second the road
//! carries when a backlog waits (and what that costs in CPU, by part), and how far it is behind at a steady rate.
//! Rows stored are compared with calls sent at the end of each.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use aop_bench::machine;
use aop_domain::record::{AttemptRecord, CallRecord, CallStatus, RecordKind};
use aop_domain::usage::{Usage, UsageSource};
use aop_service::keys::MasterKey;
use aop_spool::{Spool, ship};
use bytes::Bytes;
use clap::Parser;
use prost::Message;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const MASTER_KEY: [u8; 32] = [7; 32];
const PASSWORD: &str = "bench";

#[derive(Parser)]
struct Arguments {
    /// The binary whose collector and ClickHouse are measured.
    #[arg(long)]
    aop: PathBuf,
    #[arg(long, default_value = "engines/node_modules")]
    engines: PathBuf,
    /// Calls of the backlog.
    #[arg(long, default_value_t = 50_000)]
    backlog: u32,
    /// Calls a second of the steady part.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// A child that does not outlive the bench.
struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        // Its data is thrown away with the folder.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Parts {
    clickhouse: Part,
    collector: Part,
    clickhouse_url: String,
    collector_url: String,
    client: reqwest::Client,
}

impl Parts {
    async fn start(arguments: &Arguments, dir: &Path) -> anyhow::Result<Self> {
        let (clickhouse, collector) = (free_address()?, free_address()?);
        let key = MasterKey::from_bytes(MASTER_KEY).to_hex();
        let start = |part: &str, variables: &[(&str, &str)]| -> anyhow::Result<Part> {
            let mut command = Command::new(&arguments.aop);
            command.arg(part).env("AOP_LOG", "warn").envs(variables.iter().copied()).stdin(Stdio::null());
            Ok(Part(command.spawn().with_context(|| format!("starting {}", arguments.aop.display()))?))
        };
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let clickhouse_url = format!("http://{clickhouse}");
        let parts = Self {
            clickhouse: start(
                "clickhouse",
                &[
                    ("AOP_CLICKHOUSE_LISTEN", &clickhouse),
                    ("AOP_CLICKHOUSE_DIR", &text(dir.join("clickhouse"))),
                    ("AOP_CLICKHOUSE_PASSWORD", PASSWORD),
                    ("AOP_ENGINES_DIR", &text(arguments.engines.clone())),
                ],
            )?,
            collector: start(
                "collector",
                &[
                    ("AOP_COLLECTOR_LISTEN", &collector),
                    ("AOP_COLLECTOR_DIR", &text(dir.join("collector"))),
                    ("AOP_CLICKHOUSE_URL", &clickhouse_url),
                    ("AOP_CLICKHOUSE_PASSWORD", PASSWORD),
                    ("AOP_MASTER_KEY", key.expose()),
                ],
            )?,
            clickhouse_url,
            collector_url: format!("http://{collector}"),
            client: reqwest::Client::builder().no_proxy().build()?,
        };
        parts.ready().await?;
        Ok(parts)
    }

    async fn ready(&self) -> anyhow::Result<()> {
        for _ in 0..600 {
            let answer = self.client.get(format!("{}/readyz", self.collector_url)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("the collector did not become ready in a minute")
    }

    async fn stored(&self) -> anyhow::Result<u64> {
        let request = self.client.post(format!("{}/?database=aop", self.clickhouse_url));
        let request = request.header("x-clickhouse-user", "default").header("x-clickhouse-key", PASSWORD);
        let answer =
            request.body("SELECT uniqExact(call_id) FROM llm_calls").send().await?.error_for_status()?;
        Ok(answer.text().await?.trim().parse()?)
    }

    /// CPU microseconds so far of collector and ClickHouse.
    fn cpu_us(&self) -> (u64, u64) {
        (machine::cpu_us(&[self.collector.0.id()]), machine::cpu_us(&[self.clickhouse.0.id()]))
    }
}

fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// A call of about 1 KB, of one of 50 agents, in a conversation that says something new each time.
fn call(number: u32, now_us: i64) -> CallRecord {
    let request = format!(
        r#"{{"model":"sim-fast","messages":[{{"role":"system","content":"You are agent {}. {}"}},{{"role":"user","content":"Question {number}: {}"}}],"temperature":0.2}}"#,
        number % 50,
        "Be brief and exact. ".repeat(8),
        "what is the sum of the parts? ".repeat(12),
    );
    let response = format!(
        r#"{{"id":"r-{number}","object":"chat.completion","model":"sim-fast","choices":[{{"index":0,"message":{{"role":"assistant","content":"Answer {number}."}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":120,"completion_tokens":9}}}}"#
    );
    let id = |of: u128| Bytes::copy_from_slice(Uuid::from_u128(of).as_bytes());
    CallRecord {
        call_id: Bytes::copy_from_slice(Uuid::now_v7().as_bytes()),
        started_at_us: now_us,
        team_id: id(1 + u128::from(number % 5)),
        key_id: id(100 + u128::from(number % 20)),
        trace_id: Bytes::copy_from_slice(Uuid::now_v7().as_bytes()),
        span_id: Bytes::copy_from_slice(&u64::from(number + 1).to_be_bytes()),
        operation: "chat_completions".to_owned(),
        requested_model: "sim-fast".to_owned(),
        response_model: "sim-fast".to_owned(),
        status: CallStatus::Ok as i32,
        http_status: 200,
        duration_us: 1_000 + u64::from(number % 500),
        usage: Some(Usage { in_uncached: 120, out_text: 9, ..Usage::default() }),
        usage_source: UsageSource::Provider as i32,
        cost_input: "0.000012".to_owned(),
        cost_output: "0.0000036".to_owned(),
        cost_known: true,
        attempts: vec![AttemptRecord {
            span_id: Bytes::copy_from_slice(&(1 << 63 | u64::from(number + 1)).to_be_bytes()),
            provider: "simulator".to_owned(),
            deployment: "simulator/sim-fast".to_owned(),
            started_at_us: now_us,
            duration_us: 900,
            http_status: 200,
            ..AttemptRecord::default()
        }],
        request_bytes: request.len() as u64,
        response_bytes: response.len() as u64,
        request_body: Bytes::from(request),
        response_body: Bytes::from(response),
        retention_days: 30,
        ..CallRecord::default()
    }
}

fn now_us() -> i64 {
    aop_service::clock::Clock::System.now_us()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Only the first caller installs it; there is only one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let dir = tempfile::tempdir()?;
    let parts = Parts::start(&arguments, dir.path()).await?;
    let spool = Arc::new(Spool::open(aop_spool::Config::new(dir.path().join("spool")))?);
    let token = MasterKey::from_bytes(MASTER_KEY).internal_token().expose().clone();
    let shipping = ship::Config::new(&parts.collector_url, token);

    append_backlog(&spool, arguments.backlog)?;
    // Sealed by age or size before the clock starts.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = parts.cpu_us();
    let started = Instant::now();
    let stop = CancellationToken::new();
    let shipper = tokio::spawn(ship::run(Arc::clone(&spool), shipping, stop.clone()));
    drained(&spool).await;
    let elapsed_s = started.elapsed().as_secs_f64();
    let after = parts.cpu_us();
    let seconds = |cpu_us: u64| cpu_us as f64 / 1e6;
    let (collector_s, clickhouse_s) = (seconds(after.0 - before.0), seconds(after.1 - before.1));
    let calls = f64::from(arguments.backlog);
    println!(
        "backlog: {calls} calls in {elapsed_s:.2} s = {:.0} calls/s; CPU: collector {:.0} µs/call, ClickHouse {:.0} µs/call = {:.0} calls/s on one core",
        calls / elapsed_s,
        collector_s / calls * 1e6,
        clickhouse_s / calls * 1e6,
        calls / (collector_s + clickhouse_s),
    );

    let lags = steady(&spool, arguments.rate, arguments.seconds).await?;
    drained(&spool).await;
    let at = |share: f64| lags[((lags.len() - 1) as f64 * share) as usize];
    println!(
        "steady {} calls/s for {} s: oldest record not yet stored is {} ms old in the median, {} ms at p99, {} ms at most",
        arguments.rate,
        arguments.seconds,
        at(0.5),
        at(0.99),
        at(1.0),
    );
    stop.cancel();
    shipper.await??;
    let (sent, stored) =
        (u64::from(arguments.backlog) + u64::from(arguments.rate * arguments.seconds), parts.stored().await?);
    ensure!(stored == sent, "{stored} rows for {sent} calls");
    println!("rows stored = calls sent = {sent}");
    Ok(())
}

fn append_backlog(spool: &Spool, calls: u32) -> anyhow::Result<()> {
    let records: Vec<Vec<u8>> = (0..calls).map(|number| call(number, now_us()).encode_to_vec()).collect();
    let started = Instant::now();
    for record in &records {
        spool.append(RecordKind::Call, &[record])?;
    }
    let each_us = started.elapsed().as_secs_f64() / f64::from(calls) * 1e6;
    let bytes: usize = records.iter().map(Vec::len).sum();
    println!("append: {each_us:.1} µs for a record of {} bytes", bytes / calls.max(1) as usize);
    Ok(())
}

/// Waits until nothing is in the spool.
async fn drained(spool: &Spool) {
    loop {
        let stats = spool.stats();
        if stats.segments == 0 && stats.unsealed_records == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Appends at a constant rate. The age of the oldest record that is not yet stored, sampled all the while, sorted.
async fn steady(spool: &Arc<Spool>, rate: u32, seconds: u32) -> anyhow::Result<Vec<u64>> {
    let started = Instant::now();
    let mut lags = vec![0];
    let mut number = 0;
    while number < rate * seconds {
        let due = (started.elapsed().as_secs_f64() * f64::from(rate)) as u32;
        while number < due.min(rate * seconds) {
            spool.append(RecordKind::Call, &[&call(1_000_000 + number, now_us()).encode_to_vec()])?;
            number += 1;
        }
        lags.push(spool.stats().oldest_age_ms);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lags.sort_unstable();
    Ok(lags)
}
