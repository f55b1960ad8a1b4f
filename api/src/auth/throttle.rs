//! Slows down guessing: failed sign-ins per account and per source. Bounded memory, no waiting: who failed too often
//! is told when to come back.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;

use aop_domain::error_kind::ErrorKind;
use aop_service::clock::Clock;
use aop_service::problem::Problem;

/// Accounts and sources remembered at most.
const REMEMBERED: u64 = 100_000;

/// `allowed` failures at once, and one more after each `window / allowed`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub allowed: u32,
    pub window_s: u32,
}

/// Failures per account, whatever source they come from.
pub const PER_ACCOUNT: Rate = Rate { allowed: 10, window_s: 600 };
/// Failures, and registrations, per source address.
pub const PER_SOURCE: Rate = Rate { allowed: 50, window_s: 600 };

/// Counts by a hash of the subject, so that no e-mail or address is kept.
#[derive(Clone)]
pub struct Throttle {
    clock: Clock,
    hasher: RandomState,
    /// The time, in microseconds, at which all that was used up has come back (GCRA).
    used_until_us: Cache<u64, Arc<Mutex<i64>>>,
}

impl Throttle {
    pub fn new(clock: Clock) -> Self {
        let used_until_us =
            Cache::builder().max_capacity(REMEMBERED).time_to_idle(Duration::from_secs(3600)).build();
        Self { clock, hasher: RandomState::new(), used_until_us }
    }

    /// Refuses when the subject has nothing left. Takes nothing.
    pub fn check(&self, subject: impl Hash, rate: Rate) -> Result<(), Problem> {
        let now_us = self.clock.now_us();
        let until_us = *self.slot(subject).lock();
        let wait_us = until_us + rate.step_us() - rate.window_us() - now_us;
        if wait_us <= 0 {
            return Ok(());
        }
        let seconds = u32::try_from(wait_us.div_euclid(1_000_000) + 1).unwrap_or(u32::MAX);
        Err(Problem::new(
            ErrorKind::RateLimited,
            "too_many_attempts",
            format!("Too many attempts. Try again in {seconds} seconds."),
        )
        .retry_after_s(seconds))
    }

    /// Takes one attempt from the subject.
    pub fn count(&self, subject: impl Hash, rate: Rate) {
        let slot = self.slot(subject);
        let mut until_us = slot.lock();
        *until_us = (*until_us).max(self.clock.now_us()) + rate.step_us();
    }

    fn slot(&self, subject: impl Hash) -> Arc<Mutex<i64>> {
        self.used_until_us.get_with(self.hasher.hash_one(subject), Arc::default)
    }
}

impl Rate {
    fn window_us(self) -> i64 {
        i64::from(self.window_s) * 1_000_000
    }

    fn step_us(self) -> i64 {
        self.window_us() / i64::from(self.allowed.max(1))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_failures_an_account_waits_and_then_gets_one_more_try() {
        let clock = Clock::fixed(1_000_000_000);
        let throttle = Throttle::new(clock.clone());
        for _ in 0..10 {
            assert!(throttle.check("ann@example.com", PER_ACCOUNT).is_ok());
            throttle.count("ann@example.com", PER_ACCOUNT);
        }
        let refused = throttle.check("ann@example.com", PER_ACCOUNT).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), ("too_many_attempts", Some(61)));
        assert!(throttle.check("bob@example.com", PER_ACCOUNT).is_ok());
        clock.advance_us(60_000_000);
        assert!(throttle.check("ann@example.com", PER_ACCOUNT).is_ok());
        throttle.count("ann@example.com", PER_ACCOUNT);
        assert!(throttle.check("ann@example.com", PER_ACCOUNT).is_err());
    }
}
