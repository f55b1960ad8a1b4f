//! How long the dashboard's question takes over many calls: fills the ledger of a fresh installation with made-up calls of
//! the last seven days, then asks `GET /api/analytics/overview` through the front door, over one day and over seven.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use aop_bench::store::Store;
use aop_bench::target::{Aop, mock};

#[derive(Parser)]
struct Options {
    /// The release build of `aop`
    #[arg(long)]
    aop: PathBuf,
    #[arg(long, default_value_t = 10_000_000)]
    calls: u64,
    #[arg(long, default_value_t = 15)]
    asks: usize,
}

/// Rows of one insert: spread over a week of partitions, more would not fit in the engine's memory for one query.
const BATCH: u64 = 200_000;

/// 40 agents in 8 crews; an agent has a model or two and a key, as real ones do. Latency and cost follow a long tail.
const FILL: &str = "INSERT INTO llm_calls (team, ts, call_id, trace_id, span_id, key_id, crew, agent, operation, provider, deployment, \
    requested_model, response_model, stream, attempts, status, http_status, duration_us, first_token_us, in_uncached, in_cache_read, \
    out_text, usage_source, cost_input, cost_output, cost, cost_known, request_bytes, response_bytes, node) \
    SELECT unhex('{team}'), now64(6) - toIntervalMicrosecond(rand64(1) % 604800000000), reinterpretAsFixedString(generateUUIDv4(number)), \
    reinterpretAsFixedString(generateUUIDv4(number + 1)), substring(reinterpretAsFixedString(generateUUIDv4(number + 2)), 1, 8), \
    toFixedString(toString(number % 40 % 12), 16), concat('crew-', toString(number % 40 % 8)) AS crew, \
    concat('agent-', toString(number % 40)) AS agent, 'chat_completions', concat('provider-', toString(number % 40 % 3)), 'deployment', \
    concat('model-', toString(number % 40 % 20 + (rand(2) % 4 = 0 ? 1 : 0))) AS model, model, rand(3) % 2, 1, \
    rand(4) % 50 = 0 ? 'upstream_error' : 'ok' AS status, status = 'ok' ? 200 : 502, toUInt64(200000 * exp(rand(5) % 1000 / 300)) AS duration, \
    toUInt64(duration / 4), rand(6) % 4000, rand(7) % 8000, rand(8) % 800, 'provider', toDecimal64(rand(6) % 4000, 12) / 400000 AS ci, \
    toDecimal64(rand(8) % 800, 12) / 100000 AS co, ci + co, 1, 4000, 2000, 'bench' \
    FROM numbers({from}, {count}) SETTINGS max_insert_threads = 1, max_memory_usage = 2500000000";

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = Options::parse();
    let (_mock, upstream) = mock(1, 0)?;
    let aop = Aop::start(&options.aop, upstream)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(120)).build()?;
    let store = Store::of(&aop)?;
    runtime.block_on(async {
        let team = first_team(&client, &aop, &store).await?;
        let started = Instant::now();
        for from in (0..options.calls).step_by(usize::try_from(BATCH)?) {
            let count = BATCH.min(options.calls - from);
            let fill = FILL.replace("{team}", &team).replace("{from}", &from.to_string()).replace("{count}", &count.to_string());
            store.ask(&client, &fill).await?;
        }
        let rows = store.ask(&client, "SELECT count() FROM llm_calls").await?;
        let rollup = store.ask(&client, "SELECT (SELECT count() FROM usage_1m), (SELECT count() FROM usage_1h), (SELECT count() FROM usage_1d)").await?;
        print(&format!("{rows} calls, rollup rows (1m, 1h, 1d) {rollup}, made in {:?}\n", started.elapsed()))?;
        for (name, hours) in [("1 hour", 1), ("1 day", 24), ("7 days", 168)] {
            let mut took = Vec::new();
            for _ in 0..options.asks {
                let started = Instant::now();
                let from = (OffsetDateTime::now_utc() - Duration::from_secs(hours * 3600)).format(&Rfc3339)?;
                let url = format!("http://{}/api/analytics/overview?from={from}", aop.address);
                let answer = client.get(url).bearer_auth(&aop.key).send().await?;
                let status = answer.status();
                let text = answer.text().await?;
                ensure!(status.is_success(), "overview answered {status}: {text}");
                took.push(started.elapsed());
            }
            took.sort();
            print(&format!("overview of {name}: median {:?}, slowest {:?}\n", took[took.len() / 2], took[took.len() - 1]))?;
        }
        Ok(())
    })
}

/// The team of the bench's key, as hex: from the row of one real call.
async fn first_team(client: &reqwest::Client, aop: &Aop, store: &Store) -> anyhow::Result<String> {
    let url = format!("http://{}/v1/chat/completions", aop.address);
    let body = serde_json::json!({"model": "sim-fast", "messages": [{"role": "user", "content": "hello"}]});
    let answer = client.post(url).bearer_auth(&aop.key).body(body.to_string()).send().await?;
    ensure!(answer.status().is_success(), "the first call failed: {}", answer.text().await?);
    for _ in 0..100 {
        let team = store.ask(client, "SELECT lower(hex(team)) FROM llm_calls LIMIT 1").await?;
        if !team.is_empty() {
            return Ok(team);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the first call never became a row")
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn print(text: &str) -> anyhow::Result<()> {
    print!("{text}");
    Ok(std::io::stdout().flush()?)
}
