//! An answer that passes without being held: sound, pictures, and whatever a provider's own API answers. A copy is
//! watched for what it tells of itself; its end leaves when the record is in the spool.

mod said;
mod watch;

use bytes::{Bytes, BytesMut};
use http::header;
use pingora_proxy::Session;
use serde_json::json;

use aop_domain::record::CallStatus;

use super::{answer_header, chunked, meter};
use crate::call::{Call, micros};
use crate::client;
use crate::endpoint::Operation;
use crate::in_flight::killed;
use crate::limits;
use crate::metering;
use crate::phases::Stop;
use crate::phases::passthrough::words;
use crate::phases::record::{self, Answer, Ending};
use crate::phases::reply::stream::{cut_by, ends_event, release_later};
use crate::refusal::{Code, Refusal};
use crate::units;
use crate::upstream::exchange::Upstream;
use crate::upstream::headers;
pub(crate) use said::Said;
use watch::Watch;

/// One answer on its way through.
struct Passing {
    status: u16,
    content_type: String,
    watch: Watch,
    /// What was last sent ended an event.
    between_events: bool,
    /// Its length was told: nothing can be added.
    is_measured: bool,
    bytes: u64,
    first_us: u64,
    /// Of a message that is not whole yet.
    held: BytesMut,
}

pub(crate) async fn relay(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
) -> Result<(), Stop> {
    let content_type = upstream.header.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let keeps =
        call.operation.is_some_and(|operation| operation.listens() || operation == Operation::Passthrough);
    let limit = if keeps { call.shared.limits.recorded_body_max_bytes } else { 0 };
    // Google streams an array to who does not ask for events.
    let may_be_items =
        upstream.header.status.is_success() && call.request.as_ref().is_some_and(|request| request.stream);
    let mut passing = Passing {
        status: upstream.header.status.as_u16(),
        watch: Watch::new(
            &content_type,
            upstream.is_event_stream,
            may_be_items,
            limit,
            &call.shared.body_budget,
            call.held.is_some() || keeps,
        ),
        content_type,
        between_events: true,
        is_measured: upstream.header.headers.contains_key(header::CONTENT_LENGTH),
        bytes: 0,
        first_us: 0,
        held: BytesMut::new(),
    };
    if send_header(call, session, &upstream).await.is_err() {
        if let Some(first) = upstream.first.take() {
            passing.take(call, &first);
        }
        return Err(client_left(call, passing).await);
    }
    let flight = call.flight.clone();
    let mut next = Ok(upstream.first.take());
    loop {
        match next {
            Ok(Some(piece)) if upstream.is_ended() => {
                passing.take(call, &piece);
                return ended(call, session, upstream, passing, Some(piece)).await;
            }
            Ok(Some(piece)) => {
                passing.take(call, &piece);
                let whole = passing.whole(piece);
                if !whole.is_empty() && session.write_response_body(Some(whole), false).await.is_err() {
                    return Err(client_left(call, passing).await);
                }
            }
            // Before the first byte: a stream that is read on below.
            Ok(None) if passing.bytes == 0 && !upstream.is_ended() => {}
            Ok(None) => return ended(call, session, upstream, passing, None).await,
            Err(fault) => return Err(cut(call, session, passing, &cut_by(fault)).await),
        }
        if let Err(gone) = limits::keep(call, passing.watch.text_bytes()).await {
            return Err(cut(call, session, passing, &gone).await);
        }
        next = tokio::select! {
            biased;
            read = upstream.read() => match read {
                Ok(None) => return ended(call, session, upstream, passing, None).await,
                read => read,
            },
            why = killed(flight.as_deref()) => return Err(cut(call, session, passing, &why).await),
            () = client::gone(session) => return Err(client_left(call, passing).await),
        };
    }
}

impl Passing {
    fn take(&mut self, call: &Call, piece: &[u8]) {
        let is_first = self.bytes == 0;
        self.bytes += piece.len() as u64;
        if !piece.is_empty() {
            self.between_events = ends_event(piece);
        }
        self.watch.push(piece);
        if self.first_us == 0 && self.watch.has_token().unwrap_or(is_first) {
            self.first_us = micros(call.started.elapsed());
        }
    }

    /// What of a piece, and of those before it, can go on: a message of a binary stream goes when it is whole.
    fn whole(&mut self, piece: Bytes) -> Bytes {
        let partial_bytes = self.watch.partial_bytes();
        if partial_bytes == 0 && self.held.is_empty() {
            return piece;
        }
        self.held.extend_from_slice(&piece);
        self.held.split_to(self.held.len().saturating_sub(partial_bytes)).freeze()
    }

