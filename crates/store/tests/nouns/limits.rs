//! Limits, their ledger and their leases.

use aop_domain::id::{LimitId, TeamId};
use aop_domain::limits::{Exchange, Kind, Ledger, LimitScope, Reply, Window};
use aop_store::limit_leases::{self, Asked};
use aop_store::limits::{self, BudgetSettings};
use aop_store::testing::TestStore;
use aop_store::users::Role;
use aop_store::{Scope, gateway};
use rust_decimal::Decimal;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::new_id;

const NEVER_FORGET_S: i64 = 4_000_000_000;
const LEASE_S: f64 = 60.0;

fn settings() -> BudgetSettings {
    BudgetSettings {
        name: "Team budget".into(),
        scope: LimitScope::Team,
        subject: None,
        kind: Kind::Spend,
        window: Window::Month,
        amount: "12.5".parse().unwrap(),
        shadow: false,
        is_active: true,
    }
}

fn asked(limit_id: LimitId, amount: i64, lease: u128, spent: i64, wanted: i64, needed: i64) -> Asked {
    Asked {
        limit_id,
        bucket: String::new(),
        window_start_s: 0,
        forget_at_s: NEVER_FORGET_S,
        amount,
        frees_expired: false,
        exchange: Exchange { lease: Uuid::from_u128(lease), spent, wanted, needed },
    }
}

async fn exchange(store: &TestStore, asked: &Asked) -> Reply {
    limit_leases::exchange(store, std::slice::from_ref(asked), LEASE_S).await.unwrap()[0]
}

