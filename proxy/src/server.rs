//! Puts the gateway together and runs it in pingora's runtimes until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora_core::listeners::{L4BufferSettings, ListenerConfig};
use pingora_core::server::configuration::ServerConf;
use pingora_core::server::{RunArgs, Server, ShutdownSignal, ShutdownSignalWatch};
use pingora_core::services::background::background_service;
use pingora_core::services::listening::Service;
use pingora_proxy::HttpProxy;
use tokio_util::sync::CancellationToken;

use aop_spool::ship;

use crate::api_upstream::ApiUpstream;
use crate::background::{Background, Facts};
use crate::config::Config;
use crate::error::StartError;
use crate::front::tls::Certificates;
use crate::front::{Bounded, Doors};
use crate::gateway::FrontDoor;
use crate::handover::gate::Gate;
use crate::handover::leftovers::Leftovers;
use crate::handover::take::{self, Turn};
use crate::handover::{Held, Keep, Life, Start, dirs};
use crate::limits::{Journal, Limiter};
use crate::refusal::{Code, Refusal};
use crate::room::Scarce;
use crate::shared::Shared;

/// Runtimes get this long to stop once the calls have ended.
const STOP_S: u64 = 2;
/// None: a request's bytes are read where they are kept, and an idle connection holds no buffer.
const READ_BUFFER_BYTES: usize = 0;
/// An answer's header and body leave in one write up to this size. With pingora's own 1,460 bytes most took two.
const WRITE_BUFFER_BYTES: usize = 8 << 10;
/// More than the time there is for them.
const API_RETRIES: usize = 100;
const DRAIN_TICK: Duration = Duration::from_millis(20);
/// For the error that a call is ended with, and its record.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Runs the gateway. Blocks until it is told to stop or another process has taken over, and the calls in flight have
/// ended. Must not be called from inside an async runtime: pingora makes its own.
#[allow(clippy::needless_pass_by_value)]
pub fn run(config: Config, start: Start, life: Life) -> Result<(), StartError> {
    let facts = Facts::Postgres(config.database_url.clone());
    serve(&config, facts, start, &life)
}

/// [`run`] with facts from elsewhere.
#[allow(clippy::needless_pass_by_value)]
pub fn run_with(config: Config, facts: Facts, shutdown: CancellationToken) -> Result<(), StartError> {
    serve(&config, facts, Start::Fresh, &Life::until(shutdown))
}

fn serve(config: &Config, facts: Facts, start: Start, life: &Life) -> Result<(), StartError> {
    // One provider in the whole process; whoever came first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if start == Start::Fresh {
        let held = Held::fresh(&config.run_dir)?;
        return serve_with(config, facts, held, None, life);
    }
    let asked = take::ask(&config.run_dir, config.limits.take_over_within);
    let (held, turn) = asked.map_err(StartError::NotTakenOver)?;
    let told = turn.to_old();
    let served = serve_with(config, facts, held, Some(turn), life);
    if let (Err(error), Some(told), false) = (&served, told, life.serving.is_cancelled()) {
        told.give_up(&error.to_string());
    }
    served
}

fn serve_with(
    config: &Config,
    facts: Facts,
    mut held: Held,
    turn: Option<Turn>,
    life: &Life,
) -> Result<(), StartError> {
    let certificates = listen(config, &mut held)?;
    let spool_config = spool_config(config);
    let own = dirs::take(&config.spool_dir, &spool_config)?;
    let spool = Arc::new(own.spool);
    let mut server = Server::new_with_opt_and_conf(None, server_conf(config));
    server.bootstrap();
    let journal = match &facts {
        Facts::Postgres(_) => Some(Journal::open_in(&own.dir).map_err(StartError::Journal)?),
        // The ledger is in this process: it ends with it.
        Facts::Given { .. } => None,
    };
    let leftovers = Leftovers::new(&config.spool_dir, &own.dir, &spool_config);
    let shared = Shared::new(config, Arc::clone(&spool), &server.configuration, journal, leftovers)?;
    if let Facts::Given { .. } = &facts {
        shared.limiter.attach(Limiter::local_link());
    }
    let keep: Arc<Keep> = Arc::new(Mutex::new(Some(held)));
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
            keep: Arc::clone(&keep),
            life: life.clone(),
        },
    ));
    let failed = Arc::new(Mutex::new(None));
    server.add_service(Gate {
        inner: front_doors(config, &shared, &server, certificates.as_ref())?,
        keep,
        turn,
        shared: Arc::clone(&shared),
        life: life.clone(),
        failed: Arc::clone(&failed),
    });

    let signal = Drain { shared: Arc::clone(&shared), life: life.clone(), stopping };
    server.run(RunArgs { shutdown_signal: Box::new(signal) });
    if let Err(error) = shared.inference.save() {
        tracing::warn!(%error, "the state of identity inference cannot be written");
    }
    shared.access_log.close();
    spool.close();
    let failed = failed.lock().take();
    failed.map_or(Ok(()), |why| Err(StartError::NotTakenOver(why)))
}

