//! The parts that `no_record_lost` kills: a writer with its spool, the collector, and ClickHouse, one process each.
//!
//! Each ends when its standard input does, so none is left behind when the test itself dies. A writer whose input ends
//! stops writing, and leaves when everything it wrote has been shipped.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use aop_clickhouse_embedded as embedded;
use aop_domain::record::RecordKind;
use aop_service::secret::Secret;
use aop_spool::{Spool, ship};
use aop_tests::fault::{self, PASSWORD, TOKEN, database};
use prost::Message;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    aop_service::telemetry::init(Some("warn"));
    // Only the first caller installs it; there is only one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["clickhouse", library, dir, port] => clickhouse(library, dir, port.parse()?).await,
        ["collector", dir, port, clickhouse_port] => {
            collector(dir, port.parse()?, clickhouse_port.parse()?).await
        }
        ["writer", dir, collector_port, number, life] => {
            writer(dir, collector_port.parse()?, number.parse()?, life.parse()?).await
        }
        _ => bail!("which part? clickhouse, collector or writer"),
    }
}

/// Cancelled when standard input ends.
fn until_input_ends() -> CancellationToken {
    let ended = CancellationToken::new();
    let token = ended.clone();
    std::thread::spawn(move || {
        let mut sink = [0; 64];
        while std::io::stdin().read(&mut sink).is_ok_and(|read| read > 0) {}
        token.cancel();
    });
    ended
}

async fn clickhouse(library: &str, dir: &str, port: u16) -> anyhow::Result<()> {
    let config = embedded::Config {
        library: library.into(),
        data_path: dir.into(),
        listen: ([127, 0, 0, 1], port).into(),
        password: PASSWORD.to_owned(),
        limits: embedded::Limits::default(),
    };
    Ok(embedded::run(config, until_input_ends()).await?)
}

async fn collector(dir: &str, port: u16, clickhouse_port: u16) -> anyhow::Result<()> {
    let config = aop_collector::Config {
        listen: ([127, 0, 0, 1], port).into(),
        clickhouse: database(clickhouse_port),
        internal_token: Secret::new(TOKEN.to_owned()),
        data_dir: dir.into(),
    };
    Ok(aop_collector::run(config, until_input_ends()).await?)
}

/// Appends as fast as its pace allows, and notes each id in a file once the spool has taken the record. The note comes
/// after the record: an id that was noted was acknowledged.
async fn writer(dir: &str, collector_port: u16, number: u16, life: u32) -> anyhow::Result<()> {
    let dir = PathBuf::from(dir);
    let spool = Arc::new(Spool::open(aop_spool::Config {
        segment_records: 400,
        seal_after: Duration::from_millis(100),
        ..aop_spool::Config::new(dir.join("spool"))
    })?);
    let notes = OpenOptions::new().create(true).append(true).open(dir.join("acknowledged"))?;
    let stop = CancellationToken::new();
    let config = ship::Config::new(format!("http://127.0.0.1:{collector_port}"), TOKEN);
    let shipping = tokio::spawn(ship::run(Arc::clone(&spool), config, stop.clone()));
    let ended = until_input_ends();
    let appending = {
        let (spool, ended) = (Arc::clone(&spool), ended.clone());
        tokio::task::spawn_blocking(move || append_until(&spool, notes, number, life, &ended))
    };
    appending.await??;
    let waits = |stats: aop_spool::Stats| stats.segments + stats.unsealed_records > 0;
    while waits(spool.stats()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    shipping.await?.context("shipping")
}

fn append_until(
    spool: &Spool,
    mut notes: File,
    number: u16,
    life: u32,
    ended: &CancellationToken,
) -> anyhow::Result<()> {
    for counter in 0.. {
        if ended.is_cancelled() {
            break;
        }
        let id = fault::Id { writer: number, life, counter };
        spool.append(RecordKind::Call, &[&fault::call(id).encode_to_vec()])?;
        notes.write_all(&id.bytes())?;
        if counter % 3 == 0 {
            spool.append(RecordKind::Span, &[&fault::span(id).encode_to_vec()])?;
            spool.append(RecordKind::Log, &[&fault::log(id).encode_to_vec()])?;
        }
        std::thread::sleep(Duration::from_micros(1_500));
    }
    Ok(())
}
