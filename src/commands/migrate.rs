//! `aop migrate`: brings both stores to this version's schema, and an empty installation to its first start. `up` does the
//! same before it starts the parts.

use anyhow::Context;

use aop_clickhouse::{ClickHouse, Topology};
use aop_store::Store;

use crate::settings::{Reader, environment};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut reader = Reader::new(&environment);
    let database_url = reader.required("DATABASE_URL");
    let public_url = reader.url("AOP_PUBLIC_URL", "http://127.0.0.1:8080");
    let clickhouse = clickhouse_config(&mut reader);
    let given = super::api::first_start_settings(&mut reader);
    let master_key = reader.master_key();
    reader.finish()?;
    super::run_part(1, |_| async move {
        migrate(&database_url, &clickhouse).await?;
        let started = super::api::first_start(&database_url, &master_key, &given).await?;
        if let Some(token) = started.setup_token {
            super::up::banner::first_admin(&public_url, &token);
        }
        Ok(())
    })
}

/// The address of ClickHouse as every part that needs it reads it.
pub(crate) fn clickhouse_config(reader: &mut Reader<'_>) -> aop_clickhouse::Config {
    aop_clickhouse::Config {
        url: reader.url("AOP_CLICKHOUSE_URL", "http://127.0.0.1:8123"),
        user: reader.text_or("AOP_CLICKHOUSE_USER", "default"),
        password: reader.text_or("AOP_CLICKHOUSE_PASSWORD", ""),
        database: reader.text_or("AOP_CLICKHOUSE_DATABASE", "aop"),
    }
}

pub(crate) async fn migrate(database_url: &str, clickhouse: &aop_clickhouse::Config) -> anyhow::Result<()> {
    let store = Store::connect(database_url, 2).await.context("cannot reach Postgres")?;
    let postgres = async { store.migrate().await.context("cannot migrate Postgres") };
    let clickhouse = async {
        let clickhouse = ClickHouse::connect(clickhouse)?;
        clickhouse.migrate(&Topology::Single).await.context("cannot migrate ClickHouse")
    };
    tokio::try_join!(postgres, clickhouse)?;
    Ok(())
}
