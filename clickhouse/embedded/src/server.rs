//! The HTTP side: listens, checks the password, and hands each request to a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::auth;
use crate::body::BodyReader;
use crate::config::Config;
use crate::engine::{Engine, Ticket};
use crate::error::{Error, Exception};
use crate::request::Request;
use crate::respond;
use crate::run;

/// Pieces of an answer that wait for the client.
const WAITING_PIECES: usize = 4;
/// How long running statements may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// A server that has its data open and listens.
pub struct Server {
    engine: Arc<Engine>,
    listener: TcpListener,
    address: SocketAddr,
    password: Arc<str>,
}

#[derive(Clone)]
struct Shared {
    engine: Arc<Engine>,
    password: Arc<str>,
}

impl Server {
    /// Opens the data and the port. When this returns, requests are answered as soon as `serve` runs.
    pub async fn start(config: Config) -> Result<Self, Error> {
        if !config.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(config.listen));
        }
        if config.password.is_empty() {
            return Err(Error::NoPassword);
        }
        let failed = |source| Error::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let password = config.password.as_str().into();
        let data_path = config.data_path.clone();
        let engine = tokio::task::spawn_blocking(move || Engine::open(&config))
            .await
            .unwrap_or_else(|_panicked| Err(Error::Data(data_path)))?;
        tracing::info!(%address, "embedded ClickHouse is ready");
        Ok(Self { engine: Arc::new(engine), listener, address, password })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown`, then lets statements end, stops those that do not, and closes the data.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let engine = self.engine;
        let shared = Shared { engine: Arc::clone(&engine), password: self.password };
        let router = Router::new().route("/ping", get(ping)).route("/", any(statement)).with_state(shared);
        let listener = self.listener.tap_io(|stream| {
            // Without it a small answer waits up to 40 ms for the client's delayed acknowledgement.
            let _only_slower = stream.set_nodelay(true);
        });
        let sweeper = tokio::spawn(sweep_sessions(Arc::clone(&engine), shutdown.clone()));
        let serving =
            axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let address = self.address;
        let deadline = async {
            shutdown.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let outcome = tokio::select! {
            outcome = serving.into_future() => outcome.map_err(|source| Error::Listen { address, source }),
            () = deadline => Ok(()),
        };
        sweeper.abort();
        close(engine).await;
        outcome
    }
}

async fn sweep_sessions(engine: Arc<Engine>, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let engine = Arc::clone(&engine);
        let _swept = tokio::task::spawn_blocking(move || engine.sessions.sweep(Instant::now())).await;
    }
}

/// Every request holds one admission while its thread runs, so all of them free means nothing runs.
async fn close(engine: Arc<Engine>) {
    let all = u32::try_from(engine.admitted.available_permits()).unwrap_or(0);
    let killer = Arc::clone(&engine);
    let _killed = tokio::task::spawn_blocking(move || killer.kill_all()).await;
    let total = crate::engine::ADMITTED as u32;
    let running = total - all;
    if running > 0 && tokio::time::timeout(GRACE, engine.admitted.acquire_many(total)).await.is_err() {
        tracing::warn!(running, "statements did not stop in time; the data is safe");
        return;
    }
    let _closed = tokio::task::spawn_blocking(move || engine.close()).await;
}

async fn ping() -> &'static str {
    "Ok.\n"
}

async fn statement(State(shared): State<Shared>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    if !auth::is_allowed(&parts.headers, parts.uri.query(), &shared.password) {
        return respond::failure(&Exception::unauthenticated(), "");
    }
    let engine = shared.engine;
    let Ok(admission) = Arc::clone(&engine.admitted).try_acquire_owned() else {
        return respond::failure(&Exception::busy(), "");
    };
    let mut request = match Request::read(parts, body, engine.limits.statement_bytes).await {
        Ok(request) => request,
        Err(exception) => return respond::failure(&exception, ""),
    };
    let body = BodyReader::of(std::mem::take(&mut request.body));
    let (query_id, outgoing) = (request.query_id.clone(), request.outgoing);
    let (sender, events) = mpsc::channel(WAITING_PIECES);
    let ticket = Ticket::new(Arc::clone(&engine));
    let running = Arc::clone(&ticket.run);
    tokio::task::spawn_blocking(move || {
        let _admission = admission;
        run::run(&engine, request, body, &running, &sender);
    });
    respond::answer(events, ticket, outgoing, &query_id).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::Limits;

    fn config(listen: &str, password: &str) -> Config {
        Config {
            library: "/nowhere/libchdb.so".into(),
            data_path: std::env::temp_dir().join("aop-clickhouse-never-made"),
            listen: listen.parse().unwrap(),
            password: password.to_owned(),
            limits: Limits::default(),
        }
    }

    #[tokio::test]
    async fn it_listens_on_this_machine_only_and_never_without_a_password() {
        let open = Server::start(config("0.0.0.0:0", "x")).await.err();
        assert!(matches!(open, Some(Error::NotLoopback(_))));
        assert!(matches!(Server::start(config("127.0.0.1:0", "")).await.err(), Some(Error::NoPassword)));
    }
}
