//! OpenCode.

use super::rule::{Field, Form, Rule, header};

pub(super) const RULES: &[Rule] = &[
    header("x-opencode-session-id", Field::Session, Form::Text),
    header("x-session-affinity", Field::Session, Form::Text),
    header("x-parent-session-id", Field::Tag, Form::Named("opencode.parent-session")),
];
