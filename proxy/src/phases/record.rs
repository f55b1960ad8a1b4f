//! What is kept of a call: one record, encoded once, in the spool before the client has the end of its answer.

mod attempts;
mod keep;

use std::time::{Duration, Instant};

use bytes::Bytes;

use aop_domain::money::Cost;
use aop_domain::price::{self, Unit};
use aop_domain::record::{CallRecord, CallStatus, PriceName};
use aop_domain::usage::{Usage, UsageSource};

use crate::access_log;
use crate::body::budget::Reservation;
use crate::body::transcript::Transcript;
use crate::cache;
use crate::call::{Call, micros};
use crate::hooks;
use crate::identity::{corrected, found, infer};
use crate::in_flight;
use crate::kills;
use crate::limits;
use crate::metrics::seconds;
use crate::phases::reply::{Meter, cost_of};
use crate::refusal::{Code, Refusal};
use crate::runaway;
use crate::turns;
use crate::units::{self, Picture};

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) status: CallStatus,
    pub(crate) http_status: u16,
    pub(crate) error_code: &'static str,
    pub(crate) error_message: String,
    pub(crate) answer: Answer,
}

/// What is known of the answer's content.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// In pieces; of a stream, up to the recording bound.
    pub(crate) body: Vec<Bytes>,
    /// Bytes the provider sent, all of them.
    pub(crate) bytes: u64,
    pub(crate) is_sse: bool,
    pub(crate) truncated: bool,
    pub(crate) model: String,
    pub(crate) id: String,
    pub(crate) finish_reason: String,
    /// Price class the provider says it served, e.g. `flex`.
    pub(crate) service_tier: String,
    pub(crate) usage: Option<Usage>,
    pub(crate) usage_source: UsageSource,
    /// What was used beside tokens.
    pub(crate) units: Vec<Unit>,
    /// What of a model's prices is in force for pictures: `1024x1024`, `high`.
    pub(crate) picture: Option<Picture>,
    /// When the first token came, since the call began; 0 when none did.
    pub(crate) first_token_us: u64,
    /// Holds the memory of a body that was kept while it passed.
    pub(crate) held: Option<Reservation>,
}

impl Answer {
    /// Takes what was kept of a stream.
    pub(crate) fn keep(&mut self, transcript: Transcript) {
        self.truncated = transcript.is_cut();
        let (body, held) = transcript.into_parts();
        self.body = vec![body];
        self.held = Some(held);
    }
}

impl Ending {
    pub(crate) fn ok(http_status: u16, answer: Answer) -> Self {
        Self { status: CallStatus::Ok, http_status, error_code: "", error_message: String::new(), answer }
    }

    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self::failed(refusal, Answer::default())
    }

    /// An answer that ended in this error.
    pub(crate) fn failed(refusal: &Refusal, answer: Answer) -> Self {
        Self {
            status: refusal.code.call_status(),
            http_status: refusal.code.http_status(),
            error_code: refusal.code.as_str(),
            error_message: refusal.message.clone().into_owned(),
            answer,
        }
    }

    pub(crate) fn client_gone(answer: Answer) -> Self {
        Self::failed(
            &Refusal::new(Code::ClientGone, "The client went away before its answer was whole."),
            answer,
        )
    }
}

/// Writes the record, once. `Err`: it found no room, and the call must not be answered as if it had been recorded.
pub(crate) fn write(call: &mut Call, ending: &Ending) -> Result<(), Refusal> {
    let Some(record) = settled(call, ending) else { return Ok(()) };
    let cost = call.filling.as_ref().and_then(|_| cost_of(&record));
    keep::append(call, record, ending)?;
    cache::fill(call, cost, ending);
    Ok(())
}

/// [`write()`], in one go with the records of other calls that end in the same moment.
pub(crate) async fn write_with_others(call: &mut Call, ending: Ending) -> Result<(), Refusal> {
    if !turns::are_others(&call.shared) {
        return write(call, &ending);
    }
    let Some(record) = settled(call, &ending) else { return Ok(()) };
    let cost = call.filling.as_ref().and_then(|_| cost_of(&record));
    let kept = keep::stage(call, record, &ending)?;
    // Before the record is written: should that fail, whoever is given the answer again has a record of their own.
    cache::fill(call, cost, &ending);
    // It may hold a whole answer.
    drop(ending);
    turns::others_first(&call.shared).await;
    kept.commit(call)
}

