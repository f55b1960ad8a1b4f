//! What every call of this process shares: limits, the current index, the pool of upstream connections, the spool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Instant;

use pingora_core::connectors::{ConnectorOptions, TransportConnector};
use pingora_core::server::configuration::ServerConf;
use tokio_util::sync::CancellationToken;

use aop_service::clock::Clock;
use aop_service::keys::{DerivedKey, KeyDomain};
use aop_service::secret::Secret;
use aop_service::token::Keyring;
use aop_spool::Spool;

use crate::access_log::AccessLog;
use crate::addresses::Addresses;
use crate::body::budget::Budget;
use crate::cache::{Cache, Second};
use crate::config::{Config, Limits, WhenFull};
use crate::error::StartError;
use crate::guardrails::Services;
use crate::handover::leftovers::Leftovers;
use crate::identity::infer::Inference;
use crate::in_flight::Registry;
use crate::kills::Switch;
use crate::limits::{Journal, Limiter};
use crate::metrics::Metrics;
use crate::room::Room;
use crate::routing::Board;
use crate::runaway::Guard;
use crate::snapshot::{Awaited, Index};
use crate::unknown_callers::UnknownCallers;
use crate::upstream::exchange::Providers;
use crate::upstream::pool::Pool;

/// A management API that was there so long ago is gone, and not restarting.
const API_RESTART_US: i64 = 10_000_000;

pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) when_full: WhenFull,
    pub(crate) node: String,
    pub(crate) simulator_url: String,
    pub(crate) keys: Keys,
    /// Tokens of these are taken in place of keys.
    pub(crate) token_issuers: Vec<Keyring>,
    pub(crate) clock: Clock,
    pub(crate) providers: Providers,
    pub(crate) spool: Arc<Spool>,
    pub(crate) metrics: Metrics,
    pub(crate) access_log: AccessLog,
    /// What is known of each deployment.
    pub(crate) board: Board,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) body_budget: Arc<Budget>,
    pub(crate) room: Room,
    pub(crate) addresses: Addresses,
    pub(crate) cache: Arc<Cache>,
    /// Services that judge what is said.
    pub(crate) services: Services,
    pub(crate) unknown_callers: UnknownCallers,
    pub(crate) inference: Inference,
    /// Empty until the first snapshot has been loaded.
    pub(crate) index: Awaited<Index>,
    /// Who shows it may read the metrics.
    pub(crate) metrics_token: Option<Secret>,
    pub(crate) api_reachable: AtomicBool,
    /// When it last was, Unix microseconds.
    pub(crate) api_seen_at_us: AtomicI64,
    pub(crate) draining: AtomicBool,
    /// Another process serves the same address: whoever asks here is still answered.
    pub(crate) handed_over: AtomicBool,
    /// Open WebSockets. They are cut and come back, and hold no process.
    pub(crate) web_sockets: AtomicUsize,
    /// What the spools of processes that have gone still hold.
    pub(crate) leftovers: Leftovers,
    /// Connections without a request are closed.
    pub(crate) closing: CancellationToken,
    /// When the last snapshot was taken over, Unix microseconds.
    pub(crate) snapshot_at_us: AtomicI64,
    /// The calls themselves, from where it is known who makes them.
    pub(crate) in_flights: Registry,
    pub(crate) kills: Switch,
    pub(crate) runaway: Guard,
    in_flight: AtomicUsize,
}

/// One key per purpose, derived once.
pub(crate) struct Keys {
    pub(crate) virtual_keys: DerivedKey,
    pub(crate) run_credentials: DerivedKey,
    pub(crate) provider_credentials: DerivedKey,
    /// Seals what is left of calls whose words are not kept.
    pub(crate) call_trails: DerivedKey,
}

