//! Requests that are forms: their fields as if they were JSON, their files by name, size and content.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::error::Refusal;

pub(crate) struct Form {
    pub(crate) fields: Value,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) filename: String,
    pub(crate) bytes: Bytes,
}

pub(crate) async fn read(mut form: Multipart) -> Result<Form, Refusal> {
    let bad = |error: MultipartError| Refusal::invalid(format!("the form cannot be read: {error}"));
    let (mut fields, mut files) = (Map::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(bad)? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(filename) => files.push(File { name, filename, bytes: part.bytes().await.map_err(bad)? }),
            None => {
                fields.insert(name, part.text().await.map_err(bad)?.into());
            }
        }
    }
    Ok(Form { fields: Value::Object(fields), files })
}
