//! The api's side: the list of calls in flight, their events, and the text of one of them.

use std::convert::Infallible;
use std::time::Duration;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{ExecutionId, KeyId, TeamId, TraceId};
use aop_domain::in_flight::InFlight;
use aop_service::problem::Problem;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Json, Response};
use futures::{Stream, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use super::Board;
use super::board::{Listening, Piece};

/// Gateways answer a first wish within this, or the list says that it is not complete.
const LIST_WAIT: Duration = Duration::from_millis(500);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Whose calls; nothing beside the team: all of them.
#[derive(Deserialize)]
pub(crate) struct Filter {
    team_id: TeamId,
    trace_id: Option<TraceId>,
    execution_id: Option<ExecutionId>,
    session_id: Option<String>,
    agent: Option<String>,
    key_id: Option<KeyId>,
    call_id: Option<Uuid>,
}

impl Filter {
    fn wants(&self, call: &InFlight) -> bool {
        call.team_id == self.team_id
            && self.trace_id.is_none_or(|id| call.trace_id == id)
            && self.execution_id.is_none_or(|id| call.execution_id == Some(id))
            && self.session_id.as_ref().is_none_or(|id| call.session_id == *id)
            && self.agent.as_ref().is_none_or(|agent| call.agent == *agent)
            && self.key_id.is_none_or(|id| call.key_id == Some(id))
            && self.call_id.is_none_or(|id| call.call_id == id)
    }
}

/// `GET /live/calls`.
pub(crate) async fn list(State(board): State<Board>, Query(filter): Query<Filter>) -> Response {
    Json(board.list(LIST_WAIT, |call| filter.wants(call)).await).into_response()
}

/// `GET /live/calls/stream`.
pub(crate) async fn stream(
    State(board): State<Board>,
) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let (events, listening) = board.listen();
    let reader = Reader { from: events, board, _place: Some(listening) };
    let frames = stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        match reader.next().await {
            Next::One(event) => {
                Some((Ok(SseEvent::default().event(event.kind).data(&event.json)), Some(reader)))
            }
            Next::Missed(missed) => {
                let marker = json!({"type": "lagged", "missed": missed}).to_string();
                Some((Ok(SseEvent::default().event("lagged").data(marker)), None))
            }
            Next::Over => None,
        }
    });
    Sse::new(frames).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

/// `GET /live/calls/{id}/text`.
pub(crate) async fn text(
    State(board): State<Board>,
    Path(call_id): Path<Uuid>,
    Query(mut filter): Query<Filter>,
) -> Result<Response, Problem> {
    filter.call_id = Some(call_id);
    if board.list(LIST_WAIT, |call| filter.wants(call)).await.calls.is_empty() {
        return Err(Problem::not_found("call in flight"));
    }
    let Some(pieces) = board.read_along(call_id) else {
        return Err(Problem::new(
            ErrorKind::Unavailable,
            "too_many_listeners",
            "Too many running answers are being read along. Close one first.",
        )
        .retry_after_s(5));
    };
    // It may have ended in between, before anybody could be told.
    let ended = (!board.is_in_flight(call_id)).then(|| Piece::End { status: "ended".to_owned() });
    let reader = Reader { from: pieces, board, _place: None };
    let frames = stream::unfold((Some(reader), ended), |(reader, ended)| async move {
        let mut reader = reader?;
        let next = match ended {
            Some(end) => Next::One(end),
            None => reader.next().await,
        };
        match next {
            Next::One(Piece::Text { text, missed_bytes: 0 }) => {
                Some((vec![frame("text", &json!({"text": text}))], (Some(reader), None)))
            }
            Next::One(Piece::Text { text, missed_bytes }) => {
                let gap = frame("gap", &json!({"missed_bytes": missed_bytes}));
                Some((vec![gap, frame("text", &json!({"text": text}))], (Some(reader), None)))
            }
            // How much is not known: pieces are not of one size.
            Next::Missed(_) => Some((vec![frame("gap", &json!({"missed_bytes": 0}))], (Some(reader), None))),
            Next::One(Piece::End { status }) => {
                Some((vec![frame("end", &json!({"status": status}))], (None, None)))
            }
            Next::Over => None,
        }
    });
    let frames = futures::StreamExt::flat_map(frames, stream::iter);
    Ok(Sse::new(frames).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response())
}

fn frame(kind: &str, data: &serde_json::Value) -> Result<SseEvent, Infallible> {
    Ok(SseEvent::default().event(kind).data(data.to_string()))
}

struct Reader<T> {
    from: broadcast::Receiver<T>,
    board: Board,
    _place: Option<Listening>,
}

enum Next<T> {
    One(T),
    Missed(u64),
    Over,
}

impl<T: Clone> Reader<T> {
    async fn next(&mut self) -> Next<T> {
        let received = tokio::select! {
            () = self.board.shutdown.cancelled() => return Next::Over,
            received = self.from.recv() => received,
        };
        match received {
            Ok(one) => Next::One(one),
            Err(RecvError::Lagged(missed)) => Next::Missed(missed),
            Err(RecvError::Closed) => Next::Over,
        }
    }
}
