//! A streamed answer: every event goes to the client as it comes, a copy is watched.
//!
//! When is a stream whole? When the provider said so: `[DONE]`, or, from servers that send none, a finish reason before
//! a clean end of the body. Anything else is a cut: the client gets an error event its SDK raises on, no `[DONE]`,
//! and its connection is closed without the last chunk.

use std::sync::Arc;
use std::time::Duration;

use aop_dialects::Dialect;
use bytes::{Bytes, BytesMut};
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;

use super::{answer_header, chunked, cross, meter};
use crate::body::transcript::Transcript;
use crate::cache;
use crate::call::{Call, micros};
use crate::continuation::{Follow, Onward};
use crate::endpoint::Operation;
use crate::guardrails::Guarded;
use crate::in_flight::{Early, drains, early, is_draining, pass_on};
use crate::limits;
use crate::metering;
use crate::phases::Stop;
use crate::phases::record::{self, Ending};
use crate::refusal::{Code, Refusal};
use crate::stream::observe::Observer;
use crate::translate;
use crate::upstream::exchange::{ReadFault, Upstream};

/// Bytes that are ready at once are sent with one write, up to so many.
const ONE_WRITE_BYTES: usize = 64 << 10;
/// After `[DONE]`, the provider gets this long to end its body, so that its connection can be used again.
const TAIL: Duration = Duration::from_secs(2);

/// One stream on its way through.
pub(super) struct Relay {
    pub(super) status: u16,
    pub(super) observer: Observer,
    pub(super) guarded: Option<Guarded>,
    /// The provider's bytes (the client's, where guardrails changed them).
    pub(super) transcript: Transcript,
    pub(super) bytes: u64,
    /// What was last sent ended an event.
    between_events: bool,
}

type Read = Result<Option<Bytes>, ReadFault>;

pub(crate) async fn relay(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
    onward: Option<Box<Onward<'_>>>,
) -> Result<(), Stop> {
    // What may go on elsewhere is followed, in whole events.
    let mut followed = onward.and_then(|onward| Some((Follow::of(call)?, onward)));
    let mut relay = Relay {
        status: upstream.header.status.as_u16(),
        observer: observer_of(call),
        guarded: Guarded::of(call),
        transcript: transcript_of(call),
        bytes: 0,
        between_events: true,
    };
    let flight = call.flight.clone();
    let flight = flight.as_deref();
    if !is_draining(flight) && send_header(call, session, &upstream).await.is_err() && !drains(flight) {
        return Err(client_left(call, relay, Some(&mut upstream)).await);
    }
    let mut next: Read = Ok(upstream.first.take());
    loop {
        let (chunk, after) = match (next, followed.take()) {
            (Ok(Some(chunk)), way) => {
                followed = way;
                gather(&mut upstream, chunk)
            }
            // Seldom, and large: it must not make every call's future larger.
            (end, Some(way)) => return Box::pin(broke(call, session, upstream, relay, way, end)).await,
            (Ok(None), None) => return ended(call, session, upstream, relay).await,
            (Err(fault), None) => return Err(cut(call, session, relay, &cut_by(fault)).await),
        };
        let chunk = match &mut followed {
            None => chunk,
            Some((follow, _)) => follow.take(chunk),
        };
        let mut pass = relay.take(call, chunk);
        if let Some(refusal) = relay.blocked() {
            return Err(cut(call, session, relay, &refusal).await);
        }
        if relay.observer.observed().done {
            pass = match relay.judged(call, pass).await {
                Ok(pass) => pass,
                Err(refusal) => return Err(cut(call, session, relay, &refusal).await),
            };
        }
        cache::feed(call, &pass);
        if relay.observer.observed().done {
            return done(call, session, upstream, relay, pass).await;
        }
        let pass = relay.or_sign_of_life(pass);
        if !pass.is_empty() && pass_on(session, flight, pass).await.is_err() {
            return Err(client_left(call, relay, Some(&mut upstream)).await);
        }
        if let Some(flight) = flight {
            flight.passed(relay.observer.observed());
        }
        if let Err(gone) = limits::keep(call, relay.observer.observed().text_bytes).await {
            return Err(cut(call, session, relay, &gone).await);
        }
        if followed.as_ref().is_some_and(|(follow, _)| follow.failed().is_some()) {
            next = Ok(None);
            continue;
        }
        next = match after {
            Some(read) => read,
            None => tokio::select! {
                biased;
                read = upstream.read() => read,
                early = early(session, flight) => match early {
                    Early::Ended(why) => return Err(cut(call, session, relay, &why).await),
                    Early::ClientGone => return Err(client_left(call, relay, Some(&mut upstream)).await),
                },
            },
        };
    }
}

