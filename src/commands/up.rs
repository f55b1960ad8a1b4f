//! `aop up`: everything on one machine, as children of this process. Engines first, then the schema, then the parts,
//! the front door last; stopped in the opposite order.

pub(crate) mod banner;
pub(crate) mod engines;
pub(crate) mod parts;
mod upgrade;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use aop_api::bootstrap::FirstStart;
use aop_service::keys::MasterKey;
use aop_service::secret::Secret;

use crate::cli::UpArgs;
use crate::data_dir::DataDir;
use crate::settings::{self, Reader, environment};
use crate::supervisor::Supervisor;
use crate::upgrade::notify;

const READY_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(40);

/// What the operator asked for, checked.
pub(crate) struct Settings {
    listen: String,
    public_url: String,
    data: PathBuf,
    log: String,
    master_key: Option<Secret>,
    first_start: FirstStart,
    /// Another provider that plays the simulator's models; the built-in one is not started then.
    simulator_url: Option<String>,
    given: engines::Given,
    upgrade_within: Duration,
}

impl Settings {
    fn read(args: &UpArgs) -> anyhow::Result<Self> {
        let flags = |name: &str| match name {
            "AOP_LISTEN" => args.listen.clone(),
            "AOP_DATA_DIR" => args.data.as_ref().map(|dir| dir.to_string_lossy().into_owned()),
            _ => None,
        };
        let source = |name: &str| flags(name).or_else(|| environment(name));
        let mut reader = Reader::new(&source);
        let listen = reader.address("AOP_LISTEN", "127.0.0.1:8080").to_string();
        let settings = Self {
            public_url: reader.url("AOP_PUBLIC_URL", &format!("http://{listen}")),
            listen,
            data: reader.text("AOP_DATA_DIR").map_or_else(default_data_dir, PathBuf::from),
            log: reader.text_or("AOP_LOG", "warn"),
            master_key: reader.secret("AOP_MASTER_KEY"),
            first_start: super::api::first_start_settings(&mut reader),
            simulator_url: reader.given_url("AOP_SIMULATOR_URL"),
            given: engines::Given::read(&mut reader),
            upgrade_within: settings::upgrade_within(&mut reader),
        };
        // The API reads them again from the environment it inherits; a mistake in them is told before anything starts.
        settings::sso::read(&mut reader);
        reader.finish()?;
        Ok(settings)
    }
}

pub(crate) fn default_data_dir() -> PathBuf {
    let base = environment("XDG_DATA_HOME").map(PathBuf::from);
    let home =
        || PathBuf::from(environment("HOME").unwrap_or_else(|| "/var/lib".to_owned())).join(".local/share");
    base.unwrap_or_else(home).join("aop")
}

pub(crate) fn run(args: &UpArgs) -> anyhow::Result<()> {
    let settings = Settings::read(args)?;
    aop_service::telemetry::init(Some(&settings.log));
    let data = DataDir::open(&settings.data)?;
    // Asked for now, bound later by the front door: another program there would answer for it.
    drop(std::net::TcpListener::bind(&settings.listen).with_context(|| {
        format!(
            "cannot listen on {}; stop what is using it, or give --listen another address",
            settings.listen
        )
    })?);
    let master_key = data.master_key(settings.master_key.as_ref())?;
    // One thread: children ask to be killed when the thread that started them ends.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut supervisor = Supervisor::new(aop_service::shutdown::on_signal()?)?;
        // Taken before anything is started: a signal that nobody listens for ends the process.
        let upgrades = signal(SignalKind::user_defined2())?;
        let asked_to_stop = supervisor.shutdown_asked();
        let started = tokio::select! {
            started = start(&settings, &data, &master_key, &mut supervisor) => started,
            () = asked_to_stop => Ok(None),
        };
        if let Ok(plan) = &started {
            let upgrades = async {
                match plan {
                    Some(plan) => {
                        upgrade::serve(&supervisor, &data, plan, upgrades, settings.upgrade_within).await
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = upgrades => {}
                () = supervisor.until_shutdown() => {}
            }
            banner::step("stopping");
        }
        supervisor.stop_all().await;
        started.map(drop)
    })
}

async fn start(
    settings: &Settings,
    data: &DataDir,
    master_key: &MasterKey,
    supervisor: &mut Supervisor,
) -> anyhow::Result<Option<parts::Plan>> {
    banner::step("starting Postgres and ClickHouse");
    let engines = engines::start(supervisor, data, &settings.given, engines::Durability::Needed).await?;
    banner::step("bringing the schema up to date");
    super::migrate::migrate(engines.database_url.expose(), &engines.clickhouse).await?;
    let first =
        super::api::first_start(engines.database_url.expose(), master_key, &settings.first_start).await?;
    banner::step("starting the parts");
    let parts = parts::Plan::new(settings, data, master_key, &engines)?;
    for part in parts.all() {
        supervisor.start(part)?;
    }
    wait_until_ready(&settings.listen).await?;
    banner::ready(
        &settings.public_url,
        &settings.listen,
        &first,
        settings.first_start.bootstrap_key.is_some(),
    );
    notify::ready();
    Ok(Some(parts))
}

/// Asks the front door, which answers 200 only when everything behind it works.
async fn wait_until_ready(listen: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
    let url = format!("http://{}/readyz", listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]"));
    let ready = async {
        loop {
            match client.get(&url).send().await {
                Ok(answer) if answer.status().is_success() => return,
                _ => tokio::time::sleep(POLL).await,
            }
        }
    };
    tokio::time::timeout(READY_WITHIN, ready).await.with_context(|| {
        format!("the front door at {listen} was not ready within {READY_WITHIN:?}; see the log above")
    })
}
