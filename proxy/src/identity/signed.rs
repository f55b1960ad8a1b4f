//! The runner's signed credential: what it says is proven, and wins over every claim.

use aop_service::run_credential::RunClaims;

use super::collect::Collected;
use super::rule::{Field, Form, Place, Rule, at};

pub(super) const RULES: &[Rule] = &[
    at(Place::Run, "trace_id", Field::Trace, Form::TraceId),
    at(Place::Run, "parent_span_id", Field::ParentSpan, Form::SpanId),
    at(Place::Run, "execution_id", Field::Execution, Form::Uuid),
    at(Place::Run, "crew", Field::Crew, Form::Text),
    at(Place::Run, "task", Field::Task, Form::Text),
    at(Place::Run, "agent", Field::Agent, Form::Text),
    at(Place::Run, "parent_agent", Field::ParentAgent, Form::Text),
];

pub(super) fn read(run: &RunClaims, collected: &mut Collected) {
    let ids = [
        ("trace_id", run.trace_id.to_string()),
        ("parent_span_id", run.parent_span_id.to_string()),
        ("execution_id", run.execution_id.to_string()),
    ];
    let names = [
        ("crew", &run.crew),
        ("task", &run.task),
        ("agent", &run.agent),
        ("parent_agent", &run.parent_agent),
    ];
    let ids = ids.iter().map(|(name, value)| (*name, value));
    for (name, value) in ids.chain(names) {
        collected.take(Place::Run, name, value);
    }
}
