//! What nobody stated is inferred from the traffic (M4): this holds the engine of `aop-identity`, tells it of every call
//! and every answer, and fills the gaps of a stated identity.
//!
//! A call whose trace and agent are stated is not looked at. What is inferred is a claim like any other, with its rule and
//! how sure it is; it never changes who pays and what the key may do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use aop_domain::id::TraceId;
use aop_domain::identity::{Claim, IdentitySource};
use aop_domain::record::CallStatus;
use aop_identity::{Answer, Arrival, CallNumber, Engine, Fields, Limits, Operation, View};
use http::{HeaderMap, header};
use parking_lot::Mutex;

use crate::call::Call;
use crate::endpoint;
use crate::identity::IdentityOutcome;
use crate::phases::record::Ending;

const FILE: &str = "identity.state";
const RETRY_COUNT: &str = "x-stainless-retry-count";

/// The engine and where its memory is kept over a restart.
pub(crate) struct Inference {
    engine: Mutex<Engine>,
    path: PathBuf,
}

/// Where the engine put a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    call: CallNumber,
    conversation: u32,
}

impl Inference {
    /// With what is remembered in `dir`. State that cannot be read is forgotten: inference begins anew.
    pub(crate) fn open(dir: &Path) -> Self {
        let path = dir.join(FILE);
        let read = std::fs::read(&path).ok();
        let remembered = read.as_ref().and_then(|bytes| Engine::load(bytes, Limits::default()));
        if read.is_some() && remembered.is_none() {
            tracing::warn!(path = %path.display(), "the state of identity inference is of another version or damaged; it begins anew");
        }
        Self { engine: Mutex::new(remembered.unwrap_or_else(|| Engine::new(Limits::default()))), path }
    }

    /// Writes the memory down, beside the calls: they wait for a copy in memory only.
    pub(crate) fn save(&self) -> std::io::Result<()> {
        let engine = self.engine.lock().clone();
        let Some(bytes) = engine.save() else { return Ok(()) };
        let unfinished = self.path.with_extension("unfinished");
        std::fs::write(&unfinished, bytes)?;
        std::fs::rename(&unfinished, &self.path)
    }
}

/// A client's connection, as the engine knows it.
pub(crate) fn connection(address: Option<&SocketAddr>) -> u64 {
    address.map_or(0, |address| {
        aop_identity::scope(address.ip().to_string().as_bytes(), &address.port().to_be_bytes())
    })
}

/// Tells the engine of a call that arrives, and fills what nobody stated.
pub(crate) fn arrive(call: &mut Call, headers: &HeaderMap) {
    let (Some(identity), Some(caller), Some(request)) = (&call.identity, &call.caller, &call.request) else {
        return;
    };
    let stated = identity.claimed.trace_source != IdentitySource::Generated as i32;
    let agent = identity.claimed.agent.as_ref().map(|claim| claim.value.as_str());
    if stated && agent.is_some() {
        return;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let arrival = Arrival {
        scope: aop_identity::scope(caller.team_id.as_bytes(), caller.key_id.as_bytes()),
        at_us: call.started_at_us,
        connection: call.connection,
        operation: operation(call.operation),
        user_agent: header(header::USER_AGENT.as_str()).unwrap_or_default(),
        retry: header(RETRY_COUNT).and_then(|count| count.trim().parse().ok()),
        stated_trace: stated.then_some(identity.trace_id.0),
        stated_agent: agent,
        fresh_trace: identity.trace_id.0,
        fields: Fields::of(request.text()),
    };
    let (placed, view) = {
        let mut engine = call.shared.inference.engine.lock();
        let placed = engine.arrive(&arrival);
        (Placed { call: placed.call, conversation: placed.conversation }, engine.view(placed.conversation))
    };
    call.placed = Some(placed);
    if let (Some(identity), Some(view)) = (&mut call.identity, view) {
        fill(identity, view);
    }
}

/// What is no conversation is taken for a part of the caller's next one, as an embedding is.
fn operation(operation: Option<endpoint::Operation>) -> Operation {
    match operation {
        Some(other) if !other.is_conversation() => Operation::Embeddings,
        _ => Operation::Generate,
    }
}

/// Only what nobody stated.
fn fill(identity: &mut IdentityOutcome, view: View) {
    let inferred = |value: String| Some(Claim::new(value, IdentitySource::Inferred));
    let claimed = &mut identity.claimed;
    if claimed.trace_source == IdentitySource::Generated as i32 && identity.trace_id != TraceId(view.trace) {
        identity.trace_id = TraceId(view.trace);
        claimed.trace_source = IdentitySource::Inferred as i32;
    }
    if claimed.agent.is_none() && view.agent_name.name != aop_identity::UNNAMED {
        claimed.agent_rule = format!("inferred:{}", view.agent_name.rule);
        claimed.agent_confidence = (view.agent_name.sure * 100.0).round().clamp(1.0, 99.0) as u32;
        claimed.agent = inferred(view.agent_name.name);
    }
    if claimed.parent_agent.is_none() {
        claimed.parent_agent = view.parent_agent.and_then(inferred);
    }
    if claimed.framework.is_none() {
        claimed.framework = view.framework.and_then(|framework| inferred(framework.name.to_owned()));
    }
}

/// Tells the engine what was answered.
pub(crate) fn answered(call: &mut Call, ending: &Ending) {
    let Some(placed) = call.placed.take() else { return };
    let pieces = &ending.answer.body;
    let answer = match (ending.status, pieces.as_slice()) {
        (CallStatus::Ok, pieces) if ending.answer.is_sse => Answer::of_events(pieces),
        (CallStatus::Ok, [whole]) => Answer::of_json(whole),
        (CallStatus::Ok, pieces) => Answer::of_json(&pieces.concat()),
        _ => Answer::failed(),
    };
    call.shared.inference.engine.lock().answered(placed.call, placed.conversation, &answer);
}
