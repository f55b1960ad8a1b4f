//! Killed with -9 in the middle of inserts: what was acknowledged is there, and what is sent again is there once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aop_clickhouse::{ClickHouse, Error, LlmCallRow, SpanRow};
use tokio::sync::Mutex;

use crate::support::Server;

const ROUNDS: u64 = 8;
const WRITERS: u64 = 3;
const ROWS: u64 = 500;

/// The hour in which the test began, microseconds: minutes of long ago would leave their rollup at once.
fn base_us() -> i64 {
    static BASE: OnceLock<i64> = OnceLock::new();
    *BASE.get_or_init(|| {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        (now_s / 3_600 * 3_600) as i64 * 1_000_000
    })
}

/// Both tables of one segment, as the collector writes them.
async fn send(clickhouse: &ClickHouse, writer: u64, segment: u64) -> Result<(), Error> {
    let calls = calls(writer, segment);
    clickhouse.insert_batch(&calls, &format!("writer-{writer}-{segment}-llm_calls")).await?;
    let spans: Vec<_> = calls.iter().map(span).collect();
    clickhouse.insert_batch(&spans, &format!("writer-{writer}-{segment}-spans")).await
}

fn span(call: &LlmCallRow) -> SpanRow {
    SpanRow {
        team: call.team,
        ts: call.ts,
        trace_id: call.trace_id,
        span_id: call.call_id[8..].try_into().unwrap(),
        span_type: "llm_call".into(),
        status: "completed".into(),
        ended_at: call.ts + 1,
        call_id: call.call_id,
        input_tokens: u64::from(call.in_uncached),
        cost: call.cost,
        cost_known: true,
        version: 1,
        ..SpanRow::default()
    }
}

fn calls(writer: u64, segment: u64) -> Vec<LlmCallRow> {
    let rows = (0..ROWS).map(|at| {
        let number = (writer << 48) | (segment << 16) | at;
        let mut call_id = [0; 16];
        call_id[8..].copy_from_slice(&number.to_be_bytes());
        LlmCallRow {
            team: [1; 16],
            ts: base_us() + (segment * ROWS + at) as i64 * 1_000,
            call_id,
            trace_id: [writer as u8 + 1; 16],
            requested_model: format!("model-{}", at % 3),
            agent: format!("agent-{}", at % 5),
            status: "ok".into(),
            in_uncached: 10,
            out_text: 3,
            cost: 1_000_003,
            cost_known: true,
            duration_us: 1_000 + at,
            ..LlmCallRow::default()
        }
    });
    rows.collect()
}

/// Sends segment after segment until the server is gone; gives back the next one that is not acknowledged.
async fn write(clickhouse: ClickHouse, writer: u64, mut segment: u64, acknowledged: Arc<AtomicU64>) -> u64 {
    loop {
        match send(&clickhouse, writer, segment).await {
            Ok(()) => {
                segment += 1;
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                assert!(error.is_retryable(), "{error}");
                return segment;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_sent_again_is_doubled() {
    let data = tempfile::tempdir().unwrap();
    let server = Arc::new(Mutex::new(Server::start(data.path())));
    server.lock().await.migrated().await;
    let mut next = [0_u64; WRITERS as usize];
    let acknowledged = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let clickhouse = server.lock().await.connect("aop");
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                tokio::spawn(write(
                    clickhouse.clone(),
                    writer,
                    next[writer as usize],
                    Arc::clone(&acknowledged),
                ))
            })
            .collect();
        while acknowledged.load(Ordering::Relaxed) < (round + 1) * WRITERS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // In each round at another moment of the batch that is under way.
        tokio::time::sleep(Duration::from_millis(7 * round)).await;
        server.lock().await.kill();
        for (writer, handle) in writers.into_iter().enumerate() {
            next[writer] = handle.await.unwrap();
        }
        *server.lock().await = Server::start(data.path());
        let clickhouse = server.lock().await.connect("aop");
        assert_acknowledged(&clickhouse, &next).await;
    }
    // What was not acknowledged is sent again, and so is the last batch that was.
    let clickhouse = server.lock().await.connect("aop");
    for (writer, segment) in next.iter().enumerate() {
        for segment in segment.saturating_sub(1)..=*segment {
            send(&clickhouse, writer as u64, segment).await.unwrap();
        }
    }
    let calls: u64 = next.iter().map(|segment| (segment + 1) * ROWS).sum();
    assert_totals(&clickhouse, calls).await;
}

async fn assert_acknowledged(clickhouse: &ClickHouse, next: &[u64]) {
    for (writer, segments) in next.iter().enumerate() {
        let sql =
            "SELECT uniqExact(call_id) FROM llm_calls WHERE trace_id = toFixedString({trace:String}, 16)
            AND intDiv(toUnixTimestamp64Micro(ts) - {base:Int64}, 500000) < {segments:UInt64}";
        let trace = String::from_utf8(vec![writer as u8 + 1; 16]).unwrap();
        let query = clickhouse
            .client()
            .query(sql)
            .param("trace", trace)
            .param("base", base_us())
            .param("segments", segments);
        assert_eq!(query.fetch_one::<u64>().await.unwrap(), segments * ROWS, "writer {writer}");
    }
}

/// Raw rows, and each rollup, equal what was sent.
async fn assert_totals(clickhouse: &ClickHouse, calls: u64) {
    let raw = "SELECT count(), uniqExact(call_id), sum(in_uncached), toString(sum(cost)) FROM llm_calls";
    let (count, distinct, tokens, cost) =
        clickhouse.client().query(raw).fetch_one::<(u64, u64, u64, String)>().await.unwrap();
    assert_eq!((count, distinct, tokens), (calls, calls, calls * 10));
    let index = "SELECT sum(calls), sum(spans), sum(input_tokens), toString(sum(cost)) FROM trace_index";
    let traced = clickhouse.client().query(index).fetch_one::<(u64, u64, u64, String)>().await.unwrap();
    assert_eq!(traced, (calls, calls, tokens, cost.clone()));
    for table in ["usage_1m", "usage_1h", "usage_1d", "usage_run"] {
        let rollup =
            format!("SELECT sum(calls), sum(in_uncached), sum(out_text), toString(sum(cost)) FROM {table}");
        let sums = clickhouse.client().query(&rollup).fetch_one::<(u64, u64, u64, String)>().await.unwrap();
        assert_eq!(sums, (calls, tokens, calls * 3, cost.clone()), "{table}");
    }
}
