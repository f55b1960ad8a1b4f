//! The shell: pingora hands every request to this. Model calls run in our own phases and never reach pingora's own
//! proxying, which could neither wait for the body before it chooses nor try again with a large one. Everything else
//! (the management API, WebSockets, the UI) takes the stock pipeline.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_core::{Error, ErrorSource, ErrorType};
use pingora_http::RequestHeader;
use pingora_proxy::{FailToProxy, ProxyHttp, ProxyWarnLogContext, Session};

use crate::access_log::{self, request::Asked};
use crate::addresses::{Client, Full, Of, Share};
use crate::api_upstream::{self, ApiUpstream};
use crate::call::Call;
use crate::client;
use crate::endpoint::{self, Destination, Gateway};
use crate::front::progress::{self, Progress};
use crate::health;
use crate::identity::infer;
use crate::metering;
use crate::phases::record::{self, Ending};
use crate::phases::{self, Stop, reply};
use crate::room::{Place, Scarce};
use crate::shared::Shared;

/// How long a request waits for a management API that was there a moment ago, and how often it looks.
const API_RETRY_FOR: Duration = Duration::from_secs(5);
const API_RETRY_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct FrontDoor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) api: ApiUpstream,
    /// Its connections are beyond a bound: whoever comes is only told so.
    pub(crate) turns_away: Option<Scarce>,
}

/// What is known of a request beside its session.
#[derive(Default)]
pub(crate) struct Context {
    client: Option<Client>,
    /// What it takes of the share of its address.
    share: Option<Share>,
    /// Bytes of a request body on its way to the management API.
    to_api_bytes: usize,
    /// One of the requests there may be at once to the management API.
    to_api: Option<Place>,
    /// Since when the API refuses connections.
    api_lost: Option<Instant>,
    /// What the access log is to say of it; `None`: nothing, or it is a call, which has its own line.
    asked: Option<Asked>,
    /// It is a WebSocket, and counts as one for as long as this is held.
    socket: Option<Counted>,
}

