//! How far a request has come, told by its call to the connection that runs it: whether its header is complete, and how much
//! of a body has come that is passed on while it comes. Nobody else bounds the time of either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::waiting::Waiter;
use crate::config::Limits;

tokio::task_local! {
    /// Of the request that the task runs.
    static HERE: Progress;
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    header_is_complete: AtomicBool,
    /// Until it is.
    waiter: Mutex<Option<Waiter>>,
    /// A body is passed on while it comes.
    awaits_body: AtomicBool,
    body_bytes: AtomicU64,
}

impl Progress {
    /// `work` may tell how far it is.
    pub(crate) async fn of<F: Future>(&self, work: F) -> F::Output {
        HERE.scope(self.clone(), work).await
    }

    pub(crate) fn header_is_complete(&self) -> bool {
        self.0.header_is_complete.load(Ordering::Relaxed)
    }

    pub(crate) fn complete_header(&self) {
        self.0.header_is_complete.store(true, Ordering::Relaxed);
        // From here on it does not make way any more.
        drop(self.0.waiter.lock().take());
    }

    /// Its connection waits until the header is complete. Tells when it is to make way.
    pub(crate) fn waits(&self, waiter: Waiter) -> Arc<Notify> {
        let dismissal = waiter.dismissal();
        *self.0.waiter.lock() = Some(waiter);
        dismissal
    }

    /// After so long, has a body that is passed on come too slowly?
    pub(crate) fn is_too_slow(&self, after: Duration, limits: &Limits) -> bool {
        let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let least = after_ms.saturating_mul(limits.body_min_bytes_per_s) / 1_000;
        after >= limits.body_grace
            && self.0.awaits_body.load(Ordering::Relaxed)
            && self.0.body_bytes.load(Ordering::Relaxed) < least
    }
}

/// From here on the request's body is passed on as it comes.
pub(crate) fn body_begins() {
    let _ = HERE.try_with(|here| here.0.awaits_body.store(true, Ordering::Relaxed));
}

/// So many bytes of it have come.
pub(crate) fn body_came(bytes: usize, is_all: bool) {
    let _ = HERE.try_with(|here| {
        here.0.body_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if is_all {
            here.0.awaits_body.store(false, Ordering::Relaxed);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_is_passed_on_must_come_at_some_pace_and_a_request_without_one_need_not() {
        let limits = Limits::default();
        let (grace, pace) = (limits.body_grace, limits.body_min_bytes_per_s as usize);
        let (before, late) = (grace - Duration::from_secs(1), grace + Duration::from_secs(1));
        let progress = Progress::default();
        assert!(!progress.is_too_slow(late, &limits), "there is no body");
        progress.of(async { body_begins() }).await;
        assert!(!progress.is_too_slow(before, &limits) && progress.is_too_slow(late, &limits));
        progress.of(async { body_came(40 * pace, false) }).await;
        assert!(!progress.is_too_slow(late, &limits) && progress.is_too_slow(2 * late, &limits));
        progress.of(async { body_came(1, true) }).await;
        assert!(!progress.is_too_slow(2 * late, &limits), "it is all there; the answer may take its time");
        body_came(1, true);
    }
}
