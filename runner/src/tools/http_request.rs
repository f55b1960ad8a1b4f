//! The HTTP request tool. Only public addresses are reached (`aop_service::outbound` checks at parse, at connect and on
//! every redirect); time, size and headers are bounded, because the address comes from a model.

use std::fmt::Write;

use futures::StreamExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Map;

use aop_service::outbound::{self, Policy};

use crate::causes;

/// Bytes of an answer that are given to the model; the rest is not read.
pub const LARGEST_ANSWER_BYTES: usize = 256 * 1024;
const LARGEST_BODY_BYTES: usize = 256 * 1024;
/// Headers that would change whom the request is from, where it goes or how it is framed.
const FORBIDDEN_HEADERS: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "upgrade", "proxy-authorization"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, serde_json::Value>,
    #[serde(default)]
    body: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

#[derive(Debug, thiserror::Error)]
pub enum HttpRequestError {
    #[error(transparent)]
    Address(#[from] outbound::OutboundError),
    #[error("the method '{0}' is not allowed; use GET, HEAD, POST, PUT, PATCH or DELETE")]
    Method(String),
    #[error("the header '{0}' is not allowed or not valid")]
    Header(String),
    #[error("the body is larger than {LARGEST_BODY_BYTES} bytes")]
    BodyTooLarge,
    #[error("the request failed: {0}")]
    Failed(String),
}

/// Makes requests under one policy. Cheap to clone.
#[derive(Clone)]
pub struct HttpRequest {
    client: reqwest::Client,
    policy: Policy,
}

impl HttpRequest {
    pub fn new(policy: Policy) -> Result<Self, outbound::OutboundError> {
        Ok(Self { client: outbound::client(policy)?, policy })
    }

    /// The answer as text: the status line, the content type and the body, cut at `LARGEST_ANSWER_BYTES`.
    pub async fn run(&self, arguments: Arguments) -> Result<String, HttpRequestError> {
        let url = outbound::check_url(&arguments.url, &self.policy)?;
        let method = method(&arguments.method)?;
        let mut request = self.client.request(method, url).headers(headers(&arguments.headers)?);
        if let Some(body) = arguments.body {
            if body.len() > LARGEST_BODY_BYTES {
                return Err(HttpRequestError::BodyTooLarge);
            }
            request = request.body(body);
        }
        let response = request.send().await.map_err(|error| HttpRequestError::Failed(causes::of(&error)))?;
        read(response).await
    }
}

fn method(text: &str) -> Result<reqwest::Method, HttpRequestError> {
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" => {
            upper.parse().map_err(|_| HttpRequestError::Method(upper))
        }
        _ => Err(HttpRequestError::Method(text.to_owned())),
    }
}

fn headers(given: &Map<String, serde_json::Value>) -> Result<HeaderMap, HttpRequestError> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let refused = || HttpRequestError::Header(name.clone());
        let key: HeaderName = name.parse().map_err(|_| refused())?;
        if FORBIDDEN_HEADERS.contains(&key.as_str()) {
            return Err(refused());
        }
        let value = value.as_str().and_then(|text| HeaderValue::from_str(text).ok()).ok_or_else(refused)?;
        headers.insert(key, value);
    }
    Ok(headers)
}

async fn read(response: reqwest::Response) -> Result<String, HttpRequestError> {
    let status = response.status();
    let kind =
        response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    let mut cut = false;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| HttpRequestError::Failed(causes::of(&error)))?;
        let room = LARGEST_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            cut = true;
            break;
        }
    }
    let mut text = format!("HTTP {}", status.as_u16());
    if !kind.is_empty() {
        let _ = write!(text, "\ncontent-type: {kind}");
    }
    let _ = write!(text, "\n\n{}", String::from_utf8_lossy(&body));
    if cut {
        let _ = write!(text, "\n[cut after {LARGEST_ANSWER_BYTES} bytes]");
    }
    Ok(text)
}
