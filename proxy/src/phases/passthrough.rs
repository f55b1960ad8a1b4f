//! `/passthrough/{provider}/...` (G1): a provider's own API, any method and path of it, with the provider's credential in
//! the place of the caller's. The call is known, limited and recorded like any other; what is sent is the caller's own.
//!
//! It reaches everything the credential may do (files, jobs, settings of the account), so it takes a permission of its
//! own, and a key that is bound to certain models has none of it.

mod address;
pub(crate) mod words;

use std::sync::Arc;
use std::time::Instant;

use aop_domain::routing::RoutePolicy;
use http::{HeaderValue, header};
use pingora_http::RequestHeader;
use pingora_proxy::Session;

use super::admit::shown;
use super::resolve::Plan;
use super::{Stop, authenticate, form, parse};
use crate::body::scan::{self, Fields};
use crate::body::splice::Body;
use crate::call::Call;
use crate::endpoint::Operation;
use crate::identity::infer;
use crate::percent;
use crate::refusal::{Code, Refusal};
use crate::routing::Leg;
use crate::snapshot::{Found, RouteEntry, Target};
use crate::upload::Upload;
use crate::upstream::headers;
use crate::upstream::outgoing::Outgoing;
use address::Address;

/// What a key must be allowed to do.
const PERMISSION: &str = "passthrough";
/// JSON up to this size is held, to know its model; of everything else only a beginning. What is said to a model is held
/// as at the gateway's own endpoints: who says it is found in the whole of it.
const HELD_JSON_BYTES: usize = 1 << 20;
const HELD_BYTES: usize = 64 << 10;
/// Uploads are not held: they may be larger than other bodies.
const LARGEST_BYTES: usize = 2 << 30;

/// The part of a plan that is about a provider's own API.
pub(crate) struct Passed {
    address: Address,
}

impl Passed {
    pub(super) fn outgoing<'a>(&self, plan: &'a Plan, target: &Target) -> Result<Outgoing<'a>, Refusal> {
        let body = &plan.body;
        let pieces = if body.is_empty() { Vec::new() } else { vec![body.clone()] };
        Ok(Outgoing {
            method: &plan.method,
            path: self.address.at(&target.base_path),
            // It is among the forwarded headers.
            content_type: None,
            body: Body { len: body.len(), pieces },
            coming: plan.coming(),
            passes_errors: true,
            forwarded: &plan.forwarded,
            signed: Vec::new(),
            is_translated: false,
            crossing: None,
            betas: None,
            dropped: Vec::new(),
        })
    }
}

/// Third phase: reads as much of the body as says what is asked for.
pub(crate) async fn request(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    call.path.method = Some(session.req_header().method.clone());
    allowed(call)?;
    let signs = provider(call)?.targets.iter().any(|it| !it.target.provider.headers_are_static());
    let address = address(call, session.req_header())?;
    let headers = &session.req_header().headers;
    let length = |value: &HeaderValue| value.to_str().ok()?.trim().parse::<u64>().ok();
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(says_json);
    let upload = Upload {
        content_type: headers.get(header::CONTENT_TYPE).cloned(),
        model_at: None,
        scanner: None,
        declared: headers.get(header::CONTENT_LENGTH).and_then(length),
        received: 0,
        // A signature is made over the whole body: then it is held.
        max_bytes: if signs { call.shared.limits.body_max_bytes } else { LARGEST_BYTES },
        is_whole: false,
        is_spent: false,
    };
    let most = match infer::operation(call) {
        aop_identity::Operation::Generate if is_json => {
            call.shared.limits.body_max_bytes.max(HELD_JSON_BYTES)
        }
        _ if is_json => HELD_JSON_BYTES,
        _ => HELD_BYTES,
    };
    let mut request = form::head(call, session, upload, |_, held| !signs && held >= most).await?;
    let is_whole = request.upload.as_ref().is_some_and(|upload| upload.is_whole);
    if is_whole && (is_json || request.body.is_empty()) {
        request.upload = None;
        request.fields = fields(call, &request.body);
    }
    let named = request.fields.raw(&request.body, "model").and_then(crate::usage::json::text);
    request.model =
        named.or_else(|| address.model()).and_then(|name| parse::model_name(name).ok()).unwrap_or_default();
    request.stream = address.streams() || request.fields.raw(&request.body, "stream") == Some(b"true");
    call.request = Some(request);
    Ok(())
}

/// What is sent, and where to.
pub(crate) fn plan(call: &mut Call, header: &RequestHeader) -> Result<(Plan, Leg), Refusal> {
    let entry = provider(call)?;
    let address = address(call, header)?;
    let Some(request) = &call.request else {
        return Err(Refusal::new(Code::Internal, "The call was not read."));
    };
    // The model's name takes the place of the star in the name of the deployment's model.
    let found = Found { entry: &entry, captured: &request.model };
    let leg = Leg::new(call, &found, Instant::now(), None);
    let mut plan = Plan::new(call, Operation::Passthrough, request, header, &RoutePolicy::default())?;
    plan.forwarded = headers::passed(header);
    plan.passed = Some(Passed { address });
    call.route = Some(entry);
    Ok((plan, leg))
}

fn allowed(call: &Call) -> Result<(), Refusal> {
    let key = match &call.caller {
        Some(caller) if caller.run.is_none() => caller.key.as_deref(),
        _ => None,
    };
    let Some(key) = key.filter(|key| key.permissions.iter().any(|held| held == PERMISSION)) else {
        return Err(Refusal::new(
            Code::PermissionDenied,
            "The API key may not call a provider's own API: it lacks the permission 'passthrough'.",
        ));
    };
    if !key.allowed_models.is_empty() {
        return Err(Refusal::new(
            Code::PermissionDenied,
            "The API key is bound to certain models, so it may not call a provider's own API; use another key.",
        ));
    }
    Ok(())
}

fn provider(call: &Call) -> Result<Arc<RouteEntry>, Refusal> {
    let name = call.path.passed.as_ref().map(|(name, _)| percent::decode(name)).unwrap_or_default();
    let found = call.index.as_ref().and_then(|index| index.provider(call.team(), &name)).cloned();
    found.ok_or_else(|| {
        let message =
            format!("There is no usable provider '{}' here; see Models and providers.", shown(&name));
        Refusal::new(Code::UnknownUrl, message)
    })
}

fn address(call: &Call, header: &RequestHeader) -> Result<Address, Refusal> {
    let path = call.path.passed.as_ref().map_or("", |(_, path)| path.as_str());
    let address = Address::read(path, header.uri.query()).ok_or_else(|| {
        Refusal::new(Code::InvalidField, "The path may not hold '.' or '..' as a segment, or a backslash.")
    })?;
    // There the caller's credential stands: it is for the gateway alone.
    let is_googles = provider(call)?.targets.iter().any(|it| is_googles(&it.target));
    let shows_key = is_googles || authenticate::key_in_query(header).is_some();
    Ok(if shows_key { address.without("key") } else { address })
}

/// Its API takes credentials in the query.
fn is_googles(target: &Target) -> bool {
    matches!(target.deployment.provider.kind.as_str(), "gemini" | "vertex")
}

/// The fields the gateway knows, where the body is an object that says each of them once.
fn fields(call: &Call, body: &[u8]) -> Fields {
    let fields = scan::object(body, call.shared.limits.json_max_depth).ok();
    let fields = fields.filter(|fields| parse::check_types(Operation::Passthrough, body, fields).is_ok());
    fields.unwrap_or_default()
}

fn says_json(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
