//! The breaker in virtual time: when it opens, how it comes back, and that it always does.

use proptest::prelude::*;

use super::*;

const POLICY: BreakerPolicy =
    BreakerPolicy { failures: 3, failure_percent: 50, window_ms: 10_000, cooldown_ms: 1_000 };
/// Rests exactly as long as the policy says.
const PLAIN: Rest = Rest { asked: None, jitter: 0.5 };

fn after(begun: Instant, ms: u64) -> Instant {
    begun + Duration::from_millis(ms)
}

/// A breaker that was opened by three failures at `begun`.
fn opened(begun: Instant) -> Breaker {
    let breaker = Breaker::new(POLICY);
    for failure in 1..=3 {
        let permit = breaker.permit(begun).unwrap();
        assert_eq!(breaker.failed(permit, begun, PLAIN), failure == 3);
    }
    breaker
}

#[test]
fn enough_failures_in_the_window_open_it_and_it_rests_for_its_cooldown() {
    let begun = Instant::now();
    let breaker = opened(begun);
    assert_eq!(breaker.standing(), Standing::Open);
    assert_eq!(breaker.resting(begun), Some(Duration::from_secs(1)));
    assert_eq!(breaker.permit(after(begun, 999)), None);
    assert_eq!(breaker.resting(after(begun, 1_000)), None);
}

#[test]
fn failures_far_apart_or_few_among_many_calls_do_not_open_it() {
    let begun = Instant::now();
    let breaker = Breaker::new(POLICY);
    for at in [0, 6_000, 12_000, 18_000, 24_000] {
        assert!(!breaker.failed(Permit::Free, after(begun, at), PLAIN), "two in any window");
    }
    let breaker = Breaker::new(POLICY);
    breaker.failed(Permit::Free, begun, PLAIN);
    (0..20).for_each(|_| breaker.succeeded(Permit::Free));
    for _ in 0..5 {
        assert!(!breaker.failed(Permit::Free, begun, PLAIN), "6 of 26 calls failed");
    }
    assert_eq!(breaker.standing(), Standing::Closed);
}

#[test]
fn one_probe_at_a_time_and_its_success_closes() {
    let begun = Instant::now();
    let breaker = opened(begun);
    let now = after(begun, 1_000);
    let probe = breaker.permit(now).unwrap();
    assert!(matches!(probe, Permit::Probe(_)));
    assert_eq!((breaker.permit(now), breaker.standing()), (None, Standing::HalfOpen));
    breaker.succeeded(Permit::Free);
    assert_eq!(breaker.standing(), Standing::HalfOpen, "an old call's success says nothing of now");
    breaker.succeeded(probe);
    assert_eq!(breaker.permit(now), Some(Permit::Free));
    assert!(!breaker.failed(Permit::Free, now, PLAIN), "the count starts again");
}

#[test]
fn each_failed_probe_makes_the_rest_longer_up_to_a_bound() {
    let mut now = Instant::now();
    let breaker = opened(now);
    let mut rests = Vec::new();
    for _ in 0..6 {
        let rest = breaker.resting(now).unwrap();
        rests.push(rest.as_secs());
        now += rest;
        let probe = breaker.permit(now).unwrap();
        assert!(breaker.failed(probe, now, PLAIN));
    }
    assert_eq!(rests, [1, 2, 4, 8, 8, 8]);
}

#[test]
fn a_probe_whose_client_left_makes_room_for_the_next() {
    let begun = Instant::now();
    let breaker = opened(begun);
    let now = after(begun, 1_000);
    let lost = breaker.permit(now).unwrap();
    breaker.released(lost);
    let next = breaker.permit(now).unwrap();
    breaker.released(lost);
    assert_eq!(breaker.permit(now), None, "the lost one does not free the place of the next");
    breaker.succeeded(next);
    assert_eq!(breaker.standing(), Standing::Closed);
}

