//! From what ClickHouse gives to what the contract shows.

use aop_clickhouse::traces as stored;
use aop_domain::id::TraceId;

use crate::tree::Run;
use crate::wire::absent::{nonzero, parsed, text};
use crate::wire::time::from_us;
use crate::wire::traces::{Span, TraceDetail, TraceSummary};

impl From<stored::TraceSummary> for TraceSummary {
    fn from(trace: stored::TraceSummary) -> Self {
        Self {
            trace_id: trace.trace_id,
            name: trace.name,
            root_type: trace.root_type,
            status: trace.status,
            started_at: from_us(trace.started_at_us),
            last_seen_at: from_us(trace.last_seen_us),
            duration_us: u64::try_from(trace.last_seen_us - trace.started_at_us).unwrap_or_default(),
            span_count: trace.spans,
            call_count: trace.calls,
            error_count: trace.errors,
            input_tokens: trace.input_tokens,
            output_tokens: trace.output_tokens,
            cost: trace.cost,
            unknown_cost_count: trace.calls.saturating_sub(trace.cost_known_calls),
            agents: trace.agents,
            models: trace.models,
            session_id: text(trace.session_id),
            execution_id: parsed(&trace.execution_id),
            crew: text(trace.crew),
        }
    }
}

impl TraceDetail {
    pub fn new(trace: stored::Trace, run: Run) -> Self {
        let mut summary = TraceSummary::from(trace.summary);
        let named = run.agents.iter().filter(|agent| agent.totals.calls > agent.totals.internal_calls);
        let mut agents: Vec<String> = named.filter_map(|agent| agent.name.clone()).collect();
        agents.sort();
        agents.dedup();
        if !agents.is_empty() {
            summary.agents = agents;
        }
        let spans = trace.spans.into_iter().map(|span| {
            let agent = run.names.get(&span.call_id).cloned();
            let mut span = Span::from(span);
            span.agent = agent.or(span.agent);
            span
        });
        Self {
            summary,
            spans: spans.collect(),
            truncated: trace.truncated,
            parts: trace.parts.traces.iter().map(|part| TraceId(*part).to_string()).collect(),
            found: run.found,
            run_agents: run.agents,
            tree: run.nodes,
            handovers: run.handovers,
            loops: run.loops,
            cache_breaks: run.cache_breaks,
        }
    }
}

impl From<stored::Span> for Span {
    fn from(span: stored::Span) -> Self {
        let ended = span.ended_at_us > 0;
        Self {
            span_id: span.span_id,
            parent_span_id: text(span.parent_span_id),
            span_type: span.span_type,
            name: span.name,
            status: span.status,
            started_at: from_us(span.started_at_us),
            ended_at: ended.then(|| from_us(span.ended_at_us)),
            duration_us: ended
                .then(|| u64::try_from(span.ended_at_us - span.started_at_us).unwrap_or_default()),
            first_token_us: nonzero(span.first_token_us),
            session_id: text(span.session_id),
            crew: text(span.crew),
            task: text(span.task),
            agent: text(span.agent),
            parent_agent: text(span.parent_agent),
            execution_id: parsed(&span.execution_id),
            call_id: parsed(&span.call_id),
            model: text(span.model),
            provider: text(span.provider),
            input_tokens: span.input_tokens,
            output_tokens: span.output_tokens,
            cost: span.cost,
            error_code: text(span.error_code),
            error_message: text(span.error_message),
            source: span.source,
            inputs: span.inputs,
            outputs: span.outputs,
            attributes: span.attributes,
        }
    }
}
