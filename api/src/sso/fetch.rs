//! JSON from a provider: bounded in time by the client and in size here.

use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{SsoError, quoted};

const LARGEST_BYTES: usize = 1 << 20;

/// Sends the request and reads the answer. `what` names it in the log.
pub(super) async fn json<T: DeserializeOwned>(what: &str, request: RequestBuilder) -> Result<T, SsoError> {
    // `without_url`: an address may carry what does not belong in a log.
    let away = |error: reqwest::Error| SsoError::Unavailable(format!("{what}: {}", error.without_url()));
    let mut answer = request.header("accept", "application/json").send().await.map_err(away)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(away)? {
        if body.len() + chunk.len() > LARGEST_BYTES {
            return Err(SsoError::Untrusted(format!("{what}: more than {LARGEST_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_server_error() {
        return Err(SsoError::Unavailable(format!("{what}: status {status}")));
    }
    if !status.is_success() {
        let said = serde_json::from_slice::<Value>(&body).ok();
        let code = said.as_ref().and_then(|said| said["error"].as_str()).unwrap_or_default();
        return Err(SsoError::Untrusted(format!("{what}: status {status} {}", quoted(code))));
    }
    // The parser's own words would repeat values.
    serde_json::from_slice(&body)
        .map_err(|_| SsoError::Untrusted(format!("{what}: not the JSON it should be")))
}
