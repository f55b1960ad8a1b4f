//! Many statements at once, statements that take too much, and clients that leave.

use std::time::{Duration, Instant};

use clickhouse::Client;

use crate::support::Server;

/// Would run for hours.
const ENDLESS: &str = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) % 7 = 1";

async fn running(client: &Client) -> u64 {
    let sql = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%processes%'";
    client.query(sql).fetch_one::<u64>().await.unwrap()
}

async fn until_running(client: &Client, count: u64) {
    let started = Instant::now();
    while running(client).await != count {
        assert!(started.elapsed() < Duration::from_secs(10), "{} run and not {count}", running(client).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn slow_reads_keep_neither_an_insert_nor_a_small_read_out() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    client.query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a").execute().await.unwrap();
    let slow: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query(ENDLESS).fetch_one::<u64>().await })
        })
        .collect();
    until_running(&client, 4).await;
    let started = Instant::now();
    for a in 0..10 {
        client.query(&format!("INSERT INTO t VALUES ({a})")).execute().await.unwrap();
        client.query("SELECT count() FROM t").fetch_one::<u64>().await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    slow.iter().for_each(tokio::task::JoinHandle::abort);
    until_running(&client, 0).await;
}

#[tokio::test]
async fn more_slow_reads_than_places_still_let_inserts_through() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    client.query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a").execute().await.unwrap();
    let client_of_slow = client.clone().with_setting("max_threads", "1");
    let slow: Vec<_> = (0..40)
        .map(|_| {
            let client = client_of_slow.clone();
            tokio::spawn(async move { client.query(ENDLESS).fetch_one::<u64>().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let started = Instant::now();
    client.query("INSERT INTO t VALUES (1)").execute().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    slow.iter().for_each(tokio::task::JoinHandle::abort);
    until_running(&client, 0).await;
    assert_eq!(client.query("SELECT a FROM t").fetch_one::<u64>().await.unwrap(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_stops_its_query() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.query(ENDLESS).fetch_one::<u64>().await }
    });
    until_running(&client, 1).await;
    waiting.abort();
    until_running(&client, 0).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_an_answer_stops_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    let mut rows = client.query("SELECT number FROM numbers(1000000000000)").fetch::<u64>().unwrap();
    assert_eq!(rows.next().await.unwrap(), Some(0));
    assert_eq!(running(&client).await, 1);
    drop(rows);
    until_running(&client, 0).await;
}

#[tokio::test]
async fn a_query_over_its_time_or_memory_fails_with_its_code_and_the_server_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    let late =
        client.query(ENDLESS).with_setting("max_execution_time", "1").fetch_one::<u64>().await.unwrap_err();
    assert!(late.to_string().contains("Code: 159"), "{late}");
    let large = client
        .query("SELECT groupArray(toString(number)) FROM numbers(100000000)")
        .with_setting("max_memory_usage", "50000000")
        .fetch_one::<Vec<String>>()
        .await
        .unwrap_err();
    assert!(large.to_string().contains("Code: 241"), "{large}");
    assert_eq!(client.query("SELECT 1").fetch_one::<u8>().await.unwrap(), 1);
}
