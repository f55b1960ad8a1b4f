//! What runs beside the calls: taking over new facts, shipping records, asking whether the management API is there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora_core::server::ShutdownWatch;
use pingora_core::services::background::BackgroundService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use aop_domain::gateway::GatewaySnapshot;
use aop_domain::id::TeamId;
use aop_domain::kill::{KillKind, Kills};
use aop_service::secret::Secret;
use aop_spool::ship;
use aop_store::{Store, gateway, kills};

use crate::api_upstream::ApiUpstream;
use crate::front::tls::Certificates;
use crate::handover::{Keep, Life, give};
use crate::in_flight::Teller;
use crate::limits::Link;
use crate::shared::Shared;

/// Between two looks at the version of the facts; changes are told at once, this is for what was not heard.
const POLL_EVERY: Duration = Duration::from_secs(3);
/// Between attempts to reach Postgres at the start.
const RETRY: Duration = Duration::from_secs(1);
/// Between two writes of what inference remembers.
const SAVE_EVERY: Duration = Duration::from_secs(60);
const PROBE_EVERY: Duration = Duration::from_secs(1);
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// Two to read, two to listen, one for the ledger of limits.
const DATABASE_CONNECTIONS: u32 = 6;
/// Between two looks for pooled connections that nobody needs.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Between two looks for runs that have ended.
const LEARN_EVERY: Duration = Duration::from_secs(30);

/// Where the facts come from.
#[derive(Debug, Clone)]
pub enum Facts {
    Postgres(Secret),
    /// Given by whoever runs the gateway (tests, a configuration in a file).
    Given {
        snapshot: watch::Receiver<Arc<GatewaySnapshot>>,
        kills: watch::Receiver<Vec<GivenKill>>,
    },
}

/// Whom a kill of [`Facts::Given`] ends.
pub type GivenKill = (Uuid, TeamId, KillKind, String);

pub(crate) struct Background {
    pub(crate) shared: Arc<Shared>,
    pub(crate) facts: Facts,
    pub(crate) ship: ship::Config,
    pub(crate) api: ApiUpstream,
    /// Of the door with TLS, if there is one.
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// Cancelled when the last call has ended.
    pub(crate) stopping: CancellationToken,
    /// For a process that takes over.
    pub(crate) keep: Arc<Keep>,
    pub(crate) life: Life,
}

#[async_trait]
impl BackgroundService for Background {
    async fn start(&self, _shutdown: ShutdownWatch) {
        let facts = async { self.stopping.run_until_cancelled(self.follow_facts()).await };
        let probe = async { self.stopping.run_until_cancelled(self.probe_api()).await };
        let remember = async { self.stopping.run_until_cancelled(self.save_inference()).await };
        let ship = ship::run(Arc::clone(&self.shared.spool), self.ship.clone(), self.stopping.clone());
        let renewal = async {
            if let Some(certificates) = &self.certificates {
                let failures = &self.shared.metrics.tls_renewal_failures;
                self.stopping.run_until_cancelled(certificates.renew(failures)).await;
            }
        };
        let sweep = async { self.stopping.run_until_cancelled(self.sweep_pool()).await };
        let limits = self.shared.limiter.run(self.stopping.clone());
        let tell = async { self.stopping.run_until_cancelled(self.tell_of_calls()).await };
        let tokens = async { self.stopping.run_until_cancelled(self.follow_issuers()).await };
        let learn = async { self.stopping.run_until_cancelled(self.learn_from_runs()).await };
        let give = async {
            self.stopping.run_until_cancelled(give::to_successors(&self.shared, &self.keep, &self.life)).await
        };
        let leftovers = self.ship_leftovers();
        let share = self.shared.leftovers.share_bound(&self.shared.spool, &self.stopping);
        let cache = async { self.stopping.run_until_cancelled(self.shared.cache.run()).await };
        let (shipped, ..) = tokio::join!(
            ship, facts, probe, renewal, sweep, limits, remember, tell, learn, tokens, give, leftovers,
            share, cache
        );
        if let Err(error) = shipped {
            tracing::error!(%error, "records cannot be shipped; they stay in the spool");
        }
    }
}

