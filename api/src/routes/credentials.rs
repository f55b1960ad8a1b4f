//! Secrets of providers. They come in, are encrypted, and never go out again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::{CredentialId, ProviderId};
use aop_service::problem::Problem;
use aop_store::{provider_credentials, providers};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, TeamParam};
use crate::auth::source::Source;
use crate::catalog::seal;
use crate::error::ApiResult;
use crate::extract::{Body, Path};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::providers::{Credential, CredentialRequest};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_credential)).routes(routes!(delete_credential))
}

/// Adds a secret to a provider; it is encrypted and never shown again.
#[utoipa::path(
    post, path = "/api/providers/{id}/credentials", tag = "providers",
    params(("id" = Uuid, Path), TeamParam),
    request_body = CredentialRequest,
    responses((status = 201, body = Credential), ProblemResponses),
)]
pub async fn create_credential(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path(id): Path<Uuid>,
    Body(body): Body<CredentialRequest>,
) -> ApiResult<(StatusCode, Json<Credential>)> {
    let provider = providers::find(&state.store, access.team_id, ProviderId(id)).await?;
    let provider = provider.ok_or_else(|| Problem::not_found("provider"))?;
    let new = seal(&state, provider.id, &body)?;
    let made = provider_credentials::create(&state.store, provider.scope, &new).await?;
    let made = made.ok_or_else(|| Problem::not_found("provider"))?;
    let target = ("credential", made.id.0);
    let detail = json!({"provider_id": id, "name": made.name});
    let (team_id, by) = (Some(access.team_id), access.caller.actor());
    audit::note(&state, Change { team_id, action: "credential.create", target, detail, by, from: source })
        .await;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Deletes a secret that no model uses.
#[utoipa::path(
    delete, path = "/api/providers/{id}/credentials/{credential_id}", tag = "providers",
    params(("id" = Uuid, Path), ("credential_id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_credential(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Path((id, credential_id)): Path<(Uuid, Uuid)>,
) -> ApiResult<StatusCode> {
    let found = provider_credentials::find(&state.store, access.team_id, CredentialId(credential_id)).await?;
    let found = found.filter(|credential| credential.provider_id == ProviderId(id));
    let found = found.ok_or_else(|| Problem::not_found("credential"))?;
    provider_credentials::delete(&state.store, found.scope, found.id).await?;
    let target = ("credential", found.id.0);
    let detail = json!({"provider_id": id, "name": found.name});
    let (team_id, by) = (Some(access.team_id), access.caller.actor());
    audit::note(&state, Change { team_id, action: "credential.delete", target, detail, by, from: source })
        .await;
    Ok(StatusCode::NO_CONTENT)
}
