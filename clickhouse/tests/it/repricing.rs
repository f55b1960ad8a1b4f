//! A slice of a re-pricing is done once: rows, spans and every rollup agree after it, wherever it was interrupted.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use aop_clickhouse::repricing::{self, Place, PricedCall, SliceId};
use aop_clickhouse::testing::TestClickHouse;
use aop_clickhouse::{CallRepricingRow, ClickHouse, LlmCallRow, SpanRow, TimeRange};
use aop_domain::id::CallId;
use uuid::Uuid;

use crate::fixture::{OTHER_TEAM, TEAM, call, hour_us, id, team};

const CALLS: u8 = 24;
/// Places that a slice is killed at, all along its way.
const KILLS: usize = 20;

fn slice(repricing: u128, slice: u32) -> SliceId {
    SliceId { team: team(), repricing: Uuid::from_u128(repricing << 64), slice }
}

fn span_of(call: &LlmCallRow) -> SpanRow {
    SpanRow {
        team: call.team,
        ts: call.ts,
        trace_id: call.trace_id,
        span_id: call.span_id,
        span_type: "llm_call".into(),
        status: "completed".into(),
        ended_at: call.ts + 1_000_000,
        source: "gateway".into(),
        call_id: call.call_id,
        cost: call.cost,
        cost_known: call.cost_known,
        version: 1,
        retention_days: 30,
        ..SpanRow::default()
    }
}

/// The day of two teams, as the collector stores it: what is not known costs nothing.
async fn stored(clickhouse: &ClickHouse) {
    let known = |mut call: LlmCallRow| {
        if !call.cost_known {
            (call.cost_input, call.cost_output, call.cost) = (0, 0, 0);
        }
        call
    };
    let calls: Vec<LlmCallRow> = [TEAM, OTHER_TEAM]
        .into_iter()
        .flat_map(|team| (0..CALLS).map(move |n| known(call(team, n))))
        .collect();
    let spans: Vec<SpanRow> = calls.iter().map(span_of).collect();
    clickhouse.insert_batch(&calls, "calls").await.unwrap();
    clickhouse.insert_batch(&spans, "spans").await.unwrap();
}

async fn read(clickhouse: &ClickHouse, after: Place) -> Vec<PricedCall> {
    let range = TimeRange { from_us: hour_us(), to_us: hour_us() + 3_600_000_000 };
    repricing::calls(clickhouse, team(), range, after, None, 500).await.unwrap()
}

/// Every call at `times` its tokens' price, and nothing else.
fn planned(slice: SliceId, calls: &[PricedCall], times: i64) -> Vec<CallRepricingRow> {
    let one = |call: &PricedCall| CallRepricingRow {
        team: *slice.team.as_bytes(),
        repricing: *slice.repricing.as_bytes(),
        slice: slice.slice,
        ts: call.ts_us,
        call_id: call.call_id,
        was_repricing: call.repricing,
        made_at: hour_us() + times,
        trace_id: call.trace_id,
        execution_id: call.execution_id,
        key_id: call.key_id,
        provider: call.provider.clone(),
        model: if call.response_model.is_empty() { &call.requested_model } else { &call.response_model }
            .clone(),
        agent: call.agent.clone(),
        crew: call.crew.clone(),
        status: call.status.clone(),
        old_cost_input: call.cost_input,
        old_cost_cache: call.cost_cache,
        old_cost_output: call.cost_output,
        old_cost: call.cost,
        old_cost_known: call.cost_known,
        old_price_version: call.price_version,
        new_cost_input: 7 * times,
        new_cost_cache: 2 * times,
        new_cost_output: times,
        new_cost: 10 * times,
        new_price_version: 5,
        retention_days: call.retention_days,
    };
    calls.iter().map(one).collect()
}

