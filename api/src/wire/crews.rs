//! Crews, and starting a run of one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A crew as stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct Crew {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// `{agents, tasks, process, inputs}`, as it was written.
    #[schema(value_type = Object)]
    pub config: Value,
    pub status: CrewStatus,
    /// Grows by one with every change.
    pub version: i32,
    /// The `{placeholder}`s of its texts. `config.inputs` may have defaults for them.
    pub placeholders: Vec<String>,
    pub created_by: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrewStatus {
    Draft,
    Deployed,
    Stopped,
}

impl From<aop_store::crews::Crew> for Crew {
    fn from(crew: aop_store::crews::Crew) -> Self {
        let placeholders = aop_domain::crew::parse(&crew.config).map(|parsed| parsed.placeholders());
        Self {
            id: crew.id.0,
            name: crew.name,
            description: crew.description,
            config: crew.config,
            status: match crew.status.as_str() {
                "deployed" => CrewStatus::Deployed,
                "stopped" => CrewStatus::Stopped,
                _ => CrewStatus::Draft,
            },
            version: crew.version,
            // A definition that an older version took and this one does not has none to ask for: it cannot run.
            placeholders: placeholders.unwrap_or_default(),
            created_by: crew.created_by.map(|user| user.0),
            created_at: crew.created_at,
            updated_at: crew.updated_at,
        }
    }
}

/// What an author writes; a change replaces all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewRequest {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    /// `agents`: a list, or an object by name, of `{name?, role, goal, backstory, llm, tools?, max_iter?,
    /// max_execution_time?}`. `tasks`: a list of `{name?, description, expected_output, agent, context?, tools?}` in the
    /// order they run. `process`: `sequential`. `inputs`: defaults of `{placeholder}`s. What the runner cannot do yet is
    /// refused by name.
    #[schema(value_type = Object)]
    pub config: Value,
}

/// A definition to be looked at, not stored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateRequest {
    #[schema(value_type = Object)]
    pub config: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Validation {
    pub valid: bool,
    /// Everything that is wrong; empty when valid.
    pub problems: Vec<CrewProblem>,
    /// The `{placeholder}`s a run asks for.
    pub placeholders: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CrewProblem {
    /// Where, e.g. `tasks[1].context[0]`.
    pub field: String,
    pub message: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Values of the crew's `{placeholder}`s, over the crew's own defaults.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub inputs: Map<String, Value>,
}

/// A run that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunStarted {
    pub execution_id: Uuid,
    /// Where its events are streamed.
    pub stream_url: String,
}
