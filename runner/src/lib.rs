//! Runs crews: claims executions from Postgres, calls models through the gateway, keeps every finished task, and writes
//! the run's spans through a spool of its own to the collector (R1, R3, R4). Replays recorded calls the same way (M4).
//!
//! One run is owned by one runner at a time: a claim carries a number that every write names, a heartbeat keeps it, and a
//! run whose heartbeat stops is taken over by another runner at its first unfinished task. Tools and model calls of an
//! unfinished task may thus happen twice; a finished task never does.
//!
//! Never belongs here: a model provider's address or key (the gateway has them), ClickHouse, and prices.

mod agent;
mod causes;
mod config;
mod engine;
mod error;
pub mod gateway;
mod halt;
mod jobs;
mod journal;
mod model_turn;
pub mod prompt;
mod queue;
mod replays;
mod run;
mod spans;
mod stop;
mod task;
pub mod tools;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use error::Error;

/// Time given to the last spans to reach the collector at shutdown; what is left is shipped after the next start.
const LAST_SHIPMENT: Duration = Duration::from_secs(2);

/// Works until `shutdown`, then hands its runs back to the queue.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let engine = Arc::new(engine::Engine::open(&config).await?);
    let shipping = CancellationToken::new();
    let shipper = tokio::spawn(aop_spool::ship::run(
        Arc::clone(&engine.spool),
        aop_spool::ship::Config::new(&config.collector_url, config.master_key.internal_token().expose()),
        shipping.clone(),
    ));
    tracing::info!(runner = engine.name, concurrency = config.concurrency, "waiting for runs");
    tokio::join!(
        queue::work(&engine, &config, shutdown.clone()),
        replays::work(&engine, &config, shutdown.clone()),
        jobs::run(&engine.store, &engine.clock, shutdown),
    );
    engine.spool.close();
    let mut shipper = shipper;
    tokio::select! {
        () = emptied(&engine.spool) => {}
        () = tokio::time::sleep(LAST_SHIPMENT) => {}
        ended = &mut shipper => return shipped(ended),
    }
    shipping.cancel();
    shipped(shipper.await)
}

async fn emptied(spool: &aop_spool::Spool) {
    while spool.stats().segments > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn shipped(ended: Result<Result<(), reqwest::Error>, tokio::task::JoinError>) -> Result<(), Error> {
    match ended {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Error::Client(error)),
        Err(error) => Err(Error::Ended(error)),
    }
}
