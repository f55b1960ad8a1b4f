//! One try at one target: connect, send, and wait for the answer's first byte. Nothing has gone to the client yet, so
//! whatever fails here can be tried elsewhere.

use aop_dialects::Dialect;
use std::time::{Duration, Instant, SystemTime};

use bytes::{BufMut, Bytes, BytesMut};
use futures::FutureExt;
use http::{HeaderName, HeaderValue, Method, header};
use pingora_core::connectors::TransportConnector;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_core::{Error, ErrorType};
use pingora_http::ResponseHeader;
use pingora_timeout::timeout;

use super::connection::{Broken, Connection};
use super::failure::{ErrorAnswer, Failure, Retry, retry_after};
use super::headers;
use super::http1::{Body as Framing, Head};
use super::outgoing::{Coming, Outgoing};
use super::pool::{Place, Pool};
use crate::body::scan;
use crate::call::{Attempt, micros};
use crate::config::Limits;
use crate::older;
use crate::phases::Stop;
use crate::refusal::Code;
use crate::snapshot::Target;
use crate::upload::Incoming;

/// A pooled connection that died unseen costs nothing: so often the same target is called again.
const STALE_TRIES: usize = 3;
/// Of a provider's error, so much is passed on.
const ERROR_MAX_BYTES: usize = 1 << 20;
/// Of what came before a client was seen to have gone, so much is looked at.
const UNREAD_MAX_BYTES: usize = 64 << 10;
/// A body up to this size is copied behind its header, so that both leave from one buffer.
const ONE_BUFFER_BYTES: usize = 16 << 10;

/// How providers are reached: new connections by pingora, old ones from the pool.
pub(crate) struct Providers {
    pub(crate) connector: TransportConnector,
    pub(crate) pool: Pool,
}

/// An answer that has begun.
pub(crate) struct Upstream {
    connection: Connection,
    framing: Framing,
    keeps_alive: bool,
    place: Place,
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
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ReadFault::Timeout);
        }
        let read = timeout(self.idle.min(left), self.connection.body(&mut self.framing)).await;
        read.map_or(Err(ReadFault::Timeout), some_or_end)
    }

    /// What has already come, without waiting and without a timer.
    pub(crate) fn ready(&mut self) -> Option<Result<Option<Bytes>, ReadFault>> {
        self.connection.body(&mut self.framing).now_or_never().map(some_or_end)
    }

    /// What has come and was not looked at, of an answer that nobody waits for any more.
    pub(crate) fn unread(&mut self) -> Bytes {
        let mut all = BytesMut::from(&self.first.take().unwrap_or_default()[..]);
        while all.len() < UNREAD_MAX_BYTES
            && let Some(Ok(Some(chunk))) = self.ready()
        {
            all.extend_from_slice(&chunk);
        }
        all.freeze()
    }

    /// All of the body has come.
    pub(crate) fn is_ended(&self) -> bool {
        self.framing.is_ended()
    }

    /// Gives the connection back to the pool, when the body was read to its end.
    pub(crate) fn release(self, providers: &Providers) {
        if self.keeps_alive && self.framing.is_ended() {
            providers.pool.put(self.place, self.connection, Instant::now(), self.pool_for);
        }
    }
}

fn some_or_end(read: Result<Bytes, Broken>) -> Result<Option<Bytes>, ReadFault> {
    match read {
        Ok(bytes) => Ok((!bytes.is_empty()).then_some(bytes)),
        Err(_) => Err(ReadFault::Cut),
    }
}

