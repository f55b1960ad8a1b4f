//! What the wires of Google, Amazon and Cohere do first: parse the body, find the model, read the wishes, wait, fail when
//! asked. How each says that it failed is its own.

use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use crate::control::Control;
use crate::model;
use crate::prompt::Prompt;
use crate::text;

/// A request that will be answered.
pub(crate) struct Call {
    pub(crate) model: &'static str,
    pub(crate) body: Value,
    pub(crate) control: Control,
    /// Hex of a hash of the body: the answer's id is made of it.
    pub(crate) digest: String,
}

/// Why there is an error instead of an answer.
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) retry_after_s: Option<u32>,
}

impl Failure {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into(), retry_after_s: None }
    }
}

impl Call {
    /// `named`: the model's name, where it does not stand in the body.
    pub(crate) async fn open(
        named: Option<&str>,
        headers: &HeaderMap,
        bytes: &Bytes,
    ) -> Result<Self, Failure> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|error| Failure::invalid(format!("the request body is not valid JSON: {error}")))?;
        let name = named.or_else(|| body.get("model").and_then(Value::as_str)).unwrap_or_default();
        let unknown =
            || Failure { status: 404, message: format!("there is no model '{name}'"), retry_after_s: None };
        let model = model::find(name).ok_or_else(unknown)?.id;
        let control = Control::read(model::behavior(model), headers, &body).map_err(Failure::invalid)?;
        if control.header_delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(control.header_delay_ms)).await;
        }
        if let Some(status) = control.failing_status() {
            let message = format!("the simulator was asked to fail with {status}");
            return Err(Failure { status, message, retry_after_s: control.retry_after_s });
        }
        let digest = format!("{:016x}", text::hash(&[&body.to_string()]));
        Ok(Self { model, body, control, digest })
    }

    /// A prompt of this model with these wishes, to be filled by its wire.
    pub(crate) fn prompt(&self) -> Prompt {
        Prompt {
            model: self.model.to_owned(),
            parallel_tools: true,
            words: self.control.words,
            text: self.control.text.clone(),
            ..Prompt::default()
        }
    }
}