impl Background {
    /// The process that serves ships what others left.
    async fn ship_leftovers(&self) {
        if self.stopping.run_until_cancelled(self.life.serving.cancelled()).await.is_some() {
            let until = self.stopping.child_token();
            let replaced = async {
                self.life.replaced.cancelled().await;
                until.cancel();
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = self.shared.leftovers.ship(&self.shared, &self.ship, &until) => {}
                () = replaced => {}
            }
        }
    }

    /// What inference remembers survives a crash, but for its last minute.
    async fn save_inference(&self) {
        loop {
            tokio::time::sleep(SAVE_EVERY).await;
            let shared = Arc::clone(&self.shared);
            match tokio::task::spawn_blocking(move || shared.inference.save()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the state of identity inference cannot be written"),
                Err(error) => tracing::warn!(%error, "the state of identity inference was not written"),
            }
        }
    }

    async fn follow_facts(&self) {
        let take_kills = |kills| self.shared.kills.take(kills, &self.shared.in_flights);
        match &self.facts {
            Facts::Given { snapshot, kills } => {
                let mut kills = kills.clone();
                let follow_kills = async {
                    loop {
                        let now = kills.borrow_and_update().clone();
                        take_kills(Kills::new(now));
                        if kills.changed().await.is_err() {
                            return;
                        }
                    }
                };
                tokio::join!(self.follow(snapshot.clone()), follow_kills);
            }
            Facts::Postgres(url) => {
                let (facts, store) = self.connect(url).await;
                tokio::join!(self.follow(facts), kills::watch(&store, take_kills));
            }
        }
    }

    async fn follow(&self, mut facts: watch::Receiver<Arc<GatewaySnapshot>>) {
        loop {
            let snapshot = Arc::clone(&facts.borrow_and_update());
            self.shared.take_snapshot(snapshot);
            if facts.changed().await.is_err() {
                return;
            }
        }
    }

    /// Tries until Postgres is there: a gateway that starts first waits for it.
    async fn connect(&self, url: &Secret) -> (watch::Receiver<Arc<GatewaySnapshot>>, Store) {
        let mut told = false;
        loop {
            let watched = async {
                let store = Store::connect(url.expose(), DATABASE_CONNECTIONS).await?;
                let facts = gateway::watch(store.clone(), POLL_EVERY, self.stopping.clone()).await?;
                Ok::<_, aop_store::Error>((facts, store))
            };
            match watched.await {
                Ok((facts, store)) => {
                    self.shared.limiter.attach(Link::Postgres(store.clone()));
                    return (facts, store);
                }
                Err(error) if !told => {
                    tracing::warn!(%error, "keys and routes cannot be read yet; trying again")
                }
                Err(_) => {}
            }
            told = true;
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn tell_of_calls(&self) {
        match Teller::new(Arc::clone(&self.shared), &self.ship.collector_url, &self.ship.internal_token) {
            Ok(teller) => teller.run().await,
            Err(error) => {
                tracing::error!(%error, "calls in flight cannot be told of; they are recorded all the same")
            }
        }
    }

    /// The keys of those whose tokens are taken.
    async fn follow_issuers(&self) {
        let issuers = &self.shared.token_issuers;
        futures::future::join_all(issuers.iter().map(aop_service::token::Keyring::follow)).await;
    }

    /// What a run usually takes is learned from those that have ended.
    async fn learn_from_runs(&self) {
        loop {
            tokio::time::sleep(LEARN_EVERY).await;
            self.shared.runaway.learn(self.shared.clock.now_us());
        }
    }

    async fn sweep_pool(&self) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            self.shared.providers.pool.sweep(Instant::now());
        }
    }

    async fn probe_api(&self) {
        loop {
            let answered = tokio::time::timeout(PROBE_TIMEOUT, self.ask_api()).await;
            let reachable = matches!(answered, Ok(Ok(true)));
            self.shared.api_reachable.store(reachable, Ordering::Relaxed);
            if reachable {
                self.shared.api_seen_at_us.store(self.shared.clock.now_us(), Ordering::Relaxed);
            }
            tokio::time::sleep(PROBE_EVERY).await;
        }
    }

    /// Does the management API say that it is alive?
    async fn ask_api(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(self.api.address().await?).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: aop\r\nconnection: close\r\n\r\n").await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        Ok(status.starts_with(b"HTTP/1.1 2"))
    }
}
