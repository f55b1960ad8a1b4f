//! Providers of models and the secrets they are called with. A secret goes in and never comes out.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// The dialect a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// OpenAI, and every address that takes chat completions and responses.
    Openai,
    /// A server that takes chat completions only.
    OpenaiChat,
    /// Asked in responses by everybody: some models answer nowhere else.
    OpenaiResponses,
    /// Anthropic, and every address that takes messages.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// Google's models on Vertex AI.
    Vertex,
    /// Anthropic's models on Vertex AI.
    VertexAnthropic,
    /// OpenAI's models on Azure.
    Azure,
    /// Amazon Bedrock. Its secret is `ACCESS_KEY:SECRET` or `ACCESS_KEY:SECRET:SESSION_TOKEN`, with `@REGION` at its end
    /// unless the address names the region, or a Bedrock API key.
    Bedrock,
    Cohere,
    Mistral,
    Groq,
    Deepseek,
    Xai,
    Openrouter,
    Together,
    Fireworks,
    Ollama,
    Vllm,
    /// The built-in simulated provider. Made at first start, never by hand.
    Simulator,
}

impl ProviderKind {
    const ALL: [Self; 20] = [
        Self::Openai,
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::Anthropic,
        Self::Gemini,
        Self::Vertex,
        Self::VertexAnthropic,
        Self::Azure,
        Self::Bedrock,
        Self::Cohere,
        Self::Mistral,
        Self::Groq,
        Self::Deepseek,
        Self::Xai,
        Self::Openrouter,
        Self::Together,
        Self::Fireworks,
        Self::Ollama,
        Self::Vllm,
        Self::Simulator,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::OpenaiChat => "openai_chat",
            Self::OpenaiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Vertex => "vertex",
            Self::VertexAnthropic => "vertex_anthropic",
            Self::Azure => "azure",
            Self::Bedrock => "bedrock",
            Self::Cohere => "cohere",
            Self::Mistral => "mistral",
            Self::Groq => "groq",
            Self::Deepseek => "deepseek",
            Self::Xai => "xai",
            Self::Openrouter => "openrouter",
            Self::Together => "together",
            Self::Fireworks => "fireworks",
            Self::Ollama => "ollama",
            Self::Vllm => "vllm",
            Self::Simulator => "simulator",
        }
    }

    /// Only what [`as_str`](Self::as_str) wrote is stored.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Openai)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Provider {
    pub id: Uuid,
    /// Usable by every team, not only this one.
    pub shared: bool,
    pub name: String,
    pub kind: ProviderKind,
    /// For example `https://api.openai.com/v1`.
    pub base_url: String,
    /// The name the price table knows this provider by, e.g. `openai`.
    pub price_provider: String,
    pub credentials: Vec<Credential>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

impl Provider {
    /// The provider with those of `credentials` that are its own.
    pub fn of(
        provider: aop_store::providers::Provider,
        credentials: &[aop_store::provider_credentials::Credential],
    ) -> Self {
        let own = credentials.iter().filter(|credential| credential.provider_id == provider.id);
        Self {
            id: provider.id.0,
            shared: provider.scope.team_id().is_none(),
            name: provider.name,
            kind: ProviderKind::parse(&provider.kind),
            base_url: provider.base_url,
            price_provider: provider.price_provider,
            credentials: own.cloned().map(Credential::from).collect(),
            created_at: provider.created_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Credential {
    pub id: Uuid,
    pub name: String,
    /// Last characters of the secret, to tell two apart.
    pub hint: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

impl From<aop_store::provider_credentials::Credential> for Credential {
    fn from(credential: aop_store::provider_credentials::Credential) -> Self {
        Self {
            id: credential.id.0,
            name: credential.name,
            hint: credential.hint,
            created_at: credential.created_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProviderRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub kind: ProviderKind,
    pub base_url: String,
    /// Absent: the name in lower case.
    #[serde(default)]
    pub price_provider: Option<String>,
    /// Usable by every team.
    #[serde(default)]
    pub shared: bool,
    /// Stored encrypted together with the provider; more can be added later.
    #[serde(default)]
    pub credential: Option<CredentialRequest>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProviderRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub base_url: String,
    pub price_provider: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub secret: SecretText,
}

/// A secret on its way in. It has no `Serialize`, and its `Debug` shows nothing.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 1, max_length = 8192)]
pub struct SecretText(String);

impl SecretText {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_stored_as_it_is_sent() {
        for kind in ProviderKind::ALL {
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.as_str().into()));
            assert_eq!(ProviderKind::parse(kind.as_str()), kind);
        }
    }
}
