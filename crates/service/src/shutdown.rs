//! SIGINT and SIGTERM become one cancellation token that every task of the process watches.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first SIGINT or SIGTERM. A second signal ends the process at once.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let cancelled = token.clone();
    tokio::spawn(async move {
        for asked in 0..2 {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if asked == 0 {
                tracing::info!("shutting down");
                cancelled.cancel();
            } else {
                tracing::warn!("second signal: ending without waiting");
                std::process::exit(130);
            }
        }
    });
    Ok(token)
}
