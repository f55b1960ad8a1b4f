//! Sixth phase: which route the model's name leads to, and which bytes are sent along it.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use pingora_http::RequestHeader;

use super::admit::shown;
use crate::body::splice::{self, Body, Edit};
use crate::call::{Call, Request};
use crate::endpoint::Operation;
use crate::refusal::{Code, Refusal};
use crate::routing::Leg;
use crate::snapshot::Target;
use crate::upstream::headers::{self, Forwarded};

/// What a call sends, whoever it is sent to.
pub(crate) struct Plan {
    pub(crate) operation: Operation,
    pub(crate) forwarded: Forwarded,
    body: Bytes,
    model_at: std::ops::Range<usize>,
    ask_usage: Option<Edit>,
}

impl Plan {
    /// The body for this target: the client's bytes, the model's name in the provider's spelling.
    pub(crate) fn body(&self, target: &Target) -> Body {
        let mut edits = Vec::with_capacity(2);
        if self.body[self.model_at.clone()] != target.upstream_model_json[..] {
            edits.push(Edit { range: self.model_at.clone(), with: target.upstream_model_json.clone() });
        }
        edits.extend(self.ask_usage.clone());
        edits.sort_by_key(|edit| edit.range.start);
        splice::apply(&self.body, &edits)
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
    let leg = Leg::new(call, &found, Instant::now(), None);
    let plan = Plan {
        operation,
        forwarded: headers::forwarded(header),
        body: request.body.clone(),
        model_at: request.fields.range("model").unwrap_or(0..0),
        ask_usage: request.ask_usage.clone(),
    };
    call.route = Some(Arc::clone(&leg.entry));
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
