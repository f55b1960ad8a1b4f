//! What the limiter promises, on a real Postgres where several gateways share a limit.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use aop_domain::id::{KeyId, LimitId, TeamId, UserId};
use aop_domain::limits::{ColdCost, Kind, Limit, LimitScope, Outcome, Sizes, Window};
use aop_service::clock::Clock;
use aop_store::limits::current_use;
use aop_store::testing::TestStore;
use time::OffsetDateTime;

use super::settle::Used;
use super::*;
use crate::metrics::Metrics;
use crate::refusal::{Code, Refusal};

const CENT: i64 = 10_000_000_000;

fn limit(n: u128, scope: LimitScope, kind: Kind, window: Window, amount: i64) -> Arc<Limit> {
    Arc::new(Limit {
        id: LimitId(Uuid::from_u128(n)),
        team_id: Some(TeamId(Uuid::from_u128(1))),
        name: "test".into(),
        scope,
        subject: None,
        kind,
        window,
        amount,
        shadow: false,
    })
}

fn subject<'a>() -> Subject<'a> {
    Subject {
        team_id: TeamId(Uuid::from_u128(1)),
        user_id: UserId(Uuid::from_u128(2)),
        key_id: KeyId(Uuid::from_u128(3)),
        model: "m",
        tags: &[],
        agent: None,
        run: Run::Unnamed,
    }
}

/// One gateway and its background task.
struct Gateway {
    limiter: Arc<Limiter>,
    stopping: CancellationToken,
    task: JoinHandle<()>,
}

impl Gateway {
    fn start(link: Option<Link>, journal: Option<Journal>, clock: Clock, limits: &[Arc<Limit>]) -> Self {
        let metrics = Metrics::new().unwrap().limits;
        let learned_in = std::env::temp_dir();
        let limiter = Limiter::new(WhenAway::default(), journal, &learned_in, clock, metrics);
        limiter.take_rules(limits);
        if let Some(link) = link {
            limiter.attach(link);
        }
        let stopping = CancellationToken::new();
        let (running, stop) = (Arc::clone(&limiter), stopping.clone());
        let task = tokio::spawn(async move { running.run(stop).await });
        Self { limiter, stopping, task }
    }

    fn local(limits: &[Arc<Limit>]) -> Self {
        Self::start(Some(Limiter::local_link()), None, Clock::fixed(1_000_000_000_000), limits)
    }

    fn on(store: &Store, journal: Option<Journal>, limits: &[Arc<Limit>]) -> Self {
        Self::start(Some(Link::Postgres(store.clone())), journal, Clock::System, limits)
    }

    /// Every call so far has cost this; now nothing else is expected.
    fn has_learned(&self, cost: i64) {
        let learned = self.limiter.learned.of(subject().key_id, "m");
        for _ in 0..80 {
            learned.lock().learn(&outcome(cost));
        }
    }

    async fn reserve(&self, cold: i64) -> Result<Held, Refusal> {
        self.reserve_as(&subject(), cold).await
    }

    async fn reserve_as(&self, subject: &Subject<'_>, cold: i64) -> Result<Held, Refusal> {
        let sizes = Sizes { body_bytes: 400, max_output_tokens: Some(100) };
        let cold = ColdCost { input_token: 0.0, output_token: cold as f64 / 100.0 };
        Ok(self.limiter.reserve(subject, sizes, || Some(cold)).await?.expect("a limit touches the call"))
    }

    /// One call that costs so much, with a moment in between. The cost, if it was admitted.
    async fn call(&self, cost: i64) -> i64 {
        let Ok(mut held) = self.reserve(cost).await else { return 0 };
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        held.settle(&used(cost));
        held.learned.lock().learn(&outcome(cost));
        cost
    }

    async fn stop(self) {
        self.stopping.cancel();
        self.task.await.unwrap();
    }
}

fn outcome(cost: i64) -> Outcome {
    Outcome {
        body_bytes: 400,
        input_tokens: 0,
        output_tokens: 100,
        input_spend: Some(0),
        output_spend: Some(cost),
    }
}

fn used(cost: i64) -> Used {
    Used { requests: 1, tokens: 100, spend: cost, parts: Some((0, cost)) }
}