/// Calls, known ones, and the four costs as text, of one table; rows that only correct count no call.
async fn sums(clickhouse: &ClickHouse, table: &str, calls: &str, known: &str) -> (u64, u64, String) {
    let statement = format!(
        "SELECT toUInt64({calls}), toUInt64({known}),
            concat(toString(sum(toDecimal128(cost_input, 12))), ' ', toString(sum(toDecimal128(cost_cache, 12))), ' ',
                   toString(sum(toDecimal128(cost_output, 12))), ' ', toString(sum(toDecimal128(cost, 12))))
         FROM {table} WHERE team = unhex('{}')",
        "a1".repeat(16)
    );
    clickhouse.client().query(&statement).fetch_one().await.unwrap()
}

/// Every sum that a dashboard reads is the sum of the rows.
async fn all_agree(clickhouse: &ClickHouse) -> (u64, u64, String) {
    let ledger = sums(clickhouse, "llm_calls", "count()", "countIf(cost_known)").await;
    for table in ["usage_1m", "usage_1h", "usage_1d", "usage_run"] {
        let rollup = sums(clickhouse, table, "sum(calls)", "sum(cost_known_calls)").await;
        assert_eq!(rollup, ledger, "{table}");
    }
    let by_key = |table: &str, calls: &str, known: &str, model: &str| {
        let statement = format!(
            "SELECT provider, {model} AS m, agent, crew, status, toUInt64({calls}), toUInt64({known}), toString(sum(toDecimal128(cost, 12)))
             FROM {table} WHERE team = unhex('{}') GROUP BY provider, m, agent, crew, status ORDER BY ALL",
            "a1".repeat(16)
        );
        let client = clickhouse.client().clone();
        async move {
            client
                .query(&statement)
                .fetch_all::<(String, String, String, String, String, u64, u64, String)>()
                .await
                .unwrap()
        }
    };
    let model = "if(response_model = '', requested_model, response_model)";
    let rows = by_key("llm_calls", "count()", "countIf(cost_known)", model).await;
    for table in ["usage_1m", "usage_1h", "usage_1d"] {
        assert_eq!(by_key(table, "sum(calls)", "sum(cost_known_calls)", "model").await, rows, "{table}");
    }
    let per_trace = |table: &str, known: &str| {
        let statement = format!(
            "SELECT hex(trace_id), toUInt64({known}), toString(sum(toDecimal128(cost, 12))) FROM {table}
             WHERE team = unhex('{}') GROUP BY trace_id ORDER BY trace_id",
            "a1".repeat(16)
        );
        let client = clickhouse.client().clone();
        async move { client.query(&statement).fetch_all::<(String, u64, String)>().await.unwrap() }
    };
    let traces = per_trace("llm_calls", "countIf(cost_known)").await;
    assert_eq!(per_trace("spans", "countIf(cost_known)").await, traces);
    assert_eq!(per_trace("trace_index", "sum(cost_known_calls)").await, traces);
    assert_eq!(per_trace("usage_run", "sum(cost_known_calls)").await, traces);
    ledger
}

/// A future that is given up after so many looks at it, as by a process that is killed.
struct KilledAfter<F> {
    inner: Pin<Box<F>>,
    looks: usize,
}

impl<F: Future> Future for KilledAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.looks == 0 {
            return Poll::Ready(None);
        }
        self.looks -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

