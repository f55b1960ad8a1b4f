//! What the gateway is told at start. The binary fills it; nothing here reads the environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use aop_service::keys::MasterKey;
use aop_service::secret::Secret;
use aop_service::token::{Issuer, Pace};

use crate::access_log::{AccessLogOf, AccessLogTo};
use crate::network::Network;

/// Everything `run` needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The front door.
    pub listen: SocketAddr,
    /// A second door, with TLS.
    pub tls: Option<Tls>,
    /// Worker threads of the front door.
    pub threads: usize,
    /// Where keys, routes and prices come from.
    pub database_url: Secret,
    /// The management API behind the front door, e.g. `http://127.0.0.1:8081`.
    pub api_url: String,
    /// Where sealed segments are shipped, e.g. `http://127.0.0.1:8082`.
    pub collector_url: String,
    /// The built-in provider, e.g. `http://127.0.0.1:8083`.
    pub simulator_url: String,
    /// Directory of the spool; must be on a durable disk.
    pub spool_dir: PathBuf,
    /// Bytes the spool may hold before `when_full` decides.
    pub spool_max_bytes: u64,
    pub when_full: WhenFull,
    pub limits_when_away: WhenAway,
    /// Who may make tokens that act as virtual keys.
    pub token_issuers: Vec<Issuer>,
    /// When their keys are asked for.
    pub token_pace: Pace,
    /// Where a line for each call goes.
    pub access_log: AccessLogTo,
    /// What else leaves one.
    pub access_log_of: AccessLogOf,
    /// Who shows it may read the metrics; without one, programs on this machine may.
    pub metrics_token: Option<Secret>,
    /// Name of this proxy in its records.
    pub node: String,
    pub master_key: MasterKey,
    /// Where the lock of who serves stands, the socket of a hand-over, and what inference remembers.
    pub run_dir: PathBuf,
    pub limits: Limits,
    pub addresses: AddressRules,
    /// Where several gateways share what their response caches keep.
    pub shared_cache: Option<SharedCache>,
}

/// What the addresses of clients mean.
#[derive(Debug, Clone)]
pub struct AddressRules {
    /// Connections from here are those of other clients, whom `X-Forwarded-For` names.
    pub trusted_proxies: Vec<Network>,
    /// Clients from here may have as much open as there is room for.
    pub unbounded: Vec<Network>,
}

impl AddressRules {
    /// This machine.
    pub const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];
}

impl Default for AddressRules {
    fn default() -> Self {
        let loopback = Self::LOOPBACK.iter().filter_map(|network| network.parse().ok());
        Self { trusted_proxies: Vec::new(), unbounded: loopback.collect() }
    }
}

/// A Redis behind the response cache.
#[derive(Debug, Clone)]
pub struct SharedCache {
    /// `redis://` or `rediss://`, with name, password and number of the database where it has them.
    pub url: Secret,
    /// PEM file with who may vouch for it, in place of the system's.
    pub authorities: Option<PathBuf>,
    /// A call that asks it waits no longer.
    pub timeout: Duration,
}

/// Where TLS is spoken, and with which certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    pub listen: SocketAddr,
    pub files: TlsFiles,
    /// Between two looks at the files.
    pub look_every: Duration,
}

/// PEM files: a chain of certificates, the server's own first, and its private key.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What happens to a call whose record does not fit in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// The call is refused with 503 before it costs anything.
    Refuse,
    /// The record is kept without its bodies; a call is refused only when even that does not fit.
    #[default]
    ShedBodies,
}

/// What happens to a call that needs more of a limit than this gateway has leased, while Postgres cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenAway {
    /// Budgets refuse it; every other limit is kept by this gateway alone.
    #[default]
    RefuseSpend,
    /// Budgets let it pass and count it; every other limit is kept by this gateway alone.
    Allow,
    /// Every limit refuses it.
    Refuse,
}

/// Bounds of the front door. Every one is counted or answered, none is silent.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest request body, bytes.
    pub body_max_bytes: usize,
    /// Largest answer that is not a stream, bytes.
    pub answer_max_bytes: usize,
    /// Bytes of request and answer bodies held in memory by all calls together.
    pub buffered_max_bytes: usize,
    /// Connections open at once, calls under way at once, and requests to the management API under way at once.
    pub connections_max: usize,
    pub calls_max: usize,
    pub api_requests_max: usize,
    /// What clients of one address may have open of connections (and of requests that share one), and of requests to the
    /// management API. `None`: half of all.
    pub connections_per_address: Option<usize>,
    pub api_requests_per_address: Option<usize>,
    /// Deepest nesting of a JSON body.
    pub json_max_depth: u32,
    /// Request headers: how many, and how many bytes together.
    pub headers_max: usize,
    pub headers_max_bytes: usize,
    pub uri_max_bytes: usize,
    /// From the opening of a connection to its first complete request header.
    pub header_timeout: Duration,
    /// From the end of an answer to the next complete request header on the same connection.
    pub keepalive_timeout: Duration,
    /// Longest silence while a request body is read.
    pub body_read_timeout: Duration,
    /// After `body_grace`, a body must come at `body_min_bytes_per_s` on average.
    pub body_grace: Duration,
    pub body_min_bytes_per_s: u64,
    /// A client that takes nothing of a stream for so long is cut; of a whole answer it must take
    /// `client_min_bytes_per_s` on average beyond that.
    pub client_write_timeout: Duration,
    pub client_min_bytes_per_s: u64,
    /// A provider that takes no byte of the request for so long is given up.
    pub upstream_write_timeout: Duration,
    pub upstream_idle_pool: usize,
    /// An unused upstream connection is closed after this.
    pub upstream_idle_timeout: Duration,
    /// Bytes of each body (request, answer) kept in the record.
    pub recorded_body_max_bytes: usize,
    /// Answers kept in memory to be given again, bytes of all of them together.
    pub cache_max_bytes: u64,
    /// Calls still running at shutdown get this long to end.
    pub grace: Duration,
    /// Calls of a process that was replaced get this long to end; and so do its connections.
    pub drain: Duration,
    /// A process that takes over has to be ready within this.
    pub take_over_within: Duration,
    /// Refused calls of unknown callers recorded per second and source address; more are only counted.
    pub unknown_callers_per_s: f64,
    /// The same for all sources together.
    pub unknown_callers_total_per_s: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max_bytes: 64 << 20,
            answer_max_bytes: 64 << 20,
            buffered_max_bytes: 1 << 30,
            connections_max: 20_000,
            calls_max: 10_000,
            api_requests_max: 1_000,
            connections_per_address: None,
            api_requests_per_address: None,
            json_max_depth: 100,
            headers_max: 100,
            headers_max_bytes: 32 << 10,
            uri_max_bytes: 8 << 10,
            header_timeout: Duration::from_secs(10),
            keepalive_timeout: Duration::from_secs(75),
            body_read_timeout: Duration::from_secs(30),
            body_grace: Duration::from_secs(30),
            body_min_bytes_per_s: 1024,
            client_write_timeout: Duration::from_secs(30),
            client_min_bytes_per_s: 64 << 10,
            upstream_write_timeout: Duration::from_secs(30),
            upstream_idle_pool: 1024,
            upstream_idle_timeout: Duration::from_secs(60),
            recorded_body_max_bytes: 4 << 20,
            cache_max_bytes: 64 << 20,
            grace: Duration::from_secs(10),
            drain: Duration::from_secs(600),
            take_over_within: Duration::from_secs(60),
            unknown_callers_per_s: 1.0,
            unknown_callers_total_per_s: 50.0,
        }
    }
}
