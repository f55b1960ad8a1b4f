//! What one gateway cannot see: a run whose calls went through several. Each infers from the calls it had, and takes those of
//! the others for nothing; here all calls of the last seconds are put in the order they ended and heard once more
//! ([`aop_identity::settle`]), and what turns out to be one is written down as links, which reads follow.
//!
//! It is beside the road of a segment: nothing waits for it, and what it cannot take is dropped and counted. It works only
//! while several gateways are there. What it knows survives a restart but for its last minute ([`memory`]); losing it
//! loses links and nothing else.

mod links;
mod memory;
mod order;

use std::path::Path;
use std::time::Duration;

use aop_clickhouse::ClickHouse;
use aop_domain::identity::IdentitySource;
use aop_domain::inference::{Link, TrailRecord};
use aop_domain::record::{CallRecord, CallStatus};
use aop_identity::settle::{Followed, Recorded, Settled, Settler};
use aop_identity::{Answer, Arrival, Fields, Operation, Trail, scope};
use aop_service::clock::Clock;
use prometheus::IntCounter;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::metrics::Metrics;
use links::Links;
use memory::Memory;
use order::Waiting;

/// Segments of which calls wait to be taken in.
const QUEUE: usize = 256;
/// Gateways seal and send twice a second: after so long, what ended before is there.
const HOLD_US: i64 = 3_000_000;
const EVERY: Duration = Duration::from_millis(500);
/// A gateway that was silent for so long is gone.
const GATEWAY_LIFE_US: i64 = 3_600_000_000;
const MOST_GATEWAYS: usize = 1_024;
const SAVE_EVERY: Duration = Duration::from_secs(60);
/// Tries to write links, and the pause before each but the first.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// One call, as much as it takes to hear it again.
pub(crate) struct Heard {
    pub(crate) ended_at_us: i64,
    started_at_us: i64,
    team: [u8; 16],
    key: [u8; 16],
    call: [u8; 16],
    span: u64,
    connection: u64,
    operation: Operation,
    is_stated: bool,
    stated_agent: Option<String>,
    /// The end user that the caller stated, as the engine knows them. 0: none.
    stated_user: u64,
    trace: [u8; 16],
    conversation: u64,
    /// Its gateway knew a name of its agent, and not only words of its prompt.
    is_named: bool,
    node: u64,
    retention_days: u16,
    request: Vec<u8>,
    answer: Vec<u8>,
    is_sse: bool,
    is_ok: bool,
    /// In place of what was said, where that is not recorded.
    trail: Option<Trail>,
    /// Fingerprint of the system prompt.
    prompt: u64,
    sessions: [u64; 2],
    /// Traces that its gateway found to be one.
    known: Vec<([u8; 16], [u8; 16])>,
}

impl Heard {
    /// `writer`: the spool that it came from, which is its gateway's own. `None`: nothing was inferred about it, or nothing is
    /// recorded that it could be followed by.
    fn of(call: &CallRecord, writer: Uuid) -> Option<Self> {
        let found = call.inference.as_ref().filter(|found| found.conversation != 0)?;
        let trail = found.trail.as_ref().filter(|_| call.request_body.is_empty()).map(trail);
        if call.request_body.is_empty() && trail.is_none() {
            return None;
        }
        let claimed = call.identity.as_ref();
        let source = claimed.map_or(0, |claimed| claimed.trace_source);
        let is_stated =
            source != IdentitySource::Generated as i32 && source != IdentitySource::Inferred as i32;
        let agent = claimed.and_then(|claimed| claimed.agent.as_ref());
        let stated_agent = agent.filter(|agent| agent.source != IdentitySource::Inferred as i32);
        let known = found.links.iter().filter_map(|link| match &link.link {
            Some(Link::OneRun(one)) => Some((bytes(&one.part)?, bytes(&one.whole)?)),
            _ => None,
        });
        Some(Self {
            ended_at_us: call.started_at_us.saturating_add_unsigned(call.duration_us),
            started_at_us: call.started_at_us,
            team: bytes(&call.team_id)?,
            key: bytes(&call.key_id)?,
            call: bytes(&call.call_id)?,
            span: u64::from_be_bytes(bytes(&call.span_id)?),
            connection: call.connection,
            operation: match call.passed.split_once(' ') {
                Some((_, path)) => Operation::of_passed(path),
                None => Operation::of_name(&call.operation),
            },
            is_stated,
            is_named: stated_agent.is_some()
                || (!found.agent_name.is_empty() && found.agent_rule != "prompt"),
            stated_agent: stated_agent.map(|agent| agent.value.clone()),
            stated_user: claimed
                .and_then(|claimed| claimed.end_user.as_ref())
                .map_or(0, |user| aop_identity::user_key(&user.value)),
            trace: bytes(&call.trace_id)?,
            conversation: found.conversation,
            node: writer.as_u64_pair().0 ^ writer.as_u64_pair().1,
            retention_days: u16::try_from(call.retention_days).unwrap_or(u16::MAX),
            request: call.request_body.to_vec(),
            answer: call.response_body.to_vec(),
            is_sse: call.response_is_sse,
            is_ok: call.status == CallStatus::Ok as i32,
            trail,
            prompt: found.prompt,
            sessions: [0, 1].map(|at| found.sessions.get(at).copied().unwrap_or(0)),
            known: known.collect(),
        })
    }

