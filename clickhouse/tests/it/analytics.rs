//! The dashboard equals the ledger.

use aop_clickhouse::analytics;
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{Error, TimeRange};
use aop_domain::id::ExecutionId;

use crate::fixture::{OTHER_TEAM, TEAM, call, hour_us, other_team, team};

const HOUR_US: i64 = 3_600_000_000;

async fn stored() -> TestClickHouse {
    let test = TestClickHouse::start().await.unwrap();
    let mut rows: Vec<_> = (0..100).map(|number| call(TEAM, number)).collect();
    rows.push(call(OTHER_TEAM, 1));
    // Two batches, so that rollups have rows to merge.
    test.clickhouse.insert_batch(&rows[..40], "c-1").await.unwrap();
    test.clickhouse.insert_batch(&rows[40..], "c-2").await.unwrap();
    test
}

#[tokio::test]
async fn totals_series_and_groups_are_the_sums_of_the_calls_in_each_resolution() {
    let test = stored().await;
    let now_us = hour_us() + HOUR_US;
    for (length_us, step_s) in
        [(HOUR_US, 60), (6 * HOUR_US, 300), (48 * HOUR_US, 3_600), (30 * 24 * HOUR_US, 86_400)]
    {
        let range = TimeRange { from_us: now_us - length_us, to_us: now_us };
        let overview = analytics::overview(&test.clickhouse, team(), range, now_us, &[]).await.unwrap();
        assert_eq!(overview.step_s, step_s);
        let totals = &overview.totals;
        assert_eq!((totals.calls, totals.errors, totals.cost_known_calls), (100, 1, 99));
        assert_eq!((totals.input_tokens, totals.output_tokens), (12_000, 3_500));
        assert_eq!((totals.in_uncached, totals.in_cache_read, totals.out_reasoning), (10_000, 2_000, 500));
        assert_eq!(totals.cost, "0.1500000001");
        assert!((1_038_000..=1_061_000).contains(&totals.duration_p50_us), "{}", totals.duration_p50_us);
        assert!((1_083_000..=1_106_000).contains(&totals.duration_p95_us), "{}", totals.duration_p95_us);
        assert!((198_000..=202_000).contains(&totals.first_token_p50_us), "{}", totals.first_token_p50_us);
        assert_eq!(overview.series.iter().map(|point| point.calls).sum::<u64>(), 100);
        assert!(
            overview.series.iter().all(|point| point.started_at_us % (i64::from(step_s) * 1_000_000) == 0)
        );
        let agents: Vec<_> =
            overview.by_agent.iter().map(|group| (group.name.as_str(), group.calls)).collect();
        assert_eq!(agents, [("Researcher", 50), ("Writer", 50)]);
        let models: Vec<_> =
            overview.by_model.iter().map(|group| (group.name.as_str(), group.calls)).collect();
        assert_eq!(models, [("sim-fast-2026", 80), ("sim-fast", 20)]);
    }
}

#[tokio::test]
async fn a_range_without_calls_is_all_zero_and_one_that_ends_before_it_begins_is_refused() {
    let test = stored().await;
    let range = TimeRange { from_us: hour_us() - 9 * HOUR_US, to_us: hour_us() - 8 * HOUR_US };
    let overview = analytics::overview(&test.clickhouse, team(), range, hour_us(), &[]).await.unwrap();
    assert_eq!(
        (overview.totals.calls, overview.totals.duration_p95_us, overview.totals.cost.as_str()),
        (0, 0, "0")
    );
    assert!(overview.series.is_empty());
    let backwards = TimeRange { from_us: range.to_us, to_us: range.from_us };
    let error = analytics::overview(&test.clickhouse, team(), backwards, hour_us(), &[]).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

#[tokio::test]
async fn a_run_costs_what_its_calls_cost() {
    let test = stored().await;
    let run = ExecutionId::from_bytes([9; 16]);
    let usage = analytics::run_usage(&test.clickhouse, team(), run).await.unwrap();
    assert_eq!(usage.iter().map(|line| line.calls).sum::<u64>(), 100);
    assert_eq!(usage.iter().map(|line| line.errors).sum::<u64>(), 1);
    let of_other = analytics::run_usage(&test.clickhouse, other_team(), run).await.unwrap();
    assert_eq!((of_other.len(), of_other[0].calls, of_other[0].cost.as_str()), (1, 1, "0.001500000001"));
}

#[tokio::test]
async fn hits_of_the_cache_and_what_they_saved_are_counted_once_in_each_resolution() {
    let test = TestClickHouse::start().await.unwrap();
    let mut rows: Vec<_> = (0..10).map(|number| call(TEAM, number)).collect();
    for row in &mut rows[..4] {
        row.cache = "hit".into();
        (row.cost, row.cost_input, row.cost_output) = (0, 0, 0);
        row.cost_saved = 1_500_000_001;
    }
    rows[4].cache = "miss".into();
    // Sent again, as after a crash: the same token.
    for _ in 0..2 {
        test.clickhouse.insert_batch(&rows, "c-1").await.unwrap();
    }
    let now_us = hour_us() + HOUR_US;
    for length_us in [HOUR_US, 48 * HOUR_US, 30 * 24 * HOUR_US] {
        let range = TimeRange { from_us: now_us - length_us, to_us: now_us };
        let totals = analytics::overview(&test.clickhouse, team(), range, now_us, &[]).await.unwrap().totals;
        assert_eq!((totals.calls, totals.cache_hits, totals.cost_saved.as_str()), (10, 4, "0.006000000004"));
        assert!((990_000..=1_020_000).contains(&totals.duration_p50_us), "{}", totals.duration_p50_us);
    }
}