impl Shared {
    pub(crate) fn new(
        config: &Config,
        spool: Arc<Spool>,
        server: &ServerConf,
        journal: Option<Journal>,
        leftovers: Leftovers,
    ) -> Result<Arc<Self>, StartError> {
        let metrics = Metrics::new()?;
        let dropped = metrics.access_log_dropped.clone();
        let access_log = AccessLog::open(&config.access_log, config.access_log_of, dropped)
            .map_err(StartError::AccessLog)?;
        let issuers = config.token_issuers.iter().cloned();
        let token_issuers = issuers
            .map(|issuer| Keyring::new(issuer, config.token_pace))
            .collect::<Result<_, _>>()
            .map_err(|error| StartError::TokenIssuers(error.to_string()))?;
        let second = config.shared_cache.as_ref().map(|second| {
            let key = config.master_key.derive(KeyDomain::ResponseCache);
            Second::new(second, key, metrics.cache.shared.clone())
        });
        let second = second.transpose()?;
        let clock = Clock::System;
        let limiter = Limiter::new(
            config.limits_when_away,
            journal,
            &config.run_dir,
            clock.clone(),
            metrics.limits.clone(),
        );
        Ok(Arc::new(Self {
            board: Board::new(Instant::now(), metrics.breakers_opened.clone()),
            when_full: config.when_full,
            node: config.node.clone(),
            simulator_url: config.simulator_url.clone(),
            keys: Keys {
                virtual_keys: config.master_key.derive(KeyDomain::VirtualKey),
                run_credentials: config.master_key.derive(KeyDomain::RunCredential),
                provider_credentials: config.master_key.derive(KeyDomain::ProviderCredential),
                call_trails: config.master_key.derive(KeyDomain::CallTrail),
            },
            token_issuers,
            clock,
            providers: Providers {
                connector: TransportConnector::new(Some(ConnectorOptions::from_server_conf(server))),
                pool: Pool::new(config.limits.upstream_idle_pool),
            },
            spool,
            access_log,
            metrics,
            limiter,
            body_budget: Budget::new(config.limits.buffered_max_bytes),
            room: Room::new(&config.limits),
            addresses: Addresses::new(&config.addresses, &config.limits),
            cache: Cache::new(config.limits.cache_max_bytes, second),
            services: Services::new(config.master_key.derive(KeyDomain::GuardrailHeader)),
            unknown_callers: UnknownCallers::new(
                config.limits.unknown_callers_per_s,
                config.limits.unknown_callers_total_per_s,
            ),
            inference: Inference::open(&config.run_dir),
            index: Awaited::empty(),
            metrics_token: config.metrics_token.clone(),
            api_reachable: AtomicBool::new(false),
            api_seen_at_us: AtomicI64::new(0),
            draining: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
            web_sockets: AtomicUsize::new(0),
            leftovers,
            closing: CancellationToken::new(),
            snapshot_at_us: AtomicI64::new(0),
            in_flights: Registry::default(),
            kills: Switch::default(),
            runaway: Guard::default(),
            in_flight: AtomicUsize::new(0),
            limits: config.limits.clone(),
        }))
    }

    /// Takes over a new version of the facts.
    pub(crate) fn take_snapshot(&self, snapshot: Arc<aop_domain::gateway::GatewaySnapshot>) {
        let index = Index::new(snapshot, &self.keys.provider_credentials, &self.simulator_url, &self.board);
        for (deployment, error) in &index.unusable {
            tracing::warn!(deployment, %error, "a deployment cannot be called");
        }
        for error in &index.bad_prices {
            tracing::warn!(%error, "a price is not used");
        }
        tracing::info!(
            version = index.snapshot.version,
            routes = index.snapshot.routes.len(),
            "gateway snapshot taken over"
        );
        self.limiter.take_rules(&index.snapshot.limits);
        self.services.retain(|id| index.rules.iter().any(|rule| rule.guardrail.id == id));
        self.snapshot_at_us.store(self.clock.now_us(), Ordering::Relaxed);
        self.index.store(Arc::new(index));
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The management API answered within the last moments: if it does not now, it is being restarted.
    pub(crate) fn api_was_just_there(&self) -> bool {
        self.clock.now_us() - self.api_seen_at_us.load(Ordering::Relaxed) < API_RESTART_US
    }

    /// No call, and no connection that somebody could still send one on.
    pub(crate) fn has_nobody(&self) -> bool {
        let connections = self.room.connections.taken() + self.room.told.taken();
        self.in_flight() == 0 && connections <= self.web_sockets.load(Ordering::Relaxed)
    }

    pub(crate) fn enter(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
