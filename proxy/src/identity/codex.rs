//! Codex CLI.

use super::rule::{Field, Form, Rule, header};

pub(super) const RULES: &[Rule] = &[
    header("session-id", Field::Session, Form::Text),
    header("session_id", Field::Session, Form::Text),
    header("thread-id", Field::Session, Form::Text),
    header("x-openai-subagent", Field::Agent, Form::Text),
    header("x-codex-parent-thread-id", Field::Tag, Form::Named("codex.parent-thread")),
    header("originator", Field::Framework, Form::UserAgent),
];
