//! Lines of log.

use aop_clickhouse::logs::{self, LogFilter};
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{LogRow, TimeRange};
use aop_domain::id::ExecutionId;

use crate::fixture::{TEAM, hour_us, other_team, team};

#[tokio::test]
async fn lines_come_oldest_first_page_by_page_and_filtered() {
    let test = TestClickHouse::start().await.unwrap();
    let line = |seq: u32| LogRow {
        team: TEAM,
        // Two lines share each microsecond.
        ts: hour_us() + i64::from(seq / 2),
        seq,
        execution_id: [seq as u8 % 2 + 1; 16],
        level: if seq == 4 { "error".into() } else { "info".into() },
        message: format!("Line {seq}"),
        attributes: vec![("n".into(), seq.to_string())],
        retention_days: 30,
        ..LogRow::default()
    };
    test.clickhouse.insert_batch(&(0..7).map(line).collect::<Vec<_>>(), "l").await.unwrap();
    let all = LogFilter {
        range: TimeRange { from_us: hour_us(), to_us: hour_us() + 1_000 },
        execution_id: None,
        trace_id: None,
        level: None,
        agent: None,
        text: None,
        cursor: None,
        limit: 3,
    };
    let mut filter = all.clone();
    let mut seen = Vec::new();
    loop {
        let page = logs::list(&test.clickhouse, team(), &filter).await.unwrap();
        seen.extend(page.items.into_iter().map(|line| line.seq));
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    let count =
        async |filter: LogFilter| logs::list(&test.clickhouse, team(), &filter).await.unwrap().items.len();
    let wide = LogFilter { limit: 100, ..all };
    assert_eq!(count(LogFilter { level: Some("error".into()), ..wide.clone() }).await, 1);
    assert_eq!(
        count(LogFilter { execution_id: Some(ExecutionId::from_bytes([2; 16])), ..wide.clone() }).await,
        3
    );
    assert_eq!(count(LogFilter { text: Some("line 5".into()), ..wide.clone() }).await, 1);
    assert!(logs::list(&test.clickhouse, other_team(), &wide).await.unwrap().items.is_empty());
}
