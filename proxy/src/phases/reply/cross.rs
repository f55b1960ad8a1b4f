//! An answer of another dialect than the client's: read into the form, written in the client's words.
//!
//! What is recorded is what the client got: its own dialect is the one the record's request is in. Figures come from the
//! provider's answer itself.

mod whole;

use std::sync::Arc;
use std::time::Duration;

use aop_dialects::form::StreamEvent;
use aop_dialects::{StreamReader, StreamWriter};
use aop_domain::usage::Usage;
use bytes::{Bytes, BytesMut};
use pingora_proxy::Session;

use super::stream::{cut_by, ended_with, joined, observer_of, release_later, transcript_of};
use super::{answer_header, meter, stream};
use crate::body::transcript::Transcript;
use crate::cache;
use crate::call::{Call, micros};
use crate::continuation::{Follow, Next, Onward, Said, Seam};
use crate::endpoint::Operation;
use crate::guardrails::Guarded;
use crate::in_flight::{Early, Flight, drains, early, is_draining, pass_on};
use crate::limits;
use crate::metering;
use crate::phases::Stop;
use crate::phases::record::{self, Answer, Ending};
use crate::refusal::{Code, Refusal};
use crate::stream::observe::Observer;
use crate::translate::{self, Crossing};
use crate::upstream::exchange::{ReadFault, Upstream};

/// In a longer silence the client is told that its stream lives: some cut one that says nothing for minutes, and not every
/// provider says so itself.
const SILENCE: Duration = Duration::from_secs(15);

pub(crate) async fn relay(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    crossing: Arc<Crossing>,
    onward: Option<Box<Onward<'_>>>,
) -> Result<(), Stop> {
    if !crossing.stream {
        return whole::relay(call, session, upstream, &crossing).await;
    }
    if !upstream.is_event_stream {
        let message = "The provider was asked for a stream and answered with something else.";
        return Err(Refusal::new(Code::UpstreamBadAnswer, message).into());
    }
    streamed(call, session, upstream, &crossing, onward).await
}

/// One stream on its way through.
pub(super) struct Relay {
    status: u16,
    reader: Box<dyn StreamReader>,
    writer: Box<dyn StreamWriter>,
    /// Watches what the client would get without guardrails.
    observer: Observer,
    guarded: Option<Guarded>,
    usage: Option<Usage>,
    state: State,
    /// The client's bytes.
    transcript: Transcript,
    /// Of the provider.
    bytes: u64,
    /// So that somebody else could go on with it.
    said: Said,
    /// An error of the provider is withheld: the stream may go on elsewhere.
    may_go_on: bool,
    withheld: Option<StreamEvent>,
    /// It has gone on elsewhere; and what the last of them has said.
    seam: Option<(Seam, Observer)>,
}

#[derive(Clone, PartialEq, Eq)]
enum State {
    Going,
    Ended,
    Failed(String),
}

async fn streamed(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
    crossing: &Crossing,
    onward: Option<Box<Onward<'_>>>,
) -> Result<(), Stop> {
    let relay = Relay {
        status: upstream.header.status.as_u16(),
        reader: crossing.provider.stream_reader(),
        writer: crossing.client.stream_writer(crossing.answering.clone()),
        observer: observer_of(call),
        guarded: Guarded::of(call),
        usage: None,
        state: State::Going,
        transcript: transcript_of(call),
        bytes: 0,
        said: Said::default(),
        may_go_on: onward.is_some(),
        withheld: None,
        seam: None,
    };
    let flight = call.flight.clone();
    let flight = flight.as_deref();
    if !is_draining(flight) && send_header(call, session, &upstream).await.is_err() && !drains(flight) {
        return Err(client_left(call, relay, Some(&mut upstream)).await);
    }
    run(call, session, upstream, relay, onward).await
}

