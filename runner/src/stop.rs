//! Why a run must stop before it is done, told to it from outside.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Somebody cancelled it.
    Cancelled,
    /// Another runner has it now.
    Lost,
    /// This process ends; the run goes back to the queue.
    Shutdown,
}

/// Told at most once: the first reason stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    reason: Arc<OnceLock<Reason>>,
    token: CancellationToken,
}

impl Stop {
    pub(crate) fn tell(&self, reason: Reason) {
        if self.reason.set(reason).is_ok() {
            self.token.cancel();
        }
    }

    /// Waits until told. Cancel-safe.
    pub(crate) async fn told(&self) -> Reason {
        self.token.cancelled().await;
        self.reason.get().copied().unwrap_or(Reason::Lost)
    }
}
