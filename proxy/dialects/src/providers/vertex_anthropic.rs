//! Anthropic's models on Vertex AI: Anthropic's wire, with the model in the path instead of the body, and the version
//! in the body instead of a header.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{CredentialError, Endpoint, Header, Own, Provider, Target, Unsigned, address, gemini};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::messages::betas::{self, Cloud};
use crate::messages::{self, generations};
use crate::policy::{Policy, RequestError};

const VERSION: &str = "vertex-2023-10-16";
/// Fields whose betas only Anthropic's own API has.
const UNKNOWN_FIELDS: &[&str] = &["speed", "mcp_servers", "container"];

/// `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`.
pub struct VertexAnthropic;

impl Provider for VertexAnthropic {
    fn kind(&self) -> &'static str {
        "vertex_anthropic"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Messages
    }

    /// Not even Anthropic's own: `model` in the body is refused, so each body is written anew.
    fn speaks(&self, _: Dialect) -> bool {
        false
    }

    fn answers(&self, client: Dialect) -> bool {
        client == Dialect::Messages
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let model = match target.endpoint {
            Endpoint::Generate => address::encode(target.model, b"@"),
            Endpoint::CountTokens => "count-tokens".to_owned(),
            _ => return None,
        };
        let streams = target.stream && target.endpoint == Endpoint::Generate;
        let method = if streams { "streamRawPredict" } else { "rawPredict" };
        Some(format!("{}/publishers/anthropic/models/{model}:{method}", target.base_path))
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(gemini::google_headers(secret))
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        let mut written = messages::write_request(request, policy)?;
        written.body = versioned(&written.body, |body| {
            body.shift_remove("model");
        });
        Ok(written)
    }

    /// What stands in it stays where it stands: earlier thoughts and the prompt cache are bound to it.
    fn rewrite(&self, own: &Own<'_>) -> Option<Written> {
        let mut body: Map<String, Value> = match own.dialect {
            Dialect::Messages => serde_json::from_slice(own.body).ok()?,
            _ => return None,
        };
        if own.counts {
            // The path names the counter: here the model stays in the body.
            body.insert("model".to_owned(), own.model.into());
        } else {
            body.shift_remove("model");
        }
        let mut dropped = Vec::new();
        if own.policy == Policy::DropUnsupported {
            let most = body.get("max_tokens").and_then(Value::as_u64);
            dropped = generations::fit(&mut body, own.model, most);
            for name in UNKNOWN_FIELDS {
                if body.shift_remove(*name).is_some() {
                    dropped.push((*name).to_owned());
                }
            }
        }
        if unscoped(&mut body) {
            dropped.push("cache_control.scope".to_owned());
        }
        let paired = betas::read(std::iter::once(generations::without_pairs(&own.betas.join(","), &dropped)));
        let (known, unknown) = betas::at(Cloud::Vertex, &paired);
        dropped.extend(unknown.iter().map(|beta| format!("anthropic-beta: {beta}")));
        if !known.is_empty() {
            body.insert("anthropic_beta".to_owned(), known.into());
        }
        body.insert("anthropic_version".to_owned(), VERSION.into());
        Some(Written { body: Bytes::from(Value::Object(body).to_string()), dropped })
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        messages::read_response(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        messages::reader()
    }

    /// Google's own errors, of credentials and quotas, come in its envelope; the model's in Anthropic's.
    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        if value["type"] == "error" {
            messages::read_error(status, body)
        } else {
            gemini::read_error(status, body)
        }
    }
}

/// Takes the reach of cache markers out, which is a beta that only Anthropic's own API has; the markers stay.
fn unscoped(body: &mut Map<String, Value>) -> bool {
    let mut found = take_scope(body);
    for name in ["system", "tools"] {
        found |= blocks(body.get_mut(name), |_| false);
    }
    let messages = body.get_mut("messages").and_then(Value::as_array_mut);
    for message in messages.into_iter().flatten() {
        // A tool's result holds blocks of its own.
        found |= blocks(message.get_mut("content"), |block| blocks(block.get_mut("content"), |_| false));
    }
    found
}

fn blocks(list: Option<&mut Value>, mut within: impl FnMut(&mut Map<String, Value>) -> bool) -> bool {
    let mut found = false;
    for block in list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        found |= take_scope(block);
        found |= within(block);
    }
    found
}

fn take_scope(block: &mut Map<String, Value>) -> bool {
    let marker = block.get_mut("cache_control").and_then(Value::as_object_mut);
    marker.is_some_and(|marker| marker.shift_remove("scope").is_some())
}

