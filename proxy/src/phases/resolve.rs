//! Sixth phase: which route the model's name leads to, and which bytes are sent along it.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use aop_dialects::Dialect;
use aop_dialects::providers::{self, Endpoint};
use aop_domain::routing::RoutePolicy;
use bytes::Bytes;
use http::{HeaderValue, Method};
use pingora_http::RequestHeader;

use super::admit::shown;
use super::passthrough::Passed;
use crate::body::splice::{self, Body, Edit};
use crate::call::{Call, Request};
use crate::continuation::{Asked, Question, Said};
use crate::endpoint::Operation;
use crate::older::{self, Fitted};
use crate::refusal::{Code, Refusal};
use crate::routing::Leg;
use crate::snapshot::Target;
use crate::translate::{self, Translation};
use crate::upstream::headers::{self, Forwarded};
use crate::upstream::outgoing::{Coming, Outgoing};

/// Where the model's name stands in the body.
enum Named {
    /// As a JSON string.
    Json(Range<usize>),
    /// In a form.
    Plain(Range<usize>),
    /// Nowhere: the first field of a JSON object would stand here.
    Absent(usize),
}

/// What a call sends, whoever it is sent to.
pub(crate) struct Plan {
    pub(crate) operation: Operation,
    pub(super) method: Method,
    pub(super) forwarded: Forwarded,
    pub(super) body: Bytes,
    named: Named,
    content_type: Option<HeaderValue>,
    /// What comes behind the body's part that is held.
    coming: Coming,
    /// To a provider's own API.
    pub(super) passed: Option<Passed>,
    ask_usage: Option<Edit>,
    stream: bool,
    /// Of the client's URL (`beta=true`): a part of the dialect that has one.
    query: Option<String>,
    translation: Translation,
}

impl Plan {
    /// The model whose tokens are counted here, because its provider counts none. Counting elsewhere would count another
    /// model's tokens.
    pub(crate) fn counted_here(&self, leg: &Leg) -> Option<String> {
        let target = leg.order.targets.first()?;
        let asks =
            target.provider.answers(Dialect::Messages) && self.path(target, Endpoint::CountTokens).is_ok();
        let is_ours = self.operation == Operation::CountTokens && !asks;
        is_ours.then(|| target.deployment.upstream_model.clone())
    }

