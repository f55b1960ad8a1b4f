//! A process that writes spans and log lines into a spool of its own, as the runner does, and ships them: one of the
//! parts that `no_record_lost` kills. `span-writer DIR LIFE`, with `AOP_COLLECTOR_URL` and `AOP_INTERNAL_TOKEN`.
//!
//! It ends when its standard input does, so that none is left behind when the test itself dies.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aop_domain::record::RecordKind;
use aop_spool::{Spool, ship};
use aop_tests::fault;
use prost::Message;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    aop_service::telemetry::init(Some("error"));
    // Only the first caller installs it; there is only one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().context("which directory?")?);
    let life: u32 = arguments.next().context("which life?")?.parse()?;
    let spool = Arc::new(Spool::open(aop_spool::Config {
        segment_records: 400,
        seal_after: Duration::from_millis(100),
        ..aop_spool::Config::new(dir.join("spool"))
    })?);
    let notes = OpenOptions::new().create(true).append(true).open(dir.join("acknowledged"))?;
    let config = ship::Config::new(std::env::var("AOP_COLLECTOR_URL")?, std::env::var("AOP_INTERNAL_TOKEN")?);
    let stop = CancellationToken::new();
    let shipping = tokio::spawn(ship::run(Arc::clone(&spool), config, stop.clone()));
    let ended = until_input_ends();
    let appended = {
        let spool = Arc::clone(&spool);
        tokio::task::spawn_blocking(move || append_until(&spool, notes, life, &ended))
    };
    appended.await??;
    while spool.stats().segments + spool.stats().unsealed_records > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    shipping.await?.context("shipping")
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

/// Notes each id in a file once the spool has taken its records. The note comes after them: what was noted was
/// acknowledged.
fn append_until(spool: &Spool, mut notes: File, life: u32, ended: &CancellationToken) -> anyhow::Result<()> {
    for counter in 0.. {
        if ended.is_cancelled() {
            break;
        }
        let id = fault::Id { life, counter };
        spool.append(RecordKind::Span, &[&fault::span(id).encode_to_vec()])?;
        spool.append(RecordKind::Log, &[&fault::log(id).encode_to_vec()])?;
        notes.write_all(format!("{}\n", id.text()).as_bytes())?;
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
