//! From what ClickHouse gives to what the contract shows.

use std::collections::BTreeMap;

use aop_clickhouse::calls as stored;

use crate::tree::source_of;
use crate::wire::absent::{nonzero, parsed, text};
use crate::wire::calls::{
    Attempt, CallContent, CallDetail, CallStatus, CallSummary, CostParts, IdentityFacts, Message, Unit,
};
use crate::wire::policies::RecordingLevel;
use crate::wire::repricings::CallRepricing;
use crate::wire::runaway::RunawayMark;
use crate::wire::time::from_us;
use crate::wire::usage::{TokenSource, TokenUsage};

impl From<stored::CallSummary> for CallSummary {
    fn from(call: stored::CallSummary) -> Self {
        Self {
            call_id: parsed(&call.call_id).unwrap_or_default(),
            started_at: from_us(call.started_at_us),
            trace_id: call.trace_id,
            span_id: call.span_id,
            parent_span_id: text(call.parent_span_id),
            key_id: parsed(&call.key_id),
            user_id: parsed(&call.user_id),
            session_id: text(call.session_id),
            execution_id: parsed(&call.execution_id),
            crew: text(call.crew),
            task: text(call.task),
            agent: text(call.agent),
            agent_key: text(call.agent_key),
            parent_agent: text(call.parent_agent),
            end_user: text(call.end_user),
            application: text(call.application),
            framework: text(call.framework),
            operation: call.operation,
            requested_model: call.requested_model,
            response_model: text(call.response_model),
            provider: text(call.provider),
            deployment: text(call.deployment),
            stream: call.stream,
            status: CallStatus::parse(&call.status),
            http_status: call.http_status,
            error_code: text(call.error_code),
            error_message: text(call.error_message),
            finish_reason: text(call.finish_reason),
            duration_us: call.duration_us,
            first_token_us: nonzero(call.first_token_us),
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            usage_source: TokenSource::parse(&call.usage_source),
            cost: call.cost,
            attempt_count: call.attempts.into(),
            cache: text(call.cache),
            tool_names: call.tool_names,
            input_preview: call.input_preview,
            output_preview: call.output_preview,
            conversation: text(call.conversation),
            internal: text(call.internal),
            runaway: call.runaway.into_iter().map(mark).collect(),
            token_issuer: text(call.token_issuer),
            token_subject: text(call.token_subject),
        }
    }
}

fn mark(mark: stored::Runaway) -> RunawayMark {
    RunawayMark { rule: mark.rule, action: mark.action, count: mark.count, limit: mark.limit }
}

/// `image_out#1024x1024` → how many.
fn unit((name, count): (String, String)) -> Unit {
    let (meter, variant) = name.split_once('#').unwrap_or((&name, ""));
    Unit { meter: meter.to_owned(), variant: variant.to_owned(), count }
}

impl From<stored::CallDetail> for CallDetail {
    fn from(detail: stored::CallDetail) -> Self {
        let facts = detail.facts;
        let identity = identity(&facts);
        Self {
            summary: detail.call.into(),
            usage: usage(&facts),
            costs: costs(&facts),
            wasted_cost: facts.wasted_cost,
            price_version: (facts.cost_input.is_some()).then_some(facts.price_version),
            provider_response_id: text(facts.provider_response_id),
            route: text(facts.route),
            tags: facts.tags,
            identity,
            upstream_us: facts.upstream_us,
            overhead_us: facts.overhead_us.into(),
            queue_us: facts.queue_us.into(),
            connect_us: facts.connect_us.into(),
            attempts: detail.attempts.into_iter().map(Attempt::from).collect(),
            request_bytes: facts.request_bytes,
            response_bytes: facts.response_bytes,
            body_truncated: facts.body_truncated,
            content: detail.content.map(CallContent::from),
            node: facts.node,
            retention_days: facts.retention_days,
            recording: RecordingLevel::parse(&facts.recording),
            redactions: facts.redactions,
            cost_saved: facts.cost_saved,
            guardrails: serde_json::from_str(&facts.guardrails).unwrap_or_default(),
            hooks: serde_json::from_str(&facts.hooks).unwrap_or_default(),
            units: facts.units.into_iter().map(unit).collect(),
            passed: text(facts.passed),
            dropped_fields: facts.dropped_fields,
            repricings: detail.repricings.into_iter().filter_map(CallRepricing::of).collect(),
        }
    }
}

