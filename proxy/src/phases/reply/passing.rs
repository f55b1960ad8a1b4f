//! An answer that passes without being held: sound, pictures, and whatever a provider's own API answers. A copy is
//! watched for what it tells of itself; its end leaves when the record is in the spool.

mod watch;

use bytes::Bytes;
use http::header;
use pingora_proxy::Session;
use serde_json::json;

use aop_domain::record::CallStatus;
use aop_domain::usage::UsageSource;

use super::{answer_header, chunked};
use crate::call::{Call, micros};
use crate::client;
use crate::endpoint::Operation;
use crate::in_flight::Flight;
use crate::phases::Stop;
use crate::phases::record::{self, Answer, Ending};
use crate::phases::reply::stream::{cut_by, release_later};
use crate::refusal::{Code, Refusal};
use crate::units;
use crate::upstream::exchange::Upstream;
use crate::upstream::headers;
use watch::Watch;

/// One answer on its way through.
struct Passing {
    status: u16,
    content_type: String,
    watch: Watch,
    bytes: u64,
    first_us: u64,
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
    let mut passing = Passing {
        status: upstream.header.status.as_u16(),
        watch: Watch::new(&content_type, upstream.is_event_stream, limit, &call.shared.body_budget),
        content_type,
        bytes: 0,
        first_us: 0,
    };
    if send_header(call, session, &upstream).await.is_err() {
        return Err(client_left(call, passing));
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
                if session.write_response_body(Some(piece), false).await.is_err() {
                    return Err(client_left(call, passing));
                }
            }
            // Before the first byte: a stream that is read on below.
            Ok(None) if passing.bytes == 0 && !upstream.is_ended() => {}
            Ok(None) => return ended(call, session, upstream, passing, None).await,
            Err(fault) => return Err(cut(call, passing, &cut_by(fault))),
        }
        next = tokio::select! {
            biased;
            read = upstream.read() => match read {
                Ok(None) => return ended(call, session, upstream, passing, None).await,
                read => read,
            },
            why = killed(flight.as_deref()) => return Err(cut(call, passing, &why)),
            () = client::gone(session) => return Err(client_left(call, passing)),
        };
    }
}

impl Passing {
    fn take(&mut self, call: &Call, piece: &[u8]) {
        if self.bytes == 0 {
            self.first_us = micros(call.started.elapsed());
        }
        self.bytes += piece.len() as u64;
        self.watch.push(piece);
    }

    /// What is known of the answer now that it is over, and the error it told of.
    fn answer(self, call: &Call, is_whole: bool) -> (Answer, Option<String>) {
        let watched = self.watch.finish();
        let seen = watched.seen;
        // Of a cut answer, what was told is told; what would be counted is not there.
        let counted = if is_whole { units::measured(call, &seen) } else { Vec::new() };
        let usage = seen.told.usage();
        let mut answer = Answer {
            bytes: self.bytes,
            first_token_us: self.first_us,
            is_sse: watched.is_sse && watched.kept.len() > 0,
            picture: units::picture(call, &seen),
            units: counted,
            usage,
            usage_source: match (usage.is_some(), is_whole) {
                (false, _) => UsageSource::None,
                (true, true) => UsageSource::Provider,
                (true, false) => UsageSource::Partial,
            },
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
    passing: Passing,
    last: Option<Bytes>,
) -> Result<(), Stop> {
    let status = passing.status;
    let (answer, error) = passing.answer(call, true);
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
    if record::write(call, &ending).is_err() {
        // The answer has begun, and must not end as if it had been recorded.
        return Err(Stop::Cut);
    }
    session.write_response_body(last, true).await.map_err(|_| Stop::ClientGone)?;
    release_later(call, upstream).await;
    Ok(())
}

/// Somebody ends the call.
async fn killed(flight: Option<&Flight>) -> Refusal {
    match flight {
        Some(flight) => flight.ended().await,
        None => std::future::pending().await,
    }
}

fn cut(call: &mut Call, passing: Passing, why: &Refusal) -> Stop {
    let status = passing.status;
    let (answer, _) = passing.answer(call, false);
    // With or without room for its record, this call ends as an error; the spool counts what it did not take.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::failed(why, answer) });
    Stop::Cut
}

fn client_left(call: &mut Call, passing: Passing) -> Stop {
    let status = passing.status;
    let (answer, _) = passing.answer(call, false);
    // Nobody is left to be told that there was no room for the record; the spool counts it.
    let _ = record::write(call, &Ending { http_status: status, ..Ending::client_gone(answer) });
    Stop::ClientGone
}
