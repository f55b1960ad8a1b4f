//! What nobody stated is inferred from the traffic (M4): this holds the engine of `aop-identity`, tells it of every call
//! and every answer, and fills the gaps of a stated identity.
//!
//! A call whose trace and agent are stated is not looked at. What is inferred is a claim like any other, with its rule and
//! how sure it is; it never changes who pays and what the key may do.

use std::fs::File;
use std::io::{BufReader, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use aop_domain::id::TraceId;
use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::record::CallStatus;
use aop_identity::{
    Answer, Arrival, CallNumber, Edge, Engine, Fields, Learned, Limits, Operation, Saving, View,
};
use http::{HeaderMap, header};
use parking_lot::Mutex;

use crate::call::{Call, Request};
use crate::identity::{IdentityOutcome, found, trail};
use crate::phases::record::Ending;

const FILE: &str = "identity.state";
const RETRY_COUNT: &str = "x-stainless-retry-count";

/// The engine and where its memory is kept over a restart.
pub(crate) struct Inference {
    engine: Mutex<Engine>,
    path: PathBuf,
    /// The file is this process's: nobody else answers calls here.
    is_own: AtomicBool,
}

/// Where the engine put a call, and what it showed by arriving.
#[derive(Debug)]
pub(crate) struct Placed {
    call: CallNumber,
    conversation: u32,
    edges: Vec<Edge>,
    learned: Vec<Learned>,
    /// As the engine knows them.
    sessions: [u64; 2],
}

impl Inference {
    /// With what is remembered in `dir`. State that cannot be read is forgotten: inference begins anew.
    pub(crate) fn open(dir: &Path) -> Self {
        let path = dir.join(FILE);
        let engine = Mutex::new(remembered(&path).unwrap_or_else(|| Engine::new(Limits::default())));
        Self { engine, path, is_own: AtomicBool::new(false) }
    }

    /// From now on calls come, and what they show is written down.
    pub(crate) fn serves(&self) {
        self.is_own.store(true, Ordering::Release);
    }

    /// Another process writes the file now.
    pub(crate) fn given_away(&self) {
        self.is_own.store(false, Ordering::Release);
    }

    /// Begins anew with what the process before wrote down a moment ago.
    pub(crate) fn load_again(&self) {
        if let Some(engine) = remembered(&self.path) {
            *self.engine.lock() = engine;
        }
    }

    /// Writes the memory down, beside the calls: they wait for the copy of a few hundred things at a time.
    pub(crate) fn save(&self) -> std::io::Result<()> {
        if !self.is_own.load(Ordering::Acquire) {
            return Ok(());
        }
        let unfinished = self.path.with_extension("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&aop_identity::MARK)?;
        let mut saving = Saving::default();
        loop {
            let Some(piece) = self.engine.lock().piece(&mut saving) else { break };
            let Some(bytes) = piece.bytes() else { return Err(std::io::ErrorKind::OutOfMemory.into()) };
            file.write_all(&bytes)?;
        }
        std::fs::rename(&unfinished, &self.path)
    }
}

/// `None`: there is none, or none that can be read.
fn remembered(path: &Path) -> Option<Engine> {
    let engine = Engine::load(BufReader::new(File::open(path).ok()?), Limits::default());
    if engine.is_none() {
        tracing::warn!(path = %path.display(), "the state of identity inference is damaged or of a version that is not understood; it begins anew");
    }
    engine
}

/// A client's connection, as the engine knows it.
pub(crate) fn connection(address: Option<&SocketAddr>) -> u64 {
    address.map_or(0, |address| {
        let port = address.port().to_be_bytes();
        match address.ip() {
            IpAddr::V4(ip) => aop_identity::scope(&ip.octets(), &port),
            IpAddr::V6(ip) => aop_identity::scope(&ip.octets(), &port),
        }
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
    let fields = fields(call, request);
    // An end user whose name holds the session is another one in each.
    let session = fields.session();
    let user = identity.claimed.end_user.as_ref();
    let user = user.filter(|_| session.is_none());
    let arrival = Arrival {
        scope: aop_identity::scope(caller.team_id.as_bytes(), caller.key_id.as_bytes()),
        id: found::span(call.span_id),
        at_us: call.started_at_us,
        connection: call.connection,
        operation: operation(call),
        user_agent: header(header::USER_AGENT.as_str()).unwrap_or_default(),
        retry: header(RETRY_COUNT).and_then(|count| count.trim().parse().ok()),
        stated_trace: stated.then_some(identity.trace_id.0),
        stated_agent: agent,
        sessions: aop_identity::sessions(header, session.as_deref()),
        fresh_trace: identity.trace_id.0,
        stated_user: user.map_or_else(|| fields.user_key(), |user| aop_identity::user_key(&user.value)),
        fields,
    };
    let sessions = arrival.sessions;
    let (placed, view) = {
        let mut engine = call.shared.inference.engine.lock();
        let placed = engine.arrive(&arrival);
        let view = engine.view(placed.conversation);
        (placed, view)
    };
    let aop_identity::Placed { call: number, conversation, edges, learned } = placed;
    call.placed = Some(Placed { call: number, conversation, edges, learned, sessions });
    if let (Some(identity), Some(view)) = (&mut call.identity, view) {
        fill(identity, &view);
    }
}

/// What kind of call it is: at a provider's own API, by its path there.
pub(crate) fn operation(call: &Call) -> Operation {
    match (&call.path.passed, call.operation) {
        (Some((_, path)), _) => Operation::of_passed(path),
        (None, operation) => operation.map(|one| Operation::of_name(one.as_str())).unwrap_or_default(),
    }
}

/// The parts of a request that say something about who calls, where the scan of its body found them. A provider's own API
/// may have others than the gateway's: its bodies are walked through once more.
pub(crate) fn fields<'a>(call: &Call, request: &'a Request) -> Fields<'a> {
    let text = request.text();
    if call.path.passed.is_some() {
        return if request.fields.is_found() { Fields::of(text) } else { Fields::default() };
    }
    let raw = |name| request.fields.raw(text, name).unwrap_or_default();
    Fields {
        messages: raw("messages"),
        input: raw("input"),
        prompt: raw("prompt"),
        system: raw("system"),
        instructions: raw("instructions"),
        tools: raw("tools"),
        response_format: raw("response_format"),
        text: raw("text"),
        previous_response_id: raw("previous_response_id"),
        conversation: raw("conversation"),
        user: request.fields.raw(text, "user").unwrap_or_else(|| raw("safety_identifier")),
        metadata: raw("metadata"),
        elements: request.fields.messages(),
        ..Fields::default()
    }
}

/// Only what nobody stated.
fn fill(identity: &mut IdentityOutcome, view: &View) {
    let inferred = |value: String| Some(Claim::new(value, IdentitySource::Inferred));
    let claimed = &mut identity.claimed;
    if claimed.trace_source == IdentitySource::Generated as i32 && identity.trace_id != TraceId(view.trace) {
        identity.trace_id = TraceId(view.trace);
        claimed.trace_source = IdentitySource::Inferred as i32;
    }
    // The library that a framework calls through says less than the framework.
    let stated = claimed.framework.as_ref().is_some_and(|claim| !aop_identity::is_library(&claim.value));
    if let Some(framework) = view.framework.filter(|framework| !stated && !framework.is_sdk()) {
        claimed.framework = inferred(framework.name.to_owned());
    }
    name(claimed, view);
}

/// The agent and whom it works for, while nobody stated them. The end of a call may know more than its beginning.
fn name(claimed: &mut ClaimedIdentity, view: &View) {
    let open = |claim: &Option<Claim>| {
        claim.as_ref().is_none_or(|claim| claim.source == IdentitySource::Inferred as i32)
    };
    let inferred = |value: &str| Some(Claim::new(value, IdentitySource::Inferred));
    if open(&claimed.agent) && view.agent_name.name != aop_identity::UNNAMED {
        claimed.agent_rule = format!("inferred:{}", view.agent_name.rule);
        claimed.agent_confidence = aop_identity::percent(view.agent_name.sure).into();
        claimed.agent = inferred(&view.agent_name.name);
    }
    if open(&claimed.parent_agent)
        && let Some(parent) = &view.parent_agent
    {
        claimed.parent_agent = inferred(parent);
    }
}

/// Tells the engine what was answered, and keeps what is known of the call now.
pub(crate) fn answered(call: &mut Call, ending: &Ending) {
    let Some(placed) = call.placed.take() else { return };
    let pieces = &ending.answer.body;
    let answer = match (ending.status, pieces.as_slice()) {
        (CallStatus::Ok, pieces) if ending.answer.is_sse => Answer::of_events(pieces),
        (CallStatus::Ok, [whole]) => Answer::of_json(whole),
        (CallStatus::Ok, pieces) => Answer::of_json(&pieces.concat()),
        _ => Answer::failed(),
    };
    let (passed_on, view) = {
        let mut engine = call.shared.inference.engine.lock();
        let passed_on = engine.answered(placed.call, placed.conversation, &answer);
        (passed_on, engine.view(placed.conversation))
    };
    let Some(view) = view else { return };
    if let Some(identity) = &mut call.identity {
        name(&mut identity.claimed, &view);
    }
    let edges = placed.edges.into_iter().chain(passed_on);
    let claimed = call.identity.as_ref().map(|identity| &identity.claimed);
    let mut found = found::of(&view, claimed, edges, placed.learned, call.span_id);
    if placed.sessions != [0; 2] {
        found.record.sessions = placed.sessions.to_vec();
    }
    found.record.trail = trail::of(call, &answer);
    call.found = Some(found);
}