/// What follows from the end of a call, and its record. `None`: it has one already, or nobody knows who called and there
/// were too many of those.
fn settled(call: &mut Call, ending: &Ending) -> Option<CallRecord> {
    if !call.take_recording() {
        return None;
    }
    infer::answered(call, ending);
    hooks::after(call, ending);
    in_flight::leave(call, ending);
    let record = assemble(call, ending);
    limits::settle(call, &record);
    runaway::settle(call, &record);
    count(call, ending, &record);
    access_log::note(call, &record);
    if call.caller.is_none() && !call.shared.unknown_callers.admit(call.source, Instant::now()) {
        call.shared.metrics.unrecorded_unknown.inc();
        return None;
    }
    Some(record)
}

/// A call that is dropped in the middle: the process stops, or a phase panicked.
pub(crate) fn abandoned(call: &mut Call) {
    let ending =
        Ending::refused(&Refusal::new(Code::Stopped, "The gateway stopped before the answer was whole."));
    // Nobody is left to be told when there is no room; the spool counts it.
    let _ = write(call, &ending);
}

fn assemble(call: &mut Call, ending: &Ending) -> CallRecord {
    for attempt in &mut call.attempts {
        attempt.end(ending.status, ending.error_code, &ending.error_message);
    }
    let duration = call.started.elapsed();
    let upstream_us: u64 = call.attempts.iter().map(|attempt| attempt.record.duration_us).sum();
    let outside = Duration::from_micros(upstream_us) + call.receiving + call.elsewhere;
    let answer = &ending.answer;
    let mut record = CallRecord {
        call_id: Bytes::copy_from_slice(call.id.as_bytes()),
        started_at_us: call.started_at_us,
        team_id: Bytes::copy_from_slice(call.team().as_bytes()),
        span_id: Bytes::copy_from_slice(&call.span_id.0),
        operation: call.operation.map_or("unknown", |operation| operation.as_str()).to_owned(),
        response_model: answer.model.clone(),
        provider_response_id: answer.id.clone(),
        status: ending.status as i32,
        http_status: ending.http_status.into(),
        error_code: ending.error_code.to_owned(),
        error_message: ending.error_message.clone(),
        finish_reason: answer.finish_reason.clone(),
        duration_us: micros(duration),
        first_token_us: answer.first_token_us,
        upstream_us,
        overhead_us: u32::try_from(micros(duration.saturating_sub(outside))).unwrap_or(u32::MAX),
        usage: answer.usage,
        usage_source: answer.usage_source as i32,
        response_is_sse: answer.is_sse,
        response_bytes: answer.bytes,
        units: answer.units.iter().map(units::recorded).collect(),
        node: call.shared.node.clone(),
        runaway: call.marks.clone(),
        dropped_fields: call.dropped.clone(),
        ..CallRecord::default()
    };
    describe_caller(call, &mut record);
    describe_request(call, &mut record);
    describe_cost(call, answer, &mut record);
    record.guardrails = std::mem::take(&mut call.guardrails);
    record.hooks = std::mem::take(&mut call.hooks);
    record.cache = call.cache as i32;
    record.cost_saved = call.cost_saved.map(|saved| saved.normalize().to_string()).unwrap_or_default();
    record.connect_us =
        call.attempts.iter().map(|attempt| attempt.record.connect_us).fold(0, u32::saturating_add);
    attempts::account(call, answer, &mut record);
    call.meter = Meter::of(call, &record);
    record
}