pub(super) fn observer_of(call: &Call) -> Observer {
    match call.operation.and_then(Operation::dialect) {
        Some(dialect @ (Dialect::Messages | Dialect::Responses)) => Observer::of(dialect),
        _ => Observer::new(call.request.as_ref().is_some_and(|request| request.ask_usage.is_some())),
    }
}

pub(super) fn transcript_of(call: &Call) -> Transcript {
    Transcript::new(&call.shared.body_budget, call.shared.limits.recorded_body_max_bytes)
}

impl Relay {
    /// Watches a chunk and gives what the client gets of it.
    fn take(&mut self, call: &Call, chunk: Bytes) -> Bytes {
        self.bytes += chunk.len() as u64;
        let elapsed_us = micros(call.started.elapsed());
        let Some(guarded) = &mut self.guarded else {
            self.transcript.keep(&chunk);
            let pass = self.observer.push(chunk, elapsed_us);
            self.sent(&pass);
            return pass;
        };
        let pass = self.observer.push(chunk, elapsed_us);
        let pass = guarded.pass(&pass, self.observer.observed().done);
        self.transcript.keep(&pass);
        self.sent(&pass);
        pass
    }

    /// What is left when the body has ended.
    fn rest(&mut self, call: &Call) -> Bytes {
        let mut rest = self.observer.finish(micros(call.started.elapsed()));
        if let Some(guarded) = &mut self.guarded {
            rest = guarded.pass(&rest, true);
            self.transcript.keep(&rest);
        }
        rest
    }

    fn sent(&mut self, pass: &[u8]) {
        if !pass.is_empty() {
            self.between_events = ends_event(pass);
        }
    }

    /// The stream is whole, and so are guardrails' opinions of it. An error of the provider leaves alone: what was said
    /// before it and is held has not been judged.
    async fn judged(&mut self, call: &mut Call, pass: Bytes) -> Result<Bytes, Refusal> {
        let Some(guarded) = &mut self.guarded else { return Ok(pass) };
        if let (Some(message), true) = (&self.observer.observed().error, guarded.is_waiting()) {
            return Err(Refusal::new(Code::UpstreamError, ended_with(message)));
        }
        let held = guarded.verdict(call).await?;
        self.transcript.keep(&held);
        self.sent(&held);
        Ok(joined(pass, &held))
    }

    /// In a long silence that guardrails make, the client is told that its stream lives.
    fn or_sign_of_life(&mut self, pass: Bytes) -> Bytes {
        let is_silent = self.guarded.as_mut().is_some_and(|guarded| guarded.is_silent(&pass));
        if is_silent && self.between_events { Bytes::from_static(b": waiting\n\n") } else { pass }
    }

    fn blocked(&self) -> Option<Refusal> {
        self.guarded.as_ref().and_then(Guarded::blocked)
    }

    /// What is known of the answer now that it is over.
    async fn answer(self, call: &mut Call, is_whole: bool) -> record::Answer {
        if let Some(guarded) = &self.guarded {
            guarded.note(call);
        }
        let mut answer = metering::streamed(call, self.observer.into_observed(), is_whole).await;
        answer.is_sse = true;
        answer.bytes = self.bytes;
        answer.keep(self.transcript);
        answer
    }
}

/// Two pieces as one, without a copy where one is empty.
pub(super) fn joined(first: Bytes, more: &Bytes) -> Bytes {
    match (first.is_empty(), more.is_empty()) {
        (_, true) => first,
        (true, _) => more.clone(),
        _ => Bytes::from([&first[..], more].concat()),
    }
}

pub(super) fn ended_with(message: &str) -> String {
    format!("The provider ended its stream with an error: {message}")
}

pub(super) fn ends_event(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n\n") || bytes.ends_with(b"\r\n\r\n") || bytes.ends_with(b"\r\r")
}

