//! Claude Code. Subagents carry an id, and with hint headers on also their type; the type is the better name.

use super::rule::{Field, Form, Rule, header};

pub(super) const RULES: &[Rule] = &[
    header("x-claude-code-session-id", Field::Session, Form::Text),
    header("x-claude-code-agent-type", Field::Agent, Form::Text),
    header("x-claude-code-agent-id", Field::Agent, Form::Text),
    header("x-claude-code-parent-agent-id", Field::ParentAgent, Form::Text),
    header("x-claude-code-request-class", Field::Tag, Form::Named("claude-code.request-class")),
    header("x-claude-code-compaction", Field::Tag, Form::Named("claude-code.compaction")),
];