/// `incoming`: where the part of the body comes from that is not held.
pub(crate) async fn send(
    providers: &Providers,
    limits: &Limits,
    outgoing: &Outgoing<'_>,
    target: &Target,
    turn: usize,
    attempt: &mut Attempt,
    mut incoming: Option<&mut Incoming<'_>>,
) -> Result<Upstream, Failure> {
    // It stands on the request line: a model's name must not be able to end that.
    if !outgoing.path.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message =
            format!("{} cannot be asked for this model: its name does not fit into a URL.", named(target));
        return Err(Failure::new(Code::UpstreamUnreachable, message));
    }
    let place = place(target, turn).await?;
    let (head, pieces) = request(outgoing, target);
    let first_byte = Duration::from_millis(target.deployment.timeouts.first_byte_ms.into());
    for stale in 1.. {
        let connecting = Instant::now();
        // A body that comes but once is not risked on a connection that may have died unseen.
        let pooled = if incoming.is_some() { None } else { providers.pool.take(&place, connecting) };
        let reused = pooled.is_some();
        let connected = match pooled {
            Some(connection) => Ok(connection),
            // Seldom, and large: it must not make every call's future larger.
            None => Box::pin(connect(&providers.connector, &place, target, limits)).await,
        };
        attempt.record.connect_us += u32::try_from(micros(connecting.elapsed())).unwrap_or(u32::MAX);
        let mut connection = connected.map_err(|error| connect_failure(target, &error))?;
        let mut sent = connection.send(&head, pieces, limits.upstream_write_timeout).await;
        if let (Ok(()), Some(incoming)) = (&sent, incoming.as_deref_mut()) {
            sent = pour(&mut connection, outgoing.coming, incoming, limits).await;
            if incoming.fault.is_some() {
                return Err(Failure::new(Code::ClientGone, "The request did not come whole."));
            }
        }
        // A provider may answer (413, 429) before it has taken the whole body: its answer counts more than the write
        // error, but no other call may follow on this connection.
        let was_sent = sent.is_ok();
        let head = match incoming.as_deref_mut() {
            None => connection.head(first_byte).await,
            Some(incoming) => tokio::select! {
                biased;
                head = connection.head(first_byte) => head,
                () = incoming.client_gone() => {
                    incoming.fault = Some(Stop::ClientGone);
                    return Err(Failure::new(Code::ClientGone, "The client went away."));
                }
            },
        };
        match head {
            Ok(mut head) => {
                head.keeps_alive &= was_sent;
                if *outgoing.method == Method::HEAD {
                    head.body = Framing::Length(0);
                }
                return opened(connection, head, place, target, attempt, limits, outgoing.passes_errors)
                    .await;
            }
            // It died while it waited in the pool.
            Err(Broken::NoAnswer) if reused && stale <= STALE_TRIES => {}
            Err(broken) => return Err(exchange_failure(target, &sent.err().unwrap_or(broken))),
        }
    }
    Err(Failure::new(Code::Internal, "No upstream try was made."))
}

/// Passes the rest of the body on, as it comes.
async fn pour(
    connection: &mut Connection,
    coming: Coming,
    incoming: &mut Incoming<'_>,
    limits: &Limits,
) -> Result<(), Broken> {
    let within = limits.upstream_write_timeout;
    while let Some(piece) = incoming.next().await {
        if coming == Coming::Unknown {
            let size = format!("{:x}\r\n", piece.len());
            connection.send(size.as_bytes(), &[piece, Bytes::from_static(b"\r\n")], within).await?;
        } else {
            connection.send(&piece, &[], within).await?;
        }
    }
    if coming == Coming::Unknown && incoming.fault.is_none() {
        connection.send(b"0\r\n\r\n", &[], within).await?;
    }
    Ok(())
}

async fn place(target: &Target, turn: usize) -> Result<Place, Failure> {
    let connect = Duration::from_millis(target.deployment.timeouts.connect_ms.into());
    let address = timeout(connect, target.address(turn))
        .await
        .map_err(|_| {
            Failure::new(Code::UpstreamUnreachable, format!("{} did not resolve in time.", named(target)))
        })?
        .map_err(|error| {
            Failure::new(Code::UpstreamUnreachable, format!("{} cannot be called: {error}.", named(target)))
        })?;
    Ok(Place { address, tls: target.tls, host: target.host.clone() })
}

async fn connect(
    connector: &TransportConnector,
    place: &Place,
    target: &Target,
    limits: &Limits,
) -> pingora_core::Result<Connection> {
    let within = Duration::from_millis(target.deployment.timeouts.connect_ms.into());
    // An empty SNI would turn certificate verification off: the host is never empty (Target::new).
    let mut peer = HttpPeer::new(place.address, place.tls, place.host.clone());
    peer.options.connection_timeout = Some(within);
    peer.options.total_connection_timeout = Some(within);
    peer.options.write_timeout = Some(limits.upstream_write_timeout);
    peer.options.tcp_keepalive = None;
    connector.new_stream(&peer).await.map(Connection::new)
}