/// One of the WebSockets that are open, until dropped.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.web_sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl ProxyHttp for FrontDoor {
    type CTX = Context;

    fn new_ctx(&self) -> Context {
        Context::default()
    }

    fn init_downstream_modules(&self, _modules: &mut pingora_core::modules::http::HttpModules) {
        // None: the answer's bytes are the provider's.
    }

    fn on_connection_reuse(
        &self,
        _session: &mut Session,
        _ctx: &mut Context,
        carried: Box<dyn std::any::Any + Send + Sync>,
    ) {
        if let Ok(progress) = carried.downcast::<Progress>() {
            progress.complete_header();
        }
    }

    fn persist_connection_context(
        &self,
        _session: &Session,
        _ctx: &Context,
    ) -> Option<Box<dyn std::any::Any + Send + Sync>> {
        Some(Box::new(crate::front::Reused))
    }

    async fn request_filter(&self, session: &mut Session, ctx: &mut Context) -> pingora_core::Result<bool> {
        self.bound(session);
        let method = session.req_header().method.clone();
        let path = session.req_header().uri.path().to_owned();
        let destination = endpoint::destination(&method, &path);
        ctx.client = self.shared.addresses.client(session);
        ctx.asked = self.asked(&destination, ctx.client);
        if !matches!(destination, Destination::Gateway(_)) && client::lacks_host(session.req_header()) {
            return api_upstream::send_hostless(session).await.map(|()| true);
        }
        match destination {
            Destination::Gateway(gateway) => self.call(session, &gateway, ctx).await.map(|()| true),
            Destination::Health => health::alive(session).await.map(|()| true),
            Destination::Ready => health::ready(&self.shared, session).await.map(|()| true),
            Destination::Metrics => health::metrics(&self.shared, session).await.map(|()| true),
            Destination::Api => self.let_to_api(session, ctx).await,
        }
    }

    async fn upstream_peer(
        &self,
        session: &mut Session,
        ctx: &mut Context,
    ) -> pingora_core::Result<Box<HttpPeer>> {
        if ctx.api_lost.is_some() {
            tokio::time::sleep(API_RETRY_EVERY).await;
        }
        self.api.peer(session).await
    }

    /// While the management API is restarted its requests wait for it: nothing of them has been sent.
    fn fail_to_connect(
        &self,
        _session: &mut Session,
        _peer: &HttpPeer,
        ctx: &mut Context,
        mut error: Box<Error>,
    ) -> Box<Error> {
        let lost = *ctx.api_lost.get_or_insert_with(Instant::now);
        error.set_retry(self.shared.api_was_just_there() && lost.elapsed() < API_RETRY_FOR);
        error
    }

    async fn upstream_request_filter(
        &self,
        session: &mut Session,
        request: &mut RequestHeader,
        ctx: &mut Context,
    ) -> pingora_core::Result<()> {
        self.api.prepare(session, request, ctx.client.map(|client| client.address))
    }

    async fn request_body_filter(
        &self,
        _session: &mut Session,
        body: &mut Option<Bytes>,
        end: bool,
        ctx: &mut Context,
    ) -> pingora_core::Result<()> {
        let bytes = body.as_ref().map_or(0, Bytes::len);
        progress::body_came(bytes, end);
        ctx.to_api_bytes += bytes;
        if ctx.to_api_bytes > self.shared.limits.body_max_bytes {
            return Error::e_explain(ErrorType::HTTPStatus(413), "request body too large");
        }
        Ok(())
    }

    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, _ctx: &mut Context) -> FailToProxy {
        self.api.failed(session, error).await
    }

    async fn logging(&self, session: &mut Session, error: Option<&Error>, ctx: &mut Context) {
        if let Some(asked) = &ctx.asked {
            access_log::request::note(&self.shared.access_log, asked, session, error);
        }
    }

    fn suppress_proxy_warn_log(
        &self,
        _session: &Session,
        _ctx: &Context,
        _error: &Error,
        context: ProxyWarnLogContext,
    ) -> bool {
        // A request that waits for the management API to come back: ten lines a second that say the same.
        context == ProxyWarnLogContext::UpstreamRetry
    }

    fn suppress_error_log(&self, _session: &Session, _ctx: &Context, error: &Error) -> bool {
        // A client that left, and a stream that was cut, are in the records.
        *error.esource() == ErrorSource::Downstream
    }
}

impl FrontDoor {
    /// The bounds pingora leaves open.
    fn bound(&self, session: &mut Session) {
        let limits = &self.shared.limits;
        session.set_read_timeout(Some(limits.body_read_timeout));
        session.set_write_timeout(Some(limits.client_write_timeout));
        session.set_total_drain_timeout(Some(limits.header_timeout));
        // The next request of a client that does not wait for its answer is kept, not taken for nonsense.
        session.set_pipelining_enabled(true);
        let is_tight = self.turns_away.is_some() || self.shared.room.connections.is_tight();
        if is_tight || self.shared.draining.load(Ordering::Relaxed) {
            session.set_keepalive(None);
        } else if session.get_keepalive().is_some() {
            session.set_keepalive(Some(limits.keepalive_timeout.as_secs().max(1)));
        }
    }

    fn asked(&self, destination: &Destination<'_>, client: Option<Client>) -> Option<Asked> {
        let to = match destination {
            Destination::Gateway(_) => return None,
            Destination::Health => "health",
            Destination::Ready => "ready",
            Destination::Metrics => "metrics",
            Destination::Api => "api",
        };
        let started_at_us = || self.shared.clock.now_us();
        let is_wanted = self.shared.access_log.is_of_everything();
        is_wanted.then(|| Asked {
            started: Instant::now(),
            started_at_us: started_at_us(),
            to,
            source: client.map(|client| client.address),
        })
    }

