//! The process: connects, serves, and ends in order.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use aop_clickhouse::ClickHouse;
use aop_domain::error_kind::ErrorKind;
use aop_service::clock::Clock;
use aop_service::http_server::{self, Limits};
use aop_service::keys::{KeyDomain, MasterKey};
use aop_service::outbound::{self, OutboundError, Policy};
use aop_service::token::Issuer;
use aop_store::Store;

use crate::auth::cookie::RefreshCookie;
use crate::auth::key_uses::KeyUses;
use crate::auth::password::Passwords;
use crate::auth::throttle::Throttle;
use crate::config::Config;
use crate::etag::Locks;
use crate::hooks;
use crate::live::calls::Collector;
use crate::live::hub::Hub;
use crate::live::runs::RunFeed;
use crate::live::source::LiveSource;
use crate::live::ticket::Tickets;
use crate::metrics::Metrics;
use crate::repricings;
use crate::router::app;
use crate::sso::pending::PendingCookie;
use crate::sso::{ProviderSettings, Providers};
use crate::state::{AppState, Keys, Parts};

/// Why the process could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the API cannot listen on {listen}: {source}. Choose another AOP_API_LISTEN.")]
    Listen { listen: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] aop_store::Error),
    #[error(transparent)]
    ClickHouse(#[from] aop_clickhouse::Error),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("an HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the metrics could not be made: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("the sign-in could not be prepared: {0}")]
    SignIn(String),
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Listen { .. } => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
            Self::ClickHouse(error) => error.kind(),
            Self::Outbound(_) | Self::Client(_) | Self::Metrics(_) | Self::SignIn(_) => ErrorKind::Internal,
        }
    }
}

/// Serves the API until `shutdown`. The schema of Postgres is brought up to date first.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let store = Store::connect(&config.database_url, config.database_connections).await?;
    store.migrate().await?;
    let clickhouse = ClickHouse::connect(&config.clickhouse)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| Error::Listen { listen: config.listen.to_string(), source })?;
    serve(listener, &config, store, clickhouse, shutdown).await
}

async fn serve(
    listener: TcpListener,
    config: &Config,
    store: Store,
    clickhouse: ClickHouse,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let public = Public {
        url: &config.public_url,
        simulator_url: config.simulator_url.as_deref(),
        sso: &config.sso,
        token_issuers: &config.token_issuers,
        collector_url: Some(&config.collector_url),
    };
    let state = state(store, clickhouse, &config.master_key, &public, Clock::System, shutdown.clone())?;
    let source = LiveSource {
        // No total timeout: the stream lasts as long as both processes.
        client: inside()?,
        url: format!("{}/live", config.collector_url.trim_end_matches('/')),
        internal_token: config.master_key.internal_token(),
    };
    let listening = tokio::spawn(source.run(state.live.clone(), shutdown.clone()));
    let (watched, stopping) = (state.clone(), shutdown.clone());
    let watching = tokio::spawn(async move { watched.collector.feed(&watched.live, &stopping).await });
    let waking = tokio::spawn(state.runs.clone().run(state.store.clone(), shutdown.clone()));
    let noting = tokio::spawn(state.key_uses.clone().run(state.store.clone(), shutdown.clone()));
    let telling = tokio::spawn(hooks::run(state.clone(), shutdown.clone()));
    let repricing = tokio::spawn(repricings::run(state.clone(), shutdown.clone()));
    tracing::info!(listen = %config.listen, "the API listens");
    http_server::serve(listener, app(state.clone()), Limits::default(), shutdown).await;
    // All end by themselves at shutdown; a panic in one was logged where it happened.
    let _ = tokio::join!(listening, watching, waking, noting, telling, repricing);
    state.store.close().await;
    Ok(())
}

/// For the other parts of this installation: no proxy of the environment stands between.
fn inside() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(5)).build()
}

/// What callers see of the outside.
pub struct Public<'a> {
    /// Address of the front door.
    pub url: &'a str,
    pub simulator_url: Option<&'a str>,
    /// Where people can sign in with an account they have elsewhere.
    pub sso: &'a [ProviderSettings],
    /// Whose tokens may act as virtual keys at the front door.
    pub token_issuers: &'a [Issuer],
    /// `None`: nothing is known of calls in flight.
    pub collector_url: Option<&'a str>,
}

/// Everything the handlers work with.
pub fn state(
    store: Store,
    clickhouse: ClickHouse,
    master_key: &MasterKey,
    public: &Public<'_>,
    clock: Clock,
    shutdown: CancellationToken,
) -> Result<AppState, Error> {
    let public_url = public.url.trim_end_matches('/').to_owned();
    let secure = public_url.starts_with("https://");
    let policy = Policy { total_timeout: Duration::from_secs(15), max_redirects: 0, ..Policy::public() };
    let outbound = outbound::client(policy.with_private())?;
    Ok(AppState::new(Parts {
        store,
        clickhouse,
        keys: Keys::of(master_key),
        cookie: RefreshCookie { secure },
        sso: Providers::new(public.sso, &outbound, &clock),
        sso_cookie: PendingCookie { secure },
        token_issuers: public.token_issuers.to_vec(),
        public_url,
        simulator_url: public.simulator_url.map(|url| url.trim_end_matches('/').to_owned()),
        passwords: Passwords::new().map_err(|error| Error::SignIn(error.to_string()))?,
        throttle: Throttle::new(clock.clone()),
        locks: Locks::default(),
        key_uses: KeyUses::default(),
        live: Hub::default(),
        collector: Collector::new(inside()?, public.collector_url, master_key.internal_token()),
        runs: RunFeed::default(),
        tickets: Tickets::new(master_key.derive(KeyDomain::LiveTicket)),
        metrics: Metrics::new()?,
        outbound,
        clock,
        shutdown,
    }))
}