    /// What is known of the answer now that it is over, and the error it told of.
    async fn answer(self, call: &Call, is_whole: bool) -> (Answer, Option<String>) {
        let watched = self.watch.finish();
        let seen = watched.seen;
        // Of a cut answer, what was told is told; what would be counted is not there.
        let counted = if is_whole { units::measured(call, &seen) } else { Vec::new() };
        let (usage, usage_source) = metering::passed(call, seen.told.usage(), watched.said, is_whole).await;
        let mut answer = Answer {
            bytes: self.bytes,
            first_token_us: self.first_us,
            is_sse: watched.is_sse && watched.kept.len() > 0,
            picture: units::picture(call, &seen),
            units: counted,
            usage,
            usage_source,
            ..Answer::default()
        };
        if watched.kept.len() > 0 {
            answer.keep(watched.kept);
        } else {
            answer.truncated = watched.kept.is_cut();
            let described = json!({"content_type": self.content_type, "bytes": self.bytes,
                "pictures": seen.pictures.filter(|_| call.operation.is_some_and(Operation::makes_images))});
            answer.body = vec![Bytes::from(described.to_string())];
        }
        (answer.model, answer.id) = (seen.told.model, seen.told.id);
        (answer.finish_reason, answer.service_tier) = (seen.told.finish_reason, tier(seen.told.service_tier));
        (answer, seen.told.error)
    }
}

/// `standard` is a word for the plain price.
fn tier(told: String) -> String {
    if told == "standard" { String::new() } else { told }
}

async fn send_header(call: &Call, session: &mut Session, upstream: &Upstream) -> pingora_core::Result<()> {
    let is_passthrough = call.operation == Some(Operation::Passthrough);
    let from = (!is_passthrough).then_some(&*upstream.header);
    let mut answer = answer_header(call, upstream.header.status.as_u16(), from)?;
    if is_passthrough {
        headers::passed_back(&upstream.header.headers, &mut answer)?;
    }
    if upstream.is_event_stream {
        answer.insert_header(header::CACHE_CONTROL, "no-cache")?;
        answer.insert_header("x-accel-buffering", "no")?;
    }
    let is_bodyless = matches!(answer.status.as_u16(), 204 | 304);
    match upstream.header.headers.get(header::CONTENT_LENGTH) {
        Some(length) => answer.insert_header(header::CONTENT_LENGTH, length.clone())?,
        None if is_bodyless => {}
        None => chunked(session, &mut answer)?,
    }
    session.write_response_header(Box::new(answer), false).await
}

async fn ended(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    mut passing: Passing,
    last: Option<Bytes>,
) -> Result<(), Stop> {
    let last = match (passing.held.is_empty(), last) {
        (true, last) => last,
        (false, last) => {
            passing.held.extend_from_slice(&last.unwrap_or_default());
            Some(std::mem::take(&mut passing.held).freeze())
        }
    };
    let (status, between_events) = (passing.status, passing.between_events);
    let has_room = passing.watch.is_sse() && !passing.is_measured;
    let (answer, error) = passing.answer(call, true).await;
    let failed = |message: String| {
        let refusal = Refusal::new(Code::UpstreamError, message);
        Ending { http_status: status, ..Ending::failed(&refusal, Answer::default()) }
    };
    let ending = match error {
        Some(message) => {
            Ending { answer, ..failed(format!("The provider ended its stream with an error: {message}")) }
        }
        None if status >= 400 => {
            let mut ending = failed(format!("The provider answered with status {status}."));
            if status < 500 {
                ending.status = if status == 429 { CallStatus::RateLimited } else { CallStatus::ClientError };
            }
            Ending { answer, ..ending }
        }
        None => Ending::ok(status, answer),
    };
    if record::write_with_others(call, ending).await.is_err() {
        // The answer has begun, and must not end as if it had been recorded.
        return Err(Stop::Cut);
    }
    let last = if has_room {
        Some(meter::appended(call, last.unwrap_or_default(), between_events)).filter(|last| !last.is_empty())
    } else {
        last
    };
    session.write_response_body(last, true).await.map_err(|_| Stop::ClientGone)?;
    release_later(call, upstream).await;
    Ok(())
}

/// A stream ends with an error event its SDK raises on; of anything else only the connection can say that it is cut.
async fn cut(call: &mut Call, session: &mut Session, passing: Passing, why: &Refusal) -> Stop {
    let (status, between_events) = (passing.status, passing.between_events);
    let is_sse = passing.watch.is_sse();
    let exception = passing.watch.exception(&why.message);
    let (answer, _) = passing.answer(call, false).await;
    // With or without room for its record, this call ends as an error; the spool counts what it did not take.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::failed(why, answer) });
    if is_sse {
        let told = meter::appended(call, Bytes::new(), between_events);
        let mut last = BytesMut::from(if between_events || !told.is_empty() { "" } else { "\n\n" });
        last.extend_from_slice(&told);
        last.extend_from_slice(&words::error_event(call, why));
        if session.write_response_body(Some(last.freeze()), false).await.is_err() {
            tracing::debug!("the client had left before it could be told that its answer was cut");
        }
    }
    if exception.is_some() && session.write_response_body(exception, false).await.is_err() {
        tracing::debug!("the client had left before it could be told that its answer was cut");
    }
    Stop::Cut
}

async fn client_left(call: &mut Call, passing: Passing) -> Stop {
    let status = passing.status;
    let (answer, _) = passing.answer(call, false).await;
    // Nobody is left to be told that there was no room for the record; the spool counts it.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::client_gone(answer) });
    Stop::ClientGone
}
