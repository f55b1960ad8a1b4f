//! What a team, a key or a model says about recording and the response cache.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use aop_domain::guard as domain;

/// How much of a call's content is kept: all of it; all without secrets and personal data; or nothing that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingLevel {
    Full,
    Redacted,
    Metadata,
}

/// Who shares cached answers: all keys of the team, or each key for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheScope {
    Team,
    Key,
}

/// Whether answers are given again to the same question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Seconds an answer is kept; 0 turns the cache off here, whatever is said further away.
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub ttl_s: u32,
    pub scope: CacheScope,
}

/// An absent field says nothing: recording is then as the team (or key) says and full when neither does; the cache is as
/// the key, else the model, else the team says, and off when none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentPolicy {
    /// The stricter of the team's and the key's word counts. A model says nothing about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingLevel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheSettings>,
}

impl RecordingLevel {
    /// A word of a newer version keeps least.
    pub fn parse(text: &str) -> Self {
        domain::RecordingLevel::parse(text).map_or(Self::Metadata, Self::from)
    }
}

impl From<domain::RecordingLevel> for RecordingLevel {
    fn from(level: domain::RecordingLevel) -> Self {
        match level {
            domain::RecordingLevel::Full => Self::Full,
            domain::RecordingLevel::Redacted => Self::Redacted,
            domain::RecordingLevel::Metadata => Self::Metadata,
        }
    }
}

impl From<RecordingLevel> for domain::RecordingLevel {
    fn from(level: RecordingLevel) -> Self {
        match level {
            RecordingLevel::Full => Self::Full,
            RecordingLevel::Redacted => Self::Redacted,
            RecordingLevel::Metadata => Self::Metadata,
        }
    }
}

impl From<domain::CachePolicy> for CacheSettings {
    fn from(policy: domain::CachePolicy) -> Self {
        let scope = match policy.scope {
            domain::CacheScope::Team => CacheScope::Team,
            domain::CacheScope::Key => CacheScope::Key,
        };
        Self { ttl_s: policy.ttl_s, scope }
    }
}

impl From<CacheSettings> for domain::CachePolicy {
    fn from(settings: CacheSettings) -> Self {
        let scope = match settings.scope {
            CacheScope::Team => domain::CacheScope::Team,
            CacheScope::Key => domain::CacheScope::Key,
        };
        Self { ttl_s: settings.ttl_s, scope }
    }
}

impl From<domain::ContentPolicy> for ContentPolicy {
    fn from(policy: domain::ContentPolicy) -> Self {
        Self { recording: policy.recording.map(Into::into), cache: policy.cache.map(Into::into) }
    }
}

impl From<ContentPolicy> for domain::ContentPolicy {
    fn from(policy: ContentPolicy) -> Self {
        Self { recording: policy.recording.map(Into::into), cache: policy.cache.map(Into::into) }
    }
}