/// Until it has ended, here or elsewhere. The header is sent.
pub(super) async fn run(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
    mut relay: Relay,
    mut onward: Option<Box<Onward<'_>>>,
) -> Result<(), Stop> {
    let flight = call.flight.clone();
    let flight = flight.as_deref();
    let mut next = Ok(upstream.first.take());
    loop {
        let (mut pass, is_last, fault) = match next {
            Ok(Some(chunk)) => (relay.take(call, &chunk), false, None),
            Ok(None) => (relay.finish(call), true, None),
            Err(fault) => (Bytes::new(), true, Some(fault)),
        };
        if let Some(refusal) = relay.guarded.as_ref().and_then(Guarded::blocked) {
            return Err(cut(call, session, relay, &refusal).await);
        }
        if let (Some(why), Some(way)) = (relay.broke(is_last, fault), &mut onward) {
            if !pass.is_empty() && pass_on(session, flight, std::mem::take(&mut pass)).await.is_err() {
                return Err(client_left(call, relay, Some(&mut upstream)).await);
            }
            // Seldom, and large: it must not make every call's future larger.
            match Box::pin(relay.go_on(call, session, way, &why)).await {
                Ok(Some(other)) => {
                    upstream = other;
                    next = Ok(upstream.first.take());
                    continue;
                }
                Ok(None) => onward = None,
                Err(Early::Ended(why)) => return Err(cut(call, session, relay, &why).await),
                Err(Early::ClientGone) => return Err(client_left(call, relay, None).await),
            }
            pass = relay.give_up(call);
        }
        if let Some(fault) = fault {
            return Err(cut(call, session, relay, &cut_by(fault)).await);
        }
        let pass = match relay.judged(call, pass).await {
            Ok(pass) => pass,
            Err(refusal) => return Err(cut(call, session, relay, &refusal).await),
        };
        cache::feed(call, &pass);
        match &relay.state {
            State::Ended => {
                ended(call, session, relay, pass).await?;
                release_later(call, upstream).await;
                return Ok(());
            }
            State::Failed(_) => return Err(failed(call, session, relay, pass).await),
            State::Going if is_last => {
                return Err(cut(call, session, relay, &cut_by(ReadFault::Cut)).await);
            }
            State::Going => {}
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
        next = match read(session, &mut upstream, &mut relay, flight).await {
            Ok(read) => read,
            Err(Early::Ended(why)) => return Err(cut(call, session, relay, &why).await),
            Err(Early::ClientGone) => return Err(client_left(call, relay, Some(&mut upstream)).await),
        };
    }
}

/// The next bytes, with a sign of life to the client in a long silence.
async fn read(
    session: &mut Session,
    upstream: &mut Upstream,
    relay: &mut Relay,
    flight: Option<&Flight>,
) -> Result<Result<Option<Bytes>, ReadFault>, Early> {
    // One future for the whole silence: its own bound must not begin anew with each ping.
    let reading = upstream.read();
    tokio::pin!(reading);
    loop {
        tokio::select! {
            biased;
            read = &mut reading => return Ok(read),
            early = early(session, flight) => return Err(early),
            () = tokio::time::sleep(SILENCE) => {}
        }
        let mut ping = BytesMut::new();
        relay.writer.write(&StreamEvent::Ping, &mut ping);
        pass_on(session, flight, ping.freeze()).await?;
    }
}

async fn send_header(call: &Call, session: &mut Session, upstream: &Upstream) -> pingora_core::Result<()> {
    let mut answer = answer_header(call, upstream.header.status.as_u16(), Some(&upstream.header))?;
    super::stream::head(session, &mut answer)?;
    session.write_response_header(Box::new(answer), false).await
}

impl Relay {
    /// What the client gets of these bytes of the provider.
    fn take(&mut self, call: &Call, chunk: &[u8]) -> Bytes {
        self.bytes += chunk.len() as u64;
        let mut events = Vec::new();
        self.reader.push(chunk, &mut events);
        self.write(call, events)
    }

    /// The provider's body has ended.
    fn finish(&mut self, call: &Call) -> Bytes {
        let mut events = Vec::new();
        self.reader.finish(&mut events);
        self.write(call, events)
    }

    fn write(&mut self, call: &Call, events: Vec<StreamEvent>) -> Bytes {
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            match &event {
                StreamEvent::Error(_) if self.may_go_on => {
                    self.withheld = Some(event);
                    break;
                }
                StreamEvent::Usage(usage) => self.usage = Some(*usage),
                StreamEvent::End => self.state = State::Ended,
                StreamEvent::Error(fault) => self.state = State::Failed(fault.message.clone()),
                _ => {}
            }
            match &mut self.seam {
                None => told.push(event),
                Some((seam, _)) => seam.take(event, &mut told),
            }
        }
        let mut out = BytesMut::new();
        for event in &told {
            if self.may_go_on {
                self.said.note(event);
            }
            self.writer.write(event, &mut out);
        }
        let mut out = out.freeze();
        let elapsed_us = micros(call.started.elapsed());
        if let Some((_, since)) = &mut self.seam {
            since.push(out.clone(), elapsed_us);
        }
        self.observer.push(out.clone(), elapsed_us);
        if let Some(guarded) = &mut self.guarded {
            out = guarded.pass(&out, self.state != State::Going);
        }
        self.transcript.keep(&out);
        out
    }

    /// Takes the place of a stream that passed unread until it broke.
    pub(super) fn carrying(
        call: &Call,
        passed: stream::Relay,
        follow: Follow,
        next: Next,
    ) -> (Upstream, Self) {
        let (writer, said) = follow.into_parts();
        let relay = Self {
            status: passed.status,
            reader: next.reader,
            writer,
            observer: passed.observer,
            guarded: passed.guarded,
            usage: None,
            state: State::Going,
            transcript: passed.transcript,
            bytes: passed.bytes,
            said,
            may_go_on: true,
            withheld: None,
            seam: Some((next.seam, observer_of(call))),
        };
        (next.upstream, relay)
    }

    /// Why the stream cannot go on here.
    fn broke(&self, is_last: bool, fault: Option<ReadFault>) -> Option<Refusal> {
        match (&self.withheld, fault) {
            (Some(StreamEvent::Error(fault)), _) => {
                Some(Refusal::new(Code::UpstreamError, ended_with(&fault.message)))
            }
            (_, Some(fault)) => Some(cut_by(fault)),
            _ => (is_last && self.state == State::Going).then(|| cut_by(ReadFault::Cut)),
        }
    }

    /// Another deployment goes on, from here on. `None`: none can.
    async fn go_on(
        &mut self,
        call: &mut Call,
        session: &mut Session,
        onward: &mut Onward<'_>,
        why: &Refusal,
    ) -> Result<Option<Upstream>, Early> {
        let mut said = self.seam.as_ref().map_or(&self.observer, |(_, since)| since).observed().clone();
        said.usage = self.usage;
        let used = metering::streamed(call, said, false).await.usage;
        let Some(next) = onward.next(call, session, &self.said, used, why).await? else { return Ok(None) };
        (self.reader, self.usage, self.withheld) = (next.reader, None, None);
        self.seam = Some((next.seam, observer_of(call)));
        Ok(Some(next.upstream))
    }

    /// Nobody can go on: what the provider said of its failure goes to the client.
    fn give_up(&mut self, call: &Call) -> Bytes {
        self.may_go_on = false;
        match self.withheld.take() {
            Some(event) => self.write(call, vec![event]),
            None => Bytes::new(),
        }
    }

    /// In a long silence that guardrails make, the client is told that its stream lives.
    fn or_sign_of_life(&mut self, pass: Bytes) -> Bytes {
        if !self.guarded.as_mut().is_some_and(|guarded| guarded.is_silent(&pass)) {
            return pass;
        }
        let mut ping = BytesMut::new();
        self.writer.write(&StreamEvent::Ping, &mut ping);
        ping.freeze()
    }

    /// When the stream is whole, so are guardrails' opinions of it. An error of the provider leaves alone: what was said
    /// before it and is held has not been judged.
    async fn judged(&mut self, call: &mut Call, pass: Bytes) -> Result<Bytes, Refusal> {
        let Some(guarded) = &mut self.guarded else { return Ok(pass) };
        match &self.state {
            State::Going => Ok(pass),
            State::Failed(_) if !guarded.is_waiting() => Ok(pass),
            State::Failed(message) => Err(Refusal::new(Code::UpstreamError, ended_with(message))),
            State::Ended => {
                let held = guarded.verdict(call).await?;
                self.transcript.keep(&held);
                Ok(joined(pass, &held))
            }
        }
    }

    /// What is known of the answer now that it is over.
    async fn answer(self, call: &mut Call, is_whole: bool) -> Answer {
        if let Some(guarded) = &self.guarded {
            guarded.note(call);
        }
        let whole = self.observer.into_observed();
        let mut observed = match self.seam {
            None => whole,
            // Figures of the last that answered: those before have their own. The rest is of the whole stream.
            Some((seam, since)) => {
                let mut observed = since.into_observed();
                observed.first_token_us = whole.first_token_us;
                (observed.response_id, observed.finish_reason) = (whole.response_id, whole.finish_reason);
                seam.model().clone_into(&mut observed.response_model);
                observed
            }
        };
        observed.usage = self.usage;
        let mut answer = metering::streamed(call, observed, is_whole).await;
        answer.is_sse = true;
        answer.bytes = self.bytes;
        answer.keep(self.transcript);
        answer
    }

    /// The event on which the client's SDK raises.
    fn error_event(&mut self, operation: Option<Operation>, refusal: &Refusal) -> Bytes {
        let mut out = BytesMut::new();
        self.writer.write(&StreamEvent::Error(translate::fault(refusal)), &mut out);
        if out.is_empty() {
            // The end was written already, and is held back.
            return translate::error_event(operation, refusal);
        }
        out.freeze()
    }
}

