//! ClickHouse's HTTP interface, byte by byte.

use std::time::Duration;

use crate::support::{PASSWORD, Server};

struct Http {
    _data: tempfile::TempDir,
    _server: Server,
    url: String,
    client: reqwest::Client,
}

impl Http {
    fn start() -> Self {
        let _first_wins = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(data.path());
        Self {
            url: server.url(),
            _data: data,
            _server: server,
            client: reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap(),
        }
    }

    fn post(&self, parameters: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}/?{parameters}", self.url))
            .header("X-ClickHouse-Key", PASSWORD)
            .body(body)
    }

    async fn text(&self, parameters: &str, body: &'static str) -> String {
        self.post(parameters, body).send().await.unwrap().text().await.unwrap()
    }
}

#[tokio::test]
async fn a_ping_needs_no_password_and_a_query_does() {
    let http = Http::start();
    let ping = http.client.get(format!("{}/ping", http.url)).send().await.unwrap();
    assert_eq!(ping.text().await.unwrap(), "Ok.\n");
    let refused = http.client.post(&http.url).body("SELECT 1").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.headers()["x-clickhouse-exception-code"], "516");
    let basic = http
        .client
        .post(&http.url)
        .basic_auth("default", Some(PASSWORD))
        .body("SELECT 1")
        .send()
        .await
        .unwrap();
    assert_eq!(basic.text().await.unwrap(), "1\n");
}

#[tokio::test]
async fn a_statement_may_stand_in_the_url_the_body_or_both() {
    let http = Http::start();
    assert_eq!(http.text("query=SELECT%201", "").await, "1\n");
    assert_eq!(http.text("", "SELECT 1").await, "1\n");
    assert_eq!(http.text("query=SELECT", "2 FORMAT JSONEachRow").await, "{\"2\":2}\n");
    http.text("", "CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree ORDER BY a").await;
    http.text("query=INSERT%20INTO%20t%20FORMAT%20CSV", "1,one\n").await;
    http.text("", "INSERT INTO t FORMAT JSONEachRow\n{\"a\":2,\"b\":\"two\"}").await;
    http.text("", "INSERT INTO t VALUES (3, 'three')").await;
    assert_eq!(http.text("", "SELECT * FROM t ORDER BY a").await, "1\tone\n2\ttwo\n3\tthree\n");
}

#[tokio::test]
async fn an_answer_in_one_document_has_one_header_and_one_footer() {
    let http = Http::start();
    let text = http.text("max_block_size=10", "SELECT number FROM numbers(1000) FORMAT JSON").await;
    assert_eq!(text.matches("\"meta\"").count(), 1);
    assert!(text.contains("\"rows\": 1000"));
    let csv =
        http.text("max_block_size=10", "SELECT number AS n FROM numbers(1000) FORMAT CSVWithNames").await;
    assert_eq!(csv.matches("\"n\"").count(), 1);
    assert_eq!(csv.lines().count(), 1001);
}

#[tokio::test]
async fn settings_hold_for_one_statement_and_not_for_the_next() {
    let http = Http::start();
    let ask = "SELECT getSetting('max_block_size')";
    assert_eq!(http.text("max_block_size=77", ask).await, "77\n");
    assert_ne!(http.text("", ask).await, "77\n");
    let session = "session_id=s1&session_timeout=30";
    assert_eq!(http.text(&format!("{session}&max_block_size=77"), ask).await, "77\n");
    assert_ne!(http.text(session, ask).await, "77\n");
}

#[tokio::test]
async fn a_session_keeps_its_temporary_tables_and_others_do_not_see_them() {
    let http = Http::start();
    http.text("session_id=a", "CREATE TEMPORARY TABLE mine (x UInt8) ENGINE = Memory").await;
    http.text("session_id=a", "INSERT INTO mine VALUES (7)").await;
    assert_eq!(http.text("session_id=a", "SELECT x FROM mine").await, "7\n");
    assert!(http.text("session_id=b", "SELECT x FROM mine").await.contains("Code: 60"));
    assert!(http.text("session_id=never&session_check=1", "SELECT 1").await.contains("Code: 372"));
}

