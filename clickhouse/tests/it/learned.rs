//! Lists name agents as they became known after their calls were stored.

use aop_clickhouse::calls::{self, CallFilter};
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::traces::{self, TraceFilter};
use aop_clickhouse::{AgentLinkRow, LlmCallRow, SpanRow, TimeRange, TraceLinkRow};
use aop_domain::correction::Line;
use aop_domain::id::TraceId;

use crate::fixture::{TEAM, call, hour_us, id, span, team};

const TRACE: [u8; 16] = [77; 16];
/// The trace that turned out to be a part of it.
const PART: [u8; 16] = [78; 16];
/// Found by the words of its prompt, and known as somebody later.
const GUESS: u64 = 11;
const KNOWN: u64 = 12;

fn inferred(number: u8, agent: &str, fingerprint: u64) -> LlmCallRow {
    LlmCallRow {
        trace_id: if number == 3 { PART } else { TRACE },
        agent: agent.into(),
        found_agent: agent.into(),
        agent_fingerprint: fingerprint,
        conversation: u64::from(number) + 100,
        identity_sources: vec![("agent".into(), "inferred".into())],
        ..call(TEAM, number)
    }
}

/// Calls 1 and 3 by somebody whom call 5 shows to be the Roofer; call 2 by the Lead; call 4 stated; call 6 after it was shown.
async fn stored() -> TestClickHouse {
    let test = TestClickHouse::start().await.unwrap();
    let stated = LlmCallRow {
        identity_sources: vec![("agent".into(), "aop_header".into())],
        ..inferred(4, "mends roofs", GUESS)
    };
    let rows = [
        inferred(1, "mends roofs", GUESS),
        inferred(2, "Lead", 5),
        inferred(3, "mends roofs", GUESS),
        stated,
        inferred(6, "mends roofs", GUESS),
    ];
    test.clickhouse.insert_batch(&rows, "calls").await.unwrap();
    let of = |row: &LlmCallRow, number: u8| SpanRow {
        trace_id: row.trace_id,
        ts: row.ts,
        ended_at: row.ts + 500,
        call_id: id(number),
        agent: row.agent.clone(),
        ..span(number, "llm_call", 0)
    };
    let spans: Vec<SpanRow> = rows.iter().zip([1, 2, 3, 4, 6]).map(|(row, number)| of(row, number)).collect();
    test.clickhouse.insert_batch(&spans, "spans").await.unwrap();
    test
}

async fn learn(test: &TestClickHouse) {
    let shown_at = hour_us() + 5_000_000;
    let link = AgentLinkRow {
        team: TEAM,
        ts: shown_at,
        key_id: [7; 16],
        was: GUESS,
        is: KNOWN,
        name: "Roofer".into(),
        rule: "delegated_to".into(),
        confidence: 90,
        retention_days: 30,
        ..AgentLinkRow::default()
    };
    let other =
        AgentLinkRow { key_id: [8; 16], name: "Nobody".into(), is: 99, ts: shown_at - 1, ..link.clone() };
    test.clickhouse.insert_batch(&[other, link], "links").await.unwrap();
}

async fn agents(test: &TestClickHouse, corrections: &[Line]) -> Vec<(String, String)> {
    let filter = CallFilter { limit: 100, corrections: corrections.to_vec(), ..CallFilter::default() };
    let page = calls::list(&test.clickhouse, team(), &filter).await.unwrap();
    page.items.into_iter().rev().map(|call| (call.agent, call.agent_key)).collect()
}

fn key(number: u64) -> String {
    format!("{number:016x}")
}

