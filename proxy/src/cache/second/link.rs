//! The connections to Redis: one to ask on, one to write on, each for all calls together. One task makes them; calls use
//! them while they are there. When Redis is gone, or was late too often, they are taken down at once and the task tries
//! again with growing pauses, so that a Redis in trouble is asked by nobody but that task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use prometheus::IntGauge;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, TlsCertificates};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::config::SharedCache;
use crate::error::StartError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A write is waited for by nobody.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two tries to connect: the first, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Questions in a row without an answer: Redis is taken to be away.
const FAILURES: u32 = 3;

pub(super) struct Link {
    client: Client,
    timeout: Duration,
    live: ArcSwapOption<Live>,
}

/// Connections that work, as far as is known.
pub(super) struct Live {
    asks: MultiplexedConnection,
    writes: MultiplexedConnection,
    timeout: Duration,
    failures: AtomicU32,
    has_answered: AtomicBool,
    broken: Notify,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    Late,
    /// Something that is no text stands under that name.
    OtherKind,
    Other,
}

impl Link {
    pub(super) fn new(config: &SharedCache) -> Result<Self, StartError> {
        let wrong = |why: &str| StartError::SharedCache(why.to_owned());
        let url = config.url.expose().as_str();
        // The crate's own words could hold the address, and so the password.
        let client = match &config.authorities {
            None => Client::open(url),
            Some(file) => {
                let root_cert = std::fs::read(file)
                    .map_err(|error| StartError::SharedCache(format!("{}: {error}", file.display())))?;
                Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert: Some(root_cert) })
            }
        };
        let client = client.map_err(|_| wrong("its address or its certificates cannot be used"))?;
        Ok(Self { client, timeout: config.timeout, live: ArcSwapOption::empty() })
    }

    /// `None`: Redis is away.
    pub(super) fn live(&self) -> Option<Arc<Live>> {
        self.live.load_full()
    }

    /// Connects, and connects again whenever that broke.
    pub(super) async fn stay(&self, connected: &IntGauge) {
        let mut pause = SHORTEST_PAUSE;
        let mut told = false;
        loop {
            match self.connect().await {
                Ok(live) => {
                    let live = Arc::new(live);
                    self.live.store(Some(Arc::clone(&live)));
                    connected.set(1);
                    tracing::info!("the shared response cache is there");
                    live.broken.notified().await;
                    self.live.store(None);
                    connected.set(0);
                    tracing::warn!(
                        "the shared response cache is away or too slow; it is left out until it answers"
                    );
                    told = true;
                    if live.has_answered.load(Ordering::Relaxed) {
                        pause = SHORTEST_PAUSE;
                    }
                }
                Err(error) if !told => {
                    tracing::warn!(%error, "the shared response cache cannot be reached; trying again");
                    told = true;
                }
                Err(_) => {}
            }
            // Gateways that lost it together do not come back together.
            tokio::time::sleep(pause.mul_f64(0.75 + rand::random::<f64>() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<Live, String> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(WRITE_TIMEOUT));
        let both = async {
            tokio::try_join!(
                self.client.get_multiplexed_async_connection_with_config(&config),
                self.client.get_multiplexed_async_connection_with_config(&config)
            )
        };
        let (asks, writes) = timeout(CONNECT_TIMEOUT, both)
            .await
            .map_err(|_| "it did not answer in time".to_owned())?
            .map_err(|error| error.to_string())?;
        let live = Live {
            asks,
            writes,
            timeout: self.timeout,
            failures: AtomicU32::new(0),
            has_answered: AtomicBool::new(false),
            broken: Notify::new(),
        };
        // It has to answer as fast as calls need it to.
        let (ping, mut asks) = (redis::cmd("PING"), live.asks.clone());
        match timeout(self.timeout, ping.exec_async(&mut asks)).await {
            Ok(Ok(())) => Ok(live),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it took longer than {} ms to answer", self.timeout.as_millis())),
        }
    }
}

impl Live {
    /// What stands there, and at most one byte more than `most_bytes`; nothing when there is nothing.
    pub(super) async fn get(&self, name: &str, most_bytes: usize) -> Result<Vec<u8>, Failed> {
        let mut connection = self.asks.clone();
        let mut ask = redis::cmd("GETRANGE");
        let asked = ask.arg(name).arg(0).arg(most_bytes).query_async(&mut connection);
        match timeout(self.timeout, asked).await {
            Ok(Ok(value)) => {
                self.failures.store(0, Ordering::Relaxed);
                self.has_answered.store(true, Ordering::Relaxed);
                Ok(value)
            }
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.late()),
        }
    }

    pub(super) async fn set(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), Failed> {
        let mut connection = self.writes.clone();
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut write = redis::cmd("SET");
        let written = write.arg(name).arg(value).arg("PX").arg(ttl_ms).exec_async(&mut connection);
        match timeout(WRITE_TIMEOUT, written).await {
            Ok(Ok(())) => Ok(()),
            // A Redis that takes nothing more can still be read.
            Ok(Err(error)) if is_an_answer(&error) => Err(Failed::Other),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.late()),
        }
    }

    fn late(&self) -> Failed {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.broken.notify_one();
        }
        Failed::Late
    }

    fn failed(&self, error: &RedisError) -> Failed {
        if error.code() == Some("WRONGTYPE") {
            return Failed::OtherKind;
        }
        if error.is_timeout() {
            return self.late();
        }
        if !is_an_answer(error) || self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.broken.notify_one();
        }
        Failed::Other
    }
}

/// Redis said no; the connection is as good as before.
fn is_an_answer(error: &RedisError) -> bool {
    error.code().is_some()
}
