//! Azure's OpenAI: OpenAI's wire at addresses of its own.
//!
//! A base URL that ends with `/openai/v1` is of the newer API, which is called like OpenAI's. One that ends with
//! `/openai` is of the older, which names the deployment in the path and its version in the query.

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned, address};
use crate::chat;
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};

/// The last version of the older API that is out of preview. It knows no responses.
const VERSION: &str = "2024-10-21";
/// The one in which it knows them.
const RESPONSES_VERSION: &str = "2025-04-01-preview";

/// `https://RESOURCE.openai.azure.com/openai/v1`.
pub struct Azure;

impl Provider for Azure {
    fn kind(&self) -> &'static str {
        "azure"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Chat
    }

    fn speaks(&self, client: Dialect) -> bool {
        matches!(client, Dialect::Chat | Dialect::Responses)
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let path = match target.endpoint {
            Endpoint::Generate | Endpoint::Native(Dialect::Chat) => "chat/completions",
            Endpoint::Native(Dialect::Responses) => "responses",
            Endpoint::Moderations | Endpoint::Rerank => return None,
            endpoint => endpoint.usual_path()?.trim_start_matches('/'),
        };
        let base = target.base_path;
        if base.ends_with("/v1") {
            return Some(format!("{base}/{path}"));
        }
        if path == "responses" {
            return Some(format!("{base}/responses?api-version={RESPONSES_VERSION}"));
        }
        let deployment = address::encode(target.model, b"");
        Some(format!("{base}/deployments/{deployment}/{path}?api-version={VERSION}"))
    }

    /// Keys are letters and digits; a token of Entra ID is a JWT.
    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        let header = secret.map(str::trim).map(|secret| {
            if secret.starts_with("eyJ") {
                ("authorization", format!("Bearer {secret}"))
            } else {
                ("api-key", secret.to_owned())
            }
        });
        Ok(header.into_iter().collect())
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        chat::write_request(request, policy)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        chat::read_response(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        chat::reader()
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        chat::read_error(status, body)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::form::{FaultKind, StopReason};
    use crate::providers::testing::{self, put_together, target, unsigned};

    #[test]
    fn both_of_its_apis_are_called_by_their_own_paths() {
        let path =
            |base, endpoint| Azure.path(&Target { endpoint, ..target(base, "my gpt", false) }).unwrap();
        let (old, new) = ("/openai", "/openai/v1");
        assert_eq!(path(new, Endpoint::Generate), "/openai/v1/chat/completions");
        assert_eq!(path(new, Endpoint::Native(Dialect::Responses)), "/openai/v1/responses");
        assert_eq!(
            path(old, Endpoint::Generate),
            "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"
        );
        assert_eq!(
            path(old, Endpoint::Embeddings),
            "/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21"
        );
        assert_eq!(
            path(old, Endpoint::Transcriptions),
            "/openai/deployments/my%20gpt/audio/transcriptions?api-version=2024-10-21"
        );
        assert_eq!(path(new, Endpoint::ImageGenerations), "/openai/v1/images/generations");
        assert_eq!(Azure.path(&Target { endpoint: Endpoint::Moderations, ..target(new, "m", false) }), None);
        assert_eq!(
            path(old, Endpoint::Native(Dialect::Responses)),
            "/openai/responses?api-version=2025-04-01-preview"
        );
        assert_eq!(Azure.path(&Target { endpoint: Endpoint::CountTokens, ..target(new, "m", false) }), None);
    }

    #[test]
    fn a_key_and_a_token_have_their_headers() {
        let request = unsigned("r.openai.azure.com", "/", b"");
        assert_eq!(Azure.headers(Some("abc123"), &request).unwrap(), [("api-key", "abc123".to_owned())]);
        assert_eq!(
            Azure.headers(Some("eyJ0eXAi"), &request).unwrap(),
            [("authorization", "Bearer eyJ0eXAi".to_owned())]
        );
    }

    #[test]
    fn its_first_chunk_about_the_prompt_is_no_part_of_the_answer() {
        let stream = concat!(
            r#"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
            "\n\n",
            r#"data: {"choices":[{"content_filter_results":{},"delta":{"content":"Hi","role":"assistant"},"finish_reason":null,"index":0}],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk"}"#,
            "\n\n",
            r#"data: {"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"stop","index":0}],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk"}"#,
            "\n\n",
            "data: [DONE]\n\n",
        );
        let answer = put_together(&testing::events(Azure.stream_reader(), [stream.as_bytes()]));
        assert_eq!(
            (answer.model.as_str(), answer.stop, answer.parts.len()),
            ("gpt-4o-2024-11-20", StopReason::End, 1)
        );
    }

    #[test]
    fn a_filtered_prompt_is_an_error_that_says_so() {
        let body = br#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#;
        let fault = Azure.read_error(400, body);
        assert_eq!(
            (fault.kind, fault.code.as_deref(), fault.param.as_deref()),
            (FaultKind::InvalidRequest, Some("content_filter"), Some("prompt"))
        );
    }
}