#[tokio::test]
async fn calls_are_listed_by_the_agent_that_they_turned_out_to_be_by() {
    let test = stored().await;
    let before: Vec<String> = agents(&test, &[]).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(before, ["mends roofs", "Lead", "mends roofs", "mends roofs", "mends roofs"]);
    learn(&test).await;
    let roofer = || ("Roofer".to_owned(), key(KNOWN));
    let guess = || ("mends roofs".to_owned(), key(GUESS));
    let lead = ("Lead".to_owned(), key(5));
    // What was stated stays, and so does what was found later.
    assert_eq!(agents(&test, &[]).await, [roofer(), lead.clone(), roofer(), guess(), guess()]);

    // A correction of that agent holds for these calls too.
    let rename = Line { agent: KNOWN, condition: None, to_agent: KNOWN, name: "Thatcher".into() };
    let thatcher = || ("Thatcher".to_owned(), key(KNOWN));
    assert_eq!(agents(&test, &[rename]).await, [thatcher(), lead, thatcher(), guess(), guess()]);
}

fn today() -> TraceFilter {
    TraceFilter {
        range: TimeRange { from_us: hour_us() - 1, to_us: hour_us() + 3_600_000_000 },
        model: None,
        agent: None,
        crew: None,
        session_id: None,
        execution_id: None,
        errors_only: false,
        corrections: Vec::new(),
        cursor: None,
        limit: 50,
    }
}

#[tokio::test]
async fn runs_are_listed_with_the_agents_of_all_their_parts_as_they_are_known_now() {
    let test = stored().await;
    learn(&test).await;
    let link = TraceLinkRow {
        team: TEAM,
        ts: hour_us() + 5_000_000,
        part: PART,
        whole: TRACE,
        rule: "answer_text".into(),
        confidence: 90,
        retention_days: 30,
    };
    test.clickhouse.insert_batch(&[link], "parts").await.unwrap();
    let listed = |corrections: Vec<Line>| {
        let filter = TraceFilter { corrections, ..today() };
        let test = &test;
        async move { traces::list(&test.clickhouse, team(), &filter).await.unwrap().items }
    };
    let runs = listed(Vec::new()).await;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].agents, ["Lead", "Roofer", "mends roofs"]);
    let rename = |agent, name: &str| Line { agent, condition: None, to_agent: agent, name: name.into() };
    let runs = listed(vec![rename(KNOWN, "Thatcher"), rename(5, "Boss")]).await;
    assert_eq!(runs[0].agents, ["Boss", "Thatcher", "mends roofs"]);
}