/// What the header of every stream says.
pub(super) fn head(session: &Session, answer: &mut ResponseHeader) -> pingora_core::Result<()> {
    answer.insert_header(header::CONTENT_TYPE, "text/event-stream")?;
    answer.insert_header(header::CACHE_CONTROL, "no-cache")?;
    // Reverse proxies in front of us must not hold events back.
    answer.insert_header("x-accel-buffering", "no")?;
    chunked(session, answer)
}

async fn send_header(call: &Call, session: &mut Session, upstream: &Upstream) -> pingora_core::Result<()> {
    let mut answer = answer_header(call, upstream.header.status.as_u16(), Some(&upstream.header))?;
    // As the provider wrote it, charset and all.
    let kind = answer.headers.get(header::CONTENT_TYPE).cloned();
    head(session, &mut answer)?;
    if let Some(kind) = kind {
        answer.insert_header(header::CONTENT_TYPE, kind)?;
    }
    session.write_response_header(Box::new(answer), false).await
}

/// Adds what the provider has already sent, so that a burst costs one write; and what came after it, if known.
fn gather(upstream: &mut Upstream, first: Bytes) -> (Bytes, Option<Read>) {
    let mut more = match upstream.ready() {
        None => return (first, None),
        Some(Ok(Some(chunk))) => chunk,
        Some(end) => return (first, Some(end)),
    };
    let mut all = BytesMut::with_capacity((first.len() + more.len()).max(4096));
    all.extend_from_slice(&first);
    loop {
        all.extend_from_slice(&more);
        if all.len() >= ONE_WRITE_BYTES {
            return (all.freeze(), None);
        }
        more = match upstream.ready() {
            None => return (all.freeze(), None),
            Some(Ok(Some(chunk))) => chunk,
            Some(end) => return (all.freeze(), Some(end)),
        };
    }
}

/// `[DONE]` has come: the record first, then the client's last bytes.
async fn done(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    relay: Relay,
    pass: Bytes,
) -> Result<(), Stop> {
    finish(call, session, relay, pass).await?;
    release_later(call, upstream).await;
    Ok(())
}

