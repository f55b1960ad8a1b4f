//! One rule: a place, the field it states, and the form of its value.

use aop_domain::identity::IdentitySource;

/// What a place can state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Trace,
    ParentSpan,
    Session,
    Execution,
    Crew,
    Task,
    Agent,
    ParentAgent,
    EndUser,
    Application,
    Framework,
    /// Not one value but many: all places add up.
    Tag,
}

impl Field {
    pub(super) const COUNT: usize = 12;

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::ParentSpan => "parent span",
            Self::Session => "session",
            Self::Execution => "execution",
            Self::Crew => "crew",
            Self::Task => "task",
            Self::Agent => "agent",
            Self::ParentAgent => "parent agent",
            Self::EndUser => "end user",
            Self::Application => "application",
            Self::Framework => "framework",
            Self::Tag => "tags",
        }
    }
}

/// How the value in a place is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Text,
    /// Percent-encoded UTF-8; plain ASCII is its own encoding.
    Percent,
    /// 32 hex digits or a UUID.
    TraceId,
    /// Any text: 32 hex digits or a UUID is the id itself, anything else is hashed to one.
    AnyTraceId,
    /// 16 hex digits.
    SpanId,
    /// Any text: 16 hex digits is the id itself, anything else is hashed to one.
    AnySpanId,
    Uuid,
    /// Comma-separated, or a JSON list in a body.
    List,
    /// One tag `name=value`.
    Named(&'static str),
    /// W3C `traceparent`: a trace and its parent span.
    Traceparent,
    /// The program's name at the start of a `User-Agent`.
    UserAgent,
}

impl Form {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Percent => "text, percent-encoded",
            Self::TraceId => "32 hex digits or a UUID",
            Self::AnyTraceId => "any text (hashed unless it is an id)",
            Self::SpanId => "16 hex digits",
            Self::AnySpanId => "any text (hashed unless it is an id)",
            Self::Uuid => "a UUID",
            Self::List => "list",
            Self::Named(_) => "text, kept as `name=value`",
            Self::Traceparent => "W3C `traceparent`",
            Self::UserAgent => "program name",
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    /// A claim of the signed run credential.
    Run,
    /// A segment of the log proxy's path.
    Path,
    Header,
    /// All headers that start so; the rest of the name is part of the value.
    HeaderPrefix,
    /// All headers that end so.
    HeaderSuffix,
    /// An entry of the `baggage` header.
    Baggage,
    /// A field of the JSON in `x-portkey-metadata`.
    PortkeyMetadata,
    /// A field of the JSON in `x-litellm-spend-logs-metadata`.
    LitellmSpendMetadata,
    /// A top-level field of the body.
    Body,
    /// A field of the body's `metadata`.
    Metadata,
    /// A field of the body's `litellm_metadata`.
    LitellmMetadata,
}

impl Place {
    /// As it is written in the documents and in `agent_rule`.
    pub(super) fn written(self, name: &str) -> String {
        match self {
            Self::Run => format!("run credential:{name}"),
            Self::Path => format!("path:{name}"),
            Self::Header => format!("header:{name}"),
            Self::HeaderPrefix => format!("header:{name}*"),
            Self::HeaderSuffix => format!("header:x-*{name}"),
            Self::Baggage => format!("baggage:{name}"),
            Self::PortkeyMetadata => format!("x-portkey-metadata:{name}"),
            Self::LitellmSpendMetadata => format!("x-litellm-spend-logs-metadata:{name}"),
            Self::Body => format!("body:{name}"),
            Self::Metadata => format!("metadata:{name}"),
            Self::LitellmMetadata => format!("litellm_metadata:{name}"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) place: Place,
    /// Lower case.
    pub(super) name: &'static str,
    pub(super) field: Field,
    pub(super) form: Form,
}

impl Rule {
    pub(super) fn source(&self) -> IdentitySource {
        match self.place {
            Place::Run => IdentitySource::Signed,
            Place::Path => IdentitySource::Path,
            Place::Header if self.name.starts_with("x-aop-") => IdentitySource::AopHeader,
            Place::Header if self.name == "traceparent" => IdentitySource::TraceContext,
            Place::Baggage => IdentitySource::TraceContext,
            Place::Body | Place::Metadata | Place::LitellmMetadata => IdentitySource::Body,
            _ => IdentitySource::VendorHeader,
        }
    }

    /// Ours: a bad value is refused instead of ignored.
    pub(super) fn is_strict(&self) -> bool {
        matches!(self.source(), IdentitySource::AopHeader | IdentitySource::Path)
    }

    pub(super) fn written(&self) -> String {
        self.place.written(self.name)
    }
}

pub(super) const fn header(name: &'static str, field: Field, form: Form) -> Rule {
    Rule { place: Place::Header, name, field, form }
}

pub(super) const fn at(place: Place, name: &'static str, field: Field, form: Form) -> Rule {
    Rule { place, name, field, form }
}

/// The names under which people put identity into free-form metadata, most telling first.
macro_rules! common_metadata {
    ($place:expr) => {{
        use $crate::identity::rule::{Field, Form, at};
        &[
            at($place, "trace_id", Field::Trace, Form::AnyTraceId),
            at($place, "session_id", Field::Session, Form::Text),
            at($place, "conversation_id", Field::Session, Form::Text),
            at($place, "thread_id", Field::Session, Form::Text),
            at($place, "execution_id", Field::Execution, Form::Uuid),
            at($place, "crew", Field::Crew, Form::Text),
            at($place, "crew_name", Field::Crew, Form::Text),
            at($place, "task", Field::Task, Form::Text),
            at($place, "task_name", Field::Task, Form::Text),
            at($place, "agent", Field::Agent, Form::Text),
            at($place, "agent_name", Field::Agent, Form::Text),
            at($place, "agent_id", Field::Agent, Form::Text),
            at($place, "parent_agent", Field::ParentAgent, Form::Text),
            at($place, "user_id", Field::EndUser, Form::Text),
            at($place, "user", Field::EndUser, Form::Text),
            at($place, "application", Field::Application, Form::Text),
            at($place, "app", Field::Application, Form::Text),
            at($place, "tags", Field::Tag, Form::List),
        ]
    }};
}
pub(super) use common_metadata;
