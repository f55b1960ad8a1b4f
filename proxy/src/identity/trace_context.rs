//! W3C trace context: `traceparent`, and what travels in `baggage`.

use super::rule::{Field, Form, Place, Rule, at, header};

pub(super) const RULES: &[Rule] = &[
    header("traceparent", Field::Trace, Form::Traceparent),
    at(Place::Baggage, "aop.session_id", Field::Session, Form::Percent),
    at(Place::Baggage, "aop.crew", Field::Crew, Form::Percent),
    at(Place::Baggage, "aop.task", Field::Task, Form::Percent),
    at(Place::Baggage, "aop.agent", Field::Agent, Form::Percent),
    at(Place::Baggage, "aop.parent_agent", Field::ParentAgent, Form::Percent),
    at(Place::Baggage, "aop.user", Field::EndUser, Form::Percent),
    at(Place::Baggage, "gen_ai.agent.name", Field::Agent, Form::Percent),
    at(Place::Baggage, "gen_ai.agent.id", Field::Agent, Form::Percent),
    at(Place::Baggage, "gen_ai.conversation.id", Field::Session, Form::Percent),
    at(Place::Baggage, "session.id", Field::Session, Form::Percent),
    at(Place::Baggage, "langfuse_session_id", Field::Session, Form::Percent),
    at(Place::Baggage, "enduser.id", Field::EndUser, Form::Percent),
    at(Place::Baggage, "user.id", Field::EndUser, Form::Percent),
    at(Place::Baggage, "langfuse_user_id", Field::EndUser, Form::Percent),
];
