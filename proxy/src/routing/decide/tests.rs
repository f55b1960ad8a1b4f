//! Who comes first, for each strategy, with the time and the chance given.

use std::collections::HashMap;

use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use aop_domain::routing::Strategy;

use super::testing::targets;
use super::*;

fn no_price(_: &Deployment) -> Option<Decimal> {
    None
}

fn question(strategy: Strategy) -> Question<'static> {
    Question { strategy, session: None, streams: true, now: Instant::now(), price: &no_price }
}

fn names(order: &Order) -> String {
    order.targets.iter().map(|target| target.deployment.name.as_str()).collect()
}

fn decided(targets: &[RouteTarget], question: &Question<'_>) -> Order {
    decide(targets, question, &mut || 0.5)
}

fn fail(target: &RouteTarget, now: Instant) {
    target.target.health.enter_anyway().failed(None, 0.5, now);
}

#[test]
fn a_lower_priority_number_comes_first_whatever_the_strategy() {
    let targets = targets(&[(0, 1), (1, 100), (1, 1), (2, 100)]);
    for strategy in Strategy::ALL {
        let order = decided(&targets, &question(strategy));
        let names = names(&order);
        assert!(names.starts_with('a') && names.ends_with('d'), "{strategy:?}: {names}");
        assert_eq!((order.live, order.by), (4, strategy.as_str()));
    }
    assert_eq!(names(&decided(&targets, &question(Strategy::Priority))), "abcd");
}

#[test]
fn weights_share_the_calls_out() {
    let targets = targets(&[(0, 3), (0, 1), (0, 0)]);
    let mut random = SmallRng::seed_from_u64(7);
    let mut firsts: HashMap<String, u32> = HashMap::new();
    for _ in 0..4_000 {
        let order = decide(&targets, &question(Strategy::Weighted), &mut || random.random());
        assert!(names(&order).ends_with('c'), "weight 0 comes last");
        *firsts.entry(names(&order)[..1].to_owned()).or_default() += 1;
    }
    assert!((2_900..3_100).contains(&firsts["a"]), "{firsts:?}");
}

#[test]
fn the_least_busy_for_its_weight_comes_first() {
    let targets = targets(&[(0, 1), (0, 1), (0, 4)]);
    let busy: Vec<_> = [0, 0, 2, 2, 2, 2].map(|at: usize| targets[at].target.health.enter_anyway()).into();
    let order = decided(&targets, &question(Strategy::LeastBusy));
    assert_eq!(names(&order), "bca", "with this call: 1 for 1, 5 for 4, 3 for 1");
    assert_eq!(order.considered, "b: 0 in flight; c: 4 in flight; a: 2 in flight");
    drop(busy);
}

#[test]
fn the_fastest_lately_comes_first_and_old_figures_fade() {
    let targets = targets(&[(0, 1), (0, 1)]);
    let mut now = Instant::now();
    let tell = |at: usize, us, now| targets[at].target.health.enter_anyway().answered(Some(us), true, now);
    tell(0, 900_000, now);
    tell(1, 200_000, now);
    let at = |now| decided(&targets, &Question { now, ..question(Strategy::LowestLatency) });
    assert_eq!(names(&at(now)), "ba");
    assert_eq!(at(now).considered, "b: 200.0 ms; a: 900.0 ms");
    let waiting: Vec<_> = (0..9).map(|_| targets[1].target.health.enter_anyway()).collect();
    assert_eq!(names(&at(now)), "ab", "nine that wait make it slower than the slow one");
    drop(waiting);
    for _ in 0..4 {
        now += Duration::from_secs(60);
        tell(1, 200_000, now);
    }
    assert_eq!(names(&at(now)), "ab", "a figure of four minutes ago is worth another look");
    let explored = decide(&targets, &question(Strategy::LowestLatency), &mut || 0.01);
    assert!(explored.considered.contains("explored"), "{explored:?}");
}

