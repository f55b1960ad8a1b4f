//! A runner as a process of its own, for tests that kill it. Settings come as one JSON argument.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use aop_runner::Config;
use aop_service::keys::MasterKey;

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("one crypto provider");
    let text = std::env::args().nth(1).expect("the settings");
    let settings: serde_json::Value = serde_json::from_str(&text).expect("settings are JSON");
    let setting = |name: &str| settings[name].as_str().expect("a setting").to_owned();
    let mut config = Config::new(
        setting("database_url"),
        setting("gateway_url"),
        setting("collector_url"),
        MasterKey::from_hex(&setting("master_key")).expect("a master key"),
        aop_spool::Config::new(setting("spool_dir")),
        "child",
    );
    config.stale_after = Duration::from_millis(settings["stale_after_ms"].as_u64().expect("a time"));
    config.heartbeat_every = config.stale_after / 5;
    let shutdown = aop_service::shutdown::on_signal().expect("signals");
    aop_runner::run(config, shutdown).await.expect("the runner works");
}
