//! `POST /v1/images/generations`, `edits` and `variations`: the same small square for everybody, as base64 or as a URL;
//! tokens are reported on `usage: true` of the script only, because this model is priced by the picture.

use axum::body::Body;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::form;
use super::request::{CREATED_S, Request};
use crate::media;

const MOST: u64 = 10;

pub(crate) async fn generations(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    if request.body["prompt"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::invalid("the field 'prompt' is missing"));
    }
    drawn(request)
}

/// Edits and variations of the pictures in a form.
pub(crate) async fn from_form(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response<Body>, Refusal> {
    let form = form::read(form).await?;
    if !form.files.iter().any(|file| file.name.starts_with("image") && !file.bytes.is_empty()) {
        return Err(Refusal::invalid("the form has no file 'image'"));
    }
    drawn(Request::of(form.fields, &headers, shutdown).await?)
}

fn drawn(request: Request) -> Result<Response<Body>, Refusal> {
    let text = |name: &str| request.body[name].as_str().map(str::to_owned);
    // In a form every value is text.
    let number = request.body["n"].as_u64().or_else(|| text("n")?.parse().ok()).unwrap_or(1);
    if !(1..=MOST).contains(&number) {
        return Err(Refusal::invalid(format!("'n' must be from 1 to {MOST}")));
    }
    let picture = STANDARD.encode(media::picture(request.control.words.unwrap_or(0)));
    let size = text("size").filter(|size| size != "auto").unwrap_or_else(|| "1024x1024".to_owned());
    if request.is_stream() {
        let part = json!({ "type": "image_generation.partial_image", "partial_image_index": 0,
            "b64_json": picture, "created_at": CREATED_S, "size": size });
        let mut whole = json!({ "type": "image_generation.completed", "b64_json": picture,
            "created_at": CREATED_S, "size": size, "quality": "low", "output_format": "png" });
        whole["usage"] = usage(&request).unwrap_or(Value::Null);
        return Ok(request.named_stream(&[part, whole]));
    }
    let one = || match text("response_format").as_deref() {
        Some("url") => json!({ "url": "http://127.0.0.1:9/sim.png" }),
        _ => json!({ "b64_json": picture }),
    };
    let data: Vec<Value> = (0..number).map(|_| one()).collect();
    let mut whole = json!({ "created": CREATED_S, "data": data, "size": size, "output_format": "png" });
    if let Some(usage) = usage(&request) {
        whole["usage"] = usage;
    }
    Ok(request.whole(&whole))
}

/// Only what a script says.
fn usage(request: &Request) -> Option<Value> {
    request.control.usage.clone().filter(|_| !request.control.no_usage)
}
