//! The collector: takes sealed spool segments, turns their records into rows, stores them once, and tells who listens.
//!
//! The road of a segment: [`server`] (who may come in) → [`ingest`] (one at a time, answered when durable) → [`decode`]
//! (frames to records) → [`content`] (bodies to content-addressed pieces) → [`rows`] (records to rows) → [`store`] (rows to
//! ClickHouse, exactly once) → [`live`] (to whoever listens). What cannot be read goes to [`dead_letter`]. Beside it,
//! [`settle`] joins what several gateways recorded of one run, and [`reprice`] changes what calls cost when the api says so.
//!
//! Never belongs here: answering calls, reads for people (the api's), Postgres, what a price is. It is the only crate that inserts
//! into ClickHouse, and holds nothing that a restart may not lose.

mod config;
mod content;
mod dead_letter;
mod decode;
mod error;
mod ingest;
mod live;
mod memory;
mod metrics;
mod reprice;
mod rows;
mod schema;
mod server;
mod settle;
mod store;

use aop_clickhouse::ClickHouse;
use aop_service::clock::Clock;
use aop_service::http_server::{self, Limits};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use error::Error;

/// Runs until `shutdown`. Listens at once; segments are answered 503 until ClickHouse answers and has the schema.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Error::Listen { listen: config.listen, error })?;
    serve(listener, config, shutdown).await
}

/// As [`run`], on a listener that is already bound: `config.listen` is not looked at.
pub async fn serve(listener: TcpListener, config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let clickhouse = ClickHouse::connect(&config.clickhouse)?;
    let dead_letters = config.data_dir.join("dead-letters");
    let dead_letters = dead_letter::DeadLetters::open(dead_letters)
        .map_err(|error| Error::DataDir { dir: config.data_dir.clone(), error })?;
    let metrics = metrics::Metrics::new()?;
    let live = live::Live::new(shutdown.clone());
    let seed = u64::try_from(Clock::System.now_us()).unwrap_or_default();
    let board = live::in_flight::Board::new(seed, shutdown.clone());
    let schema = schema::Schema::default();
    let ready = server::Ready { clickhouse: clickhouse.clone(), schema: schema.clone() };
    let (settling, settle) = settle::Settling::new(
        clickhouse.clone(),
        &metrics,
        Clock::System,
        &config.data_dir.join("settle.state"),
        shutdown.clone(),
    );
    let intake = ingest::Intake::new(
        clickhouse.clone(),
        schema.clone(),
        dead_letters,
        live.clone(),
        settling,
        metrics.clone(),
        Clock::System,
    );
    let repricer = reprice::Repricer::new(clickhouse.clone(), schema.clone(), metrics.repriced.clone());
    let app = server::router(intake, repricer, (live, board.clone()), metrics, ready, config.internal_token);
    let serving = http_server::serve(listener, app, Limits::default(), shutdown.clone());
    let migrating = shutdown.run_until_cancelled(schema.bring_up(&clickhouse));
    tokio::join!(serving, migrating, board.sweep(), settle);
    Ok(())
}
