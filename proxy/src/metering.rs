//! From an answer to what it used: the provider's own figures, or an estimate marked as one. Estimates are slow, so they
//! are made on the runtime's blocking threads.

use std::sync::Arc;

use bytes::Bytes;

use aop_domain::usage::{Usage, UsageSource};

use crate::call::Call;
use crate::endpoint::Operation;
use crate::estimate;
use crate::phases::record::Answer;
use crate::phases::reply::Said;
use crate::stream::observe::Observed;
use crate::units::{self, Seen};
use crate::usage::openai;

/// A whole answer that is not a stream.
pub(crate) async fn whole(call: &Call, body: &Bytes) -> Answer {
    let facts = openai::facts(body);
    let mut answer = Answer {
        bytes: body.len() as u64,
        model: facts.response_model,
        id: facts.response_id,
        finish_reason: facts.finish_reason,
        service_tier: facts.service_tier,
        ..Answer::default()
    };
    if call.operation == Some(Operation::CountTokens) {
        // A count is free: the provider generated nothing.
        set_usage(&mut answer, Some(Usage::default()), UsageSource::Provider);
        return answer;
    }
    if call.operation == Some(Operation::Rerank) {
        // Billed by the search, or by tokens that only the provider counts.
        let mut seen = Seen::default();
        seen.told.document(body);
        answer.units = units::measured(call, &seen);
        set_usage(&mut answer, seen.told.usage(), UsageSource::Provider);
        return answer;
    }
    let (usage, source) = match facts.usage {
        Some(usage) => (Some(usage), UsageSource::Provider),
        None => {
            let body = body.clone();
            let estimated =
                estimated(call, move |model, request| estimate::of_answer(model, request, &body)).await;
            (estimated, UsageSource::Estimated)
        }
    };
    set_usage(&mut answer, usage, source);
    answer
}

/// What a provider told before its stream was cut: of the request it is right, of the answer it may be the beginning's.
fn as_far_as(told: Usage, counted: Option<&Usage>) -> Usage {
    match counted {
        Some(counted) if counted.output() > told.output() => {
            Usage { out_text: counted.out_text, out_reasoning: counted.out_reasoning, ..told }
        }
        _ => told,
    }
}

/// A stream, as far as it came. `is_whole`: it came to its own end.
pub(crate) async fn streamed(call: &Call, observed: Observed, is_whole: bool) -> Answer {
    let observed = Arc::new(observed);
    let (usage, source) = match observed.usage {
        Some(usage) if is_whole => (Some(usage), UsageSource::Provider),
        told => {
            let passed = Arc::clone(&observed);
            let counted =
                estimated(call, move |model, request| estimate::of_stream(model, request, &passed)).await;
            let source = if is_whole { UsageSource::Estimated } else { UsageSource::Partial };
            (told.map(|told| as_far_as(told, counted.as_ref())).or(counted), source)
        }
    };
    let mut answer = Answer {
        first_token_us: observed.first_token_us.unwrap_or(0),
        model: observed.response_model.clone(),
        id: observed.response_id.clone(),
        finish_reason: observed.finish_reason.clone(),
        service_tier: observed.service_tier.clone(),
        ..Answer::default()
    };
    set_usage(&mut answer, usage, source);
    answer
}

/// An answer of a provider's own API, sound or pictures, as far as it came: what it told of itself, and else what it and its
/// request come to when they are counted here.
pub(crate) async fn passed(
    call: &Call,
    told: Option<Usage>,
    said: Said,
    is_whole: bool,
) -> (Option<Usage>, UsageSource) {
    // Media are priced by other things than text, unless their provider tells tokens.
    let is_media = call.operation.is_some_and(Operation::is_media);
    let source = match (told, is_whole) {
        (Some(_), true) => return (told, UsageSource::Provider),
        (None, true) if is_media || said.bytes() == 0 => return (None, UsageSource::None),
        (None, true) => UsageSource::Estimated,
        (_, false) => UsageSource::Partial,
    };
    // How much of sound and pictures was read is not to be known from here.
    let reads_text = !is_media && call.request.as_ref().is_some_and(|request| request.upload.is_none());
    let count = move |model: &str, request: &[u8]| {
        let request = if reads_text { request } else { &[] };
        estimate::of_text(model, request, said.text(), said.more_bytes())
    };
    let counted = estimated(call, count).await.filter(|counted| counted.total() > 0);
    let usage = told.map(|told| as_far_as(told, counted.as_ref())).or(counted);
    (usage, if usage.is_some() { source } else { UsageSource::None })
}

/// A call that a provider has begun to work on and whose answer nobody waits for: its input has been read.
pub(crate) async fn unanswered(call: &Call) -> Answer {
    let mut answer = Answer::default();
    // How much of sound and pictures was read is not to be known from here.
    let is_text = call.request.as_ref().is_some_and(|request| request.upload.is_none())
        && !call.operation.is_some_and(Operation::is_media);
    if !call.attempts.is_empty() && is_text {
        let usage = estimated(call, estimate::of_request).await;
        set_usage(&mut answer, usage, UsageSource::Partial);
    }
    answer
}

async fn estimated(call: &Call, count: impl FnOnce(&str, &[u8]) -> Usage + Send + 'static) -> Option<Usage> {
    let (request, target) = (call.request.as_ref()?, call.target.as_ref()?);
    let (body, deployment) = (request.body.clone(), Arc::clone(&target.deployment));
    // A count that panicked leaves the usage unknown; the call is recorded all the same.
    tokio::task::spawn_blocking(move || count(&deployment.upstream_model, &body)).await.ok()
}

fn set_usage(answer: &mut Answer, usage: Option<Usage>, source: UsageSource) {
    answer.usage = usage;
    answer.usage_source = if usage.is_some() { source } else { UsageSource::None };
}
