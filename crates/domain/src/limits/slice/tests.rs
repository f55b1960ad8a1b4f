//! The bound: whatever holders, calls and lost messages do, no more is admitted than there is.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::limits::Ledger;

fn exactly(amount: i64) -> Ask {
    Ask { low: amount, high: amount }
}

/// A slice that has asked its ledger for `ahead`.
fn leased(ledger: &mut Ledger, lease: u128, amount: i64, ahead: i64) -> Slice {
    let mut slice = Slice::new(Uuid::from_u128(lease), amount);
    trade(&mut slice, ledger, ahead, 0);
    slice
}

fn trade(slice: &mut Slice, ledger: &mut Ledger, ahead: i64, now_us: i64) {
    let asked = slice.exchange(ahead);
    let reply = ledger.exchange(slice.amount(), &asked);
    slice.take(&asked, &reply, now_us);
}

#[test]
fn a_call_that_finds_too_little_asks_the_ledger_and_is_then_admitted() {
    let mut ledger = Ledger::default();
    let mut slice = leased(&mut ledger, 1, 100, 5);
    assert_eq!(slice.hold(exactly(30), 0), Err(Refused::AskLedger));
    trade(&mut slice, &mut ledger, 5, 0);
    assert_eq!(slice.hold(exactly(30), 0), Ok(30));
    slice.settle(30, 25);
    assert_eq!((slice.used(), slice.remaining()), (25, 75));
}

#[test]
fn what_is_held_may_come_back_and_what_is_used_does_not() {
    let mut ledger = Ledger::default();
    let mut slice = leased(&mut ledger, 1, 10, 10);
    trade(&mut slice, &mut ledger, 10, 0);
    while slice.unleased() > 0 {
        trade(&mut slice, &mut ledger, 10, 0);
    }
    assert_eq!(slice.hold(exactly(8), 0), Ok(8));
    assert_eq!(slice.hold(exactly(8), 0), Err(Refused::Held));
    slice.settle(8, 8);
    assert_eq!(slice.hold(exactly(8), 0), Err(Refused::UsedUp));
}

#[test]
fn the_last_of_a_limit_goes_to_one_call_alone() {
    let mut ledger = Ledger::default();
    let mut slice = leased(&mut ledger, 1, 10, 0);
    let ask = Ask { low: 4, high: 50 };
    assert_eq!(slice.hold(ask, 0), Err(Refused::AskLedger));
    trade(&mut slice, &mut ledger, 0, 0);
    assert_eq!(slice.hold(ask, 0), Ok(10), "all that is left");
    assert_eq!(slice.hold(ask, 0), Err(Refused::Held));
    slice.settle(10, 5);
    assert_eq!(slice.hold(ask, 0), Ok(5));
    slice.settle(5, 3);
    assert_eq!(slice.hold(ask, 0), Err(Refused::UsedUp), "4 is likely and 2 is left");
}

#[test]
fn what_another_holds_is_asked_for_again_after_a_while() {
    let mut ledger = Ledger::default();
    let mut other = leased(&mut ledger, 2, 10, 0);
    assert_eq!(other.hold(exactly(10), 0), Err(Refused::AskLedger));
    trade(&mut other, &mut ledger, 0, 0);
    let mut slice = leased(&mut ledger, 1, 10, 0);
    assert_eq!(slice.hold(exactly(1), 0), Err(Refused::Held));
    assert_eq!(slice.hold(exactly(1), ASK_AGAIN_US), Err(Refused::AskLedger));
    trade(&mut other, &mut ledger, 0, 0);
    trade(&mut slice, &mut ledger, 0, 0);
    assert_eq!(slice.hold(exactly(1), 0), Ok(1));
}

#[test]
fn a_lowered_limit_counts_at_once() {
    let mut ledger = Ledger::default();
    let mut slice = leased(&mut ledger, 1, 100, 0);
    let _ = slice.hold(exactly(100), 0);
    trade(&mut slice, &mut ledger, 0, 0);
    assert_eq!(slice.hold(exactly(10), 0), Ok(10));
    slice.set_amount(15);
    assert_eq!(slice.hold(exactly(10), 0), Err(Refused::Held));
}

#[test]
fn a_slice_that_was_given_back_admits_nobody() {
    let mut ledger = Ledger::default();
    let mut slice = leased(&mut ledger, 1, 10, 5);
    assert_eq!(slice.hold(exactly(1), 0), Ok(1));
    assert_eq!(slice.close(), None, "a call is in flight");
    slice.settle(1, 1);
    let last = slice.close().unwrap();
    assert_eq!(ledger.exchange(10, &last), Reply { granted: 1, settled: 1, others: 0 });
    assert_eq!(slice.hold(exactly(1), 0), Err(Refused::Closed));
}

