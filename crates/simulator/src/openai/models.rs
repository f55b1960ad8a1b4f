//! `GET /v1/models` and `GET /v1/models/{id}`.

use axum::extract::Path;
use axum::response::Json;
use serde_json::{Value, json};

use super::error::Refusal;
use super::request::CREATED_S;
use crate::model::{Model, find, models};

pub(crate) async fn list() -> Json<Value> {
    let data: Vec<Value> = models().iter().map(object).collect();
    Json(json!({ "object": "list", "data": data }))
}

pub(crate) async fn one(Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    find(&id).map(|model| Json(object(model))).ok_or_else(|| Refusal::unknown_model(&id))
}

fn object(model: &Model) -> Value {
    json!({
        "id": model.id,
        "object": "model",
        "created": CREATED_S,
        "owned_by": "simulator",
        "description": model.about,
    })
}