/// The provider has said that its answer is whole: the record first, then the client's last bytes.
async fn ended(call: &mut Call, session: &mut Session, relay: Relay, last: Bytes) -> Result<(), Stop> {
    let status = relay.status;
    let answer = relay.answer(call, true).await;
    if is_draining(call.flight.as_deref()) {
        return Err(gone(call, status, answer));
    }
    if let Err(unrecorded) = record::write_with_others(call, Ending::ok(status, answer)).await {
        // In place of the end, which was not sent.
        send_last_of_cut(session, translate::error_event(call.operation, &unrecorded)).await;
        return Err(Stop::Cut);
    }
    let last = meter::appended(call, last, true);
    session.write_response_body(Some(last), true).await.map_err(|_| Stop::ClientGone)
}

/// The provider has sent an error in the middle: `last` holds it in the client's words.
async fn failed(call: &mut Call, session: &mut Session, relay: Relay, last: Bytes) -> Stop {
    let status = relay.status;
    let message = match &relay.state {
        State::Failed(message) => message.clone(),
        _ => String::new(),
    };
    let refusal = Refusal::new(Code::UpstreamError, ended_with(&message));
    let answer = relay.answer(call, false).await;
    // With or without room for its record, this call ends as an error; the spool counts what it did not take.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::failed(&refusal, answer) });
    tell_cost(call, session).await;
    send_last_of_cut(session, last).await;
    Stop::Cut
}

