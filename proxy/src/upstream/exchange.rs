//! One try at one target: connect, send, and wait for the answer's first byte. Nothing has gone to the client yet, so
//! whatever fails here can be tried elsewhere.

use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use pingora_core::connectors::TransportConnector;
use pingora_core::protocols::Stream;
use pingora_core::protocols::http::v1::client::{HttpSession, http_req_header_to_wire};
use pingora_core::upstreams::peer::{HttpPeer, Peer};
use pingora_core::{Error, ErrorType, OrErr};
use pingora_http::{RequestHeader, ResponseHeader};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use aop_domain::gateway::Timeouts;

use super::failure::{ErrorAnswer, Failure, Retry, retry_after};
use super::headers;
use super::outgoing::Outgoing;
use crate::body::scan;
use crate::body::splice::Body;
use crate::call::{Attempt, micros};
use crate::config::Limits;
use crate::refusal::Code;
use crate::snapshot::Target;

/// A pooled connection that died unseen costs nothing: so often the same target is called again.
const STALE_TRIES: usize = 3;
/// Of a provider's error, so much is passed on.
const ERROR_MAX_BYTES: usize = 1 << 20;
/// Header and body up to this size leave in one write. pingora's own client writes them apart: a system call more on
/// every call, the largest single cost there was.
const ONE_WRITE_BYTES: usize = 64 << 10;

/// An answer that has begun.
pub(crate) struct Upstream {
    session: HttpSession,
    peer: HttpPeer,
    pub(crate) header: Box<ResponseHeader>,
    pub(crate) is_event_stream: bool,
    /// The first bytes of a stream, already read.
    pub(crate) first: Option<Bytes>,
    idle: Duration,
    deadline: Instant,
    pool_for: Duration,
}

/// The answer stopped in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadFault {
    /// The connection ended before the body did, or the framing was broken.
    Cut,
    /// Silence for longer than the deployment allows, or its total time was over.
    Timeout,
}

impl Upstream {
    /// The next bytes of the body; `None` at its end. Dropping the future loses nothing.
    pub(crate) async fn read(&mut self) -> Result<Option<Bytes>, ReadFault> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ReadFault::Timeout);
            }
            self.session.read_timeout = Some(self.idle.min(left));
            match self.session.read_body_bytes().await {
                Ok(Some(bytes)) if bytes.is_empty() => {}
                Ok(bytes) => return Ok(bytes),
                Err(error) => return Err(read_fault(&error)),
            }
        }
    }

    /// Gives the connection back to the pool. Only after the body was read to its end.
    pub(crate) async fn release(mut self, connector: &TransportConnector) {
        self.session.respect_keepalive();
        if let Some(stream) = self.session.reuse().await {
            connector.release_stream(stream, self.peer.reuse_hash(), Some(self.pool_for));
        }
    }
}

fn read_fault(error: &Error) -> ReadFault {
    if *error.etype() == ErrorType::ReadTimedout { ReadFault::Timeout } else { ReadFault::Cut }
}

pub(crate) async fn send(
    connector: &TransportConnector,
    limits: &Limits,
    outgoing: &Outgoing<'_>,
    target: &Target,
    turn: usize,
    attempt: &mut Attempt,
) -> Result<Upstream, Failure> {
    let timeouts = target.deployment.timeouts;
    let peer = peer(target, turn, limits, timeouts).await?;
    for stale in 1.. {
        let connecting = Instant::now();
        let connected = connector.get_stream(&peer).await;
        attempt.record.connect_us += u32::try_from(micros(connecting.elapsed())).unwrap_or(u32::MAX);
        let (stream, reused) = connected.map_err(|error| connect_failure(target, &error))?;
        let exchanged = exchange(stream, &peer, outgoing, target, timeouts, limits).await;
        match exchanged {
            Ok(session) => return opened(session, peer, target, attempt, limits).await,
            // Nothing of an answer came, and the connection had been idle: it died while it waited in the pool.
            Err(error) if reused && stale <= STALE_TRIES && was_stale(&error) => {}
            Err(error) => return Err(exchange_failure(target, &error)),
        }
    }
    Err(Failure::new(Code::Internal, "No upstream try was made."))
}

