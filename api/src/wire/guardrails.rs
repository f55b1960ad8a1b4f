//! Rules about what may be said in calls, and what they did.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::mirrored::mirrored;
use aop_domain::guard as domain;

mirrored! {
    /// What is looked at: what goes to the provider, what comes back, or both.
    GuardrailStage = domain::Stage { Before, After, Both }
}
mirrored! {
    /// What happens to a call in which something is found: it ends with an error, what was found is replaced, or it is only noted.
    GuardrailAction = domain::Action { Block, Mask, Flag }
}
mirrored! {
    /// When a service cannot be asked: the call goes on and it is noted, or the call ends with an error.
    OnFailure = domain::OnFailure { Allow, Refuse }
}
mirrored! {
    /// One kind of secret or personal data.
    DetectorName = domain::Detector {
        ApiKey, PrivateKey, Jwt, BearerToken, Email, Phone, CreditCard, Iban, KoreanRrn, UsSsn, IpAddress
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum GuardrailCheck {
    /// Any of these regular expressions (RE2's language: no look-around, no back-references).
    Regex {
        #[schema(min_items = 1, max_items = 50)]
        patterns: Vec<String>,
    },
    /// Any of these words or phrases, whole, whatever their case.
    DenyList {
        #[schema(min_items = 1, max_items = 50)]
        phrases: Vec<String>,
    },
    /// Secrets and personal data.
    Detectors {
        #[schema(min_items = 1)]
        detectors: Vec<DetectorName>,
    },
    /// An answer's output must be JSON that fits a schema (2020-12).
    JsonSchema {
        /// Absent: the one that the request declares; a request that declares none is left alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        schema: Option<serde_json::Value>,
    },
    /// A service of your own says whether something is wrong.
    Http {
        /// Gets a `POST` with the texts, and answers with a verdict.
        url: String,
        /// The longest time it may take.
        #[serde(default = "usual_timeout_ms")]
        #[schema(minimum = 50, maximum = 10000)]
        timeout_ms: u32,
        /// What becomes of a call when it cannot be asked.
        #[serde(default = "refuse")]
        on_failure: OnFailure,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<GuardrailHeader>,
    },
}

fn usual_timeout_ms() -> u32 {
    2_000
}

fn refuse() -> OnFailure {
    OnFailure::Refuse
}

/// A header that a service is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailHeader {
    #[schema(max_length = 100)]
    pub name: String,
    /// Kept encrypted and never shown. Absent in a change: as it was.
    #[serde(default, skip_serializing)]
    #[schema(write_only, max_length = 8192)]
    pub value: Option<HeaderValue>,
}

/// Shown by no log.
#[derive(Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct HeaderValue(pub String);

impl std::fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeaderValue(…)")
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Guardrail {
    pub id: Uuid,
    /// Absent: every team's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Uuid>,
    pub name: String,
    pub stage: GuardrailStage,
    pub check: GuardrailCheck,
    pub action: GuardrailAction,
    /// Only calls of these keys; empty: of every key.
    pub keys: Vec<Uuid>,
    /// Only calls of models with these names or patterns; empty: of every model.
    pub models: Vec<String>,
    pub is_active: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutGuardrailRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub stage: GuardrailStage,
    pub check: GuardrailCheck,
    pub action: GuardrailAction,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub keys: Vec<Uuid>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub models: Vec<String>,
    /// Absent: in force.
    pub is_active: Option<bool>,
    /// For every team of the installation; only an administrator may.
    #[serde(default)]
    pub for_all_teams: bool,
}

/// What one guardrail did in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardrailOutcome {
    pub name: String,
    /// `before` or `after`.
    pub stage: String,
    /// `block`, `mask` or `flag`.
    pub action: String,
    /// What was found: a detector's name, `pattern`, `phrase`, `schema`, what a service said; `unavailable` or `too_long`
    /// where nothing could be judged.
    pub what: String,
    /// How often.
    pub count: u32,
}

impl From<domain::Check> for GuardrailCheck {
    fn from(check: domain::Check) -> Self {
        match check {
            domain::Check::Regex { patterns } => Self::Regex { patterns },
            domain::Check::DenyList { phrases } => Self::DenyList { phrases },
            domain::Check::Detectors { detectors } => {
                Self::Detectors { detectors: detectors.into_iter().map(Into::into).collect() }
            }
            domain::Check::JsonSchema { schema } => Self::JsonSchema { schema },
            domain::Check::Http(check) => Self::Http {
                url: check.url,
                timeout_ms: check.timeout_ms,
                on_failure: check.on_failure.into(),
                header: check.header.map(|header| GuardrailHeader { name: header.name, value: None }),
            },
        }
    }
}

impl From<aop_store::guardrails::Kept> for Guardrail {
    fn from(kept: aop_store::guardrails::Kept) -> Self {
        let rail = kept.guardrail;
        Self {
            id: rail.id.0,
            team_id: rail.team_id.map(|team| team.0),
            name: rail.name,
            stage: rail.stage.into(),
            check: rail.check.into(),
            action: rail.action.into(),
            keys: rail.keys.into_iter().map(|key| key.0).collect(),
            models: rail.models,
            is_active: kept.is_active,
            created_at: kept.created_at,
            updated_at: kept.updated_at,
        }
    }
}