#[tokio::test]
async fn rows_spans_and_every_rollup_agree_after_a_repricing_and_after_it_came_again() {
    let world = TestClickHouse::start().await.unwrap();
    let clickhouse = &world.clickhouse;
    stored(clickhouse).await;
    let before = all_agree(clickhouse).await;
    let (first, second) = (slice(1, 0), slice(1, 1));
    let calls = read(clickhouse, Place::before(hour_us())).await;
    assert_eq!(calls.len(), usize::from(CALLS));
    let (half, rest) = calls.split_at(10);
    for (slice, calls) in [(first, half), (second, rest), (first, half), (second, rest)] {
        repricing::apply(clickhouse, slice, &planned(slice, calls, 1)).await.unwrap();
    }
    let (count, known, costs) = all_agree(clickhouse).await;
    assert_eq!((before.0, before.1, count, known), (24, 23, 24, 24), "the unknown one is known");
    assert_eq!(costs, "0.000000000168 0.000000000048 0.000000000024 0.00000000024");
    let after =
        read(clickhouse, Place { ts_us: calls[9].ts_us, call_id: Uuid::from_bytes(calls[9].call_id) }).await;
    assert_eq!(after.len(), 14);
    assert!(
        after.iter().all(|call| call.repricing == *first.repricing.as_bytes() && call.price_version == 5)
    );

    let again = slice(2, 0);
    let calls = read(clickhouse, Place::before(hour_us())).await;
    repricing::apply(clickhouse, again, &planned(again, &calls, 3)).await.unwrap();
    assert_eq!(all_agree(clickhouse).await.2, "0.000000000504 0.000000000144 0.000000000072 0.00000000072");
    // One that comes late, after another has changed its calls, changes nothing.
    repricing::apply(clickhouse, first, &planned(first, half, 9)).await.unwrap();
    assert_eq!(all_agree(clickhouse).await.2, "0.000000000504 0.000000000144 0.000000000072 0.00000000072");

    let history =
        repricing::of_call(clickhouse, team(), CallId::from_bytes(id(4)), calls[4].ts_us).await.unwrap();
    let told: Vec<_> = history.iter().map(|one| (one.old_cost.as_deref(), one.new_cost.as_str())).collect();
    assert_eq!(told, [(None, "0.00000000001"), (Some("0.00000000001"), "0.00000000003")]);
}

#[tokio::test]
async fn wherever_a_repricing_is_killed_the_next_try_finishes_it() {
    let world = TestClickHouse::start().await.unwrap();
    let clickhouse = &world.clickhouse;
    stored(clickhouse).await;
    // One that nobody kills tells how many looks it takes; the others are killed all along that way.
    let whole = slice(1, 0);
    let calls = read(clickhouse, Place::before(hour_us())).await;
    let rows = planned(whole, &calls, 1);
    let mut unharmed =
        KilledAfter { inner: Box::pin(repricing::apply(clickhouse, whole, &rows)), looks: usize::MAX };
    (&mut unharmed).await.unwrap().unwrap();
    let way = usize::MAX - unharmed.looks;
    let mut kills = 0;
    for number in 2..KILLS + 2 {
        let slice = slice(number as u128, 0);
        let calls = read(clickhouse, Place::before(hour_us())).await;
        let rows = planned(slice, &calls, i64::try_from(number).unwrap());
        let looks = (way * (number - 1) / (KILLS + 1)).max(1);
        let killed = KilledAfter { inner: Box::pin(repricing::apply(clickhouse, slice, &rows)), looks };
        kills += usize::from(killed.await.is_none());
        repricing::apply(clickhouse, slice, &rows).await.unwrap();
        let (calls, known, costs) = all_agree(clickhouse).await;
        assert_eq!((calls, known), (24, 24));
        assert!(costs.ends_with(format!(" 0.{:012}", 240 * number).trim_end_matches('0')), "{costs}");
    }
    assert!(kills > KILLS / 2, "it was hardly ever killed: {kills} of {KILLS} times, {way} looks");
}

#[tokio::test]
async fn rows_of_another_slice_or_team_are_refused() {
    let world = TestClickHouse::start().await.unwrap();
    let clickhouse = &world.clickhouse;
    stored(clickhouse).await;
    let calls = read(clickhouse, Place::before(hour_us())).await;
    let mut rows = planned(slice(1, 0), &calls, 1);
    assert!(repricing::apply(clickhouse, slice(1, 1), &rows).await.is_err());
    rows[3].team = OTHER_TEAM;
    assert!(repricing::apply(clickhouse, slice(1, 0), &rows).await.is_err());
    assert_eq!(repricing::of_slice(clickhouse, slice(1, 0)).await.unwrap(), []);
}