async fn peer(
    target: &Target,
    turn: usize,
    limits: &Limits,
    timeouts: Timeouts,
) -> Result<HttpPeer, Failure> {
    let connect = Duration::from_millis(timeouts.connect_ms.into());
    let address = tokio::time::timeout(connect, target.address(turn))
        .await
        .map_err(|_| {
            Failure::new(Code::UpstreamUnreachable, format!("{} did not resolve in time.", named(target)))
        })?
        .map_err(|error| {
            Failure::new(Code::UpstreamUnreachable, format!("{} cannot be called: {error}.", named(target)))
        })?;
    // An empty SNI would turn certificate verification off: the host is never empty (Target::new).
    let mut peer = HttpPeer::new(address, target.tls, target.host.clone());
    peer.options.connection_timeout = Some(connect);
    peer.options.total_connection_timeout = Some(connect);
    peer.options.write_timeout = Some(limits.upstream_write_timeout);
    peer.options.idle_timeout = Some(limits.upstream_idle_timeout);
    peer.options.tcp_keepalive = None;
    Ok(peer)
}

/// Sends the request and reads the header of the answer.
async fn exchange(
    mut stream: Stream,
    peer: &HttpPeer,
    outgoing: &Outgoing<'_>,
    target: &Target,
    timeouts: Timeouts,
    limits: &Limits,
) -> pingora_core::Result<HttpSession> {
    let head = http_req_header_to_wire(&request_header(outgoing, target)?)
        .ok_or_else(|| Error::explain(ErrorType::InternalError, "the request's path cannot be written"))?;
    let sent = write_request(&mut stream, head, &outgoing.body, limits.upstream_write_timeout).await;
    let mut session = HttpSession::new_with_options(stream, peer);
    session.read_timeout = Some(Duration::from_millis(timeouts.first_byte_ms.into()));
    // A provider may answer (413, 429) before it has taken the whole body: its answer counts more than the write error.
    loop {
        if let Err(read_error) = session.read_response().await {
            return Err(sent.err().unwrap_or(read_error));
        }
        if !session.resp_header().is_some_and(|header| header.status.is_informational()) {
            return Ok(session);
        }
    }
}

async fn write_request(
    stream: &mut (impl AsyncWrite + Unpin),
    mut head: BytesMut,
    body: &Body,
    timeout: Duration,
) -> pingora_core::Result<()> {
    let pieces = if body.len <= ONE_WRITE_BYTES {
        body.pieces.iter().for_each(|piece| head.extend_from_slice(piece));
        &[][..]
    } else {
        &body.pieces[..]
    };
    let head = head.freeze();
    for piece in std::iter::once(&head).chain(pieces) {
        within(timeout, stream.write_all(piece)).await?;
    }
    within(timeout, stream.flush()).await
}

async fn within(
    timeout: Duration,
    write: impl Future<Output = std::io::Result<()>>,
) -> pingora_core::Result<()> {
    match tokio::time::timeout(timeout, write).await {
        Ok(written) => written.or_err(ErrorType::WriteError, "sending the request"),
        Err(_) => Error::e_explain(ErrorType::WriteTimedout, "sending the request"),
    }
}

fn request_header(outgoing: &Outgoing<'_>, target: &Target) -> pingora_core::Result<RequestHeader> {
    let mut header =
        RequestHeader::build("POST", outgoing.path.as_bytes(), Some(outgoing.forwarded.len() + 6))?;
    header.insert_header(http::header::HOST, target.authority.clone())?;
    header.insert_header(http::header::CONTENT_TYPE, "application/json")?;
    header.insert_header(http::header::CONTENT_LENGTH, outgoing.body.len.to_string())?;
    // The answer is read on its way: it must not be compressed.
    header.insert_header(http::header::ACCEPT_ENCODING, "identity")?;
    for (name, value) in target.headers.iter().chain(&outgoing.signed) {
        header.insert_header(name.clone(), value.clone())?;
    }
    for (name, value) in outgoing.forwarded.iter(target.is_simulator, outgoing.is_translated) {
        // A default of ours (`anthropic-version`) gives way to what the client says; credentials are never forwarded.
        if target.headers.iter().any(|(ours, _)| ours == name) {
            header.insert_header(name.clone(), value.clone())?;
        } else {
            header.append_header(name.clone(), value.clone())?;
        }
    }
    Ok(header)
}

