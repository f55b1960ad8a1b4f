//! The facts the proxy needs to answer a call: keys, routes, deployments, credentials, price overrides.
//! One immutable snapshot, loaded from Postgres by `aop-store` and swapped whole in the proxy.

use std::collections::HashMap;
use std::sync::Arc;

use crate::correction::Corrections;
use crate::guard::GuardFacts;
use crate::hook::Hook;
use crate::id::{CredentialId, DeploymentId, KeyId, ProviderId, RouteId, TeamId, UserId};
use crate::limits::Limit;
use crate::routing::{BreakerPolicy, Continues, RoutePolicy};
use crate::runaway::Policy;

/// A virtual key as the gateway sees it. The secret itself exists nowhere: it is found by its MAC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualKey {
    pub id: KeyId,
    pub team_id: TeamId,
    pub user_id: UserId,
    pub name: String,
    /// What the holder may do: `gateway`, `run`, `read`, `register`, `admin`.
    pub permissions: Vec<String>,
    pub active: bool,
    /// Unix seconds; `None` never expires.
    pub expires_at_s: Option<i64>,
    /// Model names or patterns (`gpt-4*`); empty allows every model of the team.
    pub allowed_models: Vec<String>,
}

/// HMAC-SHA-256 of a virtual key under the platform's pepper.
pub type KeyMac = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: ProviderId,
    /// `None`: shared by all teams.
    pub team_id: Option<TeamId>,
    pub name: String,
    /// Dialect: `openai` (any OpenAI-compatible URL), later `anthropic`, `gemini`, ...
    pub kind: String,
    /// e.g. `https://api.openai.com/v1`, without a trailing slash.
    pub base_url: String,
    /// Name the price table knows this provider by, e.g. `openai`.
    pub price_provider: String,
}

/// A provider whose own API may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAccess {
    pub provider: Arc<Provider>,
    /// Its credentials and whose they are (`None`: all teams'), the newest first.
    pub credentials: Vec<(Option<TeamId>, CredentialId)>,
}

/// One callable target: provider + model + endpoint + credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    pub id: DeploymentId,
    pub name: String,
    pub provider: Arc<Provider>,
    /// The model's name at the provider. A `*` stands for what the star of the route's name stood for.
    pub upstream_model: String,
    pub credential_id: Option<CredentialId>,
    pub timeouts: Timeouts,
    pub breaker: BreakerPolicy,
    pub continues: Continues,
}

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect_ms: u32,
    pub first_byte_ms: u32,
    /// Longest silence between two chunks.
    pub idle_ms: u32,
    pub total_ms: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_byte_ms: 120_000, idle_ms: 60_000, total_ms: 1_800_000 }
    }
}

/// A model name and the deployments that can answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub id: RouteId,
    /// `None`: shared by all teams. A team's own route of the same name wins.
    pub team_id: Option<TeamId>,
    /// The model name clients send; may hold one `*`.
    pub model: String,
    pub targets: Vec<RouteTarget>,
    /// Tries at most, all targets together.
    pub max_attempts: u8,
    /// `chat`, `completion`, `embedding`.
    pub operations: Vec<String>,
    pub policy: RoutePolicy,
}

/// Lower priority is tried first; among equals the route's strategy decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTarget {
    pub deployment: Arc<Deployment>,
    pub priority: u16,
    pub weight: u16,
}

/// A provider secret as stored: still encrypted. The proxy opens it with the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCredential {
    pub id: CredentialId,
    pub sealed: Vec<u8>,
}

/// An admin's own price for a model, in force from a date. `card` is the price format of `aop-domain::price`, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceOverride {
    /// `None`: for all teams.
    pub team_id: Option<TeamId>,
    pub version: u32,
    pub provider: String,
    pub model: String,
    /// Unix seconds.
    pub effective_from_s: i64,
    pub card_json: String,
}

/// Everything above at one version. Cheap to clone the `Arc`s out of, never changed in place.
#[derive(Debug, Default)]
pub struct GatewaySnapshot {
    /// Grows with every change in Postgres.
    pub version: i64,
    pub keys: HashMap<KeyMac, Arc<VirtualKey>>,
    pub routes: Vec<Arc<Route>>,
    pub providers: Vec<ProviderAccess>,
    pub credentials: HashMap<CredentialId, SealedCredential>,
    pub price_overrides: Vec<PriceOverride>,
    /// Days records are kept, by team, where a team set its own.
    pub retention_days: HashMap<TeamId, u32>,
    /// Limits and budgets in force, those of keys among them.
    pub limits: Vec<Arc<Limit>>,
    /// What people know better about agents, of the teams that do.
    pub corrections: HashMap<TeamId, Corrections>,
    /// What is kept of calls, and what answers are given again.
    pub guard: GuardFacts,
    /// What is done with calls that fit a filter. Those in force, oldest first.
    pub hooks: Vec<Arc<Hook>>,
    /// The runaway guard of teams and keys that have one of their own.
    pub runaway: RunawayPolicies,
    /// By which tokens of other issuers act as keys, in the order in which they count.
    pub token_rules: Vec<TokenRule>,
}

/// A token of this issuer in which the claim has the value acts as the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRule {
    pub key_id: KeyId,
    pub issuer: String,
    pub claim: String,
    pub value: String,
}

/// Policies of the runaway guard. A key's stands in place of its team's.
#[derive(Debug, Default)]
pub struct RunawayPolicies {
    pub of_teams: HashMap<TeamId, Policy>,
    pub of_keys: HashMap<KeyId, Policy>,
}

impl RunawayPolicies {
    /// The policy in force; the default where nobody chose one.
    pub fn find(&self, team: TeamId, key: KeyId) -> Policy {
        self.of_keys.get(&key).or_else(|| self.of_teams.get(&team)).copied().unwrap_or_default()
    }
}
