//! Bifrost.

use super::rule::{Field, Form, Place, Rule, at, header};

pub(super) const RULES: &[Rule] = &[
    header("x-bf-session-id", Field::Session, Form::Text),
    header("x-bf-customer-id", Field::EndUser, Form::Text),
    at(Place::HeaderPrefix, "x-bf-dim-", Field::Tag, Form::Text),
];
