//! LiteLLM's headers. Its body fields stand in `body`.

use super::rule::{Field, Form, Place, Rule, common_metadata, header};

pub(super) const RULES: &[Rule] = &[
    header("x-litellm-trace-id", Field::Trace, Form::AnyTraceId),
    header("x-litellm-session-id", Field::Session, Form::Text),
    header("x-litellm-agent-id", Field::Agent, Form::Text),
    header("x-litellm-customer-id", Field::EndUser, Form::Text),
    header("x-litellm-end-user-id", Field::EndUser, Form::Text),
    header("x-litellm-tags", Field::Tag, Form::List),
];

pub(super) const METADATA: &[Rule] = common_metadata!(Place::LitellmSpendMetadata);
