//! The list of traces and one trace with its spans.

use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::traces::{self, TraceFilter};
use aop_clickhouse::{SpanRow, TimeRange};
use aop_domain::id::TraceId;

use crate::fixture::{hour_us, id, other_team, span, team};

fn today() -> TraceFilter {
    TraceFilter {
        range: TimeRange { from_us: hour_us(), to_us: hour_us() + 3_600_000_000 },
        agent: None,
        model: None,
        crew: None,
        session_id: None,
        execution_id: None,
        errors_only: false,
        corrections: Vec::new(),
        cursor: None,
        limit: 50,
    }
}

/// A crew that first runs, then ends; below it a task, a call with two attempts, and a tool that fails.
async fn stored() -> TestClickHouse {
    let test = TestClickHouse::start().await.unwrap();
    let running = SpanRow { status: "running".into(), ended_at: 0, version: 0, ..span(1, "crew", 0) };
    test.clickhouse.insert_batch(&[running], "s-1").await.unwrap();
    let call = SpanRow {
        call_id: id(1),
        agent: "Writer".into(),
        model: "sim-fast".into(),
        input_tokens: 100,
        output_tokens: 20,
        cost: 1_500_000_000,
        cost_known: true,
        ..span(3, "llm_call", 2)
    };
    let failed = SpanRow { status: "failed".into(), ..span(6, "tool", 2) };
    let spans =
        [span(2, "task", 1), call, span(4, "attempt", 3), span(5, "attempt", 3), failed, span(1, "crew", 0)];
    test.clickhouse.insert_batch(&spans, "s-2").await.unwrap();
    test
}

#[tokio::test]
async fn a_trace_is_one_line_with_its_sums() {
    let test = stored().await;
    let page = traces::list(&test.clickhouse, team(), &today()).await.unwrap();
    assert_eq!((page.items.len(), page.next_cursor), (1, None));
    let trace = &page.items[0];
    assert_eq!(
        (trace.name.as_str(), trace.root_type.as_str(), trace.status.as_str()),
        ("crew 1", "crew", "completed")
    );
    assert_eq!((trace.spans, trace.errors, trace.calls), (4, 1, 1));
    assert_eq!((trace.input_tokens, trace.output_tokens, trace.cost.as_str()), (100, 20, "0.0015"));
    assert_eq!(
        (trace.agents.as_slice(), trace.models.as_slice()),
        (["Writer".to_owned()].as_slice(), ["sim-fast".to_owned()].as_slice())
    );
    assert_eq!((trace.started_at_us, trace.last_seen_us), (hour_us() + 1_000, hour_us() + 6_500));
}

#[tokio::test]
async fn one_trace_has_each_span_once_in_its_last_state() {
    let test = stored().await;
    let trace = traces::find(&test.clickhouse, team(), TraceId([5; 16])).await.unwrap().unwrap();
    let spans: Vec<_> =
        trace.spans.iter().map(|span| (span.span_type.as_str(), span.status.as_str())).collect();
    assert_eq!(
        spans,
        [
            ("crew", "completed"),
            ("task", "completed"),
            ("llm_call", "completed"),
            ("attempt", "completed"),
            ("attempt", "completed"),
            ("tool", "failed")
        ]
    );
    assert_eq!(trace.spans[0].parent_span_id, "");
    assert_eq!(trace.spans[1].parent_span_id, trace.spans[0].span_id);
    assert_eq!(trace.spans[2].cost.as_deref(), Some("0.0015"));
    assert_eq!(trace.spans[3].cost, None);
    assert!(!trace.truncated);
}

#[tokio::test]
async fn a_trace_of_another_team_does_not_exist() {
    let test = stored().await;
    assert!(traces::find(&test.clickhouse, other_team(), TraceId([5; 16])).await.unwrap().is_none());
    assert!(traces::list(&test.clickhouse, other_team(), &today()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn traces_are_filtered_and_paged() {
    let test = stored().await;
    let more: Vec<_> = (10..15)
        .map(|number| SpanRow {
            trace_id: [number; 16],
            agent: format!("agent {number}"),
            ..span(number, "agent", 0)
        })
        .collect();
    test.clickhouse.insert_batch(&more, "s-3").await.unwrap();
    let mut filter = TraceFilter { limit: 4, ..today() };
    let mut names = Vec::new();
    loop {
        let page = traces::list(&test.clickhouse, team(), &filter).await.unwrap();
        names.extend(page.items.into_iter().map(|trace| trace.name));
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["agent 14", "agent 13", "agent 12", "agent 11", "agent 10", "crew 1"]);
    for (filter, count) in [
        (TraceFilter { errors_only: true, ..today() }, 1),
        (TraceFilter { agent: Some("agent 12".into()), ..today() }, 1),
        (TraceFilter { model: Some("sim-fast".into()), ..today() }, 1),
        (TraceFilter { crew: Some("nobody".into()), ..today() }, 0),
        (
            TraceFilter {
                range: TimeRange { from_us: hour_us() + 11_600, to_us: hour_us() + 13_500 },
                ..today()
            },
            2,
        ),
    ] {
        let page = traces::list(&test.clickhouse, team(), &filter).await.unwrap();
        assert_eq!(page.items.len(), count, "{filter:?}");
    }
}
