//! Runs every stage on every target, interleaved, and prints the tables: `bench/run.sh` builds and starts it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use aop_bench::load::{self, Load, Shape};
use aop_bench::report::{Row, median, table};
use aop_bench::store::Store;
use aop_bench::{body, continuations, machine, target};

#[derive(Parser)]
struct Options {
    /// The release build of `aop`
    #[arg(long)]
    aop: PathBuf,
    /// Measured seconds of each window
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// Only stages whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// So often broken streams are continued elsewhere; 0: they are not looked at for that
    #[arg(long, default_value_t = 0)]
    continuations: u8,
    /// Where the raw rows are written, one JSON a line
    #[arg(long)]
    out: Option<PathBuf>,
}

struct Stage {
    name: &'static str,
    bytes: usize,
    stream: bool,
    chunks: u32,
    pause_us: u64,
    shape: Shape,
}

const fn stage(name: &'static str, bytes: usize, shape: Shape) -> Stage {
    Stage { name, bytes, stream: false, chunks: 100, pause_us: 0, shape }
}

const STAGES: &[Stage] = &[
    stage("1 KB, 1 connection", 1 << 10, Shape::Closed { connections: 1 }),
    stage("1 KB, 16 connections", 1 << 10, Shape::Closed { connections: 16 }),
    stage("1 KB, 64 connections", 1 << 10, Shape::Closed { connections: 64 }),
    stage("1 KB, 500/s", 1 << 10, Shape::Rate { per_second: 500, most_connections: 256 }),
    stage("32 KB, 4 connections", 32 << 10, Shape::Closed { connections: 4 }),
    stage("1 MB, 4 connections", 1 << 20, Shape::Closed { connections: 4 }),
    Stage {
        stream: true,
        ..stage("stream, 100 chunks at once, 4 connections", 1 << 10, Shape::Closed { connections: 4 })
    },
    Stage {
        stream: true,
        pause_us: 5000,
        ..stage(
            "stream, 100 chunks 5 ms apart, 20 streams/s",
            1 << 10,
            Shape::Rate { per_second: 20, most_connections: 256 },
        )
    },
    Stage {
        stream: true,
        chunks: 8,
        pause_us: 250_000,
        ..stage(
            "stream, 1,000 at the same time, a chunk every 250 ms",
            1 << 10,
            Shape::Closed { connections: 1000 },
        )
    },
];

/// The model the bench asks for: one of the simulator's, answered by the mock.
const MODEL: &str = "sim-fast";

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = Options::parse();
    target::pin(std::process::id(), target::LOAD_CPU);
    print(&format!(
        "{}; gateway on one core; {} windows of {} s, medians\n",
        machine::describe(),
        options.repeats,
        options.seconds
    ))?;
    let temp = tempfile::tempdir()?;
    let mut answered = 0;
    let mut everything = Vec::new();
    // A mock for each pace. AOP is started once for each, so that its store holds every call of the run.
    for paced in [0, 5_000, 250_000] {
        let stages: Vec<&Stage> = STAGES
            .iter()
            .filter(|stage| stage.pause_us == paced && stage.name.contains(&options.only))
            .collect();
        let Some(first) = stages.first() else { continue };
        let (_mock, upstream) = target::mock(first.chunks, first.pause_us)?;
        let (pass, pass_at) = target::pingora(upstream)?;
        let (nginx, nginx_at) = target::nginx(upstream, temp.path())?;
        let aop = target::Aop::start(&options.aop, upstream)?;
        if options.continuations > 0 {
            continuations::turn_on(&aop, MODEL, options.continuations)?;
        }
        let targets: Vec<(&str, SocketAddr, Vec<u32>)> = vec![
            ("direct", upstream, vec![]),
            ("nginx", nginx_at, machine::tree(nginx.pid())),
            ("pingora", pass_at, vec![pass.pid()]),
            ("aop", aop.address, vec![aop.proxy()?]),
        ];
        for stage in stages {
            let mut repeats: Vec<Vec<Row>> = vec![Vec::new(); targets.len()];
            for _ in 0..options.repeats {
                for ((name, at, pids), rows) in targets.iter().zip(&mut repeats) {
                    let outcome = load::run(load_for(stage, *at, pids.clone(), &aop.key, options.seconds))?;
                    let row = Row::new(stage.name, name, &outcome);
                    answered += if *name == "aop" { outcome.answered_in_all } else { 0 };
                    everything.push(serde_json::to_string(&row)?);
                    rows.push(row);
                }
            }
            let medians: Vec<Row> = repeats.iter().filter_map(|rows| median(rows)).collect();
            print(&table(stage.name, &medians))?;
        }
        let stored = count_stored(&aop, answered)?;
        print(&format!("\ncalls answered by aop: {answered}; rows stored: {stored}\n"))?;
        answered = 0;
    }
    if let Some(out) = options.out {
        std::fs::write(out, everything.join("\n"))?;
    }
    Ok(())
}

fn load_for(stage: &Stage, to: SocketAddr, pids: Vec<u32>, key: &str, seconds: f64) -> Load {
    let body = body::chat(MODEL, stage.bytes, stage.stream);
    let mut request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Accept: */*\r\nUser-Agent: aop-bench\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(&body);
    Load {
        to,
        request,
        stream: stage.stream,
        shape: stage.shape,
        warmup: Duration::from_millis(700),
        measured: Duration::from_secs_f64(seconds),
        pids,
    }
}

/// Rows in the ledger, once it has had time to take in what is still under way.
fn count_stored(aop: &target::Aop, expected: u64) -> anyhow::Result<u64> {
    let store = Store::of(aop)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
    let mut stored = 0;
    for _ in 0..300 {
        stored = runtime.block_on(store.ask(&client, "SELECT count() FROM llm_calls"))?.parse()?;
        if stored >= expected {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(stored)
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn print(text: &str) -> anyhow::Result<()> {
    print!("{text}");
    Ok(std::io::stdout().flush()?)
}
