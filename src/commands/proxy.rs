//! `aop proxy`: the front door.

use std::thread;
use std::time::Duration;

use aop_proxy::{WhenAway, WhenFull};
use aop_service::shutdown;
use tokio_util::sync::CancellationToken;

use crate::settings::{Reader, environment};

const CERTIFICATE_LOOK_EVERY: Duration = Duration::from_secs(5);

pub(crate) fn run() -> anyhow::Result<()> {
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
        node: super::node_name(&mut reader),
        master_key: reader.master_key(),
        run_dir: spool_dir.clone(),
        spool_dir,
        limits: aop_proxy::Limits {
            cache_max_bytes: reader.number("AOP_CACHE_MAX_BYTES", 64 << 20),
            ..aop_proxy::Limits::default()
        },
    };
    reader.finish()?;
    aop_service::telemetry::init(environment("AOP_LOG").as_deref());
    let shutdown = shutdown_on_signal()?;
    Ok(aop_proxy::run(config, shutdown)?)
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

/// pingora makes its own runtimes, so signals are waited for on a thread of their own.
fn shutdown_on_signal() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let asked = token.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            match shutdown::on_signal() {
                Ok(signalled) => signalled.cancelled().await,
                Err(error) => tracing::error!(%error, "signals cannot be waited for; stopping"),
            }
            asked.cancel();
            // A second signal still has to be heard.
            std::future::pending::<()>().await;
        });
    })?;
    Ok(token)
}
