//! Headers that many programs send without being anyone's own, weakest of the headers.

use super::rule::{Field, Form, Place, Rule, at, header};

pub(super) const RULES: &[Rule] = &[
    header("x-session-id", Field::Session, Form::Text),
    header("x-conversation-id", Field::Session, Form::Text),
    at(Place::HeaderSuffix, "-session-id", Field::Session, Form::Text),
    header("x-crew-name", Field::Crew, Form::Percent),
    header("x-task-name", Field::Task, Form::Percent),
    header("x-agent-name", Field::Agent, Form::Percent),
    header("x-agent-id", Field::Agent, Form::Percent),
    header("x-parent-agent", Field::ParentAgent, Form::Percent),
    header("x-user-id", Field::EndUser, Form::Text),
    header("x-title", Field::Application, Form::Text),
    header("user-agent", Field::Framework, Form::UserAgent),
];
