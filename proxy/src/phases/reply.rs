//! Last phase: the answer goes to the client. Its record is in the spool before its last bytes are sent.

mod cross;
mod error;
mod json;
mod meter;
mod passing;
mod stream;

pub(crate) use error::{refusal, upstream_failed};
pub(crate) use meter::{Meter, cost as cost_of};
pub(crate) use passing::Said;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Version, header};
use pingora_http::ResponseHeader;
use pingora_proxy::Session;

use super::Stop;
use aop_domain::record::CacheOutcome;

use crate::call::Call;
use crate::continuation::Onward;
use crate::endpoint::Operation;
use crate::limits;
use crate::translate;
use crate::upstream::exchange::Upstream;
use crate::upstream::headers;

/// What the response cache had to do with an answer: `hit`, `miss` or `bypass`.
const CACHE: &str = "x-aop-cache";

/// `onward`: the way a stream that breaks may go on. All but a whole answer in its own dialect are boxed: what they hold
/// must not make every call's future larger.
pub(crate) async fn relay(
    call: &mut Call,
    session: &mut Session,
    upstream: Upstream,
    onward: Option<Box<Onward<'_>>>,
) -> Result<(), Stop> {
    if let Some(crossing) = call.crossing.clone() {
        Box::pin(cross::relay(call, session, upstream, crossing, onward)).await
    } else if call.operation.is_some_and(|it| it.is_media() || it == Operation::Passthrough) {
        Box::pin(passing::relay(call, session, upstream)).await
    } else if upstream.is_event_stream {
        Box::pin(stream::relay(call, session, upstream, onward)).await
    } else {
        json::relay(call, session, upstream).await
    }
}

/// The header of an answer: what the client may see of the provider's, and the ids of this call.
pub(super) fn answer_header(
    call: &Call,
    status: u16,
    from: Option<&ResponseHeader>,
) -> pingora_core::Result<ResponseHeader> {
    let mut answer = ResponseHeader::build(status, Some(12))?;
    if let Some(from) = from {
        headers::answered(&from.headers, &mut answer)?;
    }
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = HeaderValue::from_str(call.id.hyphenated().encode_lower(&mut id))
        .unwrap_or_else(|_| HeaderValue::from_static(""));
    answer.insert_header("x-request-id", id.clone())?;
    answer.insert_header("x-aop-call-id", id)?;
    if !call.dropped.is_empty() {
        answer.insert_header(translate::DROPPED, call.dropped.join(", "))?;
    }
    if let Some(identity) = &call.identity {
        answer.insert_header("x-aop-trace-id", identity.trace_id.to_string())?;
    }
    if call.cache != CacheOutcome::Off {
        answer.insert_header(CACHE, call.cache.as_str())?;
    }
    if let Some(held) = &call.held {
        limits::headers(held, &mut answer)?;
    }
    Ok(answer)
}

/// Sends an answer that is kept, a stream as a stream. Its call has been recorded.
pub(super) async fn again(
    call: &Call,
    session: &mut Session,
    mut answer: ResponseHeader,
    body: Bytes,
    is_sse: bool,
) -> pingora_core::Result<()> {
    if !is_sse {
        answer.insert_header(header::CONTENT_TYPE, "application/json")?;
        meter::priced(call, &mut answer)?;
        return send_whole(call, session, answer, body).await;
    }
    stream::head(session, &mut answer)?;
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body(Some(meter::appended(call, body, true)), true).await
}

/// Sends a whole answer. One write for header and body; a client that takes it too slowly would hold it in memory.
async fn send_whole(
    call: &Call,
    session: &mut Session,
    mut answer: ResponseHeader,
    body: Bytes,
) -> pingora_core::Result<()> {
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    let has_no_body = session.req_header().method == http::Method::HEAD;
    let limits = &call.shared.limits;
    let within =
        limits.client_write_timeout.as_secs() + body.len() as u64 / limits.client_min_bytes_per_s.max(1);
    session.set_write_timeout(Some(Duration::from_secs(within)));
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body((!has_no_body).then_some(body), true).await
}

/// Says how the end of a body of unknown length is found: HTTP/1.0 has no chunks, its connection closes.
fn chunked(session: &Session, answer: &mut ResponseHeader) -> pingora_core::Result<()> {
    if session.req_header().version == Version::HTTP_11 {
        answer.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    Ok(())
}