async fn cut(call: &mut Call, session: &mut Session, mut relay: Relay, refusal: &Refusal) -> Stop {
    let status = relay.status;
    let event = relay.error_event(call.operation, refusal);
    let answer = relay.answer(call, false).await;
    let _ = record::write(call, &Ending { http_status: status, ..Ending::failed(refusal, answer) });
    tell_cost(call, session).await;
    send_last_of_cut(session, event).await;
    Stop::Cut
}

/// Before the error event: whoever raises on it reads no further.
async fn tell_cost(call: &Call, session: &mut Session) {
    let told = meter::appended(call, Bytes::new(), true);
    if !told.is_empty() {
        send_last_of_cut(session, told).await;
    }
}

async fn send_last_of_cut(session: &mut Session, bytes: Bytes) {
    if session.write_response_body(Some(bytes), false).await.is_err() {
        tracing::debug!("the client had left before it could be told that its stream was cut");
    }
}

/// `upstream`: what it had sent by then counts too.
async fn client_left(call: &mut Call, mut relay: Relay, upstream: Option<&mut Upstream>) -> Stop {
    if let Some(upstream) = upstream {
        let unread = upstream.unread();
        relay.take(call, &unread);
    }
    let status = relay.status;
    let answer = relay.answer(call, false).await;
    gone(call, status, answer)
}

fn gone(call: &mut Call, status: u16, answer: Answer) -> Stop {
    // Nobody is left to be told that there was no room for the record; the spool counts it.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::client_gone(answer) });
    Stop::ClientGone
}
