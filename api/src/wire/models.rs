//! A model is a route: the name clients send, and the deployments that can answer it.

mod facts;
mod routing;

pub use facts::ModelFacts;
pub use routing::{
    AbortPolicy, Breaker, Continues, ErrorClass, Fallback, OnAbortAction, Strategy, Unsupported,
};

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use aop_domain::id::{DeploymentId, ProviderId};
use aop_domain::model_facts;
use aop_store::model_deployments::Deployment;
use aop_store::providers::Provider;

/// A kind of call a model answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Chat,
    Completion,
    Embedding,
    Moderation,
    Rerank,
    Image,
    Speech,
    /// Translations of speech too.
    Transcription,
}

impl Operation {
    pub const ALL: [Self; 8] = [
        Self::Chat,
        Self::Completion,
        Self::Embedding,
        Self::Moderation,
        Self::Rerank,
        Self::Image,
        Self::Speech,
        Self::Transcription,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Moderation => "moderation",
            Self::Rerank => "rerank",
            Self::Image => "image",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Model {
    pub id: Uuid,
    /// Callable by every team, not only this one.
    pub shared: bool,
    /// The model name clients send.
    pub model: String,
    pub operations: Vec<Operation>,
    /// Upstream tries at most, all targets together.
    pub max_attempts: u8,
    pub strategy: Strategy,
    /// Calls of one session go to one deployment while it is healthy.
    pub sticky: bool,
    /// More names for the model.
    pub aliases: Vec<String>,
    /// Other models that answer when this one fails, asked in order.
    pub fallbacks: Vec<Fallback>,
    /// A second deployment is asked when the first has not begun to answer after so long. Absent: never.
    pub hedge_after_ms: Option<u32>,
    /// How often a stream that breaks in the middle is continued on another deployment. 0: never.
    pub continuations: u8,
    pub unsupported: Unsupported,
    /// What becomes of a provider's answer when its client goes away.
    pub on_abort: AbortPolicy,
    pub targets: Vec<Target>,
    /// What all of its targets can do. Absent: not known of one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<ModelFacts>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl Model {
    /// A route with what its targets are. A deployment that is gone in this moment is left out.
    pub fn of(
        route: aop_store::routes::Route,
        deployments: &HashMap<DeploymentId, Deployment>,
        providers: &HashMap<ProviderId, Provider>,
    ) -> Self {
        let known = |target: &aop_store::routes::Target| {
            let deployment = deployments.get(&target.deployment_id)?;
            Some((deployment, providers.get(&deployment.settings.provider_id)?))
        };
        let targets = route.settings.targets.iter().filter_map(|target| {
            let (deployment, provider) = known(target)?;
            Some(Target::of(target, deployment, provider))
        });
        let facts = model_facts::ModelFacts::of_all(route.settings.targets.iter().filter_map(known).map(
            |(deployment, provider)| {
                model_facts::find(&provider.price_provider, &deployment.settings.upstream_model)
            },
        ));
        let policy = route.settings.policy;
        Self {
            id: route.id.0,
            shared: route.scope.team_id().is_none(),
            targets: targets.collect(),
            facts: facts.map(ModelFacts::from),
            operations: route.settings.operations.iter().filter_map(|text| Operation::parse(text)).collect(),
            max_attempts: route.settings.max_attempts,
            strategy: policy.strategy.into(),
            sticky: policy.sticky,
            aliases: policy.aliases,
            fallbacks: policy.fallbacks.into_iter().map(Fallback::from).collect(),
            hedge_after_ms: policy.hedge_after_ms,
            continuations: policy.continuations,
            unsupported: policy.unsupported.into(),
            on_abort: policy.on_abort.into(),
            model: route.settings.model,
            created_at: route.created_at,
            updated_at: route.updated_at,
        }
    }
}

/// One deployment of a model. Lower priority is tried first; among equals the model's strategy decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct Target {
    pub deployment_id: Uuid,
    pub provider_id: Uuid,
    pub provider_name: String,
    /// The model's name at the provider.
    pub upstream_model: String,
    pub credential_id: Option<Uuid>,
    pub priority: u16,
    pub weight: u16,
    pub timeouts: Timeouts,
    pub breaker: Breaker,
    pub continues: Continues,
}

impl Target {
    fn of(target: &aop_store::routes::Target, deployment: &Deployment, provider: &Provider) -> Self {
        let timeouts = deployment.settings.timeouts;
        Self {
            deployment_id: deployment.id.0,
            provider_id: provider.id.0,
            provider_name: provider.name.clone(),
            upstream_model: deployment.settings.upstream_model.clone(),
            credential_id: deployment.settings.credential_id.map(|id| id.0),
            priority: target.priority,
            weight: target.weight,
            timeouts: Timeouts {
                connect_ms: timeouts.connect_ms,
                first_byte_ms: timeouts.first_byte_ms,
                idle_ms: timeouts.idle_ms,
                total_ms: timeouts.total_ms,
            },
            breaker: deployment.settings.breaker.into(),
            continues: deployment.settings.continues.into(),
        }
    }
}

/// Bounds of one upstream try, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    #[schema(minimum = 1, maximum = 60_000)]
    pub connect_ms: u32,
    #[schema(minimum = 1, maximum = 3_600_000)]
    pub first_byte_ms: u32,
    /// Longest silence between two chunks.
    #[schema(minimum = 1, maximum = 3_600_000)]
    pub idle_ms: u32,
    #[schema(minimum = 1, maximum = 86_400_000)]
    pub total_ms: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelRequest {
    #[schema(min_length = 1, max_length = 200)]
    pub model: String,
    #[serde(default = "every_operation")]
    pub operations: Vec<Operation>,
    #[serde(default = "default_attempts")]
    #[schema(minimum = 1, maximum = 10)]
    pub max_attempts: u8,
    #[serde(default)]
    pub strategy: Strategy,
    /// Calls of one session go to one deployment while it is healthy.
    #[serde(default)]
    pub sticky: bool,
    /// More names for the model, each with at most one `*`.
    #[serde(default)]
    #[schema(max_items = 32)]
    pub aliases: Vec<String>,
    /// Other models that answer when this one fails, asked in order.
    #[serde(default)]
    #[schema(max_items = 8)]
    pub fallbacks: Vec<Fallback>,
    /// A second deployment is asked when the first has not begun to answer after so long. Absent: never.
    #[serde(default)]
    #[schema(minimum = 50, maximum = 600_000)]
    pub hedge_after_ms: Option<u32>,
    /// How often a stream that breaks in the middle is continued on another deployment, by giving it what was said so far.
    /// Absent: as it was; for a new model, never.
    #[serde(default)]
    #[schema(maximum = 3)]
    pub continuations: Option<u8>,
    /// Absent: as it was; for a new model, the caller decides.
    #[serde(default)]
    pub unsupported: Option<Unsupported>,
    /// What becomes of a provider's answer when its client goes away. Absent: as it was; for a new model, it is cancelled.
    #[serde(default)]
    pub on_abort: Option<AbortPolicy>,
    #[schema(min_items = 1, max_items = 32)]
    pub targets: Vec<TargetRequest>,
    /// Callable by every team. Cannot be changed later.
    #[serde(default)]
    pub shared: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetRequest {
    pub provider_id: Uuid,
    /// Absent: the same name as the model. A `*` stands for what the star of the model's name stood for.
    #[serde(default)]
    pub upstream_model: Option<String>,
    #[serde(default)]
    pub credential_id: Option<Uuid>,
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub priority: u16,
    #[serde(default = "default_weight")]
    #[schema(minimum = 1, maximum = 1000)]
    pub weight: u16,
    #[serde(default)]
    pub timeouts: Option<Timeouts>,
    /// Absent: the usual one.
    #[serde(default)]
    pub breaker: Option<Breaker>,
    #[serde(default)]
    pub continues: Continues,
}

fn every_operation() -> Vec<Operation> {
    Operation::ALL.to_vec()
}

fn default_attempts() -> u8 {
    3
}

fn default_weight() -> u16 {
    1
}

/// What asking each deployment's provider for its model list showed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelCheck {
    pub healthy: bool,
    pub targets: Vec<TargetCheck>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TargetCheck {
    pub deployment_id: Uuid,
    pub healthy: bool,
    /// Absent when the provider could not be reached.
    pub http_status: Option<u16>,
    pub duration_ms: u32,
    /// One sentence: what was found and, when unhealthy, what to do.
    pub message: String,
}