    pub(crate) fn bytes(&self) -> usize {
        let keys =
            self.trail.as_ref().map_or(0, |trail| trail.steps.len() + trail.told.len() + trail.said.len());
        self.request.len() + self.answer.len() + keys * size_of::<u64>()
    }

    fn answer(&self) -> Answer {
        match (self.is_ok, self.is_sse) {
            (true, true) => Answer::of_events(&[&self.answer]),
            (true, false) => Answer::of_json(&self.answer),
            (false, _) => Answer::failed(),
        }
    }
}

fn trail(record: &TrailRecord) -> Trail {
    let TrailRecord { steps, step, told, said } = record.clone();
    Trail { steps, step, told, said }
}

fn bytes<const N: usize>(id: &[u8]) -> Option<[u8; N]> {
    id.try_into().ok()
}

/// Where stored segments are told.
#[derive(Clone)]
pub(crate) struct Settling {
    sender: mpsc::Sender<Vec<Heard>>,
    dropped: IntCounter,
}

impl Settling {
    /// What is told, and the work on it, which ends with `shutdown`.
    pub(crate) fn new(
        clickhouse: ClickHouse,
        metrics: &Metrics,
        clock: Clock,
        memory: &Path,
        shutdown: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + use<>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (settled, dropped) = (metrics.settled.clone(), metrics.settle_dropped.clone());
        let work = Work {
            clickhouse,
            clock,
            settled,
            dropped: dropped.clone(),
            waiting: Waiting::default(),
            memory: Memory::of(memory),
            settler: Box::default(),
            unsaved: false,
        };
        (Self { sender, dropped }, Box::pin(work.run(receiver, shutdown)))
    }

    /// Calls of a segment that is stored.
    pub(crate) fn hear(&self, writer: Uuid, calls: &[CallRecord]) {
        let heard: Vec<Heard> = calls.iter().filter_map(|call| Heard::of(call, writer)).collect();
        if heard.is_empty() {
            return;
        }
        let count = heard.len() as u64;
        if self.sender.try_send(heard).is_err() {
            self.dropped.inc_by(count);
        }
    }
}

struct Work {
    clickhouse: ClickHouse,
    clock: Clock,
    settled: IntCounter,
    dropped: IntCounter,
    waiting: Waiting,
    memory: Memory,
    settler: Box<Settler>,
    /// The settler has heard something since it was saved.
    unsaved: bool,
}

impl Work {
    async fn run(mut self, mut receiver: mpsc::Receiver<Vec<Heard>>, shutdown: CancellationToken) {
        self.settler = self.memory.load().await;
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut save = tokio::time::interval(SAVE_EVERY);
        save.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                heard = receiver.recv() => match heard {
                    Some(heard) => self.take(heard),
                    None => break,
                },
                _ = tick.tick() => {
                    let due = self.waiting.due(self.clock.now_us().saturating_sub(HOLD_US));
                    self = self.settle(due, &shutdown).await;
                }
                _ = save.tick() => self = self.save().await,
            }
        }
        self.save().await;
    }

    async fn save(mut self) -> Self {
        if self.unsaved {
            (self.settler, self.unsaved) = (self.memory.save(self.settler).await, false);
        }
        self
    }

    fn take(&mut self, heard: Vec<Heard>) {
        for call in heard {
            let gateways = &mut self.settler.gateways;
            if gateways.len() < MOST_GATEWAYS || gateways.contains_key(&call.node) {
                let last = gateways.entry(call.node).or_insert(i64::MIN);
                *last = (*last).max(call.ended_at_us);
            }
            self.dropped.inc_by(self.waiting.add(call));
        }
    }

    async fn settle(mut self, due: Vec<Heard>, shutdown: &CancellationToken) -> Self {
        let oldest = self.clock.now_us().saturating_sub(GATEWAY_LIFE_US);
        self.settler.gateways.retain(|_, last_us| *last_us >= oldest);
        // One gateway sees everything itself.
        if due.is_empty() || self.settler.gateways.len() < 2 {
            return self;
        }
        let mut settler = self.settler;
        let hearing = tokio::task::spawn_blocking(move || {
            let links = hear_all(&mut settler, &due);
            (settler, links)
        });
        let (settler, links) = match hearing.await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "settling failed; it begins anew");
                (Box::default(), Links::default())
            }
        };
        (self.settler, self.unsaved) = (settler, true);
        self.write(links, shutdown).await;
        self
    }

    async fn write(&self, links: Links, shutdown: &CancellationToken) {
        let count = links.count();
        if count == 0 {
            return;
        }
        let token = Uuid::now_v7();
        for tried in 1..=TRIES {
            let written = links.write(&self.clickhouse, token).await;
            match written {
                Ok(()) => {
                    self.settled.inc_by(count);
                    return;
                }
                Err(error) => tracing::warn!(%error, tried, "links between gateways could not be written"),
            }
            if tried == TRIES || shutdown.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                break;
            }
        }
        self.dropped.inc_by(count);
    }
}

