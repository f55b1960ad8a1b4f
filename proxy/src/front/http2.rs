//! HTTP/2 over one connection: pingora's sessions behind an accept loop of the gateway's own, because what many streams
//! share has to be bounded where they meet.
//!
//! - A client gets so long for its first words, and a connection without a call is closed after a while, whatever frames
//!   it sends meanwhile.
//! - Streams that a client resets do not count for the protocol any more, but their calls may still be ending: a
//!   connection with more of those than it could have streams is told to calm down (CVE-2023-44487).
//! - All connections together may have so many streams; one too many is told, or refused in the way that says that
//!   nothing of it was looked at.
//! - A stream holds its place until what it wrote has left ([`Wire`]), not until it has been written down.

#[cfg(test)]
mod floods;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use h2::Reason;
use pingora_core::apps::HttpServerApp;
use pingora_core::protocols::http::ServerSession;
use pingora_core::protocols::http::v2::server::{self, H2Accept, H2Options, HttpSession, default_h2_options};
use pingora_core::protocols::{Digest, Stream};
use pingora_core::server::ShutdownWatch;
use tokio::sync::Notify;

use super::waiting::Waiter;
use super::wire::{Pace, Watched, Wire};
use super::{Bounded, Doors, dismissed};
use crate::access_log::connection::Nothing;
use crate::addresses::{Of, Share};
use crate::config::Limits;
use crate::metrics::Cut;
use crate::room::{Place, Scarce};
use crate::shared::Shared;

/// Calls that one connection may have open: an agent framework sends all of its calls over one.
const STREAMS: u32 = 256;
/// Calls of one connection that are open or still ending after their client has reset them.
const ENDING: usize = 2 * STREAMS as usize;
/// What one stream may have written that its client has not taken: h2's own 400 KB, from each of its streams, would let
/// one deaf client hold 100 MB.
const UNTAKEN_BYTES: usize = 32 << 10;
/// Requests that are malformed in ways only an attacker's are.
const MALFORMED: usize = 32;

/// What became of a connection, for the access log.
pub(crate) enum Came {
    ToCalls,
    ToNothing(Nothing),
}

pub(crate) fn options(limits: &Limits) -> H2Options {
    let mut options = default_h2_options();
    options.max_concurrent_streams(STREAMS);
    options.max_header_list_size(u32::try_from(limits.headers_max_bytes).unwrap_or(u32::MAX));
    options.max_send_buffer_size(UNTAKEN_BYTES);
    options
}

/// The calls of one connection.
#[derive(Default)]
struct Calls {
    open: AtomicUsize,
    none_left: Notify,
}

/// One of them, until dropped.
struct Open(Arc<Calls>);

impl Calls {
    fn begin(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    /// Returns when there has been none for so long, or when there is none and the connection is to make way for
    /// another. Begun anew with each call.
    async fn idle(&self, time: Duration, app: &Bounded) -> Idle {
        while self.open.load(Ordering::Relaxed) > 0 {
            self.none_left.notified().await;
        }
        let waiter = app.wait();
        let dismissal = waiter.as_ref().map(Waiter::dismissal);
        tokio::select! {
            () = tokio::time::sleep(time) => Idle::ForLong,
            () = dismissed(dismissal.as_ref()) => Idle::InTheWay,
        }
    }
}

enum Idle {
    ForLong,
    InTheWay,
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.none_left.notify_one();
        }
    }
}

