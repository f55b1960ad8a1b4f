//! Structured logs on standard error. Messages are for reading, fields for searching; secrets and bodies never appear.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged when nothing else is asked for.
pub const DEFAULT_FILTER: &str =
    "info,pingora=warn,pingora_core=warn,pingora_proxy=warn,sqlx=warn,hyper=warn";

/// Starts logging: readable lines on a terminal, JSON lines otherwise. A filter that does not parse is replaced by the
/// default and reported. Calling it twice keeps the first.
pub fn init(filter: Option<&str>) {
    let asked = filter.filter(|text| !text.trim().is_empty());
    let parsed = asked.map(EnvFilter::try_new);
    let (filter, rejected) = match parsed {
        Some(Ok(filter)) => (filter, false),
        Some(Err(_)) => (EnvFilter::new(DEFAULT_FILTER), true),
        None => (EnvFilter::new(DEFAULT_FILTER), false),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let started = if std::io::stderr().is_terminal() {
        registry
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false))
            .try_init()
    } else {
        registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
    };
    if started.is_ok() && rejected {
        tracing::warn!(filter = asked, "the log filter does not parse; using the default");
    }
    quiet_panics();
}

/// Panics are logged as one line with their place, never with a payload that could hold a secret.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a task panicked; this is a fault of ours");
    }));
}
