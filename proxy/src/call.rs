//! One call on its way through the phases: each phase fills in what it found out, the last one writes the record.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rust_decimal::Decimal;
use uuid::Uuid;

use aop_domain::gateway::{Deployment, VirtualKey};
use aop_domain::id::{KeyId, SpanId, TeamId, UserId};
use aop_domain::record::{
    AttemptRecord, CacheOutcome, CallStatus, GuardrailOutcome, HookOutcome, ProvenToken,
};
use aop_domain::runaway::Mark;
use aop_domain::usage::Usage;
use aop_guard::rules::Rule;
use aop_service::run_credential::RunClaims;

use crate::body::budget::Reservation;
use crate::body::scan::Fields;
use crate::cache::Filling;
use crate::endpoint::{Gateway, Operation};
use crate::guardrails::After;
use crate::identity::{IdentityOutcome, found, infer};
use crate::in_flight::Flight;
use crate::phases::record;
use crate::phases::reply::Meter;
use crate::room::Place;
use crate::routing::Ticket;
use crate::shared::Shared;
use crate::snapshot::{Index, RouteEntry, Target};
use crate::translate::Crossing;
use crate::upload::Upload;

pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: Uuid,
    pub(crate) span_id: SpanId,
    pub(crate) started: Instant,
    pub(crate) started_at_us: i64,
    /// `None`: no endpoint of the gateway has this path or method.
    pub(crate) operation: Option<Operation>,
    pub(crate) path: PathParts,
    /// The facts this call is judged by, the same from its first phase to its last.
    pub(crate) index: Option<Arc<Index>>,
    pub(crate) caller: Option<Caller>,
    pub(crate) source: Option<std::net::IpAddr>,
    /// One of the calls there may be at once.
    pub(crate) place: Option<Place>,
    /// Time the client took to send its body.
    pub(crate) receiving: Duration,
    /// Time that services took which were asked about what is said.
    pub(crate) elsewhere: Duration,
    pub(crate) request: Option<Request>,
    pub(crate) identity: Option<IdentityOutcome>,
    /// The client's connection, as inference knows it.
    pub(crate) connection: u64,
    /// Where inference put this call, until its answer is told.
    pub(crate) placed: Option<infer::Placed>,
    /// What inference knew of this call when it had ended.
    pub(crate) found: Option<found::Found>,
    pub(crate) route: Option<Arc<RouteEntry>>,
    pub(crate) attempts: Vec<Attempt>,
    /// The target of the last try.
    pub(crate) target: Option<Arc<Target>>,
    /// The try that is under way or was the last is at a provider of another dialect.
    pub(crate) crossing: Option<Arc<Crossing>>,
    /// Fields that it was not sent, or that the answer was asked without which is given again.
    pub(crate) dropped: Vec<String>,
    /// The caller asked what the call cost.
    pub(crate) wants_cost: bool,
    /// What the caller is told of the call's cost, once it is recorded.
    pub(crate) meter: Option<Meter>,
    /// As it can be watched and ended, from where it is known who calls until it is recorded.
    pub(crate) flight: Option<Arc<Flight>>,
    /// Rules of the runaway guard that it met.
    pub(crate) marks: Vec<Mark>,
    /// What this call holds of its limits. Comes back when the call is dropped.
    pub(crate) held: Option<crate::limits::Held>,
    /// What the response cache had to do with it.
    pub(crate) cache: CacheOutcome,
    /// What a provider took for the answer that is given again.
    pub(crate) cost_saved: Option<Decimal>,
    /// The guardrails its answer has to pass, until it does.
    pub(crate) rules_after: Option<Box<After>>,
    /// What guardrails did.
    pub(crate) guardrails: Vec<GuardrailOutcome>,
    /// What hooks want masked in it.
    pub(crate) masking: Vec<Arc<Rule>>,
    /// What hooks did with it.
    pub(crate) hooks: Vec<HookOutcome>,
    /// Its answer is wanted for the cache.
    pub(crate) filling: Option<Filling>,
    recorded: bool,
}

/// What the path says beside the operation.
#[derive(Debug, Default)]
pub(crate) struct PathParts {
    pub(crate) trace: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) model: Option<String>,
    /// Provider, and the path behind it.
    pub(crate) passed: Option<(String, String)>,
    pub(crate) method: Option<http::Method>,
}

/// What the key proves.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) team_id: TeamId,
    pub(crate) key_id: KeyId,
    pub(crate) user_id: UserId,
    /// `None`: a run that a signed-in user started.
    pub(crate) key: Option<Arc<VirtualKey>>,
    pub(crate) run: Option<RunClaims>,
    /// The token that acts as the key; `None`: the key itself was shown.
    pub(crate) token: Option<ProvenToken>,
}

/// The request as read and scanned.
pub(crate) struct Request {
    pub(crate) body: Bytes,
    pub(crate) fields: Fields,
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// The edit that asks the provider for a usage chunk, when the client did not.
    pub(crate) ask_usage: Option<crate::body::splice::Edit>,
    /// What the body is when it is not JSON; `body` is then its beginning.
    pub(crate) upload: Option<Box<Upload>>,
    /// Held until the call ends.
    pub(crate) _reservation: Reservation,
}