/// Serves the connection to its end. `app`: what its calls are given to.
pub(crate) async fn serve(
    doors: &Doors,
    app: &Arc<Bounded>,
    stream: Stream,
    shutdown: &ShutdownWatch,
) -> Came {
    let limits = &doors.shared.limits;
    let digest = Arc::new(Digest {
        ssl_digest: stream.get_ssl_digest(),
        timing_digest: stream.get_timing_digest(),
        proxy_digest: stream.get_proxy_digest(),
        socket_digest: stream.get_socket_digest(),
    });
    let pace = Pace { patience: limits.client_write_timeout, min_bytes_per_s: limits.body_min_bytes_per_s };
    let (stream, wire) = Watched::new(stream, pace);
    let greeted = server::handshake(Box::new(stream), Some(options(limits)));
    let mut connection = match tokio::time::timeout(limits.header_timeout, greeted).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(_)) => return Came::ToNothing(Nothing::NoRequest),
        Err(_) => return Came::ToNothing(Nothing::HeaderTimeout),
    };
    let source = digest.socket_digest.as_ref().and_then(|socket| Some(socket.peer_addr()?.as_inet()?.ip()));
    let calls = Arc::new(Calls::default());
    let (mut malformed, mut came) = (0, Came::ToNothing(Nothing::NoRequest));
    let mut shutdown_seen = false;
    let mut told = shutdown.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = told.wait_for(|stops| *stops), if !shutdown_seen => {
                // GOAWAY: calls that run go on to their end, and those that come until the client has read it too.
                connection.graceful_shutdown();
                shutdown_seen = true;
                continue;
            }
            accepted = HttpSession::from_h2_conn(&mut connection, Arc::clone(&digest)) => accepted,
            idle = calls.idle(limits.keepalive_timeout, app) => {
                if let (Idle::InTheWay, Came::ToNothing(why)) = (idle, &mut came) {
                    *why = Nothing::MadeWay;
                }
                break;
            }
        };
        match accepted {
            // It was answered; the connection goes on, but not for ever.
            Ok(Some(H2Accept::Rejected)) => malformed += 1,
            Ok(Some(H2Accept::Session(session))) => {
                came = Came::ToCalls;
                let open = calls.begin();
                pass_on(doors, (app, source), session, &wire, open, shutdown);
            }
            Ok(None) | Err(_) => break,
        }
        if malformed >= MALFORMED || calls.open.load(Ordering::Relaxed) > ENDING {
            doors.shared.metrics.door.cut(Cut::Flood);
            connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
            // Its last word is sent, if its client takes it.
            let last = HttpSession::from_h2_conn(&mut connection, digest);
            let _ = tokio::time::timeout(LAST_WORD, last).await;
            break;
        }
    }
    if wire.was_cut() {
        doors.shared.metrics.door.cut(Cut::Deaf);
    }
    came
}

const LAST_WORD: Duration = Duration::from_secs(1);

/// What a stream holds: a place of all, and one of its address's share where that is bounded.
type Hold = (Place, Option<Share>);

/// A place for the stream; or whose it is to say that there is none, with a place to be told in if there is one.
fn place(doors: &Doors, source: Option<IpAddr>) -> Result<Hold, (&Arc<Bounded>, Option<Hold>)> {
    let Shared { room, addresses, metrics, .. } = &*doors.shared;
    let Ok(share) = addresses.take(Of::Requests, source) else {
        metrics.count_scarce(Scarce::AddressRequests);
        let share = addresses.take(Of::Told, source);
        return Err((&doors.crowded, share.ok().and_then(|share| Some((room.told.take()?, share)))));
    };
    match room.streams.take() {
        Some(place) => Ok((place, share)),
        None => {
            metrics.count_scarce(Scarce::Streams);
            Err((&doors.spare, room.told.take().map(|place| (place, None))))
        }
    }
}

/// A task for the call, with a place for as long as it holds anything.
fn pass_on(
    doors: &Doors,
    (app, source): (&Arc<Bounded>, Option<IpAddr>),
    session: HttpSession,
    wire: &Arc<Wire>,
    open: Open,
    shutdown: &ShutdownWatch,
) {
    let mut session = ServerSession::new_http2(session);
    let (app, place) = match place(doors, source) {
        Ok(place) => (Arc::clone(app), place),
        Err((told_by, Some(place))) => (Arc::clone(told_by), place),
        Err((_, None)) => {
            // Nothing of it was looked at: the client may send it again.
            session.shutdown_with_reason(Reason::REFUSED_STREAM);
            return;
        }
    };
    let (wire, shutdown) = (Arc::clone(wire), shutdown.clone());
    tokio::spawn(async move {
        let _open = open;
        app.process_new_http(session, &shutdown).await;
        wire.until_taken().await;
        drop(place);
    });
}
