//! Every accepted record, at once, to whoever listens (C4): `GET /live`, server-sent events, for the api.
//!
//! One event per record, after it is stored. The data is one line of JSON: the shape in which the api lists such records,
//! and three fields in front of it.
//!
//! | event  | data |
//! |--------|------|
//! | `call` | `type`, `team_id`, `agent_id`, and the fields of `aop_clickhouse::calls::CallSummary`: `call_id`, `started_at_us`, `trace_id`, `span_id`, `parent_span_id`, `crew`, `task`, `agent`, `provider`, `requested_model`, `status`, `input_tokens`, `output_tokens`, `cost`, `duration_us`, `first_token_us`, ... |
//! | `span` | `type`, `team_id`, `agent_id`, `trace_id`, and the fields of `aop_clickhouse::traces::Span`; a running span comes again when it ended. `inputs` and `outputs` are empty when they are long: ask the api for them |
//! | `log`  | `type`, `team_id`, `agent_id`, and the fields of `aop_clickhouse::logs::LogLine` |
//! | `lagged` | `type`, `missed`: this many records were not sent, because the listener was too slow. The stream ends after it: connect again and load what is shown anew |
//!
//! `team_id` is UUID text, `agent_id` the agent's name (empty: unknown), other ids are as in those types.
//! `?team=`, `?trace=` and `?execution=` narrow the stream. A comment line comes every 15 seconds.
//!
//! A listener is never waited for: it has room for a few thousand records, then it is told and dropped. A record may come
//! twice when a segment was sent again across a restart of the collector; its id says so.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::id::{ExecutionId, TeamId, TraceId};
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::stream;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::rows::Rows;

mod event;
pub(crate) mod in_flight;

/// Records a listener may be behind.
const ROOM: usize = 4_096;
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One record on its way to the listeners.
#[derive(Debug)]
struct Record {
    kind: &'static str,
    team: [u8; 16],
    trace: [u8; 16],
    execution: [u8; 16],
    json: String,
}

/// Where accepted records go out.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    records: broadcast::Sender<Arc<Record>>,
    shutdown: CancellationToken,
}

impl Live {
    /// Streams end at `shutdown`.
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self { records: broadcast::Sender::new(ROOM), shutdown }
    }

    pub(crate) fn listeners(&self) -> usize {
        self.records.receiver_count()
    }

    /// Tells everybody about the rows of one stored segment. Costs nothing when nobody listens.
    pub(crate) fn publish(&self, rows: &Rows) {
        if self.listeners() == 0 {
            return;
        }
        for record in event::of(rows) {
            // Nobody may be left by now; that is no fault.
            let _ = self.records.send(Arc::new(record));
        }
    }
}

/// What one listener wants; nothing: everything.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Filter {
    team: Option<TeamId>,
    trace: Option<TraceId>,
    execution: Option<ExecutionId>,
}

impl Filter {
    fn wants(&self, record: &Record) -> bool {
        self.team.is_none_or(|team| *team.as_bytes() == record.team)
            && self.trace.is_none_or(|trace| trace.0 == record.trace)
            && self.execution.is_none_or(|execution| *execution.as_bytes() == record.execution)
    }
}

/// `GET /live`.
pub(crate) async fn listen(
    State(live): State<Live>,
    Query(filter): Query<Filter>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = Listener { records: live.records.subscribe(), shutdown: live.shutdown, filter };
    let events = stream::unfold(Some(listener), |listener| async move {
        let mut listener = listener?;
        match listener.next().await? {
            Next::Event(event) => Some((Ok(event), Some(listener))),
            Next::Last(event) => Some((Ok(event), None)),
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

struct Listener {
    records: broadcast::Receiver<Arc<Record>>,
    shutdown: CancellationToken,
    filter: Filter,
}

enum Next {
    Event(Event),
    Last(Event),
}

impl Listener {
    /// `None`: the collector stops.
    async fn next(&mut self) -> Option<Next> {
        loop {
            let received = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                received = self.records.recv() => received,
            };
            match received {
                Ok(record) if self.filter.wants(&record) => {
                    return Some(Next::Event(Event::default().event(record.kind).data(&record.json)));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    let marker = format!(r#"{{"type":"lagged","missed":{missed}}}"#);
                    return Some(Next::Last(Event::default().event("lagged").data(marker)));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn record(team: u8) -> Arc<Record> {
        Arc::new(Record {
            kind: "call",
            team: [team; 16],
            trace: [0; 16],
            execution: [0; 16],
            json: "{}".into(),
        })
    }

    fn listener(live: &Live, filter: Filter) -> Listener {
        Listener { records: live.records.subscribe(), shutdown: live.shutdown.clone(), filter }
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_and_dropped_and_nobody_waits_for_it() {
        let live = Live::new(CancellationToken::new());
        let mut slow = listener(&live, Filter::default());
        for _ in 0..ROOM + 5 {
            live.records.send(record(1)).unwrap();
        }
        assert!(matches!(slow.next().await, Some(Next::Last(_))));
    }

    #[tokio::test]
    async fn a_listener_is_let_go_at_shutdown() {
        let live = Live::new(CancellationToken::new());
        let mut waiting = listener(&live, Filter::default());
        live.shutdown.cancel();
        assert!(waiting.next().await.is_none());
    }

    #[tokio::test]
    async fn a_filter_lets_only_its_own_through() {
        let live = Live::new(CancellationToken::new());
        let team = Some(TeamId::from_bytes([2; 16]));
        let mut mine = listener(&live, Filter { team, ..Filter::default() });
        live.records.send(record(1)).unwrap();
        live.records.send(record(2)).unwrap();
        assert!(matches!(mine.next().await, Some(Next::Event(_))));
        live.shutdown.cancel();
        assert!(mine.next().await.is_none());
    }
}