/// What happens next, to which of three holders.
#[derive(Debug, Clone)]
enum Step {
    Begin {
        low: i64,
        more: i64,
    },
    /// The oldest call ends having used so many percent of its hold (never more: then the bound is exact).
    End {
        percent: i64,
    },
    Extend {
        more: i64,
    },
    Trade {
        ahead: i64,
        is_reply_lost: bool,
        is_sent_twice: bool,
    },
    /// The process is killed: its calls are gone, its lease is not given back.
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0i64..40, 0i64..200).prop_map(|(low, more)| Step::Begin { low, more }),
        4 => (0i64..=100).prop_map(|percent| Step::End { percent }),
        1 => (1i64..40).prop_map(|more| Step::Extend { more }),
        4 => (0i64..300, any::<bool>(), any::<bool>())
            .prop_map(|(ahead, is_reply_lost, is_sent_twice)| Step::Trade { ahead, is_reply_lost, is_sent_twice }),
        1 => Just(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Three holders of one limit, any order of calls, exchanges, lost replies and crashes: the settled and the held
    /// never exceed the limit together, and what is settled is what the calls used.
    #[test]
    fn calls_within_their_holds_never_overshoot(steps in proptest::collection::vec((0usize..3, step()), 1..120), amount in 1i64..1_000) {
        let mut ledger = Ledger::default();
        let mut next = 3u128;
        let mut slices: Vec<Slice> = (0..3).map(|lease| Slice::new(Uuid::from_u128(lease), amount)).collect();
        let mut calls: Vec<Vec<i64>> = vec![vec![]; 3];
        // Used in all, and of that by a holder whose process was killed before it could say so.
        let (mut used, mut unreported_by_the_dead) = (0i64, 0i64);
        let mut told = [0i64; 3];
        for (now_us, (who, step)) in steps.into_iter().enumerate() {
            let (slice, calls_of) = (&mut slices[who], &mut calls[who]);
            match step {
                Step::Begin { low, more } => {
                    if let Ok(hold) = slice.hold(Ask { low, high: low + more }, now_us as i64 * 100_000) {
                        calls_of.push(hold);
                    }
                }
                Step::End { percent } => {
                    if !calls_of.is_empty() {
                        let hold = calls_of.remove(0);
                        let cost = hold * percent / 100;
                        slice.settle(hold, cost);
                        used += cost;
                    }
                }
                Step::Extend { more } => {
                    if let Some(hold) = calls_of.last_mut() && slice.extend(more, 0).is_ok() {
                        *hold += more;
                    }
                }
                Step::Trade { ahead, is_reply_lost, is_sent_twice } => {
                    let asked = slice.exchange(ahead);
                    let mut reply = ledger.exchange(amount, &asked);
                    if is_sent_twice {
                        reply = ledger.exchange(amount, &asked);
                    }
                    told[who] = asked.spent;
                    if !is_reply_lost {
                        slice.take(&asked, &reply, now_us as i64 * 100_000);
                    }
                }
                Step::Kill => {
                    unreported_by_the_dead += slice.spent() - told[who];
                    told[who] = 0;
                    calls_of.clear();
                    *slice = Slice::new(Uuid::from_u128(next), amount);
                    next += 1;
                }
            }
            let held: i64 = calls.iter().flatten().sum();
            prop_assert!(used + held <= amount, "used {used}, held {held} of {amount}");
            let told_by_all: i64 = slices.iter().zip(told).map(|(slice, told)| slice.spent() - told).sum();
            prop_assert_eq!(ledger.settled() + told_by_all + unreported_by_the_dead, used);
        }
    }

    /// With one holder: whatever the calls really cost, at most one of those in flight held less than its careful
    /// estimate, so the overshoot is at most what calls cost beyond that, and one call's error.
    #[test]
    fn only_one_call_at_a_time_holds_less_than_its_careful_estimate(
        asks in proptest::collection::vec((1i64..40, 0i64..200, any::<bool>()), 1..200), amount in 1i64..2_000
    ) {
        let mut ledger = Ledger::default();
        let mut slice = Slice::new(Uuid::nil(), amount);
        let mut in_flight: Vec<(i64, i64)> = vec![];
        for (low, more, ends) in asks {
            let ask = Ask { low, high: low + more };
            let mut hold = slice.hold(ask, 0);
            if hold == Err(Refused::AskLedger) {
                trade(&mut slice, &mut ledger, 0, 0);
                hold = slice.hold(ask, 0);
            }
            if let Ok(hold) = hold {
                in_flight.push((hold, ask.high));
            }
            prop_assert!(in_flight.iter().filter(|(hold, high)| hold < high).count() <= 1);
            if ends && !in_flight.is_empty() {
                let (hold, high) = in_flight.remove(0);
                // Exactly its careful estimate: more than it held, when it was the one that took the rest.
                slice.settle(hold, high);
            }
            let worst: i64 = in_flight.iter().map(|(_, high)| high).sum();
            prop_assert!(slice.used() + worst <= amount + 200 + 40, "at most one call beyond");
        }
    }
}
