//! Puts the gateway together and runs it in pingora's runtimes until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora_core::listeners::{L4BufferSettings, ListenerConfig};
use pingora_core::server::configuration::ServerConf;
use pingora_core::server::{RunArgs, Server, ShutdownSignal, ShutdownSignalWatch};
use pingora_core::services::background::background_service;
use pingora_core::services::listening::Service;
use pingora_proxy::HttpProxy;
use tokio_util::sync::CancellationToken;

use aop_spool::{Spool, ship};

use crate::api_upstream::ApiUpstream;
use crate::background::{Background, Facts};
use crate::config::{Config, Tls};
use crate::error::StartError;
use crate::front::tls::Certificates;
use crate::front::{Bounded, Doors};
use crate::gateway::FrontDoor;
use crate::limits::{Journal, Limiter};
use crate::shared::Shared;

/// Runtimes get this long to stop once the calls have ended.
const STOP_S: u64 = 2;
/// None: a request's bytes are read where they are kept, and an idle connection holds no buffer.
const READ_BUFFER_BYTES: usize = 0;
/// An answer's header and body leave in one write up to this size. With pingora's own 1,460 bytes most took two.
const WRITE_BUFFER_BYTES: usize = 8 << 10;
const DRAIN_TICK: Duration = Duration::from_millis(20);

/// Runs the gateway. Blocks until `shutdown` is cancelled and the calls in flight have ended, at most `limits.grace`.
/// Must not be called from inside an async runtime: pingora makes its own.
pub fn run(config: Config, shutdown: CancellationToken) -> Result<(), StartError> {
    let facts = Facts::Postgres(config.database_url.clone());
    run_with(config, facts, shutdown)
}

/// [`run`] with facts from elsewhere.
#[allow(clippy::needless_pass_by_value)]
pub fn run_with(config: Config, facts: Facts, shutdown: CancellationToken) -> Result<(), StartError> {
    // One provider in the whole process; whoever came first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    can_listen(config.listen, "AOP_LISTEN")?;
    let certificates = certificates(config.tls.as_ref())?;
    let spool = Arc::new(Spool::open(spool_config(&config))?);
    let mut server = Server::new_with_opt_and_conf(None, server_conf(&config));
    server.bootstrap();
    let journal = match &facts {
        Facts::Postgres(_) => Some(Journal::open_in(&config.spool_dir).map_err(StartError::Journal)?),
        // The ledger is in this process: it ends with it.
        Facts::Given { .. } => None,
    };
    let shared = Shared::new(&config, Arc::clone(&spool), &server.configuration, journal)?;
    if let Facts::Given { .. } = &facts {
        shared.limiter.attach(Limiter::local_link());
    }
    let stopping = CancellationToken::new();

    let mut collector = ship::Config::new(
        config.collector_url.trim_end_matches('/'),
        config.master_key.internal_token().expose().as_str(),
    );
    collector.in_flight = 2;
    server.add_service(background_service(
        "gateway background",
        Background {
            shared: Arc::clone(&shared),
            facts,
            ship: collector,
            api: ApiUpstream::new(&config.api_url, &config.master_key.internal_token())?,
            certificates: certificates.clone(),
            stopping: stopping.clone(),
        },
    ));
    let door = |is_spare| -> Result<Bounded, StartError> {
        let api = ApiUpstream::new(&config.api_url, &config.master_key.internal_token())?;
        let door = FrontDoor { shared: Arc::clone(&shared), api, is_spare };
        let mut proxy = HttpProxy::new(door, Arc::clone(&server.configuration));
        proxy.handle_init_modules();
        Ok(Bounded::new(proxy, &config.limits))
    };
    let doors = Doors::new(Arc::clone(&shared), door(false)?, door(true)?);
    let mut service = Service::new("gateway".to_owned(), doors);
    service.threads = Some(config.threads.max(1));
    service.add_listener(
        ListenerConfig::tcp(config.listen.to_string())
            .l4_buffer(L4BufferSettings::new(READ_BUFFER_BYTES, WRITE_BUFFER_BYTES)),
    );
    if let (Some(tls), Some(certificates)) = (&config.tls, &certificates) {
        service.add_tls_with_settings(&tls.listen.to_string(), None, certificates.settings()?);
    }
    server.add_service(service);

    let remaining = Arc::clone(&shared);
    let signal = Drain { shared, shutdown, stopping, grace: config.limits.grace };
    server.run(RunArgs { shutdown_signal: Box::new(signal) });
    if let Err(error) = remaining.inference.save() {
        tracing::warn!(%error, "the state of identity inference cannot be written");
    }
    remaining.access_log.close();
    spool.close();
    Ok(())
}

/// pingora would panic in its own runtime.
fn can_listen(listen: SocketAddr, setting: &'static str) -> Result<(), StartError> {
    std::net::TcpListener::bind(listen).map(drop).map_err(|error| StartError::Listen {
        listen,
        setting,
        error,
    })
}

fn certificates(tls: Option<&Tls>) -> Result<Option<Arc<Certificates>>, StartError> {
    let Some(tls) = tls else { return Ok(None) };
    can_listen(tls.listen, "AOP_TLS_LISTEN")?;
    Ok(Some(Arc::new(Certificates::load(tls)?)))
}

fn spool_config(config: &Config) -> aop_spool::Config {
    let mut spool = aop_spool::Config::new(&config.spool_dir);
    spool.max_bytes = config.spool_max_bytes;
    spool.reserve_bytes = spool.reserve_bytes.min(config.spool_max_bytes / 4);
    spool
}

/// Every default of pingora that matters here, set.
fn server_conf(config: &Config) -> ServerConf {
    let run_dir = config.run_dir.display();
    ServerConf {
        threads: config.threads.max(1),
        work_stealing: true,
        upstream_keepalive_pool_size: config.limits.upstream_idle_pool,
        // Only for what takes pingora's own pipeline; model calls have their own rule.
        max_retries: 2,
        // Estimates of tokens and look-ups of names: bounded, so that a flood of one cannot take every core.
        max_blocking_threads: Some(8),
        grace_period_seconds: Some(0),
        graceful_shutdown_timeout_seconds: Some(STOP_S),
        pid_file: format!("{run_dir}/proxy.pid"),
        upgrade_sock: format!("{run_dir}/proxy-upgrade.sock"),
        ..ServerConf::default()
    }
}

/// Tells pingora to stop when the calls in flight have ended. New calls are still answered meanwhile, `/readyz` says
/// 503, and connections are closed with their next answer.
struct Drain {
    shared: Arc<Shared>,
    shutdown: CancellationToken,
    stopping: CancellationToken,
    grace: Duration,
}

#[async_trait]
impl ShutdownSignalWatch for Drain {
    async fn recv(&self) -> ShutdownSignal {
        self.shutdown.cancelled().await;
        self.shared.draining.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        while self.shared.in_flight() > 0 && begun.elapsed() < self.grace {
            tokio::time::sleep(DRAIN_TICK).await;
        }
        let left = self.shared.in_flight();
        if left > 0 {
            tracing::warn!(calls = left, "stopping with calls in flight: they are cut and recorded as such");
        }
        self.stopping.cancel();
        ShutdownSignal::GracefulTerminate
    }
}