/// The header of the answer is here: is it an answer, or an error?
async fn opened(
    session: HttpSession,
    peer: HttpPeer,
    target: &Target,
    attempt: &mut Attempt,
    limits: &Limits,
) -> Result<Upstream, Failure> {
    let timeouts = target.deployment.timeouts;
    let Some(header) = session.resp_header().cloned().map(Box::new) else {
        return Err(Failure::new(Code::UpstreamBadAnswer, format!("{} sent no header.", named(target))));
    };
    attempt.record.http_status = u32::from(header.status.as_u16());
    attempt.record.first_byte_us = micros(attempt.started.elapsed());
    let first_byte = Duration::from_millis(timeouts.first_byte_ms.into());
    let mut upstream = Upstream {
        is_event_stream: headers::is_event_stream(&header.headers),
        header,
        session,
        peer,
        first: None,
        idle: first_byte,
        deadline: attempt.started + Duration::from_millis(timeouts.total_ms.into()),
        pool_for: limits.upstream_idle_timeout,
    };
    if !upstream.header.status.is_success() {
        upstream.idle = Duration::from_millis(timeouts.idle_ms.into());
        return Err(error_answer(upstream, target).await);
    }
    if upstream.is_event_stream {
        // The first byte of a stream is its first event: until then another target may answer.
        let first = upstream.read().await.map_err(|fault| match fault {
            ReadFault::Timeout => timed_out(target),
            ReadFault::Cut => {
                Failure::new(Code::UpstreamCut, format!("{} cut its stream at once.", named(target)))
            }
        })?;
        attempt.record.first_byte_us = micros(attempt.started.elapsed());
        upstream.first = first;
    }
    upstream.idle = Duration::from_millis(timeouts.idle_ms.into());
    Ok(upstream)
}

/// Reads a provider's error and decides what it means for the call.
async fn error_answer(mut upstream: Upstream, target: &Target) -> Failure {
    let status = upstream.header.status.as_u16();
    let mut body = Vec::new();
    while let Ok(Some(bytes)) = upstream.read().await {
        if body.len() + bytes.len() > ERROR_MAX_BYTES {
            break;
        }
        body.extend_from_slice(&bytes);
    }
    let mut failure =
        Failure::new(Code::UpstreamError, format!("{} answered with status {status}.", named(target)));
    failure.retry = match status {
        408 | 409 | 429 | 500.. => Retry::Anywhere,
        300..=399 | 401 | 403 | 404 => Retry::Elsewhere,
        _ => Retry::Nowhere,
    };
    failure.retry_after = retry_after(&upstream.header.headers, SystemTime::now());
    match status {
        // The provider's own words could hold a part of its key.
        401 | 403 => {
            failure.code = Code::UpstreamRefusedCredential;
            failure.message =
                format!("{} refused the gateway's credential (status {status}).", named(target));
        }
        _ if says_error(&body) => {
            failure.answer = Some(ErrorAnswer { header: upstream.header, body: body.into() })
        }
        _ => {}
    }
    failure
}

/// Is this an error in JSON, as the SDKs expect it?
fn says_error(body: &[u8]) -> bool {
    let mut has_error = false;
    if scan::is_json(body, 100) {
        scan::members(body, |key, _| has_error |= scan::key_is(key, "error"));
    }
    has_error
}

fn connect_failure(target: &Target, error: &Error) -> Failure {
    let what = match error.etype() {
        ErrorType::ConnectTimedout | ErrorType::TLSHandshakeTimedout => "did not accept a connection in time",
        ErrorType::ConnectRefused => "refused the connection",
        ErrorType::TLSHandshakeFailure | ErrorType::InvalidCert => "failed the TLS handshake",
        _ => "cannot be reached",
    };
    Failure::new(Code::UpstreamUnreachable, format!("{} {what}.", named(target)))
}

fn exchange_failure(target: &Target, error: &Error) -> Failure {
    match error.etype() {
        ErrorType::ReadTimedout => timed_out(target),
        ErrorType::InvalidHTTPHeader => {
            Failure::new(Code::UpstreamBadAnswer, format!("{} did not answer in HTTP.", named(target)))
        }
        ErrorType::WriteTimedout => Failure::new(
            Code::UpstreamTimeout,
            format!("{} did not take the request in time.", named(target)),
        ),
        _ => Failure::new(
            Code::UpstreamUnreachable,
            format!("{} closed the connection before it answered.", named(target)),
        ),
    }
}

fn timed_out(target: &Target) -> Failure {
    Failure::new(Code::UpstreamTimeout, format!("{} did not begin to answer in time.", named(target)))
}

fn was_stale(error: &Error) -> bool {
    matches!(error.etype(), ErrorType::ConnectionClosed | ErrorType::ReadError | ErrorType::WriteError)
}

/// `The provider 'openai' (deployment 'gpt-4o eu')`.
pub(crate) fn named(target: &Target) -> String {
    format!("The provider '{}' (deployment '{}')", target.deployment.provider.name, target.deployment.name)
}
