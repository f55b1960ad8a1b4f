//! Portkey. Its span ids hang in its own trace: they count only when the trace is Portkey's too.

use super::rule::{Field, Form, Place, Rule, at, common_metadata, header};

pub(super) const RULES: &[Rule] = &[
    header("x-portkey-trace-id", Field::Trace, Form::AnyTraceId),
    header("x-portkey-parent-span-id", Field::ParentSpan, Form::AnySpanId),
    header("x-portkey-span-name", Field::Task, Form::Text),
    at(Place::PortkeyMetadata, "_user", Field::EndUser, Form::Text),
];

pub(super) const METADATA: &[Rule] = common_metadata!(Place::PortkeyMetadata);
