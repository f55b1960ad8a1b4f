//! Takes runs from the queue, as many at once as allowed, and keeps their claims alive. New work and wishes to cancel are
//! heard by notification; polling and the heartbeat find what a notification missed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::id::ExecutionId;
use aop_store::executions::claim::{self, Beat, Claim};
use aop_store::executions::{Signal, Signals};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::engine::Engine;
use crate::run;
use crate::stop::{Reason, Stop};

/// Pause after Postgres failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Time given to runs to hand themselves back at shutdown.
const DRAIN: Duration = Duration::from_secs(5);

/// The runs of this process.
#[derive(Default)]
struct Running(Mutex<HashMap<(ExecutionId, i32), Stop>>);

impl Running {
    fn tell(&self, reason: Reason, which: impl Fn(ExecutionId, i32) -> bool) {
        for ((id, attempt), stop) in self.0.lock().iter() {
            if which(*id, *attempt) {
                stop.tell(reason);
            }
        }
    }

    /// What a heartbeat found: a wish to cancel, or that a run is ours no longer.
    fn compare(&self, known_before: &[(ExecutionId, i32)], beats: &[Beat]) {
        let cancelled = |id, attempt| {
            beats.iter().any(|beat| beat.id == id && beat.attempt == attempt && beat.cancel_requested)
        };
        self.tell(Reason::Cancelled, cancelled);
        let held = |id, attempt| beats.iter().any(|beat| beat.id == id && beat.attempt == attempt);
        self.tell(Reason::Lost, |id, attempt| known_before.contains(&(id, attempt)) && !held(id, attempt));
    }

    fn known(&self) -> Vec<(ExecutionId, i32)> {
        self.0.lock().keys().copied().collect()
    }
}

/// Works until `shutdown`, then hands all runs back.
pub(crate) async fn work(engine: &Arc<Engine>, config: &Config, shutdown: CancellationToken) {
    let running = Arc::new(Running::default());
    let wake = Arc::new(Notify::new());
    let helpers = CancellationToken::new();
    let mut helping = JoinSet::new();
    helping.spawn(helpers.clone().run_until_cancelled_owned(hear(
        Arc::clone(engine),
        Arc::clone(&running),
        Arc::clone(&wake),
    )));
    helping.spawn(helpers.clone().run_until_cancelled_owned(beat(
        Arc::clone(engine),
        Arc::clone(&running),
        config.heartbeat_every,
        config.stale_after,
    )));
    let mut runs = JoinSet::new();
    while !shutdown.is_cancelled() {
        take_work(engine, config, &running, &mut runs).await;
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wake.notified() => {}
            () = tokio::time::sleep(config.poll_every) => {}
            Some(ended) = runs.join_next() => report(ended),
        }
    }
    running.tell(Reason::Shutdown, |_, _| true);
    let drained = async {
        while let Some(ended) = runs.join_next().await {
            report(ended)
        }
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("some runs could not be handed back; they are taken over when their heartbeat is old");
    }
    helpers.cancel();
    while helping.join_next().await.is_some() {}
}

async fn take_work(engine: &Arc<Engine>, config: &Config, running: &Arc<Running>, runs: &mut JoinSet<()>) {
    while runs.len() < config.concurrency {
        match claim::next(&engine.store, &engine.name, config.stale_after).await {
            Ok(Some(claim)) => start(engine, running, runs, claim),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the queue could not be read");
                tokio::time::sleep(PAUSE).await;
                return;
            }
        }
    }
}

fn start(engine: &Arc<Engine>, running: &Arc<Running>, runs: &mut JoinSet<()>, claim: Claim) {
    let stop = Stop::default();
    let key = (claim.id, claim.attempt);
    tracing::info!(execution = %claim.id, attempt = claim.attempt, crew = claim.crew_name, "run claimed");
    running.0.lock().insert(key, stop.clone());
    let (engine, running) = (Arc::clone(engine), Arc::clone(running));
    runs.spawn(async move {
        // The entry goes even when the run panics, or a later claim of the same run could be mistaken for this one.
        let _entry = Entry { running, key };
        run::run(&engine, claim, &stop).await;
    });
}

struct Entry {
    running: Arc<Running>,
    key: (ExecutionId, i32),
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.0.lock().remove(&self.key);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a run ended unexpectedly; it is taken over when its heartbeat is old");
    }
}

/// Listens for notifications, for ever.
async fn hear(engine: Arc<Engine>, running: Arc<Running>, wake: Arc<Notify>) {
    loop {
        match Signals::listen(&engine.store).await {
            Ok(mut signals) => hear_until_lost(&mut signals, &running, &wake).await,
            Err(error) => {
                tracing::warn!(%error, "notifications of new runs cannot be heard; polling goes on")
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear_until_lost(signals: &mut Signals, running: &Running, wake: &Notify) {
    loop {
        match signals.next().await {
            Ok(Signal::Pending | Signal::Missed) => wake.notify_one(),
            Ok(Signal::Cancel(id)) => running.tell(Reason::Cancelled, |running, _| running == id),
            Err(error) => {
                tracing::warn!(%error, "notifications of new runs were lost; listening again");
                return;
            }
        }
    }
}

/// Keeps the claims alive, for ever. When Postgres cannot be told for too long, the runs count as lost: others may have
/// them by now.
async fn beat(engine: Arc<Engine>, running: Arc<Running>, every: Duration, stale_after: Duration) {
    let mut last_told = Instant::now();
    loop {
        tokio::time::sleep(every).await;
        let known_before = running.known();
        if known_before.is_empty() {
            last_told = Instant::now();
            continue;
        }
        let asked = Instant::now();
        match tokio::time::timeout(stale_after, claim::heartbeat(&engine.store, &engine.name)).await {
            Ok(Ok(beats)) => {
                last_told = asked;
                running.compare(&known_before, &beats);
            }
            Ok(Err(error)) => tracing::warn!(%error, "the heartbeat was not written"),
            Err(_) => tracing::warn!("the heartbeat was not written in time"),
        }
        if last_told.elapsed() >= stale_after {
            running.tell(Reason::Lost, |_, _| true);
        }
    }
}
