//! Helicone. A session is one run of a named workflow (our crew); its path names the step (our task).

use super::rule::{Field, Form, Place, Rule, at, header};

pub(super) const RULES: &[Rule] = &[
    header("helicone-session-id", Field::Session, Form::Text),
    header("helicone-session-name", Field::Crew, Form::Text),
    header("helicone-session-path", Field::Task, Form::Text),
    header("helicone-user-id", Field::EndUser, Form::Text),
    header("helicone-property-agent", Field::Agent, Form::Text),
    header("helicone-property-agent-name", Field::Agent, Form::Text),
    header("helicone-property-crew", Field::Crew, Form::Text),
    header("helicone-property-task", Field::Task, Form::Text),
    header("helicone-property-app", Field::Application, Form::Text),
    header("helicone-property-application", Field::Application, Form::Text),
    at(Place::HeaderPrefix, "helicone-property-", Field::Tag, Form::Text),
];
