//! `aop api`: the management API and the web UI. Also what the first start puts into an empty installation.

use aop_api::bootstrap::{self, FirstStart, SimulatorModel, Started};
use aop_service::keys::MasterKey;
use aop_simulator::Mode;
use aop_store::Store;

use crate::settings::{self, Reader, environment};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let config = aop_api::Config {
        listen: reader.address("AOP_API_LISTEN", "127.0.0.1:8081"),
        database_url: reader.required("DATABASE_URL"),
        database_connections: 16,
        clickhouse: super::migrate::clickhouse_config(&mut reader),
        master_key: reader.master_key(),
        collector_url: reader.url("AOP_COLLECTOR_URL", "http://127.0.0.1:8082"),
        public_url: reader.url("AOP_PUBLIC_URL", "http://127.0.0.1:8080"),
        simulator_url: Some(reader.url("AOP_SIMULATOR_URL", "http://127.0.0.1:8083")),
        sso: settings::sso::read(&mut reader),
        token_issuers: settings::token_issuers::read(&mut reader),
    };
    reader.finish()?;
    super::run_part(2, |shutdown| async move { Ok(aop_api::run(config, shutdown).await?) })
}

/// Reads what an operator may give for the first start.
pub(crate) fn first_start_settings(reader: &mut Reader<'_>) -> FirstStart {
    FirstStart {
        admin_email: reader.text("AOP_ADMIN_EMAIL"),
        admin_password: reader.secret("AOP_ADMIN_PASSWORD"),
        bootstrap_key: reader.secret("AOP_BOOTSTRAP_KEY"),
        simulator_models: simulator_models(),
    }
}

/// Brings a migrated database to the state of a first start, or leaves it as people made it.
pub(crate) async fn first_start(
    database_url: &str,
    key: &MasterKey,
    given: &FirstStart,
) -> anyhow::Result<Started> {
    let store = Store::connect(database_url, 2).await?;
    Ok(bootstrap::first_start(&store, key, given).await?)
}

fn simulator_models() -> Vec<SimulatorModel> {
    // Lists show the newest first; what people should see first is added last.
    let known = aop_simulator::models().iter().rev();
    known
        .map(|model| SimulatorModel { id: model.id.to_owned(), operations: operations(model.mode) })
        .collect()
}

/// What a model of the simulator may be asked for.
fn operations(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Chat => &["chat", "completion"],
        Mode::Embedding => &["embedding"],
        Mode::Moderation => &["moderation"],
        Mode::Rerank => &["rerank"],
        Mode::Image => &["image"],
        Mode::Speech => &["speech"],
        Mode::Transcription => &["transcription"],
    }
}
