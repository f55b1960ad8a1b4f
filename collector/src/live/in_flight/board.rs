//! Who is in flight where, who listens, and what gateways are therefore asked to tell.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aop_domain::in_flight::{Batch, Ended, InFlight, LOST, SILENCE_MS, Wanted};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events a listener may be behind.
const ROOM: usize = 16_384;
/// Pieces of text a reader may be behind.
const TEXT_ROOM: usize = 256;
/// Texts that are read along at once.
const MOST_TEXTS: usize = 64;
/// Gateways that are told apart.
const MOST_GATEWAYS: usize = 256;
/// After somebody asked for the list, gateways go on telling for so long.
const ASKED_FOR: Duration = Duration::from_secs(15);
/// A gateway that waits for wishes comes again within this.
const KNOWN_FOR: Duration = Duration::from_secs(45);
const SWEEP_EVERY: Duration = Duration::from_millis(500);

/// One event as it goes out.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: &'static str,
    pub(super) json: String,
}

/// What reaches a reader of a text.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text { text: String, missed_bytes: u64 },
    End { status: String },
}

#[derive(Clone)]
pub(crate) struct Board {
    inner: Arc<Mutex<Inner>>,
    events: broadcast::Sender<Arc<Event>>,
    wanted: Arc<watch::Sender<Wanted>>,
    /// Grows whenever a gateway has told everything.
    settled: Arc<watch::Sender<u64>>,
    pub(super) shutdown: CancellationToken,
}

#[derive(Default)]
struct Inner {
    gateways: HashMap<Uuid, Gateway>,
    texts: HashMap<Uuid, broadcast::Sender<Piece>>,
    listeners: usize,
    asked_until: Option<Instant>,
}

struct Gateway {
    /// Last heard of in any way.
    known_at: Instant,
    /// Last told something.
    told_at: Instant,
    /// It has told everything since somebody listens.
    is_whole: bool,
    untold: u64,
    calls: HashMap<Uuid, InFlight>,
}

/// The calls of a team.
#[derive(Debug, Serialize)]
pub(super) struct List {
    pub(super) calls: Vec<InFlight>,
    pub(super) complete: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    r#type: &'static str,
    agent_id: &'a str,
    #[serde(flatten)]
    call: &'a InFlight,
}

#[derive(Serialize)]
struct Over<'a> {
    r#type: &'static str,
    agent_id: &'a str,
    #[serde(flatten)]
    ended: &'a Ended,
}

impl Board {
    /// `seed`: where versions begin, other after each start, so that no gateway takes this board for the one before.
    pub(crate) fn new(seed: u64, shutdown: CancellationToken) -> Self {
        let wanted = Wanted { version: seed, ..Wanted::default() };
        Self {
            inner: Arc::default(),
            events: broadcast::Sender::new(ROOM),
            wanted: Arc::new(watch::Sender::new(wanted)),
            settled: Arc::new(watch::Sender::new(0)),
            shutdown,
        }
    }

