//! What both Anthropic endpoints do first: parse the body, find the model, read the wishes.

use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use super::error::Refusal;
use crate::control::Control;
use crate::model;
use crate::text;

pub(super) struct Request {
    pub(super) model: &'static str,
    pub(super) body: Value,
    pub(super) control: Control,
    pub(super) digest: String,
}

impl Request {
    /// Waits and fails as the script says.
    pub(super) async fn open(headers: &HeaderMap, bytes: &Bytes) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|error| Refusal::new(400, format!("the request body is not valid JSON: {error}")))?;
        let name = body.get("model").and_then(Value::as_str);
        let name = name.ok_or_else(|| Refusal::new(400, "model: the field is missing or not a string"))?;
        let model = model::find(name).ok_or_else(|| Refusal::new(404, format!("model: {name}")))?.id;
        let invalid = |message| Refusal::new(400, message);
        let control = Control::read(model::behavior(model), headers, &body).map_err(invalid)?;
        if control.header_delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(control.header_delay_ms)).await;
        }
        if let Some(status) = control.failing_status() {
            return Err(Refusal::scripted(status, control.retry_after_s));
        }
        let digest = format!("{:016x}", text::hash(&[&body.to_string()]));
        Ok(Self { model, body, control, digest })
    }
}