fn describe_caller(call: &mut Call, record: &mut CallRecord) {
    if let Some(caller) = &call.caller {
        record.key_id = Bytes::copy_from_slice(caller.key_id.as_bytes());
        record.user_id = Bytes::copy_from_slice(caller.user_id.as_bytes());
        record.token.clone_from(&caller.token);
    }
    // Every record hangs in a trace, also one whose caller nobody knows.
    let trace_id = call.identity.as_ref().map_or_else(rand::random, |identity| identity.trace_id.0);
    record.trace_id = Bytes::copy_from_slice(&trace_id);
    let team = call.team();
    let found = call.found.take();
    if let Some(identity) = &call.identity {
        if !identity.parent_span_id.is_nil() {
            record.parent_span_id = Bytes::copy_from_slice(&identity.parent_span_id.0);
        }
        let mut claimed = identity.claimed.clone();
        let found = found.unwrap_or_else(|| found::stated(&claimed));
        let index = call.index.as_ref();
        if let Some(corrections) = index.and_then(|index| index.snapshot.corrections.get(&team)) {
            corrected::apply(&mut claimed, &found.record, found.parent, corrections);
        }
        record.identity = Some(claimed);
        record.inference = Some(found.record);
    }
    let retention =
        call.index.as_ref().and_then(|index| index.snapshot.retention_days.get(&call.team()).copied());
    record.retention_days = retention.unwrap_or(0);
}

fn describe_request(call: &Call, record: &mut CallRecord) {
    record.connection = call.connection;
    if let Some(request) = &call.request {
        record.requested_model.clone_from(&request.model);
        record.stream = request.stream;
        record.request_bytes = request.bytes();
    }
    if let (Some((_, path)), Some(method)) = (&call.path.passed, &call.path.method) {
        record.passed = format!("{method} {path}");
    }
    if let Some(entry) = &call.route {
        record.route.clone_from(&entry.route.model);
    }
}

/// What cannot be priced stays unknown; only a call that reached no provider surely costs nothing.
fn describe_cost(call: &Call, answer: &Answer, record: &mut CallRecord) {
    record.service_tier.clone_from(&answer.service_tier);
    record.price_name = call.target.as_ref().map(|target| PriceName {
        provider: target.deployment.provider.price_provider.clone(),
        model: target.deployment.upstream_model.clone(),
    });
    let (version, cost) = match priced(call, answer, &mut record.price_name) {
        Some(priced) => priced,
        None if call.attempts.is_empty() => (0, Cost::default()),
        None => return,
    };
    record.cost_input = cost.input.to_string();
    record.cost_cache = cost.cache.to_string();
    record.cost_output = cost.output.to_string();
    record.cost_known = true;
    record.price_version = version;
}

/// A price that is kept under another name than the deployment's model is noted under it.
fn priced(call: &Call, answer: &Answer, under: &mut Option<PriceName>) -> Option<(u32, Cost)> {
    if answer.usage.is_none() && answer.units.is_empty() {
        return None;
    }
    let (index, target) = (call.index.as_ref()?, call.target.as_ref()?);
    let deployment = &target.deployment;
    let provider = &deployment.provider.price_provider;
    let at_s = call.started_at_us.div_euclid(1_000_000);
    let facts = price::Facts { service_tier: &answer.service_tier };
    let cost = |told: &str, asked: &str| {
        let found = index.prices.find(call.team(), provider, told, asked, at_s)?;
        let cost = price::cost_of_measured(answer.usage.as_ref(), &answer.units, facts, found.card)?;
        Some((found.version.0, cost))
    };
    let asked = &deployment.upstream_model;
    // Some models have a price for each size of picture, under a name of its own; tokens say more.
    let sized = answer.picture.as_ref().filter(|_| answer.usage.is_none());
    let of_size = sized.and_then(|picture| {
        picture.price_names(asked).find_map(|name| {
            let found = cost("", &name)?;
            *under = Some(PriceName { provider: provider.clone(), model: name });
            Some(found)
        })
    });
    of_size.or_else(|| cost(&answer.model, asked))
}

fn count(call: &Call, ending: &Ending, record: &CallRecord) {
    let metrics = &call.shared.metrics;
    kills::count(metrics, ending.error_code);
    metrics.count_call(ending.status);
    metrics.duration.observe(seconds(record.duration_us));
    metrics.overhead.observe(seconds(record.overhead_us.into()));
    if record.first_token_us > 0 {
        metrics.first_token.observe(seconds(record.first_token_us));
    }
    for attempt in &record.attempts {
        metrics.count_attempt(CallStatus::try_from(attempt.status).unwrap_or(CallStatus::Internal));
    }
}
