//! The back channel: the code is traded for an ID token, and what that does not say about the person is asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::SsoError;
use super::fetch;
use super::metadata::{Document, Provider};
use super::pending::Pending;
use super::settings::ProviderSettings;

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    access_token: Option<String>,
}

/// What the code was worth. Never logged.
pub struct Traded {
    pub id_token: String,
    access_token: Option<String>,
}

/// Trades the code. `redirect_uri` is the one the code was asked for with.
pub async fn trade(
    provider: &Provider,
    pending: &Pending,
    code: &str,
    redirect_uri: &str,
) -> Result<Traded, SsoError> {
    let document = provider.document().await?;
    let settings = &provider.settings;
    let basic = takes_basic(&document);
    let mut request = provider.client.post(&document.token_endpoint);
    if let Some(secret) = settings.client_secret.as_ref().filter(|_| basic) {
        request = request.header("authorization", basic_text(&settings.client_id, secret.expose()));
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form(
        settings,
        pending,
        code,
        redirect_uri,
        basic,
    ));
    let tokens: Tokens = fetch::json("token", request).await?;
    let id_token = tokens.id_token.ok_or_else(|| SsoError::Untrusted("token: without an ID token".into()))?;
    Ok(Traded { id_token, access_token: tokens.access_token })
}

fn form(
    settings: &ProviderSettings,
    pending: &Pending,
    code: &str,
    redirect_uri: &str,
    basic: bool,
) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("client_id", &settings.client_id)
        .append_pair("code_verifier", &pending.verifier);
    if let Some(secret) = settings.client_secret.as_ref().filter(|_| !basic) {
        form.append_pair("client_secret", secret.expose());
    }
    form.finish()
}

/// A provider that names no method takes the standard's default.
fn takes_basic(document: &Document) -> bool {
    let methods = &document.token_endpoint_auth_methods_supported;
    methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic")
}

/// RFC 6749 2.3.1: both halves are form-encoded first.
fn basic_text(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

/// What the provider's userinfo endpoint says about the same person; nothing when it has none.
pub async fn ask_about(
    provider: &Provider,
    traded: &Traded,
    subject: &str,
) -> Result<Map<String, Value>, SsoError> {
    let document = provider.document().await?;
    let (Some(endpoint), Some(token)) = (&document.userinfo_endpoint, &traded.access_token) else {
        return Ok(Map::new());
    };
    let about: Map<String, Value> =
        fetch::json("userinfo", provider.client.get(endpoint).bearer_auth(token)).await?;
    if about.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(SsoError::Untrusted("userinfo: it speaks of somebody else".into()));
    }
    Ok(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_signs_in_it_survives_basic_authentication() {
        assert_eq!(basic_text("a b", "s:%"), format!("Basic {}", STANDARD.encode("a+b:s%3A%25")));
    }
}