    /// Forgets gateways that fell silent and wishes that are over, until shutdown.
    pub(crate) async fn sweep(&self) {
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = tokio::time::sleep(SWEEP_EVERY) => self.sweep_once(),
            }
        }
    }

    fn sweep_once(&self) {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        let silence = Duration::from_millis(SILENCE_MS);
        let is_listening = self.wanted.borrow().listen;
        for gateway in inner.gateways.values_mut() {
            if is_listening && now.duration_since(gateway.told_at) > silence && !gateway.calls.is_empty() {
                gateway.is_whole = false;
                let lost: Vec<InFlight> = gateway.calls.drain().map(|(_, call)| call).collect();
                lost.iter().for_each(|call| self.publish_lost(call));
            }
        }
        inner.gateways.retain(|_, gateway| now.duration_since(gateway.known_at) < KNOWN_FOR);
        inner.texts.retain(|_, readers| readers.receiver_count() > 0);
        if inner.asked_until.is_some_and(|until| until < now) {
            inner.asked_until = None;
        }
        self.wish(&mut inner);
    }

    /// Says anew what gateways are to tell, if that has changed.
    fn wish(&self, inner: &mut Inner) {
        let listen = inner.listeners > 0 || inner.asked_until.is_some() || !inner.texts.is_empty();
        let mut texts: Vec<Uuid> = inner.texts.keys().copied().collect();
        texts.sort_unstable();
        let changed = self.wanted.send_if_modified(|wanted| {
            let changed = wanted.listen != listen || wanted.texts != texts;
            if changed {
                *wanted = Wanted { version: wanted.version.wrapping_add(1), listen, texts };
            }
            changed
        });
        if changed && !listen {
            for gateway in inner.gateways.values_mut() {
                gateway.calls.clear();
                gateway.is_whole = false;
            }
        }
    }

    /// A gateway that waits for wishes is there.
    pub(super) fn meet(&self, boot: Uuid) -> watch::Receiver<Wanted> {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        inner.gateway(boot, now);
        self.wanted.subscribe()
    }

    /// A gateway has told something. `false`: it is to tell everything.
    pub(super) fn take(&self, batch: Batch) -> bool {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        let Some(gateway) = inner.gateway(batch.boot, now) else { return true };
        if !batch.is_full && !gateway.is_whole {
            return false;
        }
        gateway.told_at = now;
        gateway.untold = batch.untold;
        let before = if batch.is_full { std::mem::take(&mut gateway.calls) } else { HashMap::new() };
        for call in batch.calls {
            let is_known = before.contains_key(&call.call_id) || gateway.calls.contains_key(&call.call_id);
            self.publish_call(if is_known { "call_progress" } else { "call_started" }, &call);
            gateway.calls.insert(call.call_id, call);
        }
        let over: Vec<Ended> = batch
            .ended
            .into_iter()
            .filter(|ended| {
                gateway.calls.remove(&ended.call_id).is_some() || before.contains_key(&ended.call_id)
            })
            .collect();
        let lost: Vec<&InFlight> = before
            .values()
            .filter(|call| {
                let id = call.call_id;
                !gateway.calls.contains_key(&id) && !over.iter().any(|ended| ended.call_id == id)
            })
            .collect();
        lost.into_iter().for_each(|call| self.publish_lost(call));
        let was_whole = std::mem::replace(&mut gateway.is_whole, true);
        for text in batch.texts {
            let piece = Piece::Text { text: text.text, missed_bytes: text.missed_bytes };
            inner.pass_text(text.call_id, piece);
        }
        for ended in over {
            inner.pass_text(ended.call_id, Piece::End { status: ended.status.clone() });
            self.publish_end(&ended);
        }
        drop(inner);
        if !was_whole {
            self.settled.send_modify(|times| *times += 1);
        }
        true
    }

    fn publish_call(&self, kind: &'static str, call: &InFlight) {
        let told = Told { r#type: kind, agent_id: &call.agent, call };
        self.publish(kind, &told);
    }

    fn publish_end(&self, ended: &Ended) {
        self.publish("call_ended", &Over { r#type: "call_ended", agent_id: &ended.agent, ended });
    }

    /// The end of a call that nobody told of.
    fn publish_lost(&self, call: &InFlight) {
        self.publish_end(&Ended {
            team_id: call.team_id,
            trace_id: call.trace_id,
            call_id: call.call_id,
            agent: call.agent.clone(),
            status: LOST.to_owned(),
            error_code: String::new(),
            duration_us: 0,
        });
    }

    fn publish(&self, kind: &'static str, data: &impl Serialize) {
        if self.events.receiver_count() == 0 {
            return;
        }
        match serde_json::to_string(data) {
            // Nobody may be left by now; that is no fault.
            Ok(json) => drop(self.events.send(Arc::new(Event { kind, json }))),
            Err(error) => tracing::error!(%error, kind, "an event of a call in flight could not be written"),
        }
    }

    /// Someone listens until the returned value is dropped.
    pub(super) fn listen(&self) -> (broadcast::Receiver<Arc<Event>>, Listening) {
        let events = self.events.subscribe();
        let mut inner = self.inner.lock();
        inner.listeners += 1;
        self.wish(&mut inner);
        (events, Listening(self.clone()))
    }

    /// The calls for which `wants` holds, when every gateway that is known has told everything or `wait` is over.
    pub(super) async fn list(&self, wait: Duration, wants: impl Fn(&InFlight) -> bool) -> List {
        let mut settled = self.settled.subscribe();
        {
            let mut inner = self.inner.lock();
            inner.asked_until = Some(Instant::now() + ASKED_FOR);
            self.wish(&mut inner);
        }
        let until = Instant::now() + wait;
        while !self.is_whole() {
            if !matches!(tokio::time::timeout_at(until, settled.changed()).await, Ok(Ok(()))) {
                break;
            }
        }
        let inner = self.inner.lock();
        let complete = inner.gateways.values().all(|gateway| gateway.is_whole && gateway.untold == 0);
        let all = inner.gateways.values().flat_map(|gateway| gateway.calls.values());
        let mut calls: Vec<InFlight> = all.filter(|call| wants(call)).cloned().collect();
        calls.sort_unstable_by_key(|call| (call.started_at_us, call.call_id));
        List { calls, complete }
    }

    fn is_whole(&self) -> bool {
        self.inner.lock().gateways.values().all(|gateway| gateway.is_whole)
    }

    /// Reads a call's text along. `None`: too many texts are read already.
    pub(super) fn read_along(&self, call: Uuid) -> Option<broadcast::Receiver<Piece>> {
        let mut inner = self.inner.lock();
        inner.texts.retain(|_, readers| readers.receiver_count() > 0);
        if inner.texts.len() >= MOST_TEXTS && !inner.texts.contains_key(&call) {
            return None;
        }
        let reader = inner.texts.entry(call).or_insert_with(|| broadcast::Sender::new(TEXT_ROOM)).subscribe();
        self.wish(&mut inner);
        Some(reader)
    }

    pub(super) fn is_in_flight(&self, call: Uuid) -> bool {
        self.inner.lock().gateways.values().any(|gateway| gateway.calls.contains_key(&call))
    }
}

impl Inner {
    /// The gateway, which is known from now on. `None`: there are too many.
    fn gateway(&mut self, boot: Uuid, now: Instant) -> Option<&mut Gateway> {
        if self.gateways.len() >= MOST_GATEWAYS && !self.gateways.contains_key(&boot) {
            return None;
        }
        let gateway = self.gateways.entry(boot).or_insert_with(|| Gateway {
            known_at: now,
            told_at: now,
            is_whole: false,
            untold: 0,
            calls: HashMap::new(),
        });
        gateway.known_at = now;
        Some(gateway)
    }

    fn pass_text(&self, call: Uuid, piece: Piece) {
        if let Some(readers) = self.texts.get(&call) {
            // Nobody may be left by now; that is no fault.
            drop(readers.send(piece));
        }
    }
}

/// A listener's place.
pub(super) struct Listening(Board);

impl Drop for Listening {
    fn drop(&mut self) {
        let mut inner = self.0.inner.lock();
        inner.listeners = inner.listeners.saturating_sub(1);
        self.0.wish(&mut inner);
    }
}

#[cfg(test)]
mod tests;
