//! The client's side of a call: is it still there, and what it is sent.

use std::time::Duration;

use bytes::Bytes;
use http::{Version, header};
use pingora_core::{Error, ErrorType};
use pingora_http::RequestHeader;
use pingora_proxy::Session;

use crate::config::Limits;

/// After an early refusal, the rest of the body is read away for so long: a connection that is closed with bytes
/// unread is reset, and the client may never see why it was refused.
const LINGER: Duration = Duration::from_secs(3);

/// HTTP/1.1 demands that a request names its host (RFC 9112, 3.2); HTTP/1.0 does not, and HTTP/2 has its own place for it.
pub(crate) fn lacks_host(request: &RequestHeader) -> bool {
    request.version == Version::HTTP_11 && !request.headers.contains_key(header::HOST)
}

/// Returns when the client has gone: it closed its connection, or half of it. A client that closes its sending side
/// while it waits is taken as leaving (no OpenAI client does that to go on reading), because for most clients that
/// are killed this is the only sign there is, and the provider's work costs money.
pub(crate) async fn gone(session: &mut Session) {
    if session.read_body_or_idle(true).await.is_ok() {
        // Bytes of the next request, kept for later: this client is still there.
        std::future::pending::<()>().await;
    }
}

/// The next piece of the request's body. How long one may be awaited pingora bounds itself on HTTP/1.1, and not at all on
/// HTTP/2.
pub(crate) async fn next_piece(
    session: &mut Session,
    limits: &Limits,
) -> pingora_core::Result<Option<Bytes>> {
    if !session.is_http2() {
        return session.read_request_body().await;
    }
    match pingora_timeout::timeout(limits.body_read_timeout, session.read_request_body()).await {
        Ok(read) => read,
        Err(_) => Error::e_explain(ErrorType::ReadTimedout, "no piece of the body came"),
    }
}

/// Reads away what a refused client is still sending. One that waits for `100 Continue` sends nothing.
pub(crate) async fn linger(session: &mut Session) {
    if session.is_body_done() || session.req_header().headers.contains_key(header::EXPECT) {
        return;
    }
    // Whether it worked or not, the connection is closed next.
    let _ = tokio::time::timeout(LINGER, session.drain_request_body()).await;
}
