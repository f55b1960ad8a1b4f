//! The one place that reads the clock. Everything else takes a `Clock` or a time as an argument, so tests are exact.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Wall-clock time. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// For tests: stands still until moved.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `unix_us` until `advance_us` moves it.
    pub fn fixed(unix_us: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(unix_us)))
    }

    /// Microseconds since the Unix epoch.
    pub fn now_us(&self) -> i64 {
        match self {
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
            Self::Fixed(at) => at.load(Ordering::Relaxed),
        }
    }

    /// Seconds since the Unix epoch.
    pub fn now_s(&self) -> i64 {
        self.now_us().div_euclid(1_000_000)
    }

    /// Moves a fixed clock; a system clock is not moved.
    pub fn advance_us(&self, by_us: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(by_us, Ordering::Relaxed);
        }
    }
}
