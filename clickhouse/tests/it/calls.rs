//! The list of calls and one call in full.

use aop_clickhouse::calls::{self, CallFilter};
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{CallBodyRow, Error, MessageRow, TimeRange};
use aop_domain::id::{CallId, ExecutionId, KeyId, TraceId};

use crate::fixture::{OTHER_TEAM, TEAM, call, hour_us, id, other_team, span, team};

async fn stored() -> TestClickHouse {
    let test = TestClickHouse::start().await.unwrap();
    let mut rows: Vec<_> = (0..10).map(|number| call(TEAM, number)).collect();
    rows.extend((20..23).map(|number| call(OTHER_TEAM, number)));
    test.clickhouse.insert_batch(&rows, "calls").await.unwrap();
    test
}

#[tokio::test]
async fn calls_are_listed_newest_first_page_by_page_and_only_those_of_the_team() {
    let test = stored().await;
    let mut filter = CallFilter { limit: 4, ..CallFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = calls::list(&test.clickhouse, team(), &filter).await.unwrap();
        assert!(page.items.len() <= 4);
        seen.extend(page.items.into_iter().map(|call| call.started_at_us));
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..10).rev().map(|number| hour_us() + number * 1_000_000).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn each_filter_leaves_the_calls_it_names() {
    let test = stored().await;
    let all = || CallFilter { limit: 100, ..CallFilter::default() };
    let range = TimeRange { from_us: hour_us() + 1_000_000, to_us: hour_us() + 3_000_000 };
    let text = |value: &str| Some(value.to_owned());
    let cases: Vec<(&str, CallFilter, usize)> = vec![
        ("range", CallFilter { range: Some(range), ..all() }, 2),
        ("requested model", CallFilter { model: text("sim-fast"), ..all() }, 10),
        ("response model", CallFilter { model: text("sim-fast-2026"), ..all() }, 8),
        ("provider", CallFilter { provider: text("openai"), ..all() }, 0),
        ("agent", CallFilter { agent: text("Writer"), ..all() }, 5),
        ("crew", CallFilter { crew: text("News"), ..all() }, 10),
        ("status", CallFilter { status: text("upstream_error"), ..all() }, 1),
        ("key", CallFilter { key_id: Some(KeyId::from_bytes([7; 16])), ..all() }, 10),
        ("other key", CallFilter { key_id: Some(KeyId::from_bytes([8; 16])), ..all() }, 0),
        ("trace", CallFilter { trace_id: Some(TraceId([1; 16])), ..all() }, 4),
        ("run", CallFilter { execution_id: Some(ExecutionId::from_bytes([9; 16])), ..all() }, 10),
        ("duration", CallFilter { min_duration_us: Some(1_008_000), ..all() }, 2),
        ("quotes", CallFilter { agent: text("Writer' OR '1'='1\\"), ..all() }, 0),
    ];
    for (name, filter, count) in cases {
        let page = calls::list(&test.clickhouse, team(), &filter).await.unwrap();
        assert_eq!(page.items.len(), count, "{name}");
    }
    let invalid = CallFilter { cursor: text("1.x"), ..all() };
    let error = calls::list(&test.clickhouse, team(), &invalid).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

#[tokio::test]
async fn a_summary_has_its_tokens_summed_and_an_unknown_price_is_absent() {
    let test = stored().await;
    let page = calls::list(&test.clickhouse, team(), &CallFilter { limit: 10, ..CallFilter::default() })
        .await
        .unwrap();
    let of = |number: i64| {
        page.items.iter().find(|call| call.started_at_us == hour_us() + number * 1_000_000).unwrap()
    };
    assert_eq!((of(1).input_tokens, of(1).output_tokens), (120, 35));
    assert_eq!(of(1).cost.as_deref(), Some("0.001500000001"));
    assert_eq!(of(4).cost, None);
    assert_eq!(of(1).call_id, CallId::from_bytes(id(1)).to_string());
    assert_eq!(of(1).trace_id, TraceId([2; 16]).to_string());
    assert_eq!((of(1).user_id.as_str(), of(1).parent_span_id.as_str()), ("", ""));
}

#[tokio::test]
async fn one_call_comes_with_its_attempts_and_its_messages_put_together_again() {
    let test = stored().await;
    let day = (hour_us() / 86_400_000_000) as u16;
    let message = |hash: u8, role: &str, content: &str| MessageRow {
        team: TEAM,
        day,
        hash: [hash; 16],
        role: role.into(),
        content: content.into(),
        bytes: content.len() as u32,
        retention_days: 30,
    };
    let messages = [
        message(1, "system", r#"{"role":"system","content":"Be brief."}"#),
        message(2, "user", r#"{"role":"user","content":"Hello"}"#),
        message(3, "assistant", r#"{"role":"assistant","content":"Hi."}"#),
        message(4, "tools", r#"[{"type":"function"}]"#),
        MessageRow { team: OTHER_TEAM, ..message(5, "user", r#"{"secret":1}"#) },
    ];
    test.clickhouse.insert_batch(&messages, "messages").await.unwrap();
    let body = CallBodyRow {
        team: TEAM,
        ts: call(TEAM, 2).ts,
        call_id: id(2),
        input_hashes: vec![[1; 16], [2; 16], [5; 16]],
        new_from: 1,
        output_hashes: vec![[3; 16]],
        tools_hash: [4; 16],
        params: r#"{"temperature":0}"#.into(),
        response: r#"{"id":"r1"}"#.into(),
        retention_days: 30,
    };
    test.clickhouse.insert_batch(&[body], "bodies").await.unwrap();
    let attempt = |number: u8, status: &str| aop_clickhouse::SpanRow {
        call_id: id(2),
        ts: call(TEAM, 2).ts + i64::from(number),
        ended_at: call(TEAM, 2).ts + i64::from(number) + 900,
        status: status.into(),
        attributes: vec![("http_status".into(), "500".into())],
        ..span(number, "attempt", 1)
    };
    test.clickhouse.insert_batch(&[attempt(2, "completed"), attempt(1, "failed")], "spans").await.unwrap();

    let detail =
        calls::find(&test.clickhouse, team(), CallId::from_bytes(id(2)), &[]).await.unwrap().unwrap();
    assert_eq!(detail.call.agent, "Researcher");
    assert_eq!(detail.facts.identity_sources["agent"], "aop_header");
    assert_eq!((detail.facts.in_cache_read, detail.facts.cost_input.as_deref()), (20, Some("0.001")));
    let statuses: Vec<_> =
        detail.attempts.iter().map(|attempt| (attempt.status.as_str(), attempt.duration_us)).collect();
    assert_eq!(statuses, [("failed", 900), ("completed", 900)]);
    assert_eq!(detail.attempts[0].attributes["http_status"], "500");
    let content = detail.content.unwrap();
    let roles: Vec<_> = content.input.iter().map(|message| message.role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "missing"], "another team's message must not be read");
    assert_eq!(content.input[1].content["content"], "Hello");
    assert_eq!(content.output[0].content["content"], "Hi.");
    assert_eq!((content.new_from, &content.tools[0]["type"]), (1, &"function".into()));
    assert_eq!((&content.params["temperature"], &content.response["id"]), (&0.into(), &"r1".into()));
}

#[tokio::test]
async fn a_call_of_another_team_does_not_exist() {
    let test = stored().await;
    let mine = CallId::from_bytes(id(2));
    assert!(calls::find(&test.clickhouse, other_team(), mine, &[]).await.unwrap().is_none());
    let without_content = calls::find(&test.clickhouse, team(), mine, &[]).await.unwrap().unwrap();
    assert_eq!((without_content.content, without_content.attempts), (None, vec![]));
}
