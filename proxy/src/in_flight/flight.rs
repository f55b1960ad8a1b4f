//! What is known of one call while it runs, and the way to end it from outside.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use aop_domain::id::{ExecutionId, KeyId, SpanId, TeamId, TraceId, UserId};
use aop_domain::identity::Claim;
use aop_domain::in_flight::{InFlight, State, Text};
use aop_domain::record::ProvenToken;
use aop_domain::routing::OnAbort;
use aop_domain::runaway::Mark;

use crate::call::Call;
use crate::recording;
use crate::refusal::Refusal;
use crate::stream::observe::Observed;

/// Text of one call that waits to be told; the newest stays.
const MOST_TEXT_BYTES: usize = 64 << 10;
const BYTES_A_TOKEN: u64 = 4;

/// Fixed when the call enters.
pub(crate) struct Facts {
    pub(crate) call_id: Uuid,
    pub(crate) team_id: TeamId,
    pub(crate) trace_id: TraceId,
    span_id: SpanId,
    started_at_us: i64,
    pub(crate) key_id: KeyId,
    user_id: UserId,
    pub(crate) execution: Option<Box<str>>,
    pub(crate) session: Option<Box<str>>,
    pub(crate) agent: Option<Box<str>>,
    /// Issuer and subject, as they may be shown.
    token: Option<Box<ProvenToken>>,
    crew: Option<Box<str>>,
    task: Option<Box<str>>,
    operation: &'static str,
    model: Box<str>,
    stream: bool,
}

#[derive(Default)]
struct Trying {
    provider: String,
    deployment: String,
    count: u32,
    marks: Vec<Mark>,
}

/// Text on its way to whoever reads along.
#[derive(Default)]
struct Tail {
    /// How much of the kept text of the stream went in here.
    taken_bytes: usize,
    text: String,
    missed_bytes: u64,
}

pub(crate) struct Flight {
    pub(crate) facts: Facts,
    trying: Mutex<Trying>,
    /// 0: no token yet.
    first_token_us: AtomicU64,
    text_bytes: AtomicU64,
    is_read_along: AtomicBool,
    tail: Mutex<Tail>,
    /// The collector has heard of it.
    pub(super) is_told: AtomicBool,
    why: OnceLock<Refusal>,
    ending: Notify,
    on_abort: OnceLock<OnAbort>,
    drain: OnceLock<Drain>,
}

/// The client has gone, and the answer is read on.
struct Drain {
    until: Option<Instant>,
    most_bytes: u64,
    bytes: AtomicU64,
}

