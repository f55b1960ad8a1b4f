//! One answer that is kept.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rust_decimal::Decimal;

/// Beside its body: the key, the names, and what the map needs.
const OVERHEAD_BYTES: usize = 512;

#[derive(Debug)]
pub(crate) struct Entry {
    /// As the client got it.
    pub(crate) body: Bytes,
    pub(crate) is_sse: bool,
    pub(crate) model: String,
    pub(crate) id: String,
    pub(crate) finish_reason: String,
    /// Fields that its question was asked without.
    pub(crate) dropped: Vec<String>,
    /// What the provider took for it, where that is known.
    pub(crate) cost: Option<Decimal>,
    pub(crate) kept_at: Instant,
    pub(crate) ttl: Duration,
}

impl Entry {
    pub(super) fn weight(&self) -> usize {
        OVERHEAD_BYTES + self.body.len() + self.model.len() + self.id.len() + self.finish_reason.len()
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.kept_at)
    }
}