    /// `true`: it was answered here, because there is no room for it.
    async fn let_to_api(&self, session: &mut Session, ctx: &mut Context) -> pingora_core::Result<bool> {
        let scarce = match self.place_to_api(ctx) {
            Ok(place) => {
                ctx.to_api = Some(place);
                self.on_its_way(session, ctx);
                return Ok(false);
            }
            Err(scarce) => scarce,
        };
        self.shared.metrics.count_scarce(scarce);
        api_upstream::send_overloaded(session, scarce).await?;
        client::linger(session).await;
        Ok(true)
    }

    fn on_its_way(&self, session: &mut Session, ctx: &mut Context) {
        if session.is_upgrade_req() {
            self.shared.web_sockets.fetch_add(1, Ordering::Relaxed);
            ctx.socket = Some(Counted(Arc::clone(&self.shared)));
        } else if !session.as_mut().is_body_done() {
            progress::body_begins();
        }
    }

    /// One of the places there are for requests to the API, and of those its address may have.
    fn place_to_api(&self, ctx: &mut Context) -> Result<Place, Scarce> {
        if let Some(scarce) = self.turns_away {
            return Err(scarce);
        }
        let address = ctx.client.map(|client| client.address);
        let share = self.shared.addresses.take(Of::ApiRequests, address);
        ctx.share = share.map_err(|Full| Scarce::AddressApiRequests)?;
        self.shared.room.api_requests.take().ok_or(Scarce::ApiRequests)
    }

    /// What keeps a call out before anything of it is looked at. Behind a trusted proxy connections are not the client's
    /// own: its calls are counted in their stead.
    fn keeps_out(&self, ctx: &mut Context) -> Option<Scarce> {
        if self.turns_away.is_some() {
            return self.turns_away;
        }
        let client = ctx.client.filter(|client| client.is_named)?;
        match self.shared.addresses.take(Of::Requests, Some(client.address)) {
            Ok(share) => {
                ctx.share = share;
                None
            }
            Err(Full) => Some(Scarce::AddressRequests),
        }
    }

    async fn call(
        &self,
        session: &mut Session,
        gateway: &Gateway<'_>,
        ctx: &mut Context,
    ) -> pingora_core::Result<()> {
        let source = ctx.client.map(|client| client.address);
        let turned_away = self.keeps_out(ctx);
        let mut call = Call::new(Arc::clone(&self.shared), gateway, source);
        call.connection = infer::connection(session.client_addr().and_then(|address| address.as_inet()));
        let stop = match phases::run(&mut call, session, gateway, turned_away).await {
            Ok(()) => return Ok(()),
            Err(stop) => stop,
        };
        phases::identify::late(&mut call, &session.req_header().headers);
        match stop {
            Stop::Refused(refusal) => {
                // A sentence: who does not take that has no use for it, and nobody may have asked who it is.
                session.set_write_timeout(Some(self.shared.limits.header_timeout));
                reply::refusal(&mut call, session, &refusal).await?;
                client::linger(session).await;
                Ok(())
            }
            Stop::UpstreamFailed(failure) => reply::upstream_failed(&mut call, session, &failure).await,
            Stop::Cut => Error::e_explain(ErrorType::WriteError, "the stream was cut by its provider")
                .map_err(Error::into_down),
            Stop::Ended(why) => {
                let answer = metering::unanswered(&call).await;
                // Its client is told whether there was room for the record or not; the spool counts it.
                let _ = record::write(&mut call, &Ending::failed(&why, answer));
                reply::refusal(&mut call, session, &why).await
            }
            Stop::ClientGone => {
                if !call.is_recorded() {
                    let answer = metering::unanswered(&call).await;
                    // Nobody is left to be told that there was no room; the spool counts it.
                    let _ = record::write(&mut call, &Ending::client_gone(answer));
                }
                Error::e_explain(ErrorType::ConnectionClosed, "the client went away")
                    .map_err(Error::into_down)
            }
        }
    }
}
