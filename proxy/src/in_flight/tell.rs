//! Tells the collector of calls in flight, beside the calls: a request that waits until somebody listens, and, while
//! somebody does, a batch of what changed every tenth of a second. What does not get through is told anew, whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};
use uuid::Uuid;

use aop_domain::in_flight::{Batch, HEARTBEAT_MS, Heard, InFlight, Wanted};

use super::flight::{Flight, Progress};
use crate::shared::Shared;

const TICK: Duration = Duration::from_millis(100);
/// Growth of a stream is told this often at most; that an answer has begun, at once.
const GROWTH_EVERY: Duration = Duration::from_millis(250);
/// Calls told at most. More are counted.
const MOST_CALLS: usize = 10_000;
/// The collector answers within 20 seconds.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);
const TELL_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct Teller {
    shared: Arc<Shared>,
    client: reqwest::Client,
    collector_url: String,
    internal_token: String,
    /// Of this start of the gateway.
    boot: Uuid,
}

/// What the collector has heard of one call.
struct Told {
    progress: Progress,
    at: Instant,
}

impl Teller {
    pub(crate) fn new(
        shared: Arc<Shared>,
        collector_url: &str,
        internal_token: &str,
    ) -> Result<Self, reqwest::Error> {
        // The collector is ours: no proxy of the environment stands between.
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        let (collector_url, internal_token) = (collector_url.to_owned(), internal_token.to_owned());
        Ok(Self { shared, client, collector_url, internal_token, boot: Uuid::now_v7() })
    }

    /// Runs until it is dropped.
    pub(crate) async fn run(&self) {
        let (wants, wanted) = watch::channel(Wanted::default());
        tokio::join!(self.follow_wishes(&wants), self.tell_while_wanted(wanted));
    }

    async fn follow_wishes(&self, wants: &watch::Sender<Wanted>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let version = wants.borrow().version;
            match self.ask(version).await {
                Ok(wanted) => {
                    pause = FIRST_PAUSE;
                    wants.send_if_modified(|known| {
                        let changed = *known != wanted;
                        *known = wanted;
                        changed
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "the collector cannot be asked who listens");
                    wants.send_replace(Wanted::default());
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Waits at the collector until its wishes are other than `version`, or for a while.
    async fn ask(&self, version: u64) -> Result<Wanted, reqwest::Error> {
        let url = format!("{}/live/wanted?boot={}&version={version}", self.collector_url, self.boot);
        let request = self.client.get(url).timeout(WAIT_TIMEOUT);
        let request = request.header(aop_service::internal::HEADER, &self.internal_token);
        request.send().await?.error_for_status()?.json().await
    }

    async fn tell_while_wanted(&self, mut wanted: watch::Receiver<Wanted>) {
        loop {
            if wanted.wait_for(|wanted| wanted.listen).await.is_err() {
                return;
            }
            self.tell(&mut wanted).await;
            self.shared.in_flights.each(|flight| {
                flight.read_along(false);
                flight.is_told.store(false, Ordering::Release);
            });
            // Nobody is left to be told of these.
            drop(self.shared.in_flights.take_ends());
        }
    }

    /// Until nobody listens any more.
    async fn tell(&self, wanted: &mut watch::Receiver<Wanted>) {
        let mut told: HashMap<Uuid, Told> = HashMap::new();
        let mut tell_all = true;
        let mut last = Instant::now();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let wishes = wanted.borrow_and_update().clone();
            if !wishes.listen {
                return;
            }
            let batch = self.batch(&wishes, &mut told, tell_all);
            let is_empty = batch.calls.is_empty() && batch.ended.is_empty() && batch.texts.is_empty();
            if is_empty && !batch.is_full && last.elapsed() < Duration::from_millis(HEARTBEAT_MS) {
                continue;
            }
            last = Instant::now();
            tell_all = match self.send(&batch).await {
                Ok(heard) => heard.tell_all,
                Err(error) => {
                    tracing::debug!(%error, "the collector cannot be told of calls in flight");
                    self.shared.metrics.in_flight_untold.inc();
                    true
                }
            };
        }
    }

    fn batch(&self, wishes: &Wanted, told: &mut HashMap<Uuid, Told>, tell_all: bool) -> Batch {
        let registry = &self.shared.in_flights;
        // Before the calls are looked at: what ends from here on is told the next time.
        let (ended, ends_were_lost) = registry.take_ends();
        for ended in &ended {
            told.remove(&ended.call_id);
        }
        let is_full = tell_all || ends_were_lost;
        if is_full {
            told.clear();
        }
        let (now, node) = (Instant::now(), &self.shared.node);
        let (mut calls, mut texts, mut untold) = (Vec::new(), Vec::new(), 0);
        registry.each(|flight| {
            let id = flight.facts.call_id;
            if !told.contains_key(&id) && told.len() >= MOST_CALLS {
                untold += 1;
                return;
            }
            calls.extend(news(flight, told, now, node));
            let is_read = wishes.texts.contains(&id);
            flight.read_along(is_read);
            if is_read {
                texts.extend(flight.take_text());
            }
        });
        Batch { boot: self.boot, is_full, untold, calls, ended, texts }
    }

    async fn send(&self, batch: &Batch) -> Result<Heard, reqwest::Error> {
        let url = format!("{}/live/calls", self.collector_url);
        let request = self.client.post(url).timeout(TELL_TIMEOUT).json(batch);
        let request = request.header(aop_service::internal::HEADER, &self.internal_token);
        request.send().await?.error_for_status()?.json().await
    }
}

/// The call as it is told, if there is something new to tell.
fn news(flight: &Arc<Flight>, told: &mut HashMap<Uuid, Told>, now: Instant, node: &str) -> Option<InFlight> {
    let progress = flight.progress();
    if let Some(told) = told.get(&flight.facts.call_id) {
        let is_step =
            told.progress.attempts != progress.attempts || told.progress.has_token != progress.has_token;
        let has_grown = told.progress.text_bytes != progress.text_bytes;
        let is_growth = has_grown && now.duration_since(told.at) >= GROWTH_EVERY;
        if !is_step && !is_growth {
            return None;
        }
    }
    flight.is_told.store(true, Ordering::Release);
    told.insert(flight.facts.call_id, Told { progress, at: now });
    Some(flight.told(node))
}