impl Request {
    /// Bytes the client sent.
    pub(crate) fn bytes(&self) -> u64 {
        self.upload.as_ref().map_or(self.body.len() as u64, |upload| upload.bytes())
    }

    /// What limits take for its size.
    pub(crate) fn weight_bytes(&self) -> u64 {
        self.upload.as_ref().map_or(self.body.len() as u64, |upload| upload.weight_bytes())
    }

    /// The body as text that says what was asked: empty where it is none.
    pub(crate) fn text(&self) -> &[u8] {
        if self.upload.is_some() { &[] } else { &self.body }
    }

    /// Some of the body has gone to a provider and is not held: nobody else can be asked.
    pub(crate) fn is_spent(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| upload.is_spent)
    }
}

/// One upstream try, open until its duration is known.
pub(crate) struct Attempt {
    pub(crate) record: AttemptRecord,
    pub(crate) started: Instant,
    pub(crate) open: bool,
    pub(crate) deployment: Arc<Deployment>,
    /// It had begun to answer when it broke.
    pub(crate) answers: bool,
    /// What it used for its part of an answer that another has gone on with.
    pub(crate) part: Option<Usage>,
    /// What its deployment is told of it; gone when there is nothing more to tell.
    pub(crate) ticket: Option<Ticket>,
}

impl Attempt {
    pub(crate) fn begin(target: &Target, ticket: Ticket, started_at_us: i64, reason: &str) -> Self {
        let record = AttemptRecord {
            span_id: Bytes::copy_from_slice(&rand::random::<[u8; 8]>()),
            provider: target.deployment.provider.name.clone(),
            deployment: target.deployment.name.clone(),
            upstream_model: target.deployment.upstream_model.clone(),
            started_at_us,
            reason: reason.to_owned(),
            ..AttemptRecord::default()
        };
        let deployment = Arc::clone(&target.deployment);
        Self {
            record,
            started: Instant::now(),
            open: true,
            deployment,
            answers: false,
            part: None,
            ticket: Some(ticket),
        }
    }

    /// Ends the attempt. An attempt ends once; later endings change nothing.
    pub(crate) fn end(&mut self, status: CallStatus, code: &str, message: &str) {
        if std::mem::take(&mut self.open) {
            self.record.duration_us = micros(self.started.elapsed());
            self.record.status = status as i32;
            self.record.error_code = code.to_owned();
            self.record.error_message = message.to_owned();
            // An answer that broke off in the middle is its deployment's failure too.
            let ticket = self.ticket.take();
            if let (CallStatus::UpstreamError | CallStatus::Timeout, Some(mut ticket)) = (status, ticket) {
                ticket.failed(None, rand::random(), Instant::now());
            }
        }
    }
}

impl Call {
    pub(crate) fn new(shared: Arc<Shared>, gateway: &Gateway<'_>, source: Option<std::net::IpAddr>) -> Self {
        shared.enter();
        Self {
            id: call_id(shared.clock.now_us()),
            span_id: SpanId(rand::random()),
            started: Instant::now(),
            started_at_us: shared.clock.now_us(),
            operation: gateway.operation.ok(),
            path: PathParts {
                trace: gateway.trace.map(str::to_owned),
                agent: gateway.agent.map(str::to_owned),
                model: gateway.model.map(str::to_owned),
                passed: gateway.passed.map(|(provider, path)| (provider.to_owned(), path.to_owned())),
                method: None,
            },
            index: shared.index.load_full(),
            caller: None,
            source,
            place: None,
            receiving: Duration::ZERO,
            elsewhere: Duration::ZERO,
            request: None,
            identity: None,
            connection: 0,
            placed: None,
            found: None,
            route: None,
            attempts: Vec::new(),
            target: None,
            crossing: None,
            dropped: Vec::new(),
            wants_cost: false,
            flight: None,
            marks: Vec::new(),
            held: None,
            meter: None,
            cache: CacheOutcome::Off,
            cost_saved: None,
            rules_after: None,
            guardrails: Vec::new(),
            masking: Vec::new(),
            hooks: Vec::new(),
            filling: None,
            recorded: false,
            shared,
        }
    }

    /// An answer that had begun was recorded when it ended.
    pub(crate) fn is_recorded(&self) -> bool {
        self.recorded
    }

    /// True the first time: a call is recorded once.
    pub(crate) fn take_recording(&mut self) -> bool {
        !std::mem::replace(&mut self.recorded, true)
    }

    pub(crate) fn team(&self) -> TeamId {
        self.caller.as_ref().map_or(TeamId::NIL, |caller| caller.team_id)
    }

    pub(crate) fn key(&self) -> Option<&VirtualKey> {
        self.caller.as_ref().and_then(|caller| caller.key.as_deref())
    }
}

impl Drop for Call {
    /// A call that is dropped in the middle (the process stops, a panic) is recorded all the same.
    fn drop(&mut self) {
        record::abandoned(self);
        self.shared.leave();
    }
}

/// A version 7 UUID, its random part from this thread's generator: asking the kernel each time would be a system call.
fn call_id(now_us: i64) -> Uuid {
    let millis = u64::try_from(now_us / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
