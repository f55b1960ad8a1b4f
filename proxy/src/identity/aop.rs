//! Our own headers. A bad value is refused with 400.

use super::rule::{Field, Form, Rule, header};

pub(super) const RULES: &[Rule] = &[
    header("x-aop-trace-id", Field::Trace, Form::TraceId),
    header("x-aop-parent-span-id", Field::ParentSpan, Form::SpanId),
    header("x-aop-session-id", Field::Session, Form::Percent),
    header("x-aop-execution-id", Field::Execution, Form::Uuid),
    header("x-aop-crew", Field::Crew, Form::Percent),
    header("x-aop-task", Field::Task, Form::Percent),
    header("x-aop-agent", Field::Agent, Form::Percent),
    header("x-aop-parent-agent", Field::ParentAgent, Form::Percent),
    header("x-aop-user", Field::EndUser, Form::Percent),
    header("x-aop-application", Field::Application, Form::Percent),
    header("x-aop-tags", Field::Tag, Form::List),
];
