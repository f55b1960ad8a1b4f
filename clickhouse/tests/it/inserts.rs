//! Batches arrive once, in the table and in every rollup behind it.

use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{CallBodyRow, Error, LlmCallRow, LogRow, MessageRow, SpanRow, Topology, code};

use crate::fixture::{TEAM, call};

#[tokio::test]
async fn a_batch_that_is_sent_again_changes_nothing() {
    let test = TestClickHouse::start().await.unwrap();
    let rows: Vec<_> = (0..10).map(|number| call(TEAM, number)).collect();
    for _ in 0..3 {
        test.clickhouse.insert_batch(&rows, "w-1-llm_calls").await.unwrap();
    }
    for table in ["llm_calls", "usage_1m", "usage_1h", "usage_1d", "usage_run"] {
        let (calls, cost) =
            if table == "llm_calls" { ("count()", "sum(cost)") } else { ("sum(calls)", "sum(cost)") };
        let sums = test.clickhouse.client().query(&format!("SELECT {calls}, toString({cost}) FROM {table}"));
        assert_eq!(
            sums.fetch_one::<(u64, String)>().await.unwrap(),
            (10, "0.01500000001".to_owned()),
            "{table}"
        );
    }
}

#[tokio::test]
async fn every_row_type_fits_its_table() {
    let test = TestClickHouse::start().await.unwrap();
    let clickhouse = &test.clickhouse;
    clickhouse.insert_batch(&[LlmCallRow::default()], "t").await.unwrap();
    clickhouse.insert_batch(&[MessageRow::default()], "t").await.unwrap();
    clickhouse
        .insert_batch(&[CallBodyRow { input_hashes: vec![[1; 16]], ..CallBodyRow::default() }], "t")
        .await
        .unwrap();
    clickhouse
        .insert_batch(&[SpanRow { attributes: vec![("a".into(), "b".into())], ..SpanRow::default() }], "t")
        .await
        .unwrap();
    clickhouse.insert_batch(&[LogRow::default()], "t").await.unwrap();
    clickhouse.insert_batch::<LogRow>(&[], "t").await.unwrap();
}

#[tokio::test]
async fn migrations_run_twice_and_at_the_same_time() {
    let test = TestClickHouse::start().await.unwrap();
    let (one, two) =
        tokio::join!(test.clickhouse.migrate(&Topology::Single), test.clickhouse.migrate(&Topology::Single));
    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn a_table_that_is_missing_is_worth_another_try_and_a_wrong_password_says_so() {
    let test = TestClickHouse::start().await.unwrap();
    test.clickhouse.client().query("DROP TABLE logs").execute().await.unwrap();
    let error = test.clickhouse.insert_batch(&[LogRow::default()], "t").await.unwrap_err();
    assert!(matches!(&error, Error::Refused { code: code::UNKNOWN_TABLE, .. }), "{error}");
    assert!(error.is_retryable());
    let wrong = aop_clickhouse::Config { password: "wrong".into(), ..test.config.clone() };
    let error = aop_clickhouse::ClickHouse::connect(&wrong).unwrap().ping().await.unwrap_err();
    assert!(matches!(&error, Error::Refused { code: code::AUTHENTICATION_FAILED, .. }), "{error}");
    test.clickhouse.ping().await.unwrap();
}
