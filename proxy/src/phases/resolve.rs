//! Sixth phase: which deployments answer this model, in which order, with which bytes.

use std::sync::Arc;

use bytes::Bytes;
use pingora_http::RequestHeader;

use super::admit::shown;
use crate::body::splice::{self, Body, Edit};
use crate::call::{Call, Request};
use crate::endpoint::Operation;
use crate::refusal::{Code, Refusal};
use crate::snapshot::{RouteTarget, Target};
use crate::upstream::headers::{self, Forwarded};

/// How a call will be tried.
pub(crate) struct Plan {
    pub(crate) operation: Operation,
    /// In the order of trying; walked through again when there are more tries than targets.
    pub(crate) targets: Vec<Arc<Target>>,
    pub(crate) max_attempts: usize,
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

pub(crate) fn plan(call: &mut Call, header: &RequestHeader) -> Result<Plan, Refusal> {
    let (Some(operation), Some(request), Some(index)) = (call.operation, &call.request, &call.index) else {
        return Err(Refusal::new(Code::Internal, "The call was not read."));
    };
    let Some(entry) = index.route(call.team(), &request.model) else {
        return Err(unknown_model(call, request));
    };
    let entry = Arc::clone(entry);
    let supported = &entry.route.operations;
    if !supported.is_empty() && !supported.iter().any(|name| name == operation.route_operation()) {
        let message = format!(
            "The model '{}' does not support this endpoint; it supports: {}.",
            shown(&request.model),
            supported.join(", ")
        );
        return Err(Refusal::new(Code::OperationNotSupported, message).param("model"));
    }
    let targets = order(&entry.targets, rand::random);
    if targets.is_empty() {
        let message = format!(
            "The model '{}' has no usable deployment; see Models and providers.",
            shown(&request.model)
        );
        return Err(Refusal::new(Code::UpstreamUnreachable, message));
    }
    let plan = Plan {
        operation,
        max_attempts: usize::from(entry.route.max_attempts).max(1),
        forwarded: headers::forwarded(header),
        body: request.body.clone(),
        model_at: request.fields.range("model").unwrap_or(0..0),
        ask_usage: request.ask_usage.clone(),
        targets,
    };
    call.route = Some(entry);
    Ok(plan)
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

/// Lower priority first; among equals, drawn by weight. `random` gives numbers from 0 to 1.
fn order(targets: &[RouteTarget], mut random: impl FnMut() -> f64) -> Vec<Arc<Target>> {
    let mut ordered = Vec::with_capacity(targets.len());
    for equals in targets.chunk_by(|a, b| a.priority == b.priority) {
        if let [only] = equals {
            ordered.push(Arc::clone(&only.target));
            continue;
        }
        // Efraimidis and Spirakis: the order of u^(1/w) is a draw without replacement. Weight 0 comes last.
        let mut drawn: Vec<(f64, &RouteTarget)> = equals
            .iter()
            .map(|target| match target.weight {
                0 => (-1.0, target),
                weight => (random().max(f64::MIN_POSITIVE).powf(1.0 / f64::from(weight)), target),
            })
            .collect();
        drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
        ordered.extend(drawn.into_iter().map(|(_, target)| Arc::clone(&target.target)));
    }
    ordered
}
