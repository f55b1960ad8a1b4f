//! Model calls, all of them through the gateway's front door (R3). Each carries a credential signed for this very agent and
//! task, so the gateway knows the caller without believing a header.
//!
//! Answers are streamed. Before the end of a stream the gateway says in one comment what the call cost
//! (`: aop {"call_id":…,"cost":…,"input_tokens":…,"output_tokens":…}`): the same figures it writes to the ledger.

use std::time::Duration;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use serde_json::{Map, Value, json};

use aop_domain::crew::{Llm, Tool};

use crate::{causes, tools};

mod error;
mod reply;
mod sse;
mod whole;

pub use error::{ModelError, RUN_KILLED};
pub use reply::{Meter, Reply, ToolCall};
pub use whole::Whole;

use reply::Folding;
use sse::{Frame, Splitter};

/// Longest silence between two chunks. The gateway's own timeouts are shorter and say more.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an error answer that are read.
const LARGEST_ERROR_BYTES: usize = 64 * 1024;

/// Where models are called. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    http: reqwest::Client,
    /// Without a trailing slash.
    base_url: String,
}

impl Gateway {
    /// `base_url` is the front door, e.g. `http://127.0.0.1:8080`.
    pub fn new(base_url: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(LONGEST_SILENCE)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Starts one call. Dropping the answer cancels it, upstream included.
    pub async fn call(&self, credential: &str, request: &Value) -> Result<Answer, ModelError> {
        let response = self
            .http
            .post(format!("{}/v1/chat/completions", self.base_url))
            .bearer_auth(credential)
            .json(request)
            .send()
            .await
            .map_err(|error| ModelError::unreachable(&error))?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        Ok(Answer {
            chunks: response.bytes_stream().boxed(),
            splitter: Splitter::default(),
            folding: Folding::default(),
        })
    }
}

/// The body of a call. `tools` may be empty.
pub fn request(llm: &Llm, messages: &[Value], tools: &[Tool]) -> Value {
    let mut body: Map<String, Value> = llm.params.clone();
    body.insert("model".to_owned(), json!(llm.model));
    body.insert("messages".to_owned(), json!(messages));
    body.insert("stream".to_owned(), json!(true));
    body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    if !tools.is_empty() {
        body.insert("tools".to_owned(), tools::definitions(tools));
        body.insert("tool_choice".to_owned(), json!("auto"));
    }
    Value::Object(body)
}

async fn refusal(response: reqwest::Response) -> ModelError {
    let status = response.status().as_u16();
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (retry_after, should_retry) = (header("retry-after"), header("x-should-retry"));
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ERROR_BYTES {
            break;
        }
    }
    ModelError::refused(status, &body, retry_after.as_deref(), should_retry.as_deref())
}

/// A streamed answer as it arrives.
pub struct Answer {
    chunks: BoxStream<'static, reqwest::Result<Bytes>>,
    splitter: Splitter,
    folding: Folding,
}

impl Answer {
    /// The next piece of text, possibly empty; `None` when the answer has ended and `finish` may be called.
    /// Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Option<String>, ModelError> {
        match self.chunks.next().await {
            None => Ok(None),
            Some(Err(error)) => Err(ModelError::Cut(causes::of(&error))),
            Some(Ok(chunk)) => {
                let mut text = String::new();
                for frame in self.splitter.push(&chunk)? {
                    match frame {
                        Frame::Data(data) => self.folding.data(&data, &mut text)?,
                        Frame::Comment(comment) => self.folding.comment(&comment),
                    }
                }
                Ok(Some(text))
            }
        }
    }

    /// The whole answer. An answer that was cut is an error, never a short reply.
    pub fn finish(self) -> Result<Reply, ModelError> {
        self.folding.finish()
    }

    /// What the gateway said the call cost, also of an answer that failed after it began.
    pub fn meter(&self) -> Option<Meter> {
        self.folding.meter.clone()
    }
}
