//! Messages of webhooks, off every call's way: calls that hooks want to tell of are read from what was stored, kept as
//! messages that wait in Postgres, and sent, signed, until they arrive or are given up. Several processes may do this side
//! by side; a slow receiver keeps only its own messages waiting.

mod feed;
mod message;
mod send;

use std::time::Duration;

use aop_service::outbound::OutboundError;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

pub use message::signature;

/// Between two looks at what is due.
const EVERY: Duration = Duration::from_secs(1);

/// Does it all until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let sender = match send::Sender::new() {
        Ok(sender) => sender,
        Err(error) => {
            tracing::error!(%error, "webhooks are not sent: their client could not be made");
            return;
        }
    };
    let mut feed = feed::Feed::default();
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut on_the_way = send::OnTheWay::default();
    loop {
        tokio::select! {
            // A message that was taken and not ended is taken again when its lease is over.
            () = shutdown.cancelled() => return,
            _ = turns.tick() => read(&mut feed, &state).await,
            () = on_the_way.one_ended() => {}
        }
        sender.send_due(&state, &mut on_the_way).await;
    }
}

async fn read(feed: &mut feed::Feed, state: &AppState) {
    if let Err(error) = feed.read(state).await {
        tracing::warn!(%error, "calls that webhooks tell of could not be read; trying again");
    }
}

/// One look: reads what was stored, sends what is due, and waits until it has ended.
pub async fn once(state: &AppState) -> Result<(), OutboundError> {
    let sender = send::Sender::new()?;
    read(&mut feed::Feed::default(), state).await;
    let mut on_the_way = send::OnTheWay::default();
    sender.send_due(state, &mut on_the_way).await;
    while !on_the_way.is_empty() {
        on_the_way.one_ended().await;
    }
    Ok(())
}