/// The agent as corrections stand now, whatever stood when the call was recorded.
fn identity(facts: &stored::CallFacts) -> IdentityFacts {
    let mut sources = facts.identity_sources.clone();
    let (mut rule, mut confidence) = (facts.agent_rule.clone(), facts.agent_confidence);
    let recorded = sources.get("agent").is_some_and(|source| source == "corrected");
    if facts.agent_is_corrected {
        (rule, confidence) = ("corrected".to_owned(), 100);
        sources.insert("agent".to_owned(), "corrected".to_owned());
    } else if recorded {
        let source = source_of(&facts.found_rule);
        (rule, confidence) = (facts.found_rule.clone(), facts.found_confidence);
        match source {
            "none" => sources.remove("agent"),
            source => sources.insert("agent".to_owned(), source.to_owned()),
        };
        if source == "inferred" {
            rule = format!("inferred:{rule}");
        }
    }
    IdentityFacts {
        sources,
        trace_source: facts.trace_source.clone(),
        agent_rule: text(rule),
        agent_confidence: confidence,
        fingerprint: text(facts.agent_fingerprint.clone()),
        prompt: text(facts.prompt_fingerprint.clone()),
        run_rule: text(facts.run_rule.clone()),
        run_confidence: facts.run_confidence,
    }
}

fn usage(facts: &stored::CallFacts) -> TokenUsage {
    TokenUsage {
        in_uncached: facts.in_uncached.into(),
        in_cache_read: facts.in_cache_read.into(),
        in_cache_write_5m: facts.in_cache_write_5m.into(),
        in_cache_write_1h: facts.in_cache_write_1h.into(),
        in_audio: facts.in_audio.into(),
        in_image: facts.in_image.into(),
        out_text: facts.out_text.into(),
        out_reasoning: facts.out_reasoning.into(),
        out_audio: facts.out_audio.into(),
    }
}

fn costs(facts: &stored::CallFacts) -> Option<CostParts> {
    Some(CostParts {
        input: facts.cost_input.clone()?,
        cache: facts.cost_cache.clone()?,
        output: facts.cost_output.clone()?,
    })
}

impl From<stored::Attempt> for Attempt {
    fn from(attempt: stored::Attempt) -> Self {
        let attributes = attempt.attributes;
        Self {
            span_id: attempt.span_id,
            provider: attempt.provider,
            deployment: attributes.get("deployment").cloned(),
            upstream_model: attempt.model,
            started_at: from_us(attempt.started_at_us),
            duration_us: attempt.duration_us,
            connect_us: number(&attributes, "connect_us"),
            first_byte_us: number(&attributes, "first_byte_us"),
            http_status: number(&attributes, "http_status").and_then(|status| u16::try_from(status).ok()),
            status: attempt.status,
            error_code: text(attempt.error_code),
            error_message: text(attempt.error_message),
            reason: attributes.get("reason").cloned(),
            strategy: attributes.get("strategy").cloned(),
            considered: attributes.get("considered").cloned(),
            may_be_billed: attributes.contains_key("may_be_billed"),
            input_tokens: attributes.get("input_tokens").and_then(|tokens| parsed(tokens)),
            output_tokens: attributes.get("output_tokens").and_then(|tokens| parsed(tokens)),
            usage_source: TokenSource::parse(attributes.get("usage_source").map_or("", String::as_str)),
            cost: attributes.get("cost").cloned(),
        }
    }
}

fn number(attributes: &BTreeMap<String, String>, key: &str) -> Option<u64> {
    attributes.get(key).and_then(|value| parsed(value)).and_then(nonzero)
}

impl From<stored::CallContent> for CallContent {
    fn from(content: stored::CallContent) -> Self {
        Self {
            input: content.input.into_iter().map(Message::from).collect(),
            new_from: content.new_from.into(),
            output: content.output.into_iter().map(Message::from).collect(),
            tools: content.tools,
            params: content.params,
            response: content.response,
        }
    }
}

impl From<stored::Message> for Message {
    fn from(message: stored::Message) -> Self {
        Self { hash: message.hash, role: message.role, content: message.content }
    }
}