/// The sockets of both doors, and what the second one shows its clients.
fn listen(config: &Config, held: &mut Held) -> Result<Option<Arc<Certificates>>, StartError> {
    let second = config.tls.as_ref().map(|tls| tls.listen);
    held.keep_only(&[Some(config.listen), second].into_iter().flatten().collect::<Vec<_>>());
    held.listen(config.listen, "AOP_LISTEN")?;
    let Some(tls) = &config.tls else { return Ok(None) };
    held.listen(tls.listen, "AOP_TLS_LISTEN")?;
    Ok(Some(Arc::new(Certificates::load(tls)?)))
}

/// One service for each address: in clear, and with TLS.
fn front_doors(
    config: &Config,
    shared: &Arc<Shared>,
    server: &Server,
    certificates: Option<&Arc<Certificates>>,
) -> Result<Vec<Service<Doors>>, StartError> {
    let door = |turns_away: Option<Scarce>| -> Result<Arc<Bounded>, StartError> {
        let api = ApiUpstream::new(&config.api_url, &config.master_key.internal_token())?;
        let door = FrontDoor { shared: Arc::clone(shared), api, turns_away };
        let mut proxy = HttpProxy::new(door, Arc::clone(&server.configuration));
        proxy.handle_init_modules();
        Ok(Arc::new(Bounded::new(Arc::clone(shared), proxy, &config.limits, turns_away.is_some())))
    };
    let doors = [None, Some(Scarce::ConnectionsTold), Some(Scarce::AddressTold)].map(door);
    let [main, spare, crowded] = doors;
    let (main, spare, crowded) = (main?, spare?, crowded?);
    let service = |listen: SocketAddr, tls| {
        let doors = Doors {
            shared: Arc::clone(shared),
            main: Arc::clone(&main),
            spare: Arc::clone(&spare),
            crowded: Arc::clone(&crowded),
            tls,
        };
        let mut service = Service::new("gateway".to_owned(), doors);
        service.threads = Some(config.threads.max(1));
        // The doors speak TLS themselves, so that a connection counts from its first moment.
        service.add_listener(
            ListenerConfig::tcp(listen.to_string())
                .l4_buffer(L4BufferSettings::new(READ_BUFFER_BYTES, WRITE_BUFFER_BYTES)),
        );
        service
    };
    let mut services = vec![service(config.listen, None)];
    if let (Some(tls), Some(certificates)) = (&config.tls, certificates) {
        services.push(service(tls.listen, Some(Arc::new(certificates.acceptor()?))));
    }
    Ok(services)
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
        max_retries: API_RETRIES,
        // Estimates of tokens and look-ups of names: bounded, so that a flood of one cannot take every core.
        max_blocking_threads: Some(8),
        grace_period_seconds: Some(0),
        graceful_shutdown_timeout_seconds: Some(STOP_S),
        pid_file: format!("{run_dir}/proxy.pid"),
        upgrade_sock: format!("{run_dir}/proxy-upgrade.sock"),
        ..ServerConf::default()
    }
}

/// Tells pingora to stop when the calls in flight have ended.
///
/// Told to stop, the process answers new calls meanwhile, `/readyz` says 503, and connections are closed with their next
/// answer. Replaced by another process, it accepts nothing, and waits for its connections as well: one that is idle is
/// closed by its client, by its next answer or by the usual time out, not under a request that is on its way.
struct Drain {
    shared: Arc<Shared>,
    life: Life,
    stopping: CancellationToken,
}

impl Drain {
    /// Returns when it is empty, or when it was given long enough.
    async fn until(&self, is_empty: impl Fn(&Shared) -> bool, at_most: Duration) {
        let begun = Instant::now();
        while !is_empty(&self.shared) && begun.elapsed() < at_most {
            tokio::time::sleep(DRAIN_TICK).await;
        }
    }

    /// What still runs ends by the contract of its dialect.
    async fn end_calls(&self) {
        let left = self.shared.in_flight();
        if left == 0 {
            return;
        }
        tracing::warn!(calls = left, "stopping with calls in flight: they are ended and recorded as such");
        let why = Refusal::new(Code::Stopped, "The gateway stopped while it answered; try again.");
        self.shared.in_flights.each(|flight| flight.end(why.clone()));
        self.until(|shared| shared.in_flight() == 0, LAST_WORDS).await;
    }
}

#[async_trait]
impl ShutdownSignalWatch for Drain {
    async fn recv(&self) -> ShutdownSignal {
        let (shared, life) = (&self.shared, &self.life);
        let is_told_to_stop = tokio::select! {
            () = life.shutdown.cancelled() => true,
            () = life.replaced.cancelled() => {
                let emptied = self.until(Shared::has_nobody, shared.limits.drain);
                life.shutdown.run_until_cancelled(emptied).await.is_none()
            }
        };
        shared.draining.store(true, Ordering::Relaxed);
        if is_told_to_stop {
            self.until(|shared| shared.in_flight() == 0, shared.limits.grace).await;
        }
        self.end_calls().await;
        shared.closing.cancel();
        self.stopping.cancel();
        ShutdownSignal::GracefulTerminate
    }
}
