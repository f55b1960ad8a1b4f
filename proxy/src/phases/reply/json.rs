//! An answer that is not a stream: read whole, checked, measured, recorded, and sent in one piece.

use bytes::{Bytes, BytesMut};
use pingora_proxy::Session;

use super::{answer_header, meter, send_whole};
use crate::body::budget::Reservation;
use crate::body::scan;
use crate::call::{Call, micros};
use crate::guardrails;
use crate::in_flight::{early, is_draining};
use crate::metering;
use crate::phases::Stop;
use crate::phases::record::{self, Answer, Ending};
use crate::refusal::{Code, Refusal};
use crate::room;
use crate::upstream::exchange::{ReadFault, Upstream};

/// Deeper answers are taken for garbage.
pub(super) const DEEPEST_ANSWER: u32 = 200;

pub(crate) async fn relay(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
) -> Result<(), Stop> {
    let mut reservation = call.shared.body_budget.reserve();
    let read = tokio::select! {
        biased;
        read = read_whole(call, &mut upstream, &mut reservation) => read,
        early = early(session, call.flight.as_deref()) => {
            drop(upstream);
            return Err(early.into());
        }
    };
    if read.is_err() && is_draining(call.flight.as_deref()) {
        return Err(Stop::ClientGone);
    }
    let body = read?;
    let status = upstream.header.status.as_u16();
    let mut header = answer_header(call, status, Some(&upstream.header)).map_err(|_| Stop::ClientGone)?;
    let first_token_us = micros(call.started.elapsed());
    upstream.release(&call.shared.providers);
    if !scan::is_json(&body, DEEPEST_ANSWER) {
        return Err(Refusal::new(Code::UpstreamBadAnswer, "The provider's answer is not valid JSON.").into());
    }
    let mut answer = metering::whole(call, &body).await;
    answer.first_token_us = first_token_us;
    let body = match guardrails::answer(call, &body).await {
        Ok(body) => body,
        Err(refusal) => return Err(blocked(call, &refusal, answer)),
    };
    answer.body = vec![body.clone()];
    if is_draining(call.flight.as_deref()) {
        // Nobody is left to be told that there was no room; the spool counts it.
        let _ = record::write(call, &Ending::client_gone(answer));
        return Err(Stop::ClientGone);
    }
    record::write_with_others(call, Ending::ok(status, answer)).await?;
    meter::priced(call, &mut header).map_err(|_| Stop::ClientGone)?;
    send_whole(call, session, header, body).await.map_err(|_| Stop::ClientGone)
}

/// An answer that its guardrails keep from the client. It was made: what it took is counted.
pub(super) fn blocked(call: &mut Call, refusal: &Refusal, answer: Answer) -> Stop {
    match record::write(call, &Ending::failed(refusal, answer)) {
        Ok(()) => refusal.clone().into(),
        Err(unrecorded) => unrecorded.into(),
    }
}

pub(super) async fn read_whole(
    call: &Call,
    upstream: &mut Upstream,
    reservation: &mut Reservation,
) -> Result<Bytes, Refusal> {
    let max = call.shared.limits.answer_max_bytes;
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    loop {
        let piece = match upstream.read().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(if whole.is_empty() { first } else { whole.freeze() }),
            Err(ReadFault::Cut) => {
                return Err(Refusal::new(Code::UpstreamCut, "The provider cut its answer in the middle."));
            }
            Err(ReadFault::Timeout) => {
                return Err(Refusal::new(
                    Code::UpstreamTimeout,
                    "The provider stopped in the middle of its answer.",
                ));
            }
        };
        if call.flight.as_ref().is_some_and(|flight| !flight.drained(piece.len())) {
            return Err(Refusal::new(Code::ClientGone, "The client went away before its answer was whole."));
        }
        if whole.len() + first.len() + piece.len() > max {
            let message = format!("The provider's answer is larger than {max} bytes.");
            return Err(Refusal::new(Code::UpstreamBadAnswer, message));
        }
        if !reservation.grow(piece.len()) {
            return Err(room::no_bytes(call, "The gateway holds too many answers"));
        }
        if first.is_empty() && whole.is_empty() {
            first = piece;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&piece);
        }
    }
}
