//! One WebSocket: sends records of a team, or of one trace of it, until either side ends it.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use aop_domain::id::TraceId;

use crate::live::hub::{LiveEvent, Subscription};
use crate::metrics::Metrics;

const PING_EVERY: Duration = Duration::from_secs(20);
/// Who has answered no ping for this long has vanished.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const LONGEST_WRITE: Duration = Duration::from_secs(10);
/// Then the client comes back with a fresh ticket, so that what it may see is judged again.
const LONGEST_LIFE: Duration = Duration::from_secs(15 * 60);
/// Largest message a client may send; there is nothing it needs to say.
pub const LARGEST_INBOUND_BYTES: usize = 4096;

/// Runs one socket to its end.
pub async fn serve(
    mut socket: WebSocket,
    mut from: Subscription,
    only: Option<TraceId>,
    metrics: Metrics,
    shutdown: CancellationToken,
) {
    let started = Instant::now();
    let mut heard = started;
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let goodbye = loop {
        let outgoing = tokio::select! {
            () = shutdown.cancelled() => break Some("shutting down; connect again"),
            () = tokio::time::sleep_until(started + LONGEST_LIFE) => break Some("connect again with a new ticket"),
            _ = pings.tick() => {
                if heard.elapsed() > LONGEST_SILENCE {
                    break None;
                }
                Some(Message::Ping(bytes::Bytes::new()))
            }
            inbound = socket.recv() => match inbound {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
                Some(Ok(_)) => {
                    heard = Instant::now();
                    None
                }
            },
            event = from.events.recv() => outgoing(event, only, &metrics),
        };
        let Some(message) = outgoing else { continue };
        // A reader that stalls must not hold its place: the timer stands around the write itself.
        if !matches!(tokio::time::timeout(LONGEST_WRITE, socket.send(message)).await, Ok(Ok(()))) {
            break None;
        }
    };
    if let Some(reason) = goodbye {
        let frame = CloseFrame { code: close_code::AWAY, reason: reason.into() };
        let _ = tokio::time::timeout(LONGEST_WRITE, socket.send(Message::Close(Some(frame)))).await;
    }
}

/// What to send for an event: the record itself, a marker for missed ones, or nothing when it is of another trace.
fn outgoing(
    event: Result<LiveEvent, RecvError>,
    only: Option<TraceId>,
    metrics: &Metrics,
) -> Option<Message> {
    match event {
        Ok(LiveEvent::Record(record)) => only
            .is_none_or(|trace| record.trace_id == trace)
            .then(|| Message::Text(record.text.as_str().into())),
        Ok(LiveEvent::Gap) => Some(lagged(0)),
        Err(RecvError::Lagged(missed)) => {
            metrics.live_missed.inc_by(missed);
            Some(lagged(missed))
        }
        // The hub lives as long as the process.
        Err(RecvError::Closed) => None,
    }
}

fn lagged(missed: u64) -> Message {
    Message::Text(format!(r#"{{"type":"lagged","missed":{missed}}}"#).into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::live::hub::LiveRecord;
    use std::sync::Arc;

    fn text(message: Option<Message>) -> Option<String> {
        message.and_then(|message| message.into_text().ok()).map(|text| text.to_string())
    }

    #[test]
    fn only_records_of_the_asked_trace_go_out() {
        let metrics = Metrics::new().unwrap();
        let event = || {
            Ok(LiveEvent::Record(Arc::new(LiveRecord { trace_id: TraceId([1; 16]), text: "{}".to_owned() })))
        };
        assert_eq!(text(outgoing(event(), None, &metrics)).as_deref(), Some("{}"));
        assert_eq!(text(outgoing(event(), Some(TraceId([1; 16])), &metrics)).as_deref(), Some("{}"));
        assert_eq!(text(outgoing(event(), Some(TraceId([2; 16])), &metrics)), None);
    }

    #[test]
    fn missed_records_are_announced_and_counted() {
        let metrics = Metrics::new().unwrap();
        let marker = text(outgoing(Err(RecvError::Lagged(7)), None, &metrics));
        assert_eq!(marker.as_deref(), Some(r#"{"type":"lagged","missed":7}"#));
        assert_eq!(metrics.live_missed.get(), 7);
    }
}