#[tokio::test]
async fn a_budget_is_written_changed_listed_and_deleted_by_its_owner_only() {
    let store = TestStore::new().await;
    let (team, other) = (store.add_team("Research").await, store.add_team("Other").await);
    let admin = store.add_user("admin", Role::Admin).await;
    let id: LimitId = new_id();
    limits::create(&store, Scope::Team(team), id, admin, &settings()).await.unwrap();
    let everybodys: LimitId = new_id();
    let organisation = BudgetSettings { scope: LimitScope::Organisation, ..settings() };
    limits::create(&store, Scope::Shared, everybodys, admin, &organisation).await.unwrap();

    let found = limits::find(&store, team, id).await.unwrap().unwrap();
    assert_eq!((found.owner, found.settings), (Scope::Team(team), settings()));
    assert!(limits::find(&store, other, id).await.unwrap().is_none(), "another team's does not exist");
    let list = limits::list(&store, team, None, 10).await.unwrap();
    assert_eq!(list.iter().map(|budget| budget.id).collect::<Vec<_>>(), [everybodys, id]);
    assert_eq!(limits::list(&store, team, Some(everybodys), 10).await.unwrap().len(), 1);

    let changed = BudgetSettings { amount: Decimal::from(20), shadow: true, ..settings() };
    assert!(!limits::update(&store, Scope::Team(other), id, &changed).await.unwrap());
    assert!(limits::update(&store, Scope::Team(team), id, &changed).await.unwrap());
    assert_eq!(limits::find(&store, team, id).await.unwrap().unwrap().settings, changed);
    assert!(!limits::delete(&store, Scope::Team(other), id).await.unwrap());
    assert!(limits::delete(&store, Scope::Team(team), id).await.unwrap());
    assert!(limits::find(&store, team, id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_used_goes_with_the_budget_and_with_what_it_counts_not_with_its_amount() {
    let store = TestStore::new().await;
    let team = store.add_team("Research").await;
    let admin = store.add_user("admin", Role::Admin).await;
    let id: LimitId = new_id();
    limits::create(&store, Scope::Team(team), id, admin, &settings()).await.unwrap();
    exchange(&store, &asked(id, 100, 1, 30, 5, 5)).await;
    let used = limits::current_use(&store, id, OffsetDateTime::UNIX_EPOCH).await.unwrap().unwrap();
    assert_eq!((used.settled, used.held, used.buckets), (30, 5, 1));
    let raised = BudgetSettings { amount: Decimal::from(99), ..settings() };
    limits::update(&store, Scope::Team(team), id, &raised).await.unwrap();
    assert!(limits::current_use(&store, id, OffsetDateTime::UNIX_EPOCH).await.unwrap().is_some());
    let of_tokens = BudgetSettings { kind: Kind::Tokens, ..settings() };
    limits::update(&store, Scope::Team(team), id, &of_tokens).await.unwrap();
    assert!(limits::current_use(&store, id, OffsetDateTime::UNIX_EPOCH).await.unwrap().is_none());
}

#[tokio::test]
async fn the_snapshot_holds_the_limits_in_force_and_the_rate_limits_of_keys() {
    let store = TestStore::new().await;
    let team = store.add_team("Research").await;
    let admin = store.add_user("admin", Role::Admin).await;
    let before = gateway::load_version(&store).await.unwrap();
    let (on, off): (LimitId, LimitId) = (new_id(), new_id());
    limits::create(&store, Scope::Team(team), on, admin, &settings()).await.unwrap();
    let switched_off = BudgetSettings { is_active: false, ..settings() };
    limits::create(&store, Scope::Team(team), off, admin, &switched_off).await.unwrap();
    assert!(gateway::load_version(&store).await.unwrap() > before, "the gateways are told");
    let key: aop_domain::id::KeyId = new_id();
    add_key(&store, team, admin, key).await;
    let snapshot = gateway::load_snapshot(&store).await.unwrap();
    let [budget, rate] = &snapshot.limits[..] else { panic!("{:?}", snapshot.limits) };
    assert_eq!((budget.id, budget.amount, budget.window), (on, 12_500_000_000_000, Window::Month));
    assert_eq!((rate.id.0, rate.kind, rate.window, rate.amount), (key.0, Kind::Requests, Window::Minute, 60));
    assert_eq!(rate.subject, Some(key.to_string()));
}

async fn add_key(store: &TestStore, team: TeamId, user: aop_domain::id::UserId, id: aop_domain::id::KeyId) {
    let settings = aop_store::api_keys::KeySettings {
        name: "k".into(),
        permissions: vec!["gateway".into()],
        allowed_models: vec![],
        rate_limit: Some(60),
        is_active: true,
        expires_at: None,
    };
    let new = aop_store::api_keys::NewKey { id, user_id: user, mac: [7; 32], hint: "...".into(), settings };
    aop_store::api_keys::create(store, team, &new).await.unwrap();
}

/// The function in Postgres and the rule in Rust are one rule: the same exchanges, drawn at random, the same replies.
#[tokio::test]
async fn postgres_answers_as_the_rule_says() {
    let store = TestStore::new().await;
    let id: LimitId = new_id();
    let mut ledger = Ledger::default();
    let mut spent = [0i64; 3];
    // A generator of its own, so that a difference is found again.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as i64
    };
    for round in 0..300 {
        let who = draw(3) as usize;
        spent[who] += draw(20);
        let amount = if round < 200 { 1_000 } else { 700 };
        let one = asked(id, amount, who as u128, spent[who], draw(400), draw(100));
        let expected = ledger.exchange(amount, &one.exchange);
        assert_eq!(exchange(&store, &one).await, expected, "round {round}: {one:?}");
        if draw(4) == 0 {
            let expected = ledger.exchange(amount, &one.exchange);
            assert_eq!(exchange(&store, &one).await, expected, "sent twice");
        }
    }
}

#[tokio::test]
async fn three_holders_at_once_are_never_granted_more_than_there_is() {
    let store = TestStore::new().await;
    let id: LimitId = new_id();
    let ask = |lease: u128| {
        let store = &store;
        async move { exchange(store, &asked(id, 100, lease, 0, 60, 60)).await.granted }
    };
    let granted: i64 = sum_of(ask(1), ask(2), ask(3)).await;
    assert_eq!(granted, 100);
}

async fn sum_of(
    a: impl Future<Output = i64>,
    b: impl Future<Output = i64>,
    c: impl Future<Output = i64>,
) -> i64 {
    let (a, b, c) = tokio::join!(a, b, c);
    a + b + c
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_questions() {
    let store = TestStore::new().await;
    let ids: Vec<LimitId> = (0..5).map(|_| new_id()).collect();
    let batch: Vec<Asked> =
        ids.iter().rev().enumerate().map(|(n, id)| asked(*id, 100, n as u128, 0, n as i64 + 1, 0)).collect();
    let replies = limit_leases::exchange(&store, &batch, LEASE_S).await.unwrap();
    assert_eq!(replies.iter().map(|reply| reply.granted).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn calls_at_once_are_free_again_when_their_holder_is_gone_and_money_is_not() {
    let store = TestStore::new().await;
    for (n, frees_expired, expected) in [(0, true, 5), (2, false, 0)] {
        let id: LimitId = new_id();
        let mut gone = asked(id, 5, n, 0, 5, 5);
        gone.frees_expired = frees_expired;
        // A lease that is over as soon as it is given.
        limit_leases::exchange(&store, std::slice::from_ref(&gone), -1.0).await.unwrap();
        let mut next = asked(id, 5, n + 1, 0, 5, 5);
        next.frees_expired = frees_expired;
        assert_eq!(exchange(&store, &next).await.granted, expected);
    }
}

#[tokio::test]
async fn old_windows_are_forgotten() {
    let store = TestStore::new().await;
    let mut old = asked(new_id(), 5, 1, 3, 0, 0);
    old.forget_at_s = 1_000;
    exchange(&store, &old).await;
    let kept = asked(new_id(), 5, 2, 3, 0, 0);
    exchange(&store, &kept).await;
    assert_eq!(limit_leases::forget_old(&store, 100).await.unwrap(), 1);
    assert!(limits::current_use(&store, old.limit_id, OffsetDateTime::UNIX_EPOCH).await.unwrap().is_none());
    assert!(limits::current_use(&store, kept.limit_id, OffsetDateTime::UNIX_EPOCH).await.unwrap().is_some());
}
