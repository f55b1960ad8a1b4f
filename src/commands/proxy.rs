//! `aop proxy`: the front door.

mod life;
mod open_files;

use std::thread;
use std::time::Duration;

use aop_proxy::{AccessLogOf, AccessLogTo, Limits, Start, WhenAway, WhenFull};

use crate::cli::ProxyArgs;
use crate::settings::{self, Reader, environment};
use crate::upgrade::report;

const CERTIFICATE_LOOK_EVERY: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &ProxyArgs) -> anyhow::Result<()> {
    let ran = run_as(if args.take_over { Start::TakeOver } else { Start::Fresh });
    if let (Err(error), true) = (&ran, args.take_over) {
        report::failed(error);
    }
    ran
}

fn run_as(start: Start) -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let spool_dir = reader.path("AOP_SPOOL_DIR");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = reader.number("AOP_PROXY_THREADS", u64::try_from(cores).unwrap_or(1));
    let config = aop_proxy::Config {
        listen: reader.address("AOP_LISTEN", "127.0.0.1:8080"),
        tls: tls(&mut reader),
        threads: usize::try_from(threads).unwrap_or(1).max(1),
        database_url: reader.required("DATABASE_URL").into(),
        api_url: reader.url("AOP_API_URL", "http://127.0.0.1:8081"),
        collector_url: reader.url("AOP_COLLECTOR_URL", "http://127.0.0.1:8082"),
        simulator_url: reader.url("AOP_SIMULATOR_URL", "http://127.0.0.1:8083"),
        spool_max_bytes: reader.number("AOP_SPOOL_MAX_BYTES", 10 << 30),
        when_full: when_full(&mut reader),
        limits_when_away: limits_when_away(&mut reader),
        token_issuers: settings::token_issuers::read(&mut reader),
        token_pace: aop_service::token::Pace::default(),
        access_log: access_log(&mut reader),
        access_log_of: match reader.choice("AOP_ACCESS_LOG_OF", &["calls", "everything"]) {
            "everything" => AccessLogOf::Everything,
            _ => AccessLogOf::Calls,
        },
        metrics_token: reader.secret("AOP_METRICS_TOKEN"),
        node: super::node_name(&mut reader),
        master_key: reader.master_key(),
        run_dir: spool_dir.clone(),
        spool_dir,
        limits: limits(&mut reader),
        addresses: settings::addresses::read(&mut reader),
        shared_cache: shared_cache(&mut reader),
    };
    reader.finish()?;
    aop_service::telemetry::init(environment("AOP_LOG").as_deref());
    let mut config = config;
    open_files::fit(&mut config.limits);
    let life = life::begin(start, &config)?;
    Ok(aop_proxy::run(config, start, life)?)
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    let usual = Limits::default();
    Limits {
        connections_max: at_least_one(reader, "AOP_CONNECTIONS_MAX", usual.connections_max),
        calls_max: at_least_one(reader, "AOP_CALLS_MAX", usual.calls_max),
        api_requests_max: at_least_one(reader, "AOP_API_REQUESTS_MAX", usual.api_requests_max),
        connections_per_address: share(reader, "AOP_CONNECTIONS_PER_ADDRESS"),
        api_requests_per_address: share(reader, "AOP_API_REQUESTS_PER_ADDRESS"),
        buffered_max_bytes: at_least_one(reader, "AOP_BUFFERED_MAX_BYTES", usual.buffered_max_bytes),
        body_max_bytes: at_least_one(reader, "AOP_BODY_MAX_BYTES", usual.body_max_bytes),
        client_min_bytes_per_s: reader.number("AOP_CLIENT_MIN_BYTES_PER_S", usual.client_min_bytes_per_s),
        cache_max_bytes: reader.number("AOP_CACHE_MAX_BYTES", usual.cache_max_bytes),
        drain: Duration::from_secs(reader.number("AOP_DRAIN_S", usual.drain.as_secs())),
        take_over_within: settings::upgrade_within(reader),
        ..usual
    }
}

/// The second level of the response cache, when it is asked for. Its address may hold a password: no mistake repeats it.
fn shared_cache(reader: &mut Reader<'_>) -> Option<aop_proxy::SharedCache> {
    let url = reader.secret("AOP_CACHE_REDIS_URL")?;
    let is_redis = |url: &url::Url| ["redis", "rediss"].contains(&url.scheme()) && url.has_host();
    if !url::Url::parse(url.expose()).is_ok_and(|url| is_redis(&url)) {
        reader.mistake("AOP_CACHE_REDIS_URL is not an address like redis://HOST:6379".to_owned());
    }
    let timeout_ms = reader.number("AOP_CACHE_REDIS_TIMEOUT_MS", 50);
    if timeout_ms == 0 {
        reader.mistake("AOP_CACHE_REDIS_TIMEOUT_MS=0 would wait for no answer; write at least 1".to_owned());
    }
    Some(aop_proxy::SharedCache {
        url,
        authorities: reader.text("AOP_CACHE_REDIS_CA").map(Into::into),
        timeout: Duration::from_millis(timeout_ms),
    })
}

fn at_least_one(reader: &mut Reader<'_>, name: &'static str, usual: usize) -> usize {
    let number = reader.number(name, usual as u64);
    if number == 0 {
        reader.mistake(format!("{name}=0 would refuse everything; write at least 1"));
    }
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where it is not given, it follows from the bound on all.
fn share(reader: &mut Reader<'_>, name: &'static str) -> Option<usize> {
    reader.text(name)?;
    Some(at_least_one(reader, name, 1))
}

/// The door with TLS, when it is asked for.
fn tls(reader: &mut Reader<'_>) -> Option<aop_proxy::Tls> {
    reader.text("AOP_TLS_LISTEN")?;
    Some(aop_proxy::Tls {
        listen: reader.address("AOP_TLS_LISTEN", "0.0.0.0:8443"),
        files: aop_proxy::TlsFiles {
            certificate: reader.path("AOP_TLS_CERTIFICATE"),
            key: reader.path("AOP_TLS_KEY"),
        },
        look_every: CERTIFICATE_LOOK_EVERY,
    })
}

fn access_log(reader: &mut Reader<'_>) -> AccessLogTo {
    match reader.text("AOP_ACCESS_LOG").as_deref() {
        None | Some("off") => AccessLogTo::Nowhere,
        Some("stderr") => AccessLogTo::StandardError,
        Some(path) => AccessLogTo::File(path.into()),
    }
}

fn when_full(reader: &mut Reader<'_>) -> WhenFull {
    match reader.choice("AOP_SPOOL_WHEN_FULL", &["shed-bodies", "refuse"]) {
        "refuse" => WhenFull::Refuse,
        _ => WhenFull::ShedBodies,
    }
}

fn limits_when_away(reader: &mut Reader<'_>) -> WhenAway {
    match reader.choice("AOP_LIMITS_WHEN_AWAY", &["refuse-spend", "allow", "refuse"]) {
        "allow" => WhenAway::Allow,
        "refuse" => WhenAway::Refuse,
        _ => WhenAway::RefuseSpend,
    }
}
