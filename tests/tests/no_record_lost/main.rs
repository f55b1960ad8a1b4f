//! No record lost, none doubled: writers with their spools, the collector and ClickHouse are killed with -9 in random order
//! under load; at the end every record that was acknowledged is in ClickHouse exactly once, and the rollups are the
//! sums of the rows (C2).
//!
//! `AOP_FAULT_ROUNDS` sets the number of kills (default 12), `AOP_FAULT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aop_clickhouse::ClickHouse;
use aop_tests::fault::{self, Id};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const WRITERS: u16 = 2;
const KINDS: [&str; 3] = ["writer", "collector", "clickhouse"];

/// A process that is started again after each kill.
struct Part {
    arguments: Box<dyn Fn(u32) -> Vec<String>>,
    /// Counts starts: a writer's ids carry it.
    life: u32,
    child: Child,
}

impl Part {
    fn start(arguments: impl Fn(u32) -> Vec<String> + 'static) -> Self {
        let child = spawn(&arguments(0));
        Self { arguments: Box::new(arguments), life: 0, child }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.life += 1;
        self.child = spawn(&(self.arguments)(self.life));
    }

    /// Closes its input and waits for it to leave by itself.
    fn finish(&mut self, within: Duration) {
        drop(self.child.stdin.take());
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "a part ended with {status}");
                return;
            }
            assert!(started.elapsed() < within, "a part did not finish in {within:?}: its records are stuck");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Already gone after `finish`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(arguments: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fault-parts")).args(arguments).stdin(Stdio::piped()).spawn().unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn engine_library() -> PathBuf {
    let engines = std::env::var_os("AOP_ENGINES_DIR").map(PathBuf::from);
    let engines =
        engines.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../engines/node_modules"));
    let library = engines.join("@chdb/lib-linux-x64-gnu/libchdb.so");
    assert!(library.exists(), "{} is missing: run `make setup`", library.display());
    library
}

struct World {
    writers: Vec<Part>,
    collector: Part,
    clickhouse: Part,
    clickhouse_port: u16,
    dir: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clickhouse_port, collector_port) = (free_port(), free_port());
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let path = |name: &str| text(dir.path().join(name));
        let clickhouse = vec![
            "clickhouse".to_owned(),
            text(engine_library()),
            path("clickhouse"),
            clickhouse_port.to_string(),
        ];
        let collector = vec![
            "collector".to_owned(),
            path("collector"),
            collector_port.to_string(),
            clickhouse_port.to_string(),
        ];
        let writers = (0..WRITERS).map(|number| {
            let folder = dir.path().join(format!("writer-{number}"));
            std::fs::create_dir(&folder).unwrap();
            let fixed = ["writer".to_owned(), text(folder), collector_port.to_string(), number.to_string()];
            Part::start(move |life| fixed.iter().cloned().chain([life.to_string()]).collect())
        });
        Self {
            writers: writers.collect(),
            collector: Part::start(move |_| collector.clone()),
            clickhouse: Part::start(move |_| clickhouse.clone()),
            clickhouse_port,
            dir,
        }
    }

    /// Kills one part at a random moment, leaves it dead for a random time, and starts it again.
    fn fault(&mut self, kind: &str, random: &mut StdRng) {
        std::thread::sleep(Duration::from_millis(random.random_range(20..1_200)));
        let part = match kind {
            "writer" => &mut self.writers[random.random_range(0..usize::from(WRITERS))],
            "collector" => &mut self.collector,
            _ => &mut self.clickhouse,
        };
        part.kill();
        if random.random_bool(0.5) {
            std::thread::sleep(Duration::from_millis(random.random_range(1..700)));
        }
        part.restart();
    }

    /// Ids that the writers noted: each was acknowledged by its spool.
    fn acknowledged(&self) -> HashSet<[u8; 16]> {
        let mut ids = HashSet::new();
        for number in 0..WRITERS {
            let notes = std::fs::read(self.dir.path().join(format!("writer-{number}/acknowledged"))).unwrap();
            let (whole, _cut_by_a_kill) = notes.as_chunks::<16>();
            ids.extend(whole.iter().copied());
        }
        ids
    }
}

fn rounds() -> u32 {
    std::env::var("AOP_FAULT_ROUNDS")
        .map_or(12, |rounds| rounds.parse().expect("AOP_FAULT_ROUNDS is a number"))
}

fn seed() -> u64 {
    let given =
        std::env::var("AOP_FAULT_SEED").ok().map(|seed| seed.parse().expect("AOP_FAULT_SEED is a number"));
    given.unwrap_or_else(rand::random)
}