    /// What this target is sent: the client's bytes with the model's name in the provider's spelling, or their
    /// translation. `Err`: this target cannot do what the client wants.
    pub(crate) fn outgoing(&self, target: &Target) -> Result<Outgoing<'_>, Refusal> {
        if let Some(passed) = &self.passed {
            return passed.outgoing(self, target);
        }
        let native = translate::native(self.operation, target.provider);
        let mut path = self.path(target, translate::endpoint(self.operation, target.provider))?;
        let mut betas = None;
        let (body, crossing, dropped) = if native.is_some() {
            if let Some(query) = &self.query {
                path.push('?');
                path.push_str(query);
            }
            match self.fitted(target) {
                None => (self.spliced(target), None, Vec::new()),
                Some(Fitted { body, dropped }) => {
                    let left = older::betas_left(self.translation.betas(), &dropped);
                    betas = left.and_then(|left| HeaderValue::from_str(&left).ok());
                    (Body { len: body.len(), pieces: vec![body] }, None, dropped)
                }
            }
        } else {
            let (body, crossing, dropped) = self.translation.for_target(&self.body, target)?;
            (Body { len: body.len(), pieces: vec![body] }, crossing, dropped)
        };
        Ok(Outgoing {
            method: &self.method,
            path,
            content_type: self.content_type.clone(),
            coming: self.coming(),
            passes_errors: false,
            body,
            forwarded: &self.forwarded,
            signed: Vec::new(),
            is_translated: native.is_none(),
            crossing,
            betas,
            dropped: translate::tellable(dropped),
        })
    }

    /// What this target is sent to go on with what another has said; when that said nothing, what everybody is sent.
    /// `None`: it cannot go on.
    pub(crate) fn continuing(&self, target: &Target, said: &Said, now_s: i64) -> Option<Asked<'_>> {
        if said.given().is_empty() {
            let mut outgoing = self.outgoing(target).ok()?;
            return outgoing.sign(target, now_s).then_some(Asked { outgoing, echoes: false });
        }
        let question = Question::of(said, self.translation.form(&self.body).ok()?, target)?;
        let native = translate::native(self.operation, target.provider);
        let path = self.path(target, native.unwrap_or(Endpoint::Generate)).ok()?;
        let (mut body, crossing, dropped) = match native {
            Some(_) => {
                let dialect = self.operation.dialect()?;
                (question.changed(&self.body, dialect, &target.deployment.upstream_model)?, None, Vec::new())
            }
            None => {
                let change = |request: &mut _| question.change(request);
                let (body, crossing, dropped) =
                    self.translation.changed_for(&self.body, target, change).ok()?;
                (serde_json::from_slice(&body).ok()?, Some(crossing), dropped)
            }
        };
        question.say(&mut body);
        let body = Bytes::from(body.to_string());
        let path = match &self.query {
            Some(query) if native.is_some() => format!("{path}?{query}"),
            _ => path,
        };
        let mut outgoing = Outgoing {
            method: &self.method,
            path,
            content_type: self.content_type.clone(),
            coming: Coming::Nothing,
            passes_errors: false,
            body: Body { len: body.len(), pieces: vec![body] },
            forwarded: &self.forwarded,
            signed: Vec::new(),
            is_translated: crossing.is_some(),
            crossing,
            betas: None,
            dropped: translate::tellable(dropped),
        };
        outgoing.sign(target, now_s).then_some(Asked { outgoing, echoes: question.echoes() })
    }

    fn path(&self, target: &Target, endpoint: Endpoint) -> Result<String, Refusal> {
        let (base_path, model) = (&target.base_path, &target.deployment.upstream_model);
        let place = providers::Target { base_path, model, endpoint, stream: self.stream };
        target.provider.path(&place).ok_or_else(|| {
            let provider = &target.deployment.provider.name;
            let message = format!("The provider '{provider}' has nothing that could answer this endpoint.");
            Refusal::new(Code::OperationNotSupported, message).param("model")
        })
    }

    pub(super) fn coming(&self) -> Coming {
        self.coming
    }

    /// The client's bytes without what the model does not know, where such fields are to be dropped. `None`: all can stay.
    fn fitted(&self, target: &Target) -> Option<Fitted> {
        let is_asked = self.translation.drops()
            && self.operation.dialect() == Some(Dialect::Messages)
            && target.provider.dialect() == Dialect::Messages;
        let model = &target.deployment.upstream_model;
        is_asked.then(|| older::fit(&self.body, model, &target.upstream_model_json)).flatten()
    }

    /// The client's bytes, the model's name in the provider's spelling.
    fn spliced(&self, target: &Target) -> Body {
        let mut edits = Vec::with_capacity(2);
        let (range, with) = match &self.named {
            Named::Json(range) => (range.clone(), target.upstream_model_json.clone()),
            Named::Plain(range) => (range.clone(), target.deployment.upstream_model.clone().into()),
            Named::Absent(at) => {
                let name = String::from_utf8_lossy(&target.upstream_model_json);
                (*at..*at, format!("\"model\":{name},").into())
            }
        };
        if self.body[range.clone()] != with[..] {
            edits.push(Edit { range, with });
        }
        edits.extend(self.ask_usage.clone());
        edits.sort_by_key(|edit| edit.range.start);
        splice::apply(&self.body, &edits)
    }

    /// Takes away the targets before the first that can do what the client wants. `Err`: none can, and why the first
    /// could not.
    fn keep_able(&self, leg: &mut Leg) -> Result<(), Refusal> {
        let mut first = None;
        while let Some(target) = leg.order.targets.first() {
            // Same dialect: nothing to be found out, and nothing to be made twice.
            if translate::native(self.operation, target.provider)
                .is_some_and(|it| self.path(target, it).is_ok())
            {
                return Ok(());
            }
            match self.outgoing(target) {
                Ok(_) => return Ok(()),
                Err(refusal) => {
                    first.get_or_insert(refusal);
                    leg.order.targets.remove(0);
                    leg.order.live = leg.order.live.saturating_sub(1);
                }
            }
        }
        first.map_or(Ok(()), Err)
    }
}

