//! The front door's connections: a bound on how many there are, and one on the time a request header may take, which
//! pingora itself restarts with every byte. HTTP/1.1 in clear; HTTP/2 comes with TLS ([`tls`]), where the protocol is
//! negotiated and not guessed.

pub(crate) mod tls;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora_core::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora_core::protocols::Stream;
use pingora_core::protocols::http::ServerSession;
use pingora_core::protocols::http::v2::server::{H2Options, default_h2_options};
use pingora_core::server::ShutdownWatch;
use pingora_proxy::HttpProxy;

use crate::access_log::connection::{self, Nothing};
use crate::config::Limits;
use crate::gateway::FrontDoor;
use crate::room::Scarce;
use crate::shared::Shared;

/// Set when a request's header is complete.
#[derive(Clone, Default)]
pub(crate) struct HeaderSeen(Arc<AtomicBool>);

impl HeaderSeen {
    pub(crate) fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Carried over on a connection that is used again.
pub(crate) struct Reused;

/// pingora's proxy with a bound on the time of the header.
pub(crate) struct Bounded {
    shared: Arc<Shared>,
    inner: Arc<HttpProxy<FrontDoor>>,
    first_header: Duration,
    next_header: Duration,
    options: HttpServerOptions,
    header_max_bytes: u32,
}

/// The way into the gateway: connections up to the bound, some more that are only told that there is no room, and
/// none beyond.
pub(crate) struct Doors {
    shared: Arc<Shared>,
    main: Arc<Bounded>,
    spare: Arc<Bounded>,
}

impl Doors {
    pub(crate) fn new(shared: Arc<Shared>, main: Bounded, spare: Bounded) -> Self {
        Self { shared, main: Arc::new(main), spare: Arc::new(spare) }
    }
}

#[async_trait]
impl ServerApp for Doors {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let room = &self.shared.room;
        if let Some(_place) = room.connections.take() {
            return self.main.process_new(stream, shutdown).await;
        }
        if let Some(_place) = room.told.take() {
            return self.spare.process_new(stream, shutdown).await;
        }
        // Dropping the stream closes the connection.
        self.shared.metrics.count_scarce(Scarce::Connections);
        if self.shared.access_log.is_of_everything() {
            let digest = stream.get_socket_digest();
            let source = digest.and_then(|digest| Some(digest.peer_addr()?.as_inet()?.ip()));
            let now_us = self.shared.clock.now_us();
            connection::note(&self.shared.access_log, now_us, source, Nothing::Refused, Duration::ZERO);
        }
        None
    }

    /// Nothing is accepted any more. Whoever has a connection may send one more request on it; it is answered, and told
    /// that the connection closes.
    async fn cleanup(&self) {
        self.shared.closing.cancelled().await;
        self.main.cleanup().await;
        self.spare.cleanup().await;
    }
}

/// Calls that one HTTP/2 connection may have open: an agent framework sends all of its calls over one.
const H2_STREAMS: u32 = 256;

impl Bounded {
    pub(crate) fn new(shared: Arc<Shared>, inner: HttpProxy<FrontDoor>, limits: &Limits) -> Self {
        let mut options = HttpServerOptions::default();
        options.h2_idle_timeout = Some(limits.keepalive_timeout);
        Self {
            shared,
            inner: Arc::new(inner),
            first_header: limits.header_timeout,
            next_header: limits.keepalive_timeout,
            options,
            header_max_bytes: u32::try_from(limits.headers_max_bytes).unwrap_or(u32::MAX),
        }
    }
}

impl Bounded {
    fn came_to(&self, untold: Option<(Option<IpAddr>, Instant)>, what: Nothing) {
        if let Some((source, since)) = untold {
            let now_us = self.shared.clock.now_us();
            connection::note(&self.shared.access_log, now_us, source, what, since.elapsed());
        }
    }
}

#[async_trait]
impl HttpServerApp for Bounded {
    async fn process_new_http(
        self: &Arc<Self>,
        mut session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        let used_before =
            session.take_connection_user_context().is_some_and(|carried| carried.is::<Reused>());
        let limit = if used_before { self.next_header } else { self.first_header };
        let seen = HeaderSeen::default();
        if session.is_http2() {
            // A stream of HTTP/2 comes here with its header, and nothing could be carried to mark it later.
            seen.mark();
        }
        session.set_connection_user_context(Some(Box::new(seen.clone())));
        // A kept connection that is closed, idle, came to something before.
        let untold = (!used_before && self.shared.access_log.is_of_everything()).then(|| {
            (session.client_addr().and_then(|address| Some(address.as_inet()?.ip())), Instant::now())
        });
        let mut work = self.inner.process_new_http(session, shutdown);
        match pingora_timeout::timeout(limit, &mut work).await {
            Ok(reused) => {
                if !seen.is_marked() {
                    self.came_to(untold, Nothing::NoRequest);
                }
                reused
            }
            Err(_) if seen.is_marked() => work.await,
            // Dropping the work closes the connection.
            Err(_) => {
                self.came_to(untold, Nothing::HeaderTimeout);
                None
            }
        }
    }

    fn h2_options(&self) -> Option<H2Options> {
        let mut options = default_h2_options();
        options.max_concurrent_streams(H2_STREAMS);
        options.max_header_list_size(self.header_max_bytes);
        Some(options)
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.options)
    }

    async fn http_cleanup(&self) {
        self.inner.http_cleanup().await;
    }
}