#[tokio::test]
async fn every_acknowledged_record_is_stored_once_whoever_is_killed() {
    let seed = seed();
    eprintln!("AOP_FAULT_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::start();
    let mut killed = Vec::new();
    // Each kind first, so that no seed leaves one out.
    let kinds = KINDS.into_iter().map(Some).chain(std::iter::repeat(None));
    for kind in kinds.take(rounds() as usize) {
        let kind = kind.unwrap_or_else(|| KINDS[random.random_range(0..KINDS.len())]);
        world.fault(kind, &mut random);
        killed.push(kind);
    }
    for writer in &mut world.writers {
        writer.finish(Duration::from_secs(300));
    }
    let count = |kind: &str| killed.iter().filter(|victim| **victim == kind).count();
    let acknowledged = world.acknowledged();
    eprintln!("{} acknowledged; killed: {:?}", acknowledged.len(), KINDS.map(|kind| (kind, count(kind))));
    assert!(acknowledged.len() > 200, "there was no load");
    let clickhouse = ClickHouse::connect(&fault::database(world.clickhouse_port)).unwrap();
    every_record_is_there_once(&clickhouse, &acknowledged).await;
    rollups_are_the_sums_of_the_rows(&clickhouse).await;
    content_is_whole(&clickhouse).await;
    let dead_letters = std::fs::read_dir(world.dir.path().join("collector/dead-letters")).unwrap().count();
    assert_eq!(dead_letters, 0, "a kill made records unreadable");
}

async fn number(clickhouse: &ClickHouse, sql: &str) -> u64 {
    clickhouse.client().query(sql).fetch_one::<u64>().await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct Stored {
    call_id: [u8; 16],
    error_message: String,
}

async fn every_record_is_there_once(clickhouse: &ClickHouse, acknowledged: &HashSet<[u8; 16]>) {
    let stored = clickhouse.client().query("SELECT call_id, error_message FROM llm_calls");
    let stored: Vec<Stored> = stored.fetch_all().await.unwrap();
    let ids: HashSet<[u8; 16]> = stored.iter().map(|row| row.call_id).collect();
    let lost = acknowledged.difference(&ids).count();
    assert_eq!(lost, 0, "{lost} acknowledged records are not stored");
    assert_eq!(stored.len(), ids.len(), "{} records are stored twice", stored.len() - ids.len());
    // A record may be stored without its note: the kill came between the two. Then it is the last of a writer's life.
    let unnoted = ids.len() - acknowledged.len();
    assert!(unnoted <= (rounds() + u32::from(WRITERS)) as usize, "{unnoted} records came from nowhere");
    for Stored { call_id: bytes, error_message: text } in &stored {
        let id = Id {
            writer: u16::from_be_bytes([bytes[0], bytes[1]]),
            life: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
            counter: u64::from_be_bytes(bytes[8..].try_into().unwrap()),
        };
        assert_eq!(*text, id.text());
    }
    for (table, of, key) in [
        ("spans", "span_type = 'llm_call'", "call_id"),
        ("spans", "span_type = 'attempt'", "call_id"),
        ("spans", "span_type = 'agent'", "name"),
        ("logs", "1", "message"),
    ] {
        let all = number(clickhouse, &format!("SELECT count() FROM {table} WHERE {of}")).await;
        let once = number(clickhouse, &format!("SELECT uniqExact({key}) FROM {table} WHERE {of}")).await;
        assert_eq!(all, once, "{table} of {of} doubled");
        if key == "call_id" {
            assert_eq!(all, stored.len() as u64, "{table} of {of} lost");
        }
    }
}

async fn rollups_are_the_sums_of_the_rows(clickhouse: &ClickHouse) {
    for (raw, rolled) in [
        ("count()", "sum(calls)"),
        ("sum(toUInt64(in_uncached))", "sum(in_uncached)"),
        ("toUInt64(sum(cost) * 1000000)", "toUInt64(sum(cost) * 1000000)"),
    ] {
        let of_rows = number(clickhouse, &format!("SELECT {raw} FROM llm_calls")).await;
        for rollup in ["usage_1m", "usage_1h", "usage_1d", "usage_run"] {
            let of_rollup = number(clickhouse, &format!("SELECT {rolled} FROM {rollup}")).await;
            assert_eq!(of_rollup, of_rows, "{rolled} of {rollup}");
        }
    }
    let spans = number(clickhouse, "SELECT countIf(span_type != 'attempt') FROM spans").await;
    assert_eq!(number(clickhouse, "SELECT sum(spans) FROM trace_index").await, spans);
}

async fn content_is_whole(clickhouse: &ClickHouse) {
    let used =
        "SELECT DISTINCT team, arrayJoin(arrayConcat(input_hashes, output_hashes)) AS hash FROM call_bodies";
    let missing =
        format!("SELECT count() FROM ({used}) WHERE (team, hash) NOT IN (SELECT team, hash FROM messages)");
    assert_eq!(number(clickhouse, &missing).await, 0, "messages are missing");
    assert!(number(clickhouse, &format!("SELECT count() FROM ({used})")).await > 100);
}