impl Flight {
    /// `None`: nobody knows who calls, or nothing was asked.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let (caller, request, identity) =
            (call.caller.as_ref()?, call.request.as_ref()?, call.identity.as_ref()?);
        let text = |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.value.as_str().into());
        let claimed = &identity.claimed;
        let facts = Facts {
            call_id: call.id,
            team_id: caller.team_id,
            trace_id: identity.trace_id,
            span_id: call.span_id,
            started_at_us: call.started_at_us,
            key_id: caller.key_id,
            user_id: caller.user_id,
            execution: text(&claimed.execution),
            session: text(&claimed.session),
            agent: text(&claimed.agent),
            token: recording::shown_token(call).map(Box::new),
            crew: text(&claimed.crew),
            task: text(&claimed.task),
            operation: call.operation.map_or("unknown", |operation| operation.as_str()),
            model: request.model.as_str().into(),
            stream: request.stream,
        };
        Some(Self {
            facts,
            trying: Mutex::default(),
            first_token_us: AtomicU64::new(0),
            text_bytes: AtomicU64::new(0),
            is_read_along: AtomicBool::new(false),
            tail: Mutex::default(),
            is_told: AtomicBool::new(false),
            why: OnceLock::new(),
            ending: Notify::new(),
            on_abort: OnceLock::new(),
            drain: OnceLock::new(),
        })
    }

    /// What its route says about a client that goes away. The first route counts.
    pub(crate) fn follow(&self, on_abort: OnAbort) {
        // Set before: a fallback's route changes nothing.
        let _ = self.on_abort.set(on_abort);
    }

    /// The client has gone. `true`: the answer is to be read on all the same.
    pub(crate) fn drain(&self) -> bool {
        let on_abort = self.on_abort.get().copied().unwrap_or_default();
        if on_abort == OnAbort::Cancel {
            return false;
        }
        let (max_bytes, max_ms) = on_abort.caps();
        self.drain.get_or_init(|| Drain {
            until: max_ms.map(|ms| Instant::now() + Duration::from_millis(ms.into())),
            most_bytes: max_bytes.map_or(u64::MAX, u64::from),
            bytes: AtomicU64::new(0),
        });
        true
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain.get().is_some()
    }

    /// So many bytes more have come of an answer that nobody waits for. `false`: that is enough.
    pub(crate) fn drained(&self, bytes: usize) -> bool {
        let Some(drain) = self.drain.get() else { return true };
        drain.bytes.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64 <= drain.most_bytes
    }

    /// Returns when an answer that nobody waits for has been read for long enough.
    pub(super) async fn drained_long_enough(&self) {
        match self.drain.get().and_then(|drain| drain.until) {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }

    /// A deployment is asked.
    pub(crate) fn trying(&self, provider: &str, deployment: &str) {
        let mut trying = self.trying.lock();
        trying.provider.clear();
        trying.provider.push_str(provider);
        trying.deployment.clear();
        trying.deployment.push_str(deployment);
        trying.count += 1;
    }

    /// Rules of the runaway guard that the call met.
    pub(crate) fn mark(&self, marks: &[Mark]) {
        self.trying.lock().marks = marks.to_vec();
    }

    /// A stream has come so far.
    pub(crate) fn passed(&self, observed: &Observed) {
        if let Some(first_token_us) = observed.first_token_us {
            self.first_token_us.store(first_token_us.max(1), Ordering::Relaxed);
        }
        self.text_bytes.store(observed.text_bytes, Ordering::Relaxed);
        if self.is_read_along.load(Ordering::Relaxed) {
            self.tail.lock().take(observed);
        }
    }

    /// Somebody reads the text along, from its beginning, or nobody does any more.
    pub(super) fn read_along(&self, wanted: bool) {
        self.is_read_along.store(wanted, Ordering::Relaxed);
    }

    /// The text that came since the last time.
    pub(super) fn take_text(&self) -> Option<Text> {
        let mut tail = self.tail.lock();
        if tail.text.is_empty() && tail.missed_bytes == 0 {
            return None;
        }
        Some(Text {
            call_id: self.facts.call_id,
            text: std::mem::take(&mut tail.text),
            missed_bytes: std::mem::take(&mut tail.missed_bytes),
        })
    }

    /// Ends the call as soon as it looks. The first reason counts.
    pub(crate) fn end(&self, why: Refusal) {
        if self.why.set(why).is_ok() {
            self.ending.notify_waiters();
        }
    }

    /// Returns when the call is to end, and why.
    pub(crate) async fn ended(&self) -> Refusal {
        loop {
            let notified = self.ending.notified();
            tokio::pin!(notified);
            // Registered before the look, so that an end between the two is not missed.
            notified.as_mut().enable();
            if let Some(why) = self.why.get() {
                return why.clone();
            }
            notified.await;
        }
    }

    /// What may change while it runs, to see whether it did.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            attempts: self.trying.lock().count,
            has_token: self.first_token_us.load(Ordering::Relaxed) > 0,
            text_bytes: self.text_bytes.load(Ordering::Relaxed),
        }
    }

    /// As it is told.
    pub(super) fn told(&self, node: &str) -> InFlight {
        let facts = &self.facts;
        let first_token_us = Some(self.first_token_us.load(Ordering::Relaxed)).filter(|us| *us > 0);
        let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
        let trying = self.trying.lock();
        InFlight {
            team_id: facts.team_id,
            trace_id: facts.trace_id,
            call_id: facts.call_id,
            span_id: facts.span_id,
            started_at_us: facts.started_at_us,
            key_id: (!facts.key_id.is_nil()).then_some(facts.key_id),
            user_id: (!facts.user_id.is_nil()).then_some(facts.user_id),
            execution_id: facts.execution.as_deref().and_then(|id| id.parse::<ExecutionId>().ok()),
            session_id: text(&facts.session),
            crew: text(&facts.crew),
            task: text(&facts.task),
            agent: text(&facts.agent),
            token_issuer: facts.token.as_ref().map(|token| token.issuer.clone()).unwrap_or_default(),
            token_subject: facts.token.as_ref().map(|token| token.subject.clone()).unwrap_or_default(),
            operation: facts.operation.to_owned(),
            requested_model: facts.model.clone().into_string(),
            stream: facts.stream,
            state: if first_token_us.is_some() { State::Answering } else { State::Waiting },
            provider: trying.provider.clone(),
            deployment: trying.deployment.clone(),
            attempt_count: trying.count,
            first_token_us,
            output_tokens: self.text_bytes.load(Ordering::Relaxed).div_ceil(BYTES_A_TOKEN),
            runaway: trying.marks.clone(),
            node: node.to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) attempts: u32,
    pub(super) has_token: bool,
    pub(super) text_bytes: u64,
}

impl Tail {
    fn take(&mut self, observed: &Observed) {
        let (piece, taken) = observed.text_since(self.taken_bytes);
        self.taken_bytes = taken;
        self.text.push_str(&piece);
        let over = self.text.len().saturating_sub(MOST_TEXT_BYTES);
        if over > 0 {
            let cut = self.text.ceil_char_boundary(over);
            self.missed_bytes += cut as u64;
            self.text.drain(..cut);
        }
    }
}
