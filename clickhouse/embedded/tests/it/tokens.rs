//! A token without rows, as a kill between a table's deduplication log and its part leaves it.

use std::path::{Path, PathBuf};

use crate::support::Server;

const TABLE: &str = "CREATE TABLE raw (a UInt64) ENGINE = MergeTree ORDER BY a \
                     SETTINGS non_replicated_deduplication_window = 100";
const VIEWED: &str = "CREATE TABLE total (s UInt64) ENGINE = MergeTree ORDER BY s \
                      SETTINGS non_replicated_deduplication_window = 100";
const VIEW: &str = "CREATE MATERIALIZED VIEW raw_total TO total AS SELECT sum(a) AS s FROM raw";

async fn execute(server: &Server, sql: &str) {
    server.connect("default").client().query(sql).execute().await.unwrap();
}

async fn insert(server: &Server, number: u64, token: &str) {
    let sql = format!(
        "INSERT INTO raw SETTINGS insert_deduplication_token = '{token}', \
         deduplicate_blocks_in_dependent_materialized_views = 1 SELECT {number}"
    );
    execute(server, &sql).await;
}

async fn sums(server: &Server) -> (u64, u64) {
    let sql = "SELECT assumeNotNull((SELECT sum(a) FROM raw)), assumeNotNull((SELECT sum(s) FROM total))";
    server.connect("default").client().query(sql).fetch_one().await.unwrap()
}

/// The folder of the table's newest part.
async fn newest_part(server: &Server, table: &str) -> PathBuf {
    let sql = format!(
        "SELECT path FROM system.parts WHERE table = '{table}' AND active ORDER BY modification_time DESC, \
         min_block_number DESC LIMIT 1"
    );
    let path: String = server.connect("default").client().query(&sql).fetch_one().await.unwrap();
    PathBuf::from(path)
}

fn took_back(part: &Path) {
    std::fs::remove_dir_all(part).unwrap();
}

#[tokio::test]
async fn a_batch_whose_token_outlived_its_rows_is_stored_when_it_is_sent_again() {
    for table in ["raw", "total"] {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(data.path());
        for sql in [TABLE, VIEWED, VIEW] {
            execute(&server, sql).await;
        }
        insert(&server, 5, "first").await;
        insert(&server, 7, "second").await;
        let part = newest_part(&server, table).await;
        server.kill();
        // The token is in the log; the part was never moved into its place.
        took_back(&part);

        let server = Server::start(data.path());
        insert(&server, 5, "first").await;
        insert(&server, 7, "second").await;
        assert_eq!(sums(&server).await, (12, 12), "a part of {table} was lost");
    }
}
