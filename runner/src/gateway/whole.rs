//! One recorded request sent again: the answer comes whole, with what it cost and what could not be said to that model.

use futures::stream::StreamExt;
use reqwest::Response;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Gateway, ModelError, refusal};
use crate::causes;

/// Bytes of one answer.
const LARGEST_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// An answer, or the refusal of one. Both may be on record.
#[derive(Debug)]
pub struct Whole {
    pub call_id: Option<Uuid>,
    /// Dollars; `None` when it is not known.
    pub cost: Option<Decimal>,
    /// What the model's provider has no words for and was left out of the request.
    pub left_out: Option<String>,
    pub answer: Result<Value, ModelError>,
}

impl Whole {
    fn failed(error: ModelError) -> Self {
        Self { call_id: None, cost: None, left_out: None, answer: Err(error) }
    }
}

impl Gateway {
    /// Sends one request to `path`. `stated` are headers that say whose call it is. Dropping the future cancels the call.
    pub async fn whole(
        &self,
        path: &str,
        credential: &str,
        stated: &[(String, String)],
        request: &Value,
    ) -> Whole {
        let mut asked = self
            .http
            .post(format!("{}{path}", self.base_url))
            .bearer_auth(credential)
            .header("x-aop-include-cost", "true")
            .header("x-aop-unsupported", "drop")
            .header("x-aop-tags", "replay")
            // It is asked anew, whatever was answered before.
            .header(reqwest::header::CACHE_CONTROL, "no-store");
        for (name, value) in stated {
            asked = asked.header(name, percent(value));
        }
        match asked.json(request).send().await {
            Ok(response) => read(response).await,
            Err(error) => Whole::failed(ModelError::unreachable(&error)),
        }
    }
}

async fn read(response: Response) -> Whole {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let call_id = header("x-aop-call-id").and_then(|id| id.parse().ok());
    let cost = header("x-aop-cost").and_then(|cost| cost.parse().ok());
    let left_out = header("x-aop-dropped").filter(|text| !text.is_empty()).map(str::to_owned);
    let answer =
        if response.status().is_success() { body(response).await } else { Err(refusal(response).await) };
    Whole { call_id, cost, left_out, answer }
}

async fn body(response: Response) -> Result<Value, ModelError> {
    let mut bytes = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| ModelError::Cut(causes::of(&error)))?);
        if bytes.len() > LARGEST_ANSWER_BYTES {
            return Err(ModelError::Malformed("the answer is larger than 8 MiB".to_owned()));
        }
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| ModelError::Malformed(format!("the answer is not JSON: {error}")))
}

/// A text as the gateway's headers take it.
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~ ".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_fit_a_header() {
        assert_eq!(percent("Senior Researcher"), "Senior Researcher");
        assert_eq!(percent("연구원, 50%"), "%EC%97%B0%EA%B5%AC%EC%9B%90%2C 50%25");
    }
}