/// A followed stream has broken, or its body has ended. It goes on elsewhere, or ends as every other.
async fn broke(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    mut relay: Relay,
    (mut follow, mut onward): (Follow, Box<Onward<'_>>),
    end: Read,
) -> Result<(), Stop> {
    let flight = call.flight.clone();
    let why = match (follow.failed(), end) {
        (Some(message), _) => Refusal::new(Code::UpstreamError, ended_with(message)),
        (None, Err(fault)) => cut_by(fault),
        (None, Ok(_)) => match follow.finish() {
            None => cut_by(ReadFault::Cut),
            Some(tail) => {
                let pass = relay.take(call, tail);
                if !pass.is_empty() && pass_on(session, flight.as_deref(), pass).await.is_err() {
                    return Err(client_left(call, relay, None).await);
                }
                return ended(call, session, upstream, relay).await;
            }
        },
    };
    if follow.can_be_continued() {
        let used = metering::streamed(call, relay.observer.observed().clone(), false).await.usage;
        match onward.next(call, session, follow.said(), used, &why).await {
            Ok(Some(next)) => {
                drop(upstream);
                let (upstream, relay) = cross::Relay::carrying(call, relay, follow, next);
                return cross::run(call, session, upstream, relay, Some(onward)).await;
            }
            Ok(None) => {}
            Err(Early::Ended(why)) => return Err(cut(call, session, relay, &why).await),
            Err(Early::ClientGone) => return Err(client_left(call, relay, None).await),
        }
    }
    let Some(failed) = follow.take_withheld() else { return Err(cut(call, session, relay, &why).await) };
    let pass = relay.take(call, failed);
    if relay.observer.observed().done {
        return match relay.judged(call, pass).await {
            Ok(pass) => done(call, session, upstream, relay, pass).await,
            Err(refusal) => Err(cut(call, session, relay, &refusal).await),
        };
    }
    if !pass.is_empty() && pass_on(session, flight.as_deref(), pass).await.is_err() {
        return Err(client_left(call, relay, None).await);
    }
    ended(call, session, upstream, relay).await
}

/// The body has ended without `[DONE]`.
async fn ended(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    mut relay: Relay,
) -> Result<(), Stop> {
    let mut rest = relay.rest(call);
    if let Some(refusal) = relay.blocked() {
        return Err(cut(call, session, relay, &refusal).await);
    }
    let observed = relay.observer.observed();
    if observed.done || observed.is_complete() || observed.error.is_some() {
        rest = match relay.judged(call, rest).await {
            Ok(rest) => rest,
            Err(refusal) => return Err(cut(call, session, relay, &refusal).await),
        };
        cache::feed(call, &rest);
        finish(call, session, relay, rest).await?;
        upstream.release(&call.shared.providers);
        return Ok(());
    }
    Err(cut(call, session, relay, &cut_by(ReadFault::Cut)).await)
}

async fn finish(call: &mut Call, session: &mut Session, relay: Relay, last: Bytes) -> Result<(), Stop> {
    let status = relay.status;
    let error = relay.observer.observed().error.clone();
    let between_events = relay.between_events;
    let answer = relay.answer(call, error.is_none()).await;
    if is_draining(call.flight.as_deref()) {
        return Err(gone(call, status, answer));
    }
    let ending = match error {
        None => Ending::ok(status, answer),
        Some(message) => {
            let refusal = Refusal::new(Code::UpstreamError, ended_with(&message));
            Ending { http_status: status, ..Ending::failed(&refusal, answer) }
        }
    };
    if let Err(unrecorded) = record::write_with_others(call, ending).await {
        send_error_event(call, session, between_events, &unrecorded).await;
        return Err(Stop::Cut);
    }
    let last = meter::appended(call, last, between_events);
    session.write_response_body(Some(last), true).await.map_err(|_| Stop::ClientGone)
}

pub(super) fn cut_by(fault: ReadFault) -> Refusal {
    match fault {
        ReadFault::Cut => Refusal::new(Code::UpstreamCut, "The provider cut its answer in the middle."),
        ReadFault::Timeout => {
            Refusal::new(Code::UpstreamTimeout, "The provider stopped in the middle of its answer.")
        }
    }
}

async fn cut(call: &mut Call, session: &mut Session, relay: Relay, refusal: &Refusal) -> Stop {
    let (status, between_events) = (relay.status, relay.between_events);
    let answer = relay.answer(call, false).await;
    // With or without room for its record, this call ends as an error; the spool counts what it did not take.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::failed(refusal, answer) });
    // Before the error event: whoever raises on it reads no further.
    let told = meter::appended(call, Bytes::new(), between_events);
    if !told.is_empty() && session.write_response_body(Some(told), false).await.is_err() {
        return Stop::Cut;
    }
    let between_events = between_events || call.meter.is_some();
    send_error_event(call, session, between_events, refusal).await;
    Stop::Cut
}

/// The event on which the client's SDK raises. A half-sent event before it is ended first.
async fn send_error_event(call: &Call, session: &mut Session, between_events: bool, refusal: &Refusal) {
    let mut event = BytesMut::from(if between_events { "" } else { "\n\n" });
    event.extend_from_slice(&translate::error_event(call.operation, refusal));
    let event = event.freeze();
    if session.write_response_body(Some(event), false).await.is_err() {
        tracing::debug!("the client had left before it could be told that its stream was cut");
    }
}

/// `upstream`: what it had sent by then counts too.
async fn client_left(call: &mut Call, mut relay: Relay, upstream: Option<&mut Upstream>) -> Stop {
    if let Some(upstream) = upstream {
        relay.take(call, upstream.unread());
    }
    let status = relay.status;
    let answer = relay.answer(call, false).await;
    gone(call, status, answer)
}

fn gone(call: &mut Call, status: u16, answer: record::Answer) -> Stop {
    // Nobody is left to be told that there was no room for the record; the spool counts it.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::client_gone(answer) });
    Stop::ClientGone
}

/// The connection goes back to the pool once its body has ended; the client does not wait for that.
pub(super) async fn release_later(call: &Call, mut upstream: Upstream) {
    match upstream.ready() {
        Some(Ok(None)) => upstream.release(&call.shared.providers),
        Some(Err(_)) => {}
        _ => {
            let shared = Arc::clone(&call.shared);
            tokio::spawn(async move {
                let ended =
                    tokio::time::timeout(TAIL, async { while let Ok(Some(_)) = upstream.read().await {} });
                if ended.await.is_ok() {
                    upstream.release(&shared.providers);
                }
            });
        }
    }
}