#[test]
fn a_provider_that_names_its_time_is_left_alone_that_long_within_reason() {
    let begun = Instant::now();
    let asked = |seconds| Rest { asked: Some(Duration::from_secs(seconds)), jitter: 0.0 };
    let breaker = Breaker::new(POLICY);
    assert!(breaker.failed(Permit::Free, begun, asked(30)), "one failure is enough when it says so");
    assert_eq!(breaker.resting(begun), Some(Duration::from_secs(30)));
    breaker.failed(Permit::LastResort, begun, asked(60));
    assert_eq!(breaker.resting(begun), Some(Duration::from_secs(60)));
    let breaker = Breaker::new(POLICY);
    breaker.failed(Permit::Free, begun, asked(1_000_000));
    assert_eq!(breaker.resting(begun), Some(LONGEST_ASKED));
}

#[test]
fn a_breaker_that_is_switched_off_never_opens() {
    let begun = Instant::now();
    let breaker = Breaker::new(BreakerPolicy { failures: 0, ..POLICY });
    for _ in 0..1_000 {
        assert!(!breaker.failed(Permit::Free, begun, Rest { asked: Some(LONGEST_ASKED), jitter: 1.0 }));
    }
    assert_eq!(breaker.permit(begun), Some(Permit::Free));
}

#[derive(Debug, Clone)]
enum Event {
    Pass(u64),
    Call,
    LastResort,
    Succeed(prop::sample::Index),
    Fail(prop::sample::Index, Option<u64>, f64),
    Leave(prop::sample::Index),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0..20_000u64).prop_map(Event::Pass),
        Just(Event::Call),
        Just(Event::Call),
        Just(Event::LastResort),
        any::<prop::sample::Index>().prop_map(Event::Succeed),
        (any::<prop::sample::Index>(), prop::option::of(0..1_000u64), 0.0..1.0)
            .prop_map(|(call, asked, jitter)| Event::Fail(call, asked, jitter)),
        any::<prop::sample::Index>().prop_map(Event::Leave),
    ]
}

fn probes(out: &[Permit]) -> usize {
    out.iter().filter(|permit| matches!(permit, Permit::Probe(_))).count()
}

proptest! {
    /// Whatever happens: at most one probe that counts is out, and once calls succeed the breaker closes.
    #[test]
    fn it_always_recovers_and_never_sends_two_probes(events in prop::collection::vec(event(), 0..200)) {
        let breaker = Breaker::new(POLICY);
        let mut now = Instant::now();
        let mut out: Vec<Permit> = Vec::new();
        for event in events {
            match event {
                Event::Pass(ms) => now += Duration::from_millis(ms),
                Event::Call => {
                    let before = breaker.standing();
                    if let Some(permit) = breaker.permit(now) {
                        prop_assert!(!matches!(permit, Permit::Probe(_)) || before == Standing::Open, "two probes");
                        out.push(permit);
                    }
                }
                Event::LastResort => out.push(Permit::LastResort),
                Event::Succeed(call) if !out.is_empty() => {
                    let call = call.index(out.len());
                    breaker.succeeded(out.swap_remove(call));
                }
                Event::Fail(call, asked, jitter) if !out.is_empty() => {
                    let call = call.index(out.len());
                    let asked = asked.map(Duration::from_secs);
                    breaker.failed(out.swap_remove(call), now, Rest { asked, jitter });
                }
                Event::Leave(call) if !out.is_empty() => {
                    let call = call.index(out.len());
                    breaker.released(out.swap_remove(call));
                }
                _ => {}
            }
            prop_assert!(breaker.standing() != Standing::HalfOpen || probes(&out) > 0, "half-open without a probe");
        }
        out.into_iter().for_each(|permit| breaker.released(permit));
        let longest = LONGEST_ASKED.mul_f64(1.1);
        prop_assert!(breaker.resting(now).unwrap_or_default() <= longest);
        now += longest;
        let permit = breaker.permit(now);
        prop_assert!(permit.is_some(), "it rests for ever");
        breaker.succeeded(permit.unwrap());
        prop_assert_eq!(breaker.standing(), Standing::Closed);
        prop_assert_eq!(breaker.permit(now), Some(Permit::Free));
    }
}
