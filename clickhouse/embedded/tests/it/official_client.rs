//! The official Rust client, unchanged.

use clickhouse::{Client, Compression, Row, error::Error};
use serde::{Deserialize, Serialize};

use crate::support::Server;

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct Event {
    id: [u8; 16],
    at: i64,
    name: String,
    tags: Vec<String>,
    amount: i64,
    facts: Vec<(String, String)>,
}

const TABLE: &str =
    "CREATE TABLE events (id FixedString(16), at DateTime64(6, 'UTC'), name LowCardinality(String),
    tags Array(LowCardinality(String)), amount Decimal(18, 12), facts Map(LowCardinality(String), String))
    ENGINE = MergeTree ORDER BY at";

fn events(count: i64) -> Vec<Event> {
    (0..count)
        .map(|at| Event {
            id: [at as u8; 16],
            at: 1_790_000_000_000_000 + at,
            name: format!("event {}", at % 7),
            tags: vec!["a".into(), format!("t{}", at % 3)],
            amount: at * 1_000_000_007,
            facts: vec![("k".into(), format!("v{at}"))],
        })
        .collect()
}

async fn started() -> (tempfile::TempDir, Server, Client) {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = server.connect("default").client().clone();
    (data, server, client)
}

#[tokio::test]
async fn validated_inserts_round_trip_with_and_without_compression() {
    let (_data, _server, client) = started().await;
    client.query(TABLE).execute().await.unwrap();
    for compression in [Compression::None, Compression::Lz4] {
        let client = client.clone().with_compression(compression);
        client.query("TRUNCATE TABLE events").execute().await.unwrap();
        let sent = events(20_000);
        let mut insert = client.insert::<Event>("events").await.unwrap();
        for event in &sent {
            insert.write(event).await.unwrap();
        }
        insert.end().await.unwrap();
        let stored =
            client.query("SELECT ?fields FROM events ORDER BY at").fetch_all::<Event>().await.unwrap();
        assert_eq!(stored, sent);
    }
}

#[tokio::test]
async fn a_row_that_does_not_fit_the_table_is_refused_by_the_client() {
    #[derive(Row, Serialize)]
    #[allow(dead_code)]
    struct Wrong {
        at: String,
    }
    let (_data, _server, client) = started().await;
    client.query(TABLE).execute().await.unwrap();
    let error = client.insert::<Wrong>("events").await.err().unwrap();
    assert!(matches!(error, Error::SchemaMismatch(_)), "{error}");
}

#[tokio::test]
async fn parameters_are_bound_by_the_server() {
    let (_data, _server, client) = started().await;
    let query = client.query("SELECT {text:String} || '!', toString({list:Array(UInt8)}), {id:UInt64} + 1");
    let query = query.param("text", "it's \\ \t ; --").param("list", vec![1_u8, 2]).param("id", u64::MAX - 1);
    let (text, list, id) = query.fetch_one::<(String, String, u64)>().await.unwrap();
    assert_eq!((text.as_str(), list.as_str(), id), ("it's \\ \t ; --!", "[1,2]", u64::MAX));
}

#[tokio::test]
async fn a_million_rows_are_streamed_in_order() {
    let (_data, _server, client) = started().await;
    for compression in [Compression::None, Compression::Lz4] {
        let client = client.clone().with_compression(compression);
        let mut rows = client
            .query("SELECT number, toString(number) FROM numbers(1000000)")
            .fetch::<(u64, String)>()
            .unwrap();
        let mut expected = 0;
        while let Some((number, text)) = rows.next().await.unwrap() {
            assert_eq!((number, text), (expected, expected.to_string()));
            expected += 1;
        }
        assert_eq!(expected, 1_000_000);
    }
}

#[tokio::test]
async fn an_answer_without_rows_is_no_error() {
    let (_data, _server, client) = started().await;
    client.query(TABLE).execute().await.unwrap();
    assert_eq!(client.query("SELECT ?fields FROM events").fetch_all::<Event>().await.unwrap(), []);
}

#[tokio::test]
async fn errors_keep_their_code_before_and_inside_an_answer() {
    let (_data, _server, client) = started().await;
    let error = client.query("SELECT 1 FROM nowhere").fetch_all::<u8>().await.unwrap_err();
    assert!(matches!(&error, Error::BadResponse(text) if text.contains("Code: 60")), "{error}");
    let sql = "SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000";
    for compression in [Compression::None, Compression::Lz4] {
        let error =
            client.clone().with_compression(compression).query(sql).fetch_all::<u8>().await.unwrap_err();
        assert!(matches!(&error, Error::BadResponse(text) if text.contains("Code: 395")), "{error}");
    }
}

#[tokio::test]
async fn the_same_token_inserts_once_into_the_table_and_the_view_behind_it() {
    let (_data, _server, client) = started().await;
    let window = "SETTINGS non_replicated_deduplication_window = 100";
    for sql in [
        format!("CREATE TABLE raw (a UInt64) ENGINE = MergeTree ORDER BY a {window}"),
        format!(
            "CREATE TABLE total (s SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY tuple() {window}"
        ),
        "CREATE MATERIALIZED VIEW raw_total TO total AS SELECT sum(a) AS s FROM raw".to_owned(),
    ] {
        client.query(&sql).execute().await.unwrap();
    }
    #[derive(Row, Serialize)]
    struct Raw {
        a: u64,
    }
    for token in ["one", "one", "two", "one"] {
        let insert = client.insert::<Raw>("raw").await.unwrap();
        let mut insert = insert.with_setting("insert_deduplication_token", token);
        for a in 0..1000 {
            insert.write(&Raw { a }).await.unwrap();
        }
        insert.end().await.unwrap();
    }
    let sums = client
        .query("SELECT assumeNotNull((SELECT sum(a) FROM raw)), assumeNotNull((SELECT sum(s) FROM total))");
    assert_eq!(sums.fetch_one::<(u64, u64)>().await.unwrap(), (2 * 499_500, 2 * 499_500));
}
