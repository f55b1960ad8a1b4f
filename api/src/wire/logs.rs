//! Lines of log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::wire::absent::{parsed, text};
use crate::wire::time::from_us;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
}

impl LogLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// A level that is not one of ours says at least that there is something to read.
    fn of(text: &str) -> Self {
        [Self::Debug, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.as_str() == text)
            .unwrap_or(Self::Info)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogLine {
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    pub level: LogLevel,
    pub message: String,
    pub agent: Option<String>,
    /// 32 hex digits.
    pub trace_id: Option<String>,
    /// 16 hex digits.
    pub span_id: Option<String>,
    pub execution_id: Option<Uuid>,
    #[schema(value_type = BTreeMap<String, String>)]
    pub metadata: BTreeMap<String, String>,
}

impl From<aop_clickhouse::logs::LogLine> for LogLine {
    fn from(line: aop_clickhouse::logs::LogLine) -> Self {
        Self {
            created_at: from_us(line.created_at_us),
            level: LogLevel::of(&line.level),
            message: line.message,
            agent: text(line.agent),
            trace_id: text(line.trace_id),
            span_id: text(line.span_id),
            execution_id: parsed(&line.execution_id),
            metadata: line.attributes,
        }
    }
}

/// Which lines of a run a list shows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunLogFilter {
    #[param(inline)]
    pub level: Option<LogLevel>,
    pub agent: Option<String>,
    /// Part of the message, in any case.
    pub text: Option<String>,
    /// Items per page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}