#[tokio::test]
async fn a_failure_has_its_code_and_status() {
    let http = Http::start();
    for (sql, status, code) in [
        ("SELECT * FROM nowhere", 404, "60"),
        ("SELEC 1", 400, "62"),
        ("SELECT nothing_of_this_name", 404, "47"),
        ("SELECT throwIf(1)", 500, "395"),
    ] {
        let response = http.post("", sql).send().await.unwrap();
        assert_eq!(response.status(), status, "{sql}");
        assert_eq!(response.headers()["x-clickhouse-exception-code"], code, "{sql}");
        assert!(
            response.text().await.unwrap().starts_with(&format!("Code: {code}. DB::Exception: ")),
            "{sql}"
        );
    }
    let unknown = http.post("no_such_setting=1", "SELECT 1").send().await.unwrap();
    assert_eq!(unknown.headers()["x-clickhouse-exception-code"], "115");
    let database = http.post("database=nowhere", "SELECT 1").send().await.unwrap();
    assert_eq!(database.headers()["x-clickhouse-exception-code"], "81");
}

#[tokio::test]
async fn a_failure_in_the_middle_of_an_answer_stands_at_its_end_under_its_tag() {
    let http = Http::start();
    let sql = "SELECT throwIf(number = 900000), number FROM numbers(1000000) SETTINGS max_block_size = 1000";
    let response = http.post("", sql).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let tag = response.headers()["x-clickhouse-exception-tag"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    assert!(text.ends_with(&format!(" {tag}\r\n__exception__\r\n")));
    assert!(text.contains(&format!("\r\n__exception__\r\n{tag}\r\nCode: 395.")));
}

#[tokio::test]
async fn a_get_can_read_but_not_change() {
    let http = Http::start();
    let get = |sql: &str| {
        http.client.get(format!("{}/?query={sql}", http.url)).header("X-ClickHouse-Key", PASSWORD).send()
    };
    assert_eq!(get("SELECT%201").await.unwrap().text().await.unwrap(), "1\n");
    assert!(
        get("CREATE%20TABLE%20x%20(a%20Int8)%20ENGINE=Memory")
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("Code: 164")
    );
}

#[tokio::test]
async fn a_parameter_stays_a_value() {
    let http = Http::start();
    let value = "x%27%20OR%201%3D1%20--";
    assert_eq!(http.text(&format!("param_v={value}"), "SELECT {v:String}").await, "x\\' OR 1=1 --\n");
}

#[tokio::test]
async fn an_insert_whose_body_breaks_off_stores_nothing() {
    let http = Http::start();
    http.text("", "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a").await;
    let pieces =
        futures::stream::iter([Ok(vec![b'1', b'\n']), Err(std::io::Error::other("the sender dies"))]);
    let sent =
        http.post("query=INSERT%20INTO%20t%20FORMAT%20TSV", reqwest::Body::wrap_stream(pieces)).send().await;
    assert!(sent.is_err());
    assert_eq!(http.text("", "SELECT count() FROM t").await, "0\n");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_says_why_it_does_not_start() {
    let data = tempfile::tempdir().unwrap();
    let _first = Server::start(data.path());
    let second = Server::refused(data.path());
    assert!(second.contains("another process has it open"), "{second}");
}

#[tokio::test]
async fn it_stops_cleanly_and_its_data_can_be_opened_again() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let clickhouse = server.migrated().await;
    clickhouse
        .client()
        .query("INSERT INTO logs (ts, message) VALUES (now64(6), 'kept')")
        .execute()
        .await
        .unwrap();
    assert!(server.stop());
    let server = Server::start(data.path());
    let kept =
        server.connect("aop").client().query("SELECT message FROM logs").fetch_one::<String>().await.unwrap();
    assert_eq!(kept, "kept");
}
