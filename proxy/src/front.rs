//! The front door's connections: a bound on how many there are, and one on the time a request header may take, which
//! pingora itself restarts with every byte. HTTP/1.1 in clear; HTTP/2 ([`http2`]) comes with TLS ([`tls`]), where the
//! protocol is negotiated and not guessed.

pub(crate) mod handshake;
pub(crate) mod http2;
pub(crate) mod progress;
pub(crate) mod tls;
pub(crate) mod waiting;
pub(crate) mod wire;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora_core::apps::{HttpServerApp, ReusedHttpStream, ServerApp};
use pingora_core::listeners::tls::Acceptor;
use pingora_core::protocols::http::ServerSession;
use pingora_core::protocols::{ALPN, Stream};
use pingora_core::server::ShutdownWatch;
use pingora_proxy::HttpProxy;
use tokio::sync::Notify;

use crate::access_log::connection::{self, Nothing};
use crate::addresses::Of;
use crate::config::Limits;
use crate::gateway::FrontDoor;
use crate::metrics::Cut;
use crate::room::Scarce;
use crate::shared::Shared;
use handshake::NoHandshake;
use http2::Came;
use progress::Progress;
use waiting::Waiter;

/// Carried over on a connection that is used again.
pub(crate) struct Reused;

/// pingora's proxy with a bound on the time of the header, and on that of a body which is passed on while it comes.
pub(crate) struct Bounded {
    shared: Arc<Shared>,
    inner: Arc<HttpProxy<FrontDoor>>,
    first_header: Duration,
    next_header: Duration,
    /// Its connections are beyond the bound: there is no place that one of them could leave to another.
    is_spare: bool,
}

/// The way into the gateway: connections up to the bound, and up to that of their address; some more that are only told
/// that there is no room, and none beyond.
pub(crate) struct Doors {
    pub(crate) shared: Arc<Shared>,
    pub(crate) main: Arc<Bounded>,
    pub(crate) spare: Arc<Bounded>,
    /// For those of an address that has too many.
    pub(crate) crowded: Arc<Bounded>,
    /// TLS is spoken here.
    pub(crate) tls: Option<Arc<Acceptor>>,
}

impl Doors {
    /// A connection too many of its address. A handshake of TLS would cost more than it is to get.
    async fn turn_away(
        &self,
        stream: Stream,
        source: Option<IpAddr>,
        shutdown: &ShutdownWatch,
    ) -> Option<Stream> {
        if self.tls.is_none()
            && let Ok(_share) = self.shared.addresses.take(Of::Told, source)
            && let Some(_place) = self.shared.room.told.take()
        {
            return self.crowded.process_new(stream, shutdown).await;
        }
        self.shared.metrics.count_scarce(Scarce::AddressConnections);
        connection::note(&self.shared, source, Nothing::AddressRefused, None, Duration::ZERO);
        None
    }

    /// A connection that has its place.
    async fn serve(&self, app: &Arc<Bounded>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let Some(acceptor) = &self.tls else { return app.process_new(stream, shutdown).await };
        let (source, since) = (source(&stream), Instant::now());
        let nothing = |what, detail| {
            connection::note(&self.shared, source, what, detail, since.elapsed());
            None
        };
        let waiter = app.wait();
        let dismissal = waiter.as_ref().map(Waiter::dismissal);
        let shaken = tokio::select! {
            shaken = handshake::shake(acceptor, stream, app.first_header) => shaken,
            () = dismissed(dismissal.as_ref()) => return nothing(Nothing::MadeWay, None),
        };
        drop(waiter);
        let stream = match shaken {
            Ok(stream) => stream,
            Err(NoHandshake::TooLate) => return nothing(Nothing::HandshakeTimeout, None),
            Err(NoHandshake::Failed(why)) => return nothing(Nothing::HandshakeFailed, Some(why)),
        };
        if !matches!(stream.selected_alpn_proto(), Some(ALPN::H2)) {
            return app.process_new(stream, shutdown).await;
        }
        match http2::serve(self, app, stream, shutdown).await {
            Came::ToCalls => None,
            Came::ToNothing(why) => nothing(why, None),
        }
    }
}

/// Returns when the connection is to make way for another.
async fn dismissed(dismissal: Option<&Arc<Notify>>) {
    match dismissal {
        Some(dismissal) => dismissal.notified().await,
        None => std::future::pending().await,
    }
}