/// The request's head, a small body behind it, and the pieces of a large one.
fn request<'a>(outgoing: &'a Outgoing<'_>, target: &Target) -> (BytesMut, &'a [Bytes]) {
    let body = &outgoing.body;
    let is_small = body.len <= ONE_BUFFER_BYTES;
    let room = 1024 + if is_small { body.len } else { 0 };
    let mut head = BytesMut::with_capacity(room);
    head.put_slice(outgoing.method.as_str().as_bytes());
    head.put_slice(b" ");
    head.put_slice(outgoing.path.as_bytes());
    head.put_slice(b" HTTP/1.1\r\n");
    put_field(&mut head, &header::HOST, &target.authority);
    if let Some(content_type) = &outgoing.content_type {
        put_field(&mut head, &header::CONTENT_TYPE, content_type);
    }
    let has_body = body.len > 0 || !matches!(*outgoing.method, Method::GET | Method::HEAD | Method::DELETE);
    match outgoing.coming {
        Coming::Unknown => {
            put_field(&mut head, &header::TRANSFER_ENCODING, &HeaderValue::from_static("chunked"));
        }
        Coming::Bytes(more) => {
            put_field(&mut head, &header::CONTENT_LENGTH, &HeaderValue::from(body.len as u64 + more));
        }
        Coming::Nothing if has_body => {
            put_field(&mut head, &header::CONTENT_LENGTH, &HeaderValue::from(body.len));
        }
        Coming::Nothing => {}
    }
    // The answer is read on its way: it must not be compressed.
    put_field(&mut head, &header::ACCEPT_ENCODING, &HeaderValue::from_static("identity"));
    let forwarded = || outgoing.forwarded.iter(target.is_simulator, outgoing.is_translated);
    for (name, value) in target.headers.iter().chain(&outgoing.signed) {
        // A default of ours (`anthropic-version`) gives way to what the client says; credentials are never forwarded.
        if !forwarded().any(|(theirs, _)| theirs == name) {
            put_field(&mut head, name, value);
        }
    }
    for (name, value) in forwarded() {
        if outgoing.betas.is_none() || name != older::BETAS {
            put_field(&mut head, name, value);
        }
    }
    if let Some(betas) = outgoing.betas.as_ref().filter(|betas| !betas.is_empty()) {
        put_field(&mut head, &HeaderName::from_static(older::BETAS), betas);
    }
    head.put_slice(b"\r\n");
    if outgoing.coming == Coming::Unknown && body.len > 0 {
        // What is held is the first chunk.
        head.put_slice(format!("{:x}\r\n", body.len).as_bytes());
        body.pieces.iter().for_each(|piece| head.put_slice(piece));
        head.put_slice(b"\r\n");
        return (head, &[]);
    }
    if is_small {
        body.pieces.iter().for_each(|piece| head.put_slice(piece));
        return (head, &[]);
    }
    (head, &body.pieces)
}

/// Neither a name nor a value of these types can hold a line end.
fn put_field(head: &mut BytesMut, name: &HeaderName, value: &HeaderValue) {
    head.put_slice(name.as_str().as_bytes());
    head.put_slice(b": ");
    head.put_slice(value.as_bytes());
    head.put_slice(b"\r\n");
}

/// The header of the answer is here: is it an answer, or an error?
async fn opened(
    connection: Connection,
    head: Head,
    place: Place,
    target: &Target,
    attempt: &mut Attempt,
    limits: &Limits,
    passes_errors: bool,
) -> Result<Upstream, Failure> {
    let timeouts = target.deployment.timeouts;
    let Head { header, body: framing, keeps_alive } = head;
    attempt.record.http_status = u32::from(header.status.as_u16());
    attempt.record.first_byte_us = micros(attempt.started.elapsed());
    let first_byte = Duration::from_millis(timeouts.first_byte_ms.into());
    let mut upstream = Upstream {
        is_event_stream: headers::is_event_stream(&header.headers),
        header,
        connection,
        framing,
        keeps_alive,
        place,
        first: None,
        idle: first_byte,
        deadline: attempt.started + Duration::from_millis(timeouts.total_ms.into()),
        pool_for: limits.upstream_idle_timeout,
    };
    // What is said about the gateway's own credential is not passed on: it could hold a part of it.
    let is_about_us = matches!(upstream.header.status.as_u16(), 401 | 403);
    if !upstream.header.status.is_success() && (is_about_us || !passes_errors) {
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
        _ if says_error(&body, target) => {
            failure.answer = Some(ErrorAnswer { header: upstream.header, body: body.into() })
        }
        _ => {}
    }
    failure
}

/// Is this an error in JSON, as the SDKs expect it? Where every answer is translated, the provider's dialect knows its
/// shape, and the client never sees it.
fn says_error(body: &[u8], target: &Target) -> bool {
    if !scan::is_json(body, 100) {
        return false;
    }
    let clients = [Dialect::Chat, Dialect::Messages, Dialect::Responses];
    if !clients.iter().any(|dialect| target.provider.speaks(*dialect)) {
        return true;
    }
    let mut has_error = false;
    scan::members(body, |key, _| has_error |= scan::key_is(key, "error"));
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

fn exchange_failure(target: &Target, broken: &Broken) -> Failure {
    match broken {
        Broken::Timeout => timed_out(target),
        Broken::NotHttp => {
            Failure::new(Code::UpstreamBadAnswer, format!("{} did not answer in HTTP.", named(target)))
        }
        Broken::WriteTimeout => Failure::new(
            Code::UpstreamTimeout,
            format!("{} did not take the request in time.", named(target)),
        ),
        Broken::NoAnswer | Broken::Cut => Failure::new(
            Code::UpstreamUnreachable,
            format!("{} closed the connection before it answered.", named(target)),
        ),
    }
}

fn timed_out(target: &Target) -> Failure {
    Failure::new(Code::UpstreamTimeout, format!("{} did not begin to answer in time.", named(target)))
}

/// `The provider 'openai' (deployment 'gpt-4o eu')`.
pub(crate) fn named(target: &Target) -> String {
    format!("The provider '{}' (deployment '{}')", target.deployment.provider.name, target.deployment.name)
}
