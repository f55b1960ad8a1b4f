//! What is stored of an agent's conversation, beside what was sent: agents send their whole history with every call, AOP keeps
//! each message once. Plays conversations of 40 turns through a fresh installation and asks the engine for its bytes on disk.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::Parser;
use serde_json::{Value, json};

use aop_bench::store::Store;
use aop_bench::target::{Aop, mock};

#[derive(Parser)]
struct Options {
    /// The release build of `aop`
    #[arg(long)]
    aop: PathBuf,
    #[arg(long, default_value_t = 25)]
    conversations: u64,
    #[arg(long, default_value_t = 40)]
    turns: u64,
    /// Bytes of one message
    #[arg(long, default_value_t = 1500)]
    message_bytes: usize,
}

const WORDS: &[&str] = &[
    "retry",
    "budget",
    "router",
    "latency",
    "deployment",
    "customer",
    "invoice",
    "token",
    "agent",
    "because",
    "however",
    "the",
    "of",
    "and",
    "after",
    "before",
    "Tuesday",
    "release",
    "rollback",
    "figure",
    "cache",
    "window",
    "answer",
    "planner",
    "review",
    "report",
];

/// Text that no other message holds: words in an order drawn from the seed.
fn text(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % u64::try_from(WORDS.len()).unwrap_or(1)).unwrap_or(0);
        text.push_str(WORDS[at]);
        text.push_str(if state.is_multiple_of(11) { ". " } else { " " });
        if state.is_multiple_of(7) {
            text.push_str(&(state % 10_000).to_string());
            text.push(' ');
        }
    }
    text
}

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = Options::parse();
    let (_mock, upstream) = mock(1, 0)?;
    let aop = Aop::start(&options.aop, upstream)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(play(&options, &aop))
}

async fn play(options: &Options, aop: &Aop) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
    let (mut calls, mut sent_bytes) = (0u64, 0usize);
    for conversation in 0..options.conversations {
        let mut messages = vec![json!({"role": "system", "content": text(conversation % 5, 4000)})];
        for turn in 0..options.turns {
            let seed = (conversation + 1) * 1_000_000 + turn * 10;
            messages.push(json!({"role": "user", "content": text(seed, options.message_bytes)}));
            sent_bytes += ask(&client, aop, conversation, &messages).await?;
            calls += 1;
            messages.push(json!({"role": "assistant", "content": text(seed + 1, options.message_bytes)}));
        }
    }
    let store = Store::of(aop)?;
    wait_for_rows(&client, &store, calls).await?;
    let by_table = store.ask(&client, "SELECT table, sum(bytes_on_disk) AS b FROM system.parts WHERE active AND database = 'aop' GROUP BY table ORDER BY b DESC").await?;
    let stored: usize =
        by_table.lines().filter_map(|line| line.split('\t').nth(1)?.parse::<usize>().ok()).sum();
    let (sent, kept) = (sent_bytes as f64 / calls as f64, stored as f64 / calls as f64);
    print(&format!(
        "{calls} calls, {:.1} MB sent; per call {sent:.0} bytes sent, {kept:.0} stored: {:.1} x less\n{by_table}\n",
        sent_bytes as f64 / 1e6,
        sent / kept
    ))
}

async fn ask(
    client: &reqwest::Client,
    aop: &Aop,
    conversation: u64,
    messages: &[Value],
) -> anyhow::Result<usize> {
    let body = json!({"model": "sim-fast", "messages": messages}).to_string();
    let bytes = body.len();
    let url = format!("http://{}/v1/chat/completions", aop.address);
    let session = format!("conversation-{conversation}");
    let answer =
        client.post(url).bearer_auth(&aop.key).header("x-aop-session-id", session).body(body).send().await?;
    ensure!(answer.status().is_success(), "a call failed: {}", answer.text().await?);
    answer.bytes().await?;
    Ok(bytes)
}

async fn wait_for_rows(client: &reqwest::Client, store: &Store, calls: u64) -> anyhow::Result<()> {
    for _ in 0..300 {
        if store.ask(client, "SELECT count() FROM llm_calls").await?.parse::<u64>()? >= calls {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("not every call became a row")
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn print(text: &str) -> anyhow::Result<()> {
    print!("{text}");
    Ok(std::io::stdout().flush()?)
}
