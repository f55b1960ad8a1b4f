//! `/v1/files`: an API beside the models, for whoever reaches a provider past its models. Nothing is kept: a file's id says
//! how large it was.

use axum::extract::multipart::Multipart;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};

use super::error::Refusal;
use super::form;
use super::request::CREATED_S;

const PREFIX: &str = "file-sim-";

pub(crate) async fn upload(form: Multipart) -> Result<Json<Value>, Refusal> {
    let form = form::read(form).await?;
    let file = form.files.first().ok_or_else(|| Refusal::invalid("the form has no file"))?;
    let mut object = object(file.bytes.len());
    object["filename"] = file.filename.clone().into();
    object["purpose"] = form.fields["purpose"].clone();
    Ok(Json(object))
}

/// Tells what it was asked with, so that it can be seen what a gateway lets through.
pub(crate) async fn list(headers: HeaderMap, Query(query): Query<Vec<(String, String)>>) -> Json<Value> {
    let mut names: Vec<&str> = headers.keys().map(header::HeaderName::as_str).collect();
    names.sort_unstable();
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    Json(json!({ "object": "list", "data": [], "has_more": false,
        "sim": { "headers": names, "query": query, "authorization": authorization } }))
}

pub(crate) async fn one(Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(object(size(&id)?)))
}

pub(crate) async fn delete(Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    size(&id)?;
    Ok(Json(json!({ "id": id, "object": "file", "deleted": true })))
}

pub(crate) async fn content(Path(id): Path<String>) -> Result<Response, Refusal> {
    let bytes = vec![0u8; size(&id)?];
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((StatusCode::OK, kind, bytes).into_response())
}

fn size(id: &str) -> Result<usize, Refusal> {
    const LARGEST: usize = 64 << 20;
    let size = id.strip_prefix(PREFIX).and_then(|size| size.parse().ok()).filter(|size| *size <= LARGEST);
    size.ok_or_else(|| Refusal::unknown_file(id))
}

fn object(bytes: usize) -> Value {
    json!({ "id": format!("{PREFIX}{bytes}"), "object": "file", "bytes": bytes, "created_at": CREATED_S,
        "filename": "sim.bin", "purpose": "user_data", "status": "processed" })
}
