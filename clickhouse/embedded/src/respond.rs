//! Answers as ClickHouse words them: headers, exceptions, and an exception in the middle of a stream.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{self, Stream};
use tokio::sync::mpsc;

use crate::compression::{Outgoing, Packer};
use crate::engine::Ticket;
use crate::error::Exception;
use crate::format::content_type;
use crate::library::Progress;
use crate::run::{Event, Head};

/// Waits for the head, then streams the rest. `ticket` goes with the body: a client that leaves drops both.
pub(crate) async fn answer(
    mut events: mpsc::Receiver<Event>,
    ticket: Ticket,
    outgoing: Outgoing,
    query_id: &str,
) -> Response {
    let head = match events.recv().await {
        Some(Event::Head(head)) => head,
        Some(Event::Failed(exception)) => return failure(&exception, query_id),
        Some(Event::Data(_)) | None => {
            return failure(&Exception::internal("the statement has no answer"), query_id);
        }
    };
    let tag = exception_tag();
    let mut response = success(&head, outgoing, query_id, &tag);
    let body =
        AnswerBody { events, packer: Packer::new(outgoing), tag, state: State::Running, _ticket: ticket };
    *response.body_mut() = Body::from_stream(body.into_stream());
    response
}

fn success(head: &Head, outgoing: Outgoing, query_id: &str, tag: &str) -> Response {
    let mut response = Response::new(Body::empty());
    set(&mut response, "x-clickhouse-query-id", query_id);
    set(&mut response, "x-clickhouse-summary", &summary(head.progress));
    set(&mut response, "x-clickhouse-timezone", "UTC");
    set(&mut response, "x-clickhouse-server-display-name", "aop");
    set(&mut response, "x-clickhouse-exception-tag", tag);
    set(&mut response, "content-type", content_type(head.format.as_deref().unwrap_or("TabSeparated")));
    if let Some(format) = &head.format {
        set(&mut response, "x-clickhouse-format", format);
    }
    if outgoing == Outgoing::Lz4 {
        set(&mut response, "content-encoding", "lz4");
    }
    response
}

/// Nothing of the answer was sent yet: a status of its own.
pub(crate) fn failure(exception: &Exception, query_id: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{}\n", exception.text)));
    *response.status_mut() =
        StatusCode::from_u16(exception.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, "x-clickhouse-exception-code", &exception.code.to_string());
    set(&mut response, "x-clickhouse-query-id", query_id);
    set(&mut response, "content-type", "text/plain; charset=UTF-8");
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn summary(progress: Progress) -> String {
    let Progress { read_rows, read_bytes, written_rows, written_bytes, result_rows } = progress;
    format!(
        r#"{{"read_rows":"{read_rows}","read_bytes":"{read_bytes}","written_rows":"{written_rows}","written_bytes":"{written_bytes}","total_rows_to_read":"0","result_rows":"{result_rows}","result_bytes":"0"}}"#
    )
}

/// 16 letters that no data of this answer can be expected to hold: ten of them are random.
fn exception_tag() -> String {
    uuid::Uuid::now_v7().as_bytes().iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

struct AnswerBody {
    events: mpsc::Receiver<Event>,
    packer: Packer,
    tag: String,
    state: State,
    /// Held until the body ends or is dropped.
    _ticket: Ticket,
}

#[derive(PartialEq, Eq)]
enum State {
    Running,
    Ended,
}

impl AnswerBody {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut body| async move {
            loop {
                let piece = body.next_piece().await?;
                if !piece.is_empty() {
                    return Some((Ok(piece), body));
                }
            }
        })
    }

    async fn next_piece(&mut self) -> Option<Bytes> {
        if self.state == State::Ended {
            return None;
        }
        match self.events.recv().await {
            Some(Event::Data(data)) => Some(self.packer.pack(data)),
            Some(Event::Head(_)) => Some(Bytes::new()),
            Some(Event::Failed(exception)) => {
                self.state = State::Ended;
                let mut tail = self.packer.pack(tail(&exception, &self.tag)).to_vec();
                tail.extend_from_slice(&self.packer.finish());
                Some(tail.into())
            }
            None => {
                self.state = State::Ended;
                Some(self.packer.finish())
            }
        }
    }
}

/// How an answer says at its end that it failed after it began (ClickHouse 25.11 and later).
fn tail(exception: &Exception, tag: &str) -> Bytes {
    let message = format!("{}\n", exception.text);
    format!("\r\n__exception__\r\n{tag}\r\n{message}{} {tag}\r\n__exception__\r\n", message.len()).into()
}