fn hear_all(settler: &mut Settler, due: &[Heard]) -> Links {
    let mut links = Links::default();
    for call in due {
        call.known.iter().for_each(|(part, whole)| settler.know(*part, *whole));
        let settled = hear(settler, call);
        links.add(call, settled);
    }
    links
}

fn hear(settler: &mut Settler, call: &Heard) -> Vec<Settled> {
    let scope = scope(&call.team, &call.key);
    if let Some(trail) = &call.trail {
        return settler.follow(&Followed {
            trail,
            scope,
            node: call.node,
            trace: call.trace,
            is_stated: call.is_stated,
            conversation: call.conversation,
            prompt: call.prompt,
            user: call.stated_user,
            sessions: call.sessions,
        });
    }
    let fields = Fields::of(&call.request);
    let told = aop_identity::sessions(|_| None, fields.session().as_deref());
    let arrival = Arrival {
        scope,
        id: call.span,
        at_us: call.started_at_us,
        connection: call.connection,
        operation: call.operation,
        user_agent: "",
        retry: None,
        stated_trace: call.is_stated.then_some(call.trace),
        stated_agent: call.stated_agent.as_deref(),
        stated_user: if call.stated_user == 0 { fields.user_key() } else { call.stated_user },
        // Headers are not recorded; what they said of the session is.
        sessions: if call.sessions == [0; 2] { told } else { call.sessions },
        fresh_trace: call.trace,
        fields,
    };
    let answer = call.answer();
    settler.hear(&Recorded {
        arrival,
        answer: &answer,
        node: call.node,
        trace: call.trace,
        conversation: call.conversation,
        is_named: call.is_named,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aop_domain::identity::ClaimedIdentity;
    use aop_domain::inference::InferenceRecord;

    fn heard(writer: u128, trace: u8, found: InferenceRecord, said: &str) -> Heard {
        let claimed =
            ClaimedIdentity { trace_source: IdentitySource::Inferred as i32, ..ClaimedIdentity::default() };
        let request = format!(r#"{{"messages":[{{"role":"user","content":"{said}"}}]}}"#);
        let record = CallRecord {
            team_id: vec![1; 16].into(),
            key_id: vec![4; 16].into(),
            call_id: vec![trace; 16].into(),
            trace_id: vec![trace; 16].into(),
            span_id: vec![trace; 8].into(),
            started_at_us: i64::from(trace),
            status: CallStatus::Ok as i32,
            request_body: if found.trail.is_some() { "".into() } else { request.into() },
            response_body: r#"{"choices":[{"message":{"content":"Done."}}]}"#.into(),
            identity: Some(claimed),
            inference: Some(InferenceRecord { conversation: trace.into(), ..found }),
            ..CallRecord::default()
        };
        Heard::of(&record, Uuid::from_u128(writer)).unwrap()
    }

    #[test]
    fn calls_of_a_session_that_only_a_header_named_are_one_run() {
        let of = |session: u64| InferenceRecord { sessions: vec![session, 0], ..InferenceRecord::default() };
        let calls = [
            heard(1, 1, of(7), "Paint the northern fence green."),
            heard(2, 2, of(7), "How many boats are in the harbour?"),
            heard(2, 3, of(8), "Which of the lamps is broken?"),
        ];
        assert_eq!(hear_all(&mut Settler::default(), &calls).count(), 1);
        let unnamed = InferenceRecord::default;
        let calls = [heard(1, 1, unnamed(), "Paint the fence."), heard(2, 2, unnamed(), "Count the boats.")];
        assert_eq!(hear_all(&mut Settler::default(), &calls).count(), 0);
    }

    #[test]
    fn a_call_without_its_words_is_followed_by_its_trail() {
        let of = |steps: &[u64], step| {
            let trail = TrailRecord { steps: steps.to_vec(), step, ..TrailRecord::default() };
            InferenceRecord { trail: Some(trail), prompt: 5, ..InferenceRecord::default() }
        };
        let calls = [heard(1, 1, of(&[], 10), ""), heard(2, 2, of(&[10], 11), "")];
        assert_eq!(calls[1].bytes(), 8 + calls[1].answer.len());
        assert_eq!(
            hear_all(&mut Settler::default(), &calls).count(),
            2,
            "one run, and one conversation in it"
        );
    }
}