async fn settled(store: &TestStore, limit: &Limit) -> (i64, i64) {
    let start = OffsetDateTime::UNIX_EPOCH;
    current_use(store, limit.id, start).await.unwrap().map_or((0, 0), |found| (found.settled, found.held))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_at_once_spend_a_budget_and_no_more() {
    let budget = limit(1, LimitScope::Team, Kind::Spend, Window::Total, 10 * CENT + CENT / 2);
    let gateway = Gateway::local(&[budget]);
    gateway.has_learned(CENT);
    let costs = join_all((0..200).map(|_| gateway.call(CENT))).await;
    let spent: i64 = costs.iter().sum();
    assert!(spent <= 10 * CENT + CENT / 2, "{spent}");
    // Those that were refused while others held the rest come again.
    while gateway.call(CENT).await > 0 {}
    let refused = gateway.reserve(CENT).await.err().unwrap();
    assert_eq!((refused.code, refused.should_retry()), (Code::BudgetExceeded, Some("false")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_a_model_nobody_knows_overshoot_by_one_call_at_most() {
    for cost in [CENT / 10, CENT, 7 * CENT] {
        let amount = 10 * CENT;
        let gateway = Gateway::local(&[limit(1, LimitScope::Team, Kind::Spend, Window::Total, amount)]);
        let costs = join_all((0..200).map(|_| gateway.call(cost))).await;
        let spent: i64 = costs.iter().sum();
        assert!(spent <= amount + cost, "{spent} of calls that cost {cost}");
        assert!(spent > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_gateways_on_one_postgres_spend_one_budget_and_it_is_exact_after_they_stop() {
    let store = TestStore::new().await;
    let amount = 60 * CENT + 1;
    let budget = limit(1, LimitScope::Team, Kind::Spend, Window::Total, amount);
    let gateways: Vec<Gateway> =
        (0..3).map(|_| Gateway::on(&store, None, std::slice::from_ref(&budget))).collect();
    for gateway in &gateways {
        gateway.has_learned(CENT);
    }
    let mut spent = 0i64;
    // Again and again, as clients do that are told the rest is only held.
    for _ in 0..6 {
        let calls = gateways.iter().flat_map(|gateway| (0..67).map(move |_| gateway.call(CENT)));
        spent += join_all(calls).await.iter().sum::<i64>();
        assert!(spent <= amount, "{spent}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(spent >= 50 * CENT, "what one gateway does not use comes back to the others: {spent}");
    for gateway in gateways {
        gateway.stop().await;
    }
    assert_eq!(settled(&store, &budget).await, (spent, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_has_lost_no_cent_when_it_is_back() {
    let store = TestStore::new().await;
    let dir = tempfile::tempdir().unwrap();
    let budget = limit(1, LimitScope::Team, Kind::Spend, Window::Total, 100 * CENT);
    let limits = std::slice::from_ref(&budget);
    let gateway = Gateway::on(&store, Some(Journal::open_in(dir.path()).unwrap()), limits);
    gateway.has_learned(CENT);
    let in_flight = gateway.reserve(CENT).await.unwrap();
    let spent: i64 = join_all((0..20).map(|_| gateway.call(CENT))).await.iter().sum();
    assert_eq!(spent, 20 * CENT);
    // Killed: nothing is told to the ledger any more.
    gateway.task.abort();
    let _ = gateway.task.await;
    std::mem::forget(in_flight);
    let (_, held) = settled(&store, &budget).await;
    assert!(held > 0, "what it had leased counts as used");

    let again = Gateway::on(&store, Some(Journal::open_in(dir.path()).unwrap()), limits);
    again.has_learned(CENT);
    assert_eq!(again.call(CENT).await, CENT);
    again.stop().await;
    assert_eq!(settled(&store, &budget).await, (21 * CENT, 0));
}

#[tokio::test]
async fn a_thousand_requests_at_once_are_admitted_exactly_to_the_limit() {
    let gateway = Gateway::local(&[limit(1, LimitScope::Team, Kind::Requests, Window::Minute, 100)]);
    let held: Vec<_> = join_all((0..1_000).map(|_| gateway.reserve(0))).await;
    let admitted = held.iter().filter(|held| held.is_ok()).count();
    assert_eq!(admitted, 100);
    let refusal = held.into_iter().find_map(Result::err).unwrap();
    assert_eq!(refusal.code, Code::RateLimitExceeded);
    assert!((1..=60).contains(&refusal.retry_after_s.unwrap()), "{refusal:?}");
}

#[tokio::test]
async fn a_new_window_is_a_new_count() {
    let gateway = Gateway::local(&[limit(1, LimitScope::Key, Kind::Requests, Window::Minute, 2)]);
    for _ in 0..2 {
        assert_eq!(gateway.call(1).await, 1);
    }
    assert_eq!(gateway.call(1).await, 0);
    gateway.limiter.clock.advance_us(60_000_000);
    assert_eq!(gateway.call(1).await, 1);
}

#[tokio::test]
async fn a_refused_call_takes_nothing_of_its_other_limits() {
    let gateway = Gateway::local(&[
        limit(1, LimitScope::Team, Kind::Requests, Window::Minute, 10),
        limit(2, LimitScope::Key, Kind::Concurrency, Window::Now, 1),
    ]);
    let first = gateway.reserve(0).await.unwrap();
    for _ in 0..20 {
        assert_eq!(gateway.reserve(0).await.err().unwrap().code, Code::RateLimitExceeded);
    }
    drop(first);
    let mut held = gateway.reserve(0).await.unwrap();
    held.settle(&used(0));
    let concurrency = |held: &Held| held.parts.iter().map(|part| part.counter.slice.lock().reserved()).max();
    assert_eq!(concurrency(&held), Some(1), "a call that is settled still runs until it is dropped");
    let counter = Arc::clone(&held.parts[0].counter);
    drop(held);
    assert_eq!(counter.slice.lock().reserved(), 0);
}

#[tokio::test]
async fn each_run_and_each_agent_has_a_limit_for_itself_and_a_pattern_counts_together() {
    let per_run = limit(1, LimitScope::Run, Kind::Requests, Window::Run, 2);
    let mut writers = Limit::clone(&limit(2, LimitScope::Agent, Kind::Requests, Window::Total, 3));
    writers.subject = Some("writer*".into());
    let gateway = Gateway::local(&[per_run, Arc::new(writers)]);
    let call = async |run: &'static str, agent: &'static str| {
        let subject = Subject { run: Run::Named(run), agent: Some(agent), ..subject() };
        match gateway.reserve_as(&subject, 0).await {
            Ok(mut held) => {
                held.settle(&used(0));
                "ok".to_owned()
            }
            Err(refusal) => refusal.limit.unwrap().scope_id,
        }
    };
    assert_eq!(call("a", "reader").await, "ok");
    assert_eq!(call("a", "writer 1").await, "ok");
    assert_eq!(call("a", "reader").await, "a", "the run has had its two calls");
    assert_eq!(call("b", "writer 2").await, "ok");
    assert_eq!(call("c", "writer 1").await, "ok");
    assert_eq!(call("d", "writer 3").await, "writer*");
}

#[tokio::test]
async fn a_limit_in_shadow_mode_refuses_nobody_and_counts_all() {
    let mut shadow = Limit::clone(&limit(1, LimitScope::Team, Kind::Requests, Window::Day, 1));
    shadow.shadow = true;
    let gateway = Gateway::local(&[Arc::new(shadow)]);
    for _ in 0..5 {
        assert_eq!(gateway.call(1).await, 1);
    }
    assert_eq!(gateway.limiter.metrics.shadow_refusals.get(), 4);
    let held = gateway.reserve(1).await.unwrap();
    assert_eq!(held.parts[0].counter.slice.lock().used(), 5);
}

#[tokio::test]
async fn without_its_ledger_a_budget_refuses_and_a_rate_limit_is_kept_here() {
    let clock = Clock::fixed(1_000_000_000_000);
    let spend = [limit(1, LimitScope::Team, Kind::Spend, Window::Total, 100 * CENT)];
    let gateway = Gateway::start(None, None, clock.clone(), &spend);
    assert_eq!(gateway.reserve(1).await.err().unwrap().code, Code::LimitsUnavailable);
    let rate = [limit(1, LimitScope::Team, Kind::Requests, Window::Day, 2)];
    let gateway = Gateway::start(None, None, clock, &rate);
    for _ in 0..2 {
        assert_eq!(gateway.call(1).await, 1);
    }
    assert_eq!(gateway.reserve(1).await.err().unwrap().code, Code::RateLimitExceeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_that_was_leased_is_used_while_postgres_is_away() {
    let store = TestStore::new().await;
    let budget = [limit(1, LimitScope::Team, Kind::Spend, Window::Total, 160 * CENT)];
    let gateway = Gateway::on(&store, None, &budget);
    gateway.has_learned(CENT);
    assert_eq!(gateway.call(CENT).await, CENT);
    store.close().await;
    let costs = join_all((0..200).map(|_| gateway.call(CENT))).await;
    let admitted = costs.iter().filter(|cost| **cost > 0).count();
    assert!((1..160).contains(&admitted), "a part was leased, not all of it: {admitted}");
    assert_eq!(gateway.reserve(CENT).await.err().unwrap().code, Code::LimitsUnavailable);
}

/// Not a test of speed, a way to look at it: `cargo nextest run --release -p aop-proxy --run-ignored all cost_of_five --no-capture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn cost_of_five_limits() {
    let limits = [
        limit(1, LimitScope::Team, Kind::Spend, Window::Month, i64::MAX / 4),
        limit(2, LimitScope::Team, Kind::Tokens, Window::Minute, i64::MAX / 4),
        limit(3, LimitScope::Key, Kind::Requests, Window::Minute, i64::MAX / 4),
        limit(4, LimitScope::User, Kind::Spend, Window::Day, i64::MAX / 4),
        limit(5, LimitScope::Key, Kind::Concurrency, Window::Now, i64::MAX / 4),
    ];
    let dir = tempfile::tempdir().unwrap();
    for journal in [None, Some(Journal::open_in(dir.path()).unwrap())] {
        let is_journaled = journal.is_some();
        let gateway = Gateway::start(Some(Limiter::local_link()), journal, Clock::System, &limits);
        gateway.has_learned(CENT);
        for _ in 0..10_000 {
            gateway.call(CENT).await;
        }
        const CALLS: u32 = 200_000;
        let begun = std::time::Instant::now();
        for _ in 0..CALLS {
            let mut held = gateway.reserve(CENT).await.unwrap();
            held.settle(&used(CENT));
        }
        tracing::info!("journal {is_journaled}: {:?} a call", begun.elapsed() / CALLS);
        #[allow(clippy::print_stderr)]
        {
            eprintln!("journal {is_journaled}: {:?} a call", begun.elapsed() / CALLS);
        }
    }
}