fn source(stream: &Stream) -> Option<IpAddr> {
    let digest = stream.get_socket_digest()?;
    Some(digest.peer_addr()?.as_inet()?.ip().to_canonical())
}

#[async_trait]
impl ServerApp for Doors {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let (room, source) = (&self.shared.room, source(&stream));
        let Ok(_share) = self.shared.addresses.take(Of::Connections, source) else {
            return self.turn_away(stream, source, shutdown).await;
        };
        if let Some(_place) = room.connect() {
            return self.serve(&self.main, stream, shutdown).await;
        }
        if let Some(_place) = room.told.take() {
            return self.serve(&self.spare, stream, shutdown).await;
        }
        // Dropping the stream closes the connection.
        self.shared.metrics.count_scarce(Scarce::Connections);
        connection::note(&self.shared, source, Nothing::Refused, None, Duration::ZERO);
        None
    }

    /// Nothing is accepted any more. Whoever has a connection may send one more request on it; it is answered, and told
    /// that the connection closes.
    async fn cleanup(&self) {
        self.shared.closing.cancelled().await;
        self.main.cleanup().await;
        self.spare.cleanup().await;
        self.crowded.cleanup().await;
    }
}

impl Bounded {
    pub(crate) fn new(
        shared: Arc<Shared>,
        inner: HttpProxy<FrontDoor>,
        limits: &Limits,
        is_spare: bool,
    ) -> Self {
        Self {
            is_spare,
            shared,
            inner: Arc::new(inner),
            first_header: limits.header_timeout,
            next_header: limits.keepalive_timeout,
        }
    }

    /// A connection waits for a request.
    fn wait(&self) -> Option<Waiter> {
        if self.is_spare { None } else { self.shared.room.wait() }
    }

    /// `untold`: the first request of a connection, which may come to nothing.
    async fn follow(
        &self,
        work: impl Future<Output = Option<ReusedHttpStream>>,
        progress: &Progress,
        header_within: Duration,
        untold: Option<(Option<IpAddr>, Instant)>,
    ) -> Option<ReusedHttpStream> {
        let came_to = |what| {
            if let Some((source, since)) = untold {
                connection::note(&self.shared, source, what, None, since.elapsed());
            }
        };
        let (begun, limits) = (Instant::now(), &self.shared.limits);
        let mut work = std::pin::pin!(work);
        let mut within = header_within;
        let waiter = if progress.header_is_complete() { None } else { self.wait() };
        let dismissal = waiter.map(|waiter| progress.waits(waiter));
        loop {
            let waits = !progress.header_is_complete();
            let turn = tokio::select! {
                biased;
                turn = pingora_timeout::timeout(within, &mut work) => turn,
                () = dismissed(dismissal.as_ref()), if waits => {
                    if progress.header_is_complete() {
                        continue;
                    }
                    came_to(Nothing::MadeWay);
                    return None;
                }
            };
            match turn {
                Ok(reused) => {
                    if !progress.header_is_complete() {
                        came_to(Nothing::NoRequest);
                    }
                    return reused;
                }
                // Dropping the work closes the connection, or resets the stream.
                Err(_) if !progress.header_is_complete() => {
                    came_to(Nothing::HeaderTimeout);
                    return None;
                }
                Err(_) if progress.is_too_slow(begun.elapsed(), limits) => {
                    self.shared.metrics.door.cut(Cut::SlowBody);
                    return None;
                }
                Err(_) => within = limits.body_grace,
            }
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
        let progress = Progress::default();
        // A kept connection that is closed, idle, came to something before.
        let mut untold = None;
        if session.is_http2() {
            // A stream of HTTP/2 comes here with its header.
            progress.complete_header();
        } else if !used_before {
            let source =
                session.client_addr().and_then(|address| Some(address.as_inet()?.ip().to_canonical()));
            untold = Some((source, Instant::now()));
        }
        session.set_connection_user_context(Some(Box::new(progress.clone())));
        let work = progress.of(self.inner.process_new_http(session, shutdown));
        self.follow(work, &progress, limit, untold).await
    }

    async fn http_cleanup(&self) {
        self.inner.http_cleanup().await;
    }
}
