//! The body's own fields: OpenAI's, LiteLLM's, and what people put into `metadata`.

use super::collect::Collected;
use super::rule::{Field, Form, Place, Rule, at, common_metadata};
use super::{BodyClaims, claude_code};
use crate::usage::json;

pub(super) const RULES: &[Rule] = &[
    at(Place::Body, "litellm_trace_id", Field::Trace, Form::AnyTraceId),
    at(Place::Body, "litellm_session_id", Field::Session, Form::Text),
    at(Place::Metadata, "langfuse_session_id", Field::Session, Form::Text),
    at(Place::Metadata, "langfuse_user_id", Field::EndUser, Form::Text),
    at(Place::Metadata, "langfuse_tags", Field::Tag, Form::List),
    at(Place::Body, "tags", Field::Tag, Form::List),
    at(Place::Body, "user", Field::EndUser, Form::Text),
];

pub(super) const LITELLM_METADATA: &[Rule] = common_metadata!(Place::LitellmMetadata);
pub(super) const METADATA: &[Rule] = common_metadata!(Place::Metadata);

/// An identifier for abuse, often a hash: the last resort for the end user.
pub(super) const LAST: &[Rule] = &[at(Place::Body, "safety_identifier", Field::EndUser, Form::Text)];

pub(super) fn read(body: &BodyClaims<'_>, collected: &mut Collected) {
    let fields = [
        ("litellm_trace_id", body.litellm_trace_id),
        ("litellm_session_id", body.litellm_session_id),
        ("tags", body.tags),
        ("user", body.user),
        ("safety_identifier", body.safety_identifier),
    ];
    for (name, raw) in fields {
        if let Some(raw) = raw {
            collected.take_json(Place::Body, name, raw);
        }
    }
    for (place, object) in [(Place::LitellmMetadata, body.litellm_metadata), (Place::Metadata, body.metadata)]
    {
        object_fields(object.unwrap_or_default(), place, collected);
    }
}

/// Takes every field of a JSON object that a rule knows.
pub(super) fn object_fields(object: &[u8], place: Place, collected: &mut Collected) {
    for (key, raw) in json::fields(object) {
        if place == Place::Metadata && key == b"user_id" && claude_code::take_user_id(raw, collected) {
            continue;
        }
        if let Ok(key) = std::str::from_utf8(key) {
            collected.take_json(place, key, raw);
        }
    }
}
