//! Takes replays from their queue and keeps them alive. A replay is not taken over: what the model answered so far is in
//! this process, so one whose runner is gone has failed and says so.

mod talk;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::id::ReplayId;
use aop_store::replays::claim::{self, Claim};
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::engine::Engine;
use crate::stop::{Reason, Stop};

/// Replays at once, beside the runs.
const MOST_AT_ONCE: usize = 4;
/// Pause after Postgres failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Time given to replays to write down their end at shutdown.
const DRAIN: Duration = Duration::from_secs(5);
const RUNNER_GONE: &str = "Its runner ended in the middle of it. Start it again.";

type Running = Arc<Mutex<HashMap<ReplayId, Stop>>>;

/// Works until `shutdown`.
pub(crate) async fn work(engine: &Arc<Engine>, config: &Config, shutdown: CancellationToken) {
    let running = Running::default();
    let listener = aop_store::replays::listen(&engine.store);
    let mut beat = interval(config.heartbeat_every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_told = Instant::now();
    let mut replays = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = listener.changed.notified() => {}
            _ = beat.tick() => {}
            Some(ended) = replays.join_next() => report(ended),
        }
        if let Err(error) = look(engine, config, &running, &mut replays, &mut last_told).await {
            tracing::warn!(%error, "replays could not be looked at");
            if last_told.elapsed() >= config.stale_after {
                running.lock().values().for_each(|stop| stop.tell(Reason::Lost));
            }
            sleep(PAUSE).await;
        }
    }
    running.lock().values().for_each(|stop| stop.tell(Reason::Shutdown));
    let drained = async {
        while let Some(ended) = replays.join_next().await {
            report(ended)
        }
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("the end of some replays could not be written; they count as interrupted");
    }
}

/// Keeps what is held, hears what is to be cancelled, ends what nobody holds any more, and takes what waits.
async fn look(
    engine: &Arc<Engine>,
    config: &Config,
    running: &Running,
    replays: &mut JoinSet<()>,
    last_told: &mut Instant,
) -> Result<(), aop_store::Error> {
    let known: Vec<ReplayId> = running.lock().keys().copied().collect();
    let asked = Instant::now();
    if !known.is_empty() {
        let held = claim::heartbeat(&engine.store, &engine.name).await?;
        for (id, stop) in running.lock().iter().filter(|(id, _)| known.contains(id)) {
            match held.iter().find(|(held, _)| held == id) {
                None => stop.tell(Reason::Lost),
                Some((_, true)) => stop.tell(Reason::Cancelled),
                Some((_, false)) => {}
            }
        }
    }
    *last_told = asked;
    claim::end_left(&engine.store, config.stale_after, RUNNER_GONE).await?;
    while replays.len() < MOST_AT_ONCE {
        let Some(claim) = claim::next(&engine.store, &engine.name).await? else { break };
        start(engine, running, replays, claim);
    }
    Ok(())
}

fn start(engine: &Arc<Engine>, running: &Running, replays: &mut JoinSet<()>, claim: Claim) {
    let stop = Stop::default();
    let id = claim.id;
    tracing::info!(replay = %id, "replay claimed");
    running.lock().insert(id, stop.clone());
    let (engine, running) = (Arc::clone(engine), Arc::clone(running));
    replays.spawn(async move {
        let _entry = Entry { running, id };
        talk::run(&engine, claim, &stop).await;
    });
}

/// Goes even when the replay panics.
struct Entry {
    running: Running,
    id: ReplayId,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.lock().remove(&self.id);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a replay ended unexpectedly");
    }
}
