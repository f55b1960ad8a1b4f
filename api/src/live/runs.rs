//! Streams of runs. One connection to Postgres hears that runs have new events and wakes the streams of those runs; each
//! stream reads its events from the table, so none is missed and a client may come back at any event.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use aop_domain::id::{ExecutionId, TeamId};
use aop_domain::run_event::LAST_EVENT;
use aop_store::Store;
use aop_store::execution_events::{self, Event, NewEvents};

/// A stream that does not hear of new events looks for them this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// Pause before listening again, after Postgres failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Events read at once.
const BATCH: i64 = 200;
/// Events that wait for a slow reader; the rest waits in Postgres.
const QUEUED_EVENTS: usize = 32;
const QUEUED_WAKES: usize = 1024;

/// Who has news. Cheap to clone.
#[derive(Clone)]
pub struct RunFeed(broadcast::Sender<ExecutionId>);

impl Default for RunFeed {
    fn default() -> Self {
        Self(broadcast::channel(QUEUED_WAKES).0)
    }
}

impl RunFeed {
    /// Listens to Postgres until `shutdown`.
    pub async fn run(self, store: Store, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.listen(store)).await;
    }

    async fn listen(self, store: Store) {
        loop {
            match NewEvents::listen(&store).await {
                Ok(mut events) => self.pass_on(&mut events).await,
                Err(error) => {
                    tracing::warn!(%error, "new events of runs cannot be heard; their streams look for them")
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn pass_on(&self, events: &mut NewEvents) {
        loop {
            match events.next().await {
                // Nobody may be listening, and after a gap every stream looks by itself.
                Ok(Some(id)) => drop(self.0.send(id)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "new events of runs were lost; listening again");
                    return;
                }
            }
        }
    }
}

/// One stream to be served.
pub struct RunStream {
    pub store: Store,
    pub team: TeamId,
    pub id: ExecutionId,
    /// The last event the client has; 0 for none.
    pub after: i64,
    /// Ends the stream when the process stops; the client comes back to another.
    pub shutdown: CancellationToken,
}

impl RunStream {
    /// The run's events after the client's last one, as server-sent events, until the run has ended.
    pub fn respond(self, feed: &RunFeed) -> Response {
        let (sender, receiver) = mpsc::channel(QUEUED_EVENTS);
        let wakes = feed.0.subscribe();
        tokio::spawn(async move {
            let shutdown = self.shutdown.clone();
            let gone = sender.clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = gone.closed() => {}
                () = self.write(sender, wakes) => {}
            }
        });
        let keep_alive = KeepAlive::new().interval(HEARTBEAT_EVERY).text("heartbeat");
        let mut response = Sse::new(frames(receiver)).keep_alive(keep_alive).into_response();
        let headers = response.headers_mut();
        headers.insert("cache-control", axum::http::HeaderValue::from_static("no-store"));
        // Proxies in between would otherwise hold events back.
        headers.insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
        response
    }

    async fn write(mut self, sender: mpsc::Sender<Event>, mut wakes: broadcast::Receiver<ExecutionId>) {
        loop {
            match execution_events::after(&self.store, self.team, self.id, self.after, BATCH).await {
                Ok(events) => {
                    let full = events.len() as i64 == BATCH;
                    for event in events {
                        self.after = event.seq;
                        let last = event.event == LAST_EVENT;
                        if sender.send(event).await.is_err() || last {
                            return;
                        }
                    }
                    if full {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, execution = %self.id, "events of a run could not be read; trying again")
                }
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.woken(&mut wakes)).await;
        }
    }

    /// Waits until this run has news, or may have.
    async fn woken(&self, wakes: &mut broadcast::Receiver<ExecutionId>) {
        while let Ok(id) = wakes.recv().await {
            if id == self.id {
                return;
            }
        }
    }
}

fn frames(receiver: mpsc::Receiver<Event>) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    use futures::StreamExt;
    ReceiverStream::new(receiver).map(|event| {
        let frame = SseEvent::default().id(event.seq.to_string()).event(event.event);
        // Compact JSON has no line breaks, so it is one data line.
        Ok(frame.data(event.data.to_string()))
    })
}
