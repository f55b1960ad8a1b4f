//! Langfuse, as its users send it through gateways.

use super::rule::{Field, Form, Rule, header};

pub(super) const RULES: &[Rule] = &[
    header("langfuse-trace-id", Field::Trace, Form::AnyTraceId),
    header("langfuse_trace_id", Field::Trace, Form::AnyTraceId),
    header("langfuse-session-id", Field::Session, Form::Text),
    header("langfuse_session_id", Field::Session, Form::Text),
    header("langfuse-trace-name", Field::Crew, Form::Text),
    header("langfuse_trace_name", Field::Crew, Form::Text),
    header("langfuse-generation-name", Field::Task, Form::Text),
    header("langfuse_generation_name", Field::Task, Form::Text),
    header("langfuse-user-id", Field::EndUser, Form::Text),
    header("langfuse_trace_user_id", Field::EndUser, Form::Text),
    header("langfuse-tags", Field::Tag, Form::List),
    header("langfuse_tags", Field::Tag, Form::List),
];