#[test]
fn the_cheapest_comes_first_and_an_unknown_price_last() {
    let targets = targets(&[(0, 1), (0, 1), (0, 1)]);
    let price = |deployment: &Deployment| match deployment.name.as_str() {
        "a" => Some(Decimal::new(3, 3)),
        "b" => None,
        _ => Some(Decimal::new(1, 3)),
    };
    let order = decided(&targets, &Question { price: &price, ..question(Strategy::LowestCost) });
    assert_eq!(order.considered, "c: $0.001; a: $0.003; b: price unknown");
}

#[test]
fn what_rests_comes_last_and_the_soonest_back_first() {
    let targets = targets(&[(0, 1), (1, 1), (2, 1)]);
    let now = Instant::now();
    targets[0].target.health.enter_anyway().failed(Some(Duration::from_secs(60)), 0.0, now);
    fail(&targets[1], now);
    let order = decided(&targets, &Question { now, ..question(Strategy::Priority) });
    assert_eq!((names(&order).as_str(), order.live), ("cba", 1));
    assert_eq!(order.considered, "c: weight 1; b: rests 15.0 s; a: rests 60.0 s");
    let later = now + Duration::from_secs(20);
    let order = decided(&targets, &Question { now: later, ..question(Strategy::Priority) });
    assert_eq!((names(&order).as_str(), order.live), ("bca", 2), "rested: it may be probed");
    let probe = targets[1].target.health.enter(later).unwrap();
    let order = decided(&targets, &Question { now: later, ..question(Strategy::Priority) });
    assert_eq!((names(&order).as_str(), order.live), ("cba", 1), "being probed: {}", order.considered);
    drop(probe);
}

#[test]
fn what_is_written_down_is_bounded() {
    let targets = targets(&[(0, 1); 32]);
    let order = decided(&targets, &question(Strategy::Weighted));
    assert!(order.targets.len() == 32 && order.considered.len() < MOST_WORDS_BYTES + 8);
}

proptest! {
    /// Each target exactly once, whatever rests.
    #[test]
    fn an_order_is_a_permutation(
        shares in prop::collection::vec((0..3u16, 0..5u16), 1..8),
        failing in prop::collection::vec(any::<bool>(), 8),
        strategy in prop::sample::select(Strategy::ALL.to_vec()),
        session in prop::option::of(any::<u64>()),
        seed in any::<u64>(),
    ) {
        let mut shares = shares;
        shares.sort_unstable();
        let targets = targets(&shares);
        let now = Instant::now();
        let resting = targets.iter().zip(&failing).filter(|(_, fails)| **fails);
        let count = resting.map(|(target, _)| fail(target, now)).count();
        let mut random = SmallRng::seed_from_u64(seed);
        let order = decide(&targets, &Question { now, session, ..question(strategy) }, &mut || random.random());
        let mut seen: Vec<_> = names(&order).chars().collect();
        seen.sort_unstable();
        let expected: Vec<_> = targets.iter().flat_map(|target| target.target.deployment.name.chars()).collect();
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(order.live, targets.len() - count);
    }

    /// A session stays where it is while its deployment is healthy, and only its own sessions move.
    #[test]
    fn sessions_stick_and_only_those_of_a_lost_deployment_move(session in any::<u64>(), lost in 0..4usize) {
        let targets = targets(&[(0, 1); 4]);
        let now = Instant::now();
        let of = || {
            let question = Question { now, session: Some(session), ..question(Strategy::Weighted) };
            names(&decided(&targets, &question))
        };
        let before = of();
        prop_assert_eq!(&before, &of());
        fail(&targets[lost], now);
        let name = targets[lost].target.deployment.name.as_str();
        prop_assert_eq!(of(), format!("{}{name}", before.replace(name, "")));
    }
}

#[test]
fn sessions_are_shared_out_by_weight() {
    let targets = targets(&[(0, 3), (0, 1)]);
    let mut random = SmallRng::seed_from_u64(7);
    let first = |session| {
        let question = Question { session: Some(session), ..question(Strategy::Weighted) };
        decided(&targets, &question).targets[0].deployment.name == "a"
    };
    let count = (0..4_000).filter(|_| first(random.random())).count();
    assert!((2_850..3_150).contains(&count), "{count}");
}
