//! Asks a deployment's provider for its list of models: the cheapest call that shows that the address, the credential and
//! the model's name are right. It costs nothing at any provider.

use std::time::Instant;

use futures::StreamExt;
use serde::Deserialize;

use aop_domain::id::TeamId;
use aop_domain::model_pattern;
use aop_service::problem::Problem;
use aop_service::secret::Secret;
use aop_store::model_deployments::Deployment;
use aop_store::provider_credentials;
use aop_store::providers::Provider;

use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::models::TargetCheck;
use crate::wire::providers::ProviderKind;

/// Lists of models are long at some providers (OpenRouter: about 1 MB).
const LARGEST_LIST_BYTES: usize = 8 << 20;

#[derive(Deserialize)]
struct ModelList {
    /// `models` at Google.
    #[serde(alias = "models")]
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    /// `name` at Google, with its folder before it.
    #[serde(alias = "name")]
    id: String,
}

/// Checks one deployment. A provider that fails is a result, not an error.
pub async fn check(
    state: &AppState,
    team: TeamId,
    deployment: &Deployment,
    provider: &Provider,
) -> ApiResult<TargetCheck> {
    let secret = secret(state, team, deployment).await?;
    let started = Instant::now();
    let (http_status, verdict) = ask(state, deployment, provider, secret.as_ref()).await;
    let duration_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    let healthy = verdict.is_ok();
    let message = verdict.unwrap_or_else(|problem| problem);
    Ok(TargetCheck { deployment_id: deployment.id.0, healthy, http_status, duration_ms, message })
}

async fn secret(state: &AppState, team: TeamId, deployment: &Deployment) -> ApiResult<Option<Secret>> {
    let Some(id) = deployment.settings.credential_id else { return Ok(None) };
    let Some(sealed) = provider_credentials::find_sealed(&state.store, team, id).await? else {
        return Ok(None);
    };
    let opened = state.keys.provider_credential.open(&sealed, id.as_bytes()).map_err(Problem::internal)?;
    Ok(Some(Secret::new(String::from_utf8_lossy(opened.expose()).into_owned())))
}

/// The status, if an answer came, and one sentence: what is fine, or what to do.
async fn ask(
    state: &AppState,
    deployment: &Deployment,
    provider: &Provider,
    secret: Option<&Secret>,
) -> (Option<u16>, Result<String, String>) {
    let Some(base) = base_url(state, provider) else {
        return (None, Err("The built-in simulator does not run here.".to_owned()));
    };
    let kind = ProviderKind::parse(&provider.kind);
    let lists = lists_models(kind);
    let request =
        if lists { list_request(state, kind, &base, secret) } else { state.outbound.get(base.clone()) };
    let answer = match request.send().await {
        Ok(answer) => answer,
        // The error's own text may repeat the address; it never holds a header.
        Err(error) if error.is_timeout() => {
            return (
                None,
                Err("The provider did not answer in time. Check the address and the network.".to_owned()),
            );
        }
        Err(error) => {
            return (None, Err(format!("The provider cannot be reached ({}).", root_cause(&error))));
        }
    };
    let status = answer.status().as_u16();
    if !lists {
        let message = "The address answers. This kind of provider has no list to check the credential and the model's name by: a first call will tell.";
        return (Some(status), Ok(message.to_owned()));
    }
    (Some(status), judge(status, answer, &deployment.settings.upstream_model).await)
}

/// Is there a list of models beside the address that models are called at?
fn lists_models(kind: ProviderKind) -> bool {
    use ProviderKind::{Azure, Bedrock, Cohere, Vertex, VertexAnthropic};
    !matches!(kind, Azure | Bedrock | Cohere | Vertex | VertexAnthropic)
}

/// The question for the list, with the credential where this kind of provider looks for it.
fn list_request(
    state: &AppState,
    kind: ProviderKind,
    base: &str,
    secret: Option<&Secret>,
) -> reqwest::RequestBuilder {
    if kind == ProviderKind::Anthropic {
        // Its base URL is given with or without the version.
        let base = base.trim_end_matches('/').trim_end_matches("/v1");
        let request = state.outbound.get(format!("{base}/v1/models?limit=1000"));
        let request = request.header("anthropic-version", "2023-06-01");
        return match secret {
            Some(secret) => request.header("x-api-key", secret.expose().trim()),
            None => request,
        };
    }
    if kind == ProviderKind::Gemini {
        let request = state.outbound.get(format!("{base}/models?pageSize=1000"));
        return match secret {
            Some(secret) => request.header("x-goog-api-key", secret.expose().trim()),
            None => request,
        };
    }
    let request = state.outbound.get(format!("{base}/models"));
    match secret {
        Some(secret) => request.bearer_auth(secret.expose()),
        None => request,
    }
}

fn base_url(state: &AppState, provider: &Provider) -> Option<String> {
    if ProviderKind::parse(&provider.kind) == ProviderKind::Simulator {
        return state.simulator_url.as_ref().map(|url| format!("{url}/v1"));
    }
    Some(provider.base_url.clone())
}

async fn judge(status: u16, answer: reqwest::Response, model: &str) -> Result<String, String> {
    match status {
        200..=299 => {}
        401 | 403 => {
            return Err(format!("The provider refuses the credential ({status}). Put in a new one."));
        }
        429 => return Err("The provider limits requests right now (429). Try again later.".to_owned()),
        _ => {
            return Err(format!(
                "The provider answered {status} to the question for its models. Check the address."
            ));
        }
    }
    let Some(body) = body(answer).await else {
        return Err("The provider's list of models broke off or is too long.".to_owned());
    };
    let Ok(list) = serde_json::from_slice::<ModelList>(&body) else {
        return Err("The answer is no list of models. Check the address and the kind.".to_owned());
    };
    let named = |id: &str| model_pattern::matches(model, id);
    if list
        .data
        .iter()
        .any(|listed| named(&listed.id) || listed.id.strip_prefix("models/").is_some_and(named))
    {
        Ok("The provider answers and has this model.".to_owned())
    } else {
        Err(format!("The provider answers but does not list the model '{model}'. Check its name."))
    }
}

async fn body(answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.ok()?);
        if body.len() > LARGEST_LIST_BYTES {
            return None;
        }
    }
    Some(body)
}

/// The innermost reason: "connection refused" says more than "error sending request".
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
