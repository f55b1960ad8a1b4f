//! What ClickHouse must hold at the end.

use std::collections::{HashMap, HashSet};

use aop_clickhouse::ClickHouse;

use crate::clients::{Acknowledged, Answered};

const TOKENS: &str = "in_uncached + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image \
                      + out_text + out_reasoning + out_audio";

async fn number(clickhouse: &ClickHouse, sql: &str) -> u64 {
    clickhouse.client().query(sql).fetch_one::<u64>().await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct Call {
    call_id: [u8; 16],
    session_id: String,
    tokens: u64,
}

/// `unanswered`: so many calls may be stored whose answer no client saw.
pub async fn every_call_is_there_once(clickhouse: &ClickHouse, answered: &Acknowledged, unanswered: usize) {
    let sql = format!(
        "SELECT call_id, session_id, toUInt64({TOKENS}) AS tokens FROM llm_calls WHERE status = 'ok'"
    );
    let rows: Vec<Call> = clickhouse.client().query(&sql).fetch_all().await.unwrap();
    let count = rows.len();
    let stored: HashMap<[u8; 16], Answered> = rows
        .into_iter()
        .map(|row| (row.call_id, Answered { session: row.session_id, tokens: row.tokens }))
        .collect();
    assert_eq!(count, stored.len(), "{} calls are stored twice", count - stored.len());
    let all = number(clickhouse, "SELECT count() FROM llm_calls").await;
    let once = number(clickhouse, "SELECT uniqExact(call_id) FROM llm_calls").await;
    assert_eq!(all, once, "calls that failed are stored twice");
    let lost = answered.keys().filter(|id| !stored.contains_key(*id)).count();
    assert_eq!(lost, 0, "{lost} answered calls are not stored");
    for (id, answer) in answered {
        assert_eq!(stored[id], *answer, "a call is stored as another one");
    }
    let from_nowhere = stored.len() - answered.len();
    assert!(from_nowhere <= unanswered, "{from_nowhere} calls are stored that nobody was answered");
}

/// `unnoted`: so many may be stored without a note of their writer.
pub async fn every_span_is_there_once(clickhouse: &ClickHouse, acknowledged: &[String], unnoted: usize) {
    let acknowledged: HashSet<&String> = acknowledged.iter().collect();
    assert!(acknowledged.len() > 100, "there were no spans");
    for (table, column) in [("spans", "name"), ("logs", "message")] {
        let sql = format!("SELECT {column} FROM {table} WHERE {column} LIKE 'record %'");
        let rows: Vec<String> = clickhouse.client().query(&sql).fetch_all().await.unwrap();
        let stored: HashSet<&String> = rows.iter().collect();
        assert_eq!(rows.len(), stored.len(), "{table} are stored twice");
        let lost = acknowledged.difference(&stored).count();
        assert_eq!(lost, 0, "{lost} acknowledged {table} are not stored");
        let from_nowhere = stored.len() - acknowledged.len();
        assert!(from_nowhere <= unnoted, "{from_nowhere} {table} are stored that nobody wrote");
    }
}

pub async fn spans_belong_to_the_calls(clickhouse: &ClickHouse) {
    let answered = "(SELECT call_id FROM llm_calls WHERE status = 'ok')";
    let calls = number(clickhouse, "SELECT count() FROM llm_calls WHERE status = 'ok'").await;
    for span_type in ["llm_call", "attempt"] {
        let of = format!("FROM spans WHERE span_type = '{span_type}' AND call_id IN {answered}");
        assert_eq!(number(clickhouse, &format!("SELECT count() {of}")).await, calls, "{span_type}");
        assert_eq!(
            number(clickhouse, &format!("SELECT uniqExact(call_id) {of}")).await,
            calls,
            "{span_type}"
        );
    }
}

pub async fn rollups_are_the_sums_of_the_rows(clickhouse: &ClickHouse) {
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

pub async fn content_is_whole(clickhouse: &ClickHouse) {
    let used =
        "SELECT DISTINCT team, arrayJoin(arrayConcat(input_hashes, output_hashes)) AS hash FROM call_bodies";
    let missing =
        format!("SELECT count() FROM ({used}) WHERE (team, hash) NOT IN (SELECT team, hash FROM messages)");
    assert_eq!(number(clickhouse, &missing).await, 0, "messages are missing");
    assert!(number(clickhouse, &format!("SELECT count() FROM ({used})")).await > 100);
}