fn versioned(body: &[u8], change: impl FnOnce(&mut Map<String, Value>)) -> Bytes {
    let mut body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    change(&mut body);
    body.insert("anthropic_version".to_owned(), VERSION.into());
    Bytes::from(Value::Object(body).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::form::FaultKind;
    use crate::providers::testing::{json, target};
    use serde_json::json;

    const BASE: &str = "/v1/projects/p/locations/us-east5";

    #[test]
    fn the_model_stands_in_the_path_and_the_version_in_the_body() {
        let path = VertexAnthropic.path(&target(BASE, "claude-sonnet-4@20250514", true)).unwrap();
        assert_eq!(
            path,
            format!("{BASE}/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict")
        );
        let request = json!({"model": "claude-sonnet-4@20250514", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "Hi"}]});
        let request = messages::read_request(request.to_string().as_bytes()).unwrap();
        let body = json(&VertexAnthropic.write_request(&request, Policy::RefuseUnsupported).unwrap().body);
        assert_eq!(
            body,
            json!({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9, "stream": true, "anthropic_version": VERSION})
        );
        let count =
            Target { endpoint: Endpoint::CountTokens, ..target(BASE, "claude-sonnet-4@20250514", false) };
        assert_eq!(
            VertexAnthropic.path(&count).unwrap(),
            format!("{BASE}/publishers/anthropic/models/count-tokens:rawPredict")
        );
    }

    #[test]
    fn of_a_question_for_its_tokens_the_model_stays_in_the_body() {
        let body =
            json!({"model": "claude", "messages": [{"role": "user", "content": [{"type": "of_tomorrow"}]}]});
        let text = body.to_string();
        let own = Own {
            dialect: Dialect::Messages,
            body: text.as_bytes(),
            model: "claude-sonnet-4@20250514",
            betas: &[],
            policy: Policy::RefuseUnsupported,
            counts: true,
        };
        let written = json(&VertexAnthropic.rewrite(&own).unwrap().body);
        let expected = json!({"model": "claude-sonnet-4@20250514", "messages": body["messages"], "anthropic_version": VERSION});
        assert_eq!(written, expected);
    }

    #[test]
    fn errors_of_google_and_of_anthropic_are_both_read() {
        let google = br#"[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com","status":"RESOURCE_EXHAUSTED"}}]"#;
        assert_eq!(
            VertexAnthropic.read_error(429, google).message,
            "Quota exceeded for aiplatform.googleapis.com"
        );
        let anthropic = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        let fault = VertexAnthropic.read_error(529, anthropic);
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Overloaded, "Overloaded"));
    }

    fn rewritten(model: &str, body: &Value, betas: &[&str], policy: Policy) -> (Value, Vec<String>) {
        let betas: Vec<String> = betas.iter().map(|beta| (*beta).to_owned()).collect();
        let body = body.to_string();
        let own = Own {
            dialect: Dialect::Messages,
            body: body.as_bytes(),
            model,
            betas: &betas,
            policy,
            counts: false,
        };
        let written = VertexAnthropic.rewrite(&own).unwrap();
        (json(&written.body), written.dropped)
    }

    #[test]
    fn what_a_client_of_messages_wrote_stays_as_it_is_but_for_the_envelope() {
        let body = json!({
            "system": [{"type": "text", "text": "x-anthropic-billing-header: a"},
                {"type": "text", "text": "You are", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "tools": [{"name": "t", "input_schema": {"type": "object"}, "eager_input_streaming": true}],
            "messages": [{"role": "user", "content": [{"type": "of_tomorrow", "a": [1]}]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "t",
                    "input": {"cache_control": {"scope": "the model's own"}}}]}],
            "thinking": {"type": "adaptive"}, "max_tokens": 9_000, "of_tomorrow": {"b": 1},
        });
        let mut sent = body.clone();
        sent["model"] = "claude-sonnet-4-5@20250929".into();
        let (written, dropped) =
            rewritten("claude-sonnet-4-5@20250929", &sent, &[], Policy::RefuseUnsupported);
        let mut expected = body;
        expected["anthropic_version"] = VERSION.into();
        assert_eq!((written, dropped), (expected, vec![]));
    }

    #[test]
    fn a_beta_and_its_field_travel_as_a_pair_and_what_is_not_known_here_is_told() {
        let body = json!({
            "model": "claude-sonnet-4-6", "max_tokens": 9, "messages": [], "speed": "fast",
            "system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "scope": "global"}}],
            "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        });
        let asked = ["claude-code-20250219", "context-management-2025-06-27", "fast-mode-2026-02-01"];
        let (written, dropped) = rewritten("claude-sonnet-4-6", &body, &asked, Policy::RefuseUnsupported);
        assert_eq!(written["anthropic_beta"], json!(["context-management-2025-06-27"]));
        assert_eq!(written["context_management"], body["context_management"]);
        assert_eq!(written["speed"], "fast", "its provider refuses it in its own words");
        assert_eq!(written["system"][0]["cache_control"], json!({"type": "ephemeral"}));
        let told = |beta| format!("anthropic-beta: {beta}");
        assert_eq!(dropped, ["cache_control.scope".to_owned(), told(asked[0]), told(asked[2])]);
        let (written, dropped) = rewritten("claude-sonnet-4-6", &body, &asked, Policy::DropUnsupported);
        assert!(written.get("speed").is_none() && dropped.contains(&"speed".to_owned()));
        // An older model loses both halves.
        let (written, dropped) =
            rewritten("claude-3-7-sonnet@20250219", &body, &asked, Policy::DropUnsupported);
        assert!(written.get("context_management").is_none() && written.get("anthropic_beta").is_none());
        assert!(dropped.contains(&"context_management".to_owned()), "{dropped:?}");
    }

    #[test]
    fn a_request_of_another_dialect_is_written_from_the_form() {
        let own = Own {
            dialect: Dialect::Chat,
            body: b"{}",
            model: "claude-sonnet-4-6",
            betas: &[],
            policy: Policy::RefuseUnsupported,
            counts: false,
        };
        assert!(VertexAnthropic.rewrite(&own).is_none());
    }
}
