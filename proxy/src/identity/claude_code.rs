//! Claude Code. Subagents carry an id, and with hint headers on also their type. The type is a name; the id is another one
//! each time an agent is started, so that it tells calls apart and names nobody.

use super::collect::Collected;
use super::rule::{Field, Form, Place, Rule, at, header};
use crate::usage::json;

const SESSION: &str = "user_id/session";
const USER: &str = "user_id/user";

pub(super) const RULES: &[Rule] = &[
    header("x-claude-code-session-id", Field::Session, Form::Text),
    header("x-claude-code-agent-type", Field::Agent, Form::Text),
    header("x-claude-code-agent-id", Field::Tag, Form::Named("claude-code.agent-id")),
    header("x-claude-code-parent-agent-id", Field::Tag, Form::Named("claude-code.parent-agent-id")),
    header("x-claude-code-request-class", Field::Tag, Form::Named("claude-code.request-class")),
    header("x-claude-code-compaction", Field::Tag, Form::Named("claude-code.compaction")),
    at(Place::Metadata, SESSION, Field::Session, Form::Text),
    at(Place::Metadata, USER, Field::EndUser, Form::Text),
];

/// Its body names user and session in one word. False: it is another client's.
pub(super) fn take_user_id(raw: &[u8], collected: &mut Collected) -> bool {
    let parts = json::text(raw).and_then(|user_id| aop_identity::of_user_id(&user_id));
    let Some((user, session)) = parts else { return false };
    collected.take(Place::Metadata, SESSION, &session);
    collected.take(Place::Metadata, USER, &user);
    true
}
