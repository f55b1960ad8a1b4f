//! What every OpenAI endpoint does first: parse the body, find the model, read the wishes, wait, fail when asked.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::error::{Refusal, event, named_event};
use crate::control::Control;
use crate::model;
use crate::pace::{self, BadEvents};
use crate::text;

/// A request that will be answered.
pub(crate) struct Request {
    pub(crate) model: &'static str,
    pub(crate) body: Value,
    pub(crate) control: Control,
    /// Hex of a hash of the request's bytes: the answer's id is made of it.
    pub(crate) digest: String,
    shutdown: CancellationToken,
}

/// Everything made here is dated the same, so that the same request gets the same bytes.
pub(crate) const CREATED_S: u64 = 1_735_689_600;

impl Request {
    pub(crate) async fn open(
        headers: &HeaderMap,
        bytes: &Bytes,
        shutdown: CancellationToken,
    ) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|error| Refusal::invalid(format!("the request body is not valid JSON: {error}")))?;
        Self::of(body, headers, shutdown).await
    }

    /// A request whose body has been read: JSON, or the fields of a form.
    pub(crate) async fn of(
        body: Value,
        headers: &HeaderMap,
        shutdown: CancellationToken,
    ) -> Result<Self, Refusal> {
        let name = body.get("model").and_then(Value::as_str);
        let name = name.ok_or_else(|| Refusal::invalid("the field 'model' is missing or not a string"))?;
        let model = model::find(name).ok_or_else(|| Refusal::unknown_model(name))?.id;
        let control = Control::read(model::behavior(model), headers, &body).map_err(Refusal::invalid)?;
        let late = tokio::time::sleep(std::time::Duration::from_millis(control.header_delay_ms));
        if control.header_delay_ms > 0 {
            shutdown.run_until_cancelled(late).await;
        }
        if let Some(status) = control.failing_status() {
            return Err(Refusal::scripted(status, control.retry_after_s));
        }
        let digest = format!("{:016x}", text::hash(&[&body.to_string()]));
        Ok(Self { model, body, control, digest, shutdown })
    }

    /// Did the client ask for a stream?
    pub(crate) fn is_stream(&self) -> bool {
        self.body.get("stream").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn wants_usage(&self) -> bool {
        let asked = self.body.pointer("/stream_options/include_usage").and_then(Value::as_bool);
        asked.unwrap_or(false) && !self.control.no_usage
    }

    /// The usage to report: the script's own, none, or what was counted.
    pub(crate) fn usage(&self, counted: Value) -> Option<Value> {
        if self.control.no_usage {
            return None;
        }
        Some(self.control.usage.clone().unwrap_or(counted))
    }

    /// Answers with one JSON body.
    pub(crate) fn whole(self, answer: &Value) -> Response<Body> {
        let bytes = if self.control.garbage {
            Bytes::from_static(b"\x00\xff<html>this is not an answer")
        } else {
            Bytes::from(answer.to_string())
        };
        let body = pace::whole_body(bytes, &self.control, self.shutdown.clone());
        self.response("application/json", body)
    }

    /// Answers with server-sent events, `[DONE]` last.
    pub(crate) fn stream(self, events: &[Value]) -> Response<Body> {
        let mut chunks: Vec<Bytes> =
            events.iter().map(|event| Bytes::from(format!("data: {event}\n\n"))).collect();
        chunks.push(Bytes::from_static(b"data: [DONE]\n\n"));
        if self.control.garbage {
            chunks = vec![Bytes::from_static(b"\x00\xff<html>this is not a stream")];
        }
        let malformed = Bytes::from_static(b"data: {\"id\":\"broken\",\"choices\":[{\"delta\n\n");
        let bad = BadEvents { malformed, error: event() };
        let body = pace::stream_body(chunks, &self.control, bad, self.shutdown.clone());
        self.response("text/event-stream; charset=utf-8", body)
    }

    /// Answers with named events; the last one is the end.
    pub(crate) fn named_stream(self, events: &[Value]) -> Response<Body> {
        let name = |event: &Value| event["type"].as_str().unwrap_or("message").to_owned();
        let mut chunks: Vec<Bytes> = events
            .iter()
            .map(|event| Bytes::from(format!("event: {}\ndata: {event}\n\n", name(event))))
            .collect();
        if self.control.garbage {
            chunks = vec![Bytes::from_static(b"\x00\xff<html>this is not a stream")];
        }
        let malformed = Bytes::from_static(b"event: response.output_text.delta\ndata: {\"type\":\"respo\n\n");
        let bad = BadEvents { malformed, error: named_event() };
        let body = pace::stream_body(chunks, &self.control, bad, self.shutdown.clone());
        self.response("text/event-stream; charset=utf-8", body)
    }

    /// Answers with bytes that are no text, in pieces of this size.
    pub(crate) fn bytes(
        self,
        content_type: &'static str,
        bytes: &Bytes,
        piece_bytes: usize,
    ) -> Response<Body> {
        let chunks = bytes.chunks(piece_bytes).map(|piece| bytes.slice_ref(piece)).collect();
        let bad = BadEvents { malformed: Bytes::from_static(b"\0"), error: Bytes::from_static(b"\0") };
        let body = pace::stream_body(chunks, &self.control, bad, self.shutdown.clone());
        self.response(content_type, body)
    }

    /// Answers with a text.
    pub(crate) fn text(self, content_type: &'static str, text: String) -> Response<Body> {
        let body = pace::whole_body(Bytes::from(text), &self.control, self.shutdown.clone());
        self.response(content_type, body)
    }

    fn response(&self, content_type: &'static str, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::from_str(&format!("req_sim_{}", self.digest)) {
            headers.insert("x-request-id", id);
        }
        response
    }
}