impl Plan {
    pub(super) fn new(
        call: &Call,
        operation: Operation,
        request: &Request,
        header: &RequestHeader,
        policy: &RoutePolicy,
    ) -> Result<Self, Refusal> {
        let upload = request.upload.as_ref();
        let named = match (upload.and_then(|upload| upload.model_at.clone()), request.fields.range("model")) {
            (Some(at), _) => Named::Plain(at),
            (None, Some(at)) => Named::Json(at),
            (None, None) => Named::Absent(request.fields.first_key_at),
        };
        let coming = match upload.filter(|upload| !upload.is_whole) {
            None => Coming::Nothing,
            Some(upload) => match upload.declared {
                Some(all) => Coming::Bytes(all.saturating_sub(request.body.len() as u64)),
                None => Coming::Unknown,
            },
        };
        Ok(Self {
            operation,
            method: header.method.clone(),
            forwarded: headers::forwarded(header),
            body: request.body.clone(),
            named,
            content_type: match upload {
                Some(upload) => upload.content_type.clone(),
                None => Some(HeaderValue::from_static("application/json")),
            },
            coming,
            passed: None,
            ask_usage: request.ask_usage.clone(),
            stream: request.stream,
            query: operation.takes_query().then(|| header.uri.query().map(str::to_owned)).flatten(),
            translation: Translation::new(call, operation, request, &header.headers, policy.unsupported)?,
        })
    }
}

/// What is sent, and the route it takes first.
pub(crate) fn plan(call: &mut Call, header: &RequestHeader) -> Result<(Plan, Leg), Refusal> {
    let (Some(operation), Some(request), Some(index)) = (call.operation, &call.request, &call.index) else {
        return Err(Refusal::new(Code::Internal, "The call was not read."));
    };
    let Some(found) = index.find(call.team(), &request.model) else {
        return Err(unknown_model(call, request));
    };
    let supported = &found.entry.route.operations;
    if !supported.is_empty() && !supported.iter().any(|name| name == operation.route_operation()) {
        let message = format!(
            "The model '{}' does not support this endpoint; it supports: {}.",
            shown(&request.model),
            supported.join(", ")
        );
        return Err(Refusal::new(Code::OperationNotSupported, message).param("model"));
    }
    if found.entry.targets.is_empty() {
        let message = format!(
            "The model '{}' has no usable deployment; see Models and providers.",
            shown(&request.model)
        );
        return Err(Refusal::new(Code::UpstreamUnreachable, message));
    }
    let mut leg = Leg::new(call, &found, Instant::now(), None);
    let plan = Plan::new(call, operation, request, header, &leg.entry.route.policy)?;
    call.route = Some(Arc::clone(&leg.entry));
    if operation != Operation::CountTokens {
        plan.keep_able(&mut leg)?;
    }
    Ok((plan, leg))
}

fn unknown_model(call: &Call, request: &Request) -> Refusal {
    let nearest = call.index.as_ref().map(|index| index.nearest(call.team(), call.key(), &request.model));
    let hint = match nearest.as_deref() {
        None | Some([]) => "List the models with GET /v1/models.".to_owned(),
        Some(names) => format!("The nearest names are: {}.", names.join(", ")),
    };
    let message = format!("The model '{}' does not exist here. {hint}", shown(&request.model));
    Refusal::new(Code::ModelNotFound, message).param("model")
}