/// Numbers of the calls that a filter by this name lists, page by page.
async fn of_agent(test: &TestClickHouse, name: &str, corrections: &[Line], limit: u32) -> Vec<u8> {
    let mut numbers = Vec::new();
    let mut cursor = None;
    loop {
        let filter = CallFilter {
            range: Some(today().range),
            agent: Some(name.to_owned()),
            corrections: corrections.to_vec(),
            cursor,
            limit,
            ..CallFilter::default()
        };
        let page = calls::list(&test.clickhouse, team(), &filter).await.unwrap();
        assert!(page.items.iter().all(|call| call.agent == name));
        numbers.extend(page.items.iter().map(|call| u8::from_str_radix(&call.call_id[34..], 16).unwrap()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return numbers;
        }
    }
}

#[tokio::test]
async fn a_filter_by_agent_finds_the_calls_that_lists_show_under_the_name() {
    let test = stored().await;
    assert_eq!(of_agent(&test, "mends roofs", &[], 50).await, [6, 4, 3, 1]);
    learn(&test).await;
    let spoke = AgentLinkRow {
        team: TEAM,
        ts: hour_us() + 5_000_000,
        key_id: [7; 16],
        conversation: 102,
        is: KNOWN,
        name: "Roofer".into(),
        retention_days: 30,
        ..AgentLinkRow::default()
    };
    test.clickhouse.insert_batch(&[spoke], "speaker").await.unwrap();
    let rename = [Line { agent: KNOWN, condition: None, to_agent: KNOWN, name: "Thatcher".into() }];
    for limit in [1, 3, 50] {
        assert_eq!(of_agent(&test, "Roofer", &[], limit).await, [3, 2, 1], "pages of {limit}");
        assert_eq!(of_agent(&test, "mends roofs", &[], limit).await, [6, 4], "pages of {limit}");
        assert_eq!(of_agent(&test, "Thatcher", &rename, limit).await, [3, 2, 1], "pages of {limit}");
        for (name, corrections) in [("Lead", &[][..]), ("Nobody", &[]), ("Roofer", &rename)] {
            assert!(of_agent(&test, name, corrections, limit).await.is_empty(), "{name}, pages of {limit}");
        }
    }
    // A correction of whom the calls were recorded as does not hold for those that turned out to be another's.
    let other = [Line { agent: GUESS, condition: None, to_agent: GUESS, name: "Helper".into() }];
    assert_eq!(of_agent(&test, "Helper", &other, 1).await, [6, 4]);
}

#[tokio::test]
async fn an_agent_that_was_united_twice_is_found_by_its_last_name_only() {
    let test = stored().await;
    learn(&test).await;
    let again = AgentLinkRow {
        team: TEAM,
        ts: hour_us() + 2_500_000,
        key_id: [7; 16],
        was: KNOWN,
        is: 13,
        name: "Mender".into(),
        retention_days: 30,
        ..AgentLinkRow::default()
    };
    test.clickhouse.insert_batch(&[again], "again").await.unwrap();
    // The second was known before call 3.
    assert_eq!(of_agent(&test, "Mender", &[], 1).await, [1]);
    assert_eq!(of_agent(&test, "Roofer", &[], 1).await, [3]);
}

#[tokio::test]
async fn runs_are_found_by_the_agents_that_they_are_listed_with() {
    let test = stored().await;
    let own = SpanRow { trace_id: [79; 16], agent: "mends roofs".into(), ..span(9, "agent", 0) };
    test.clickhouse.insert_batch(&[own], "own").await.unwrap();
    let found = async |name: &str, corrections: &[Line], limit: u32| {
        let (mut traces, mut cursor) = (Vec::new(), None);
        loop {
            let filter = TraceFilter {
                agent: Some(name.to_owned()),
                corrections: corrections.to_vec(),
                cursor,
                limit,
                ..today()
            };
            let page = traces::list(&test.clickhouse, team(), &filter).await.unwrap();
            traces.extend(page.items.into_iter().map(|trace| trace.trace_id[..2].to_owned()));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return traces;
            }
        }
    };
    let (whole, part, stated) = ("4d", "4e", "4f");
    assert_eq!(found("mends roofs", &[], 50).await, [part, whole, stated]);
    assert!(found("Roofer", &[], 50).await.is_empty());
    learn(&test).await;
    let rename = [Line { agent: KNOWN, condition: None, to_agent: KNOWN, name: "Thatcher".into() }];
    let lead = [Line { agent: 5, condition: None, to_agent: 5, name: "Boss".into() }];
    for limit in [1, 50] {
        assert_eq!(found("Roofer", &[], limit).await, [part, whole]);
        // A call that states it, one that was made after it was known, and a step that a runner stated.
        assert_eq!(found("mends roofs", &[], limit).await, [whole, stated]);
        assert_eq!(found("Thatcher", &rename, limit).await, [part, whole]);
        assert!(found("Roofer", &rename, limit).await.is_empty());
        assert_eq!(found("Boss", &lead, limit).await, [whole]);
        assert!(found("Lead", &lead, limit).await.is_empty());
    }
}

#[tokio::test]
async fn calls_of_a_run_are_found_by_the_trace_of_any_of_its_parts() {
    let test = stored().await;
    let link = TraceLinkRow {
        team: TEAM,
        ts: hour_us() + 5_000_000,
        part: PART,
        whole: TRACE,
        rule: "answer_text".into(),
        confidence: 90,
        retention_days: 30,
    };
    test.clickhouse.insert_batch(&[link], "parts").await.unwrap();
    for trace in [TRACE, PART] {
        let filter = CallFilter { trace_id: Some(TraceId(trace)), limit: 50, ..CallFilter::default() };
        let page = calls::list(&test.clickhouse, team(), &filter).await.unwrap();
        assert_eq!(page.items.len(), 5);
    }
}
