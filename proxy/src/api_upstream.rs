//! The management API behind the front door: REST, WebSockets and the UI's files, over pingora's own pipeline.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};
use pingora_core::protocols::ALPN;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_core::{Error, ErrorSource, ErrorType, OrErr};
use pingora_http::{RequestHeader, ResponseHeader};
use pingora_proxy::{FailToProxy, Session};

use aop_service::internal;
use aop_service::secret::Secret;

use crate::error::StartError;
use crate::room::Scarce;
use crate::upstream::headers;

const CONNECT: Duration = Duration::from_secs(2);
/// Longest silence of a stream of events or a WebSocket; the API pings more often.
const SILENCE: Duration = Duration::from_secs(120);

pub(crate) struct ApiUpstream {
    host: String,
    port: u16,
    authority: HeaderValue,
    /// Shows the API that what we say about the client is true.
    internal_token: HeaderValue,
}

impl ApiUpstream {
    /// `url`: `http://host:port`, one of our own parts.
    pub(crate) fn new(url: &str, internal_token: &Secret) -> Result<Self, StartError> {
        let bad = || StartError::BadUrl { what: "management API", url: url.to_owned() };
        let uri: http::Uri = url.parse().map_err(|_| bad())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(bad)?;
        let mut internal_token = HeaderValue::from_str(internal_token.expose()).map_err(|_| bad())?;
        internal_token.set_sensitive(true);
        Ok(Self {
            internal_token,
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| bad())?,
        })
    }

    pub(crate) async fn address(&self) -> std::io::Result<SocketAddr> {
        let mut addresses = tokio::net::lookup_host((self.host.as_str(), self.port)).await?;
        addresses.next().ok_or_else(|| std::io::Error::other("the management API's name has no address"))
    }

    pub(crate) async fn peer(&self, session: &Session) -> pingora_core::Result<Box<HttpPeer>> {
        let address = self.address().await.or_err(ErrorType::ConnectError, "resolving the management API")?;
        let mut peer = Box::new(HttpPeer::new(address, false, String::new()));
        peer.options.alpn = ALPN::H1;
        peer.options.connection_timeout = Some(CONNECT);
        peer.options.total_connection_timeout = Some(CONNECT);
        peer.options.write_timeout = Some(Duration::from_secs(30));
        peer.options.idle_timeout = Some(Duration::from_secs(60));
        // A WebSocket may be silent for as long as both sides like; its ends ping each other.
        peer.options.read_timeout = if session.is_upgrade_req() { None } else { Some(SILENCE) };
        Ok(peer)
    }

    /// The request as the API sees it: whom it came from, and nothing that only parts of AOP may say.
    pub(crate) fn prepare(
        &self,
        session: &Session,
        request: &mut RequestHeader,
        source: Option<IpAddr>,
    ) -> pingora_core::Result<()> {
        headers::strip_internal(request);
        if let Some(source) = source {
            request.insert_header("x-forwarded-for", source.to_string())?;
            request.insert_header(internal::HEADER, self.internal_token.clone())?;
        }
        let host = asked_host(session).unwrap_or_else(|| self.authority.clone());
        request.insert_header(header::HOST, host.clone())?;
        request.insert_header("x-forwarded-host", host)?;
        let is_tls = session.digest().is_some_and(|digest| digest.ssl_digest.is_some());
        request.insert_header("x-forwarded-proto", if is_tls { "https" } else { "http" })?;
        Ok(())
    }

    /// Answers when the API cannot: a problem document (RFC 9457), as the API itself would send.
    pub(crate) async fn failed(&self, session: &mut Session, error: &Error) -> FailToProxy {
        let status = match (error.etype(), error.esource()) {
            (ErrorType::HTTPStatus(status), _) => *status,
            (ErrorType::ReadTimedout, ErrorSource::Upstream) => 504,
            (_, ErrorSource::Upstream) => 503,
            (
                ErrorType::WriteError | ErrorType::ReadError | ErrorType::ConnectionClosed,
                ErrorSource::Downstream,
            ) => 0,
            (_, ErrorSource::Downstream) => 400,
            _ => 503,
        };
        // A model call that was cut has been answered already.
        if status > 0 && session.response_written().is_none() && send_problem(session, status).await.is_err()
        {
            tracing::debug!("the client had left before it could be told");
        }
        FailToProxy { error_code: status, can_reuse_downstream: false }
    }
}

/// The host the client asked for; in HTTP/2 it stands in the request's address.
fn asked_host(session: &Session) -> Option<HeaderValue> {
    let request = session.req_header();
    let authority = || request.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    request.headers.get(header::HOST).cloned().or_else(authority)
}

/// There are more requests than the front door lets through at once.
pub(crate) async fn send_overloaded(session: &mut Session, scarce: Scarce) -> pingora_core::Result<()> {
    let detail = match scarce {
        Scarce::AddressApiRequests | Scarce::AddressTold => {
            "Too many connections or requests of this address are open at the front door; try again in a moment."
        }
        _ => "The front door has too many requests under way; try again in a moment.",
    };
    send(session, 503, "Overloaded", detail).await
}

/// A request of HTTP/1.1 does not say which host it means.
pub(crate) async fn send_hostless(session: &mut Session) -> pingora_core::Result<()> {
    let detail = "The request has no Host header, which HTTP/1.1 demands; send one.";
    send(session, 400, "Bad request", detail).await
}

async fn send_problem(session: &mut Session, status: u16) -> pingora_core::Result<()> {
    let (title, detail) = match status {
        413 => ("Too large", "The request body is too large; send less."),
        400 => ("Bad request", "The request is not framed as its header says."),
        504 => ("Timeout", "The management API did not answer in time; try again."),
        _ => ("Unavailable", "The management API cannot be reached at the moment; model calls still work."),
    };
    send(session, status, title, detail).await
}

async fn send(session: &mut Session, status: u16, title: &str, detail: &str) -> pingora_core::Result<()> {
    let problem =
        serde_json::json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    let body = Bytes::from(problem.to_string());
    let mut answer = ResponseHeader::build(status, Some(4))?;
    answer.insert_header(header::CONTENT_TYPE, "application/problem+json")?;
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    if status == 503 {
        answer.insert_header(header::RETRY_AFTER, "1")?;
    }
    session.set_keepalive(None);
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body(Some(body), true).await
}
