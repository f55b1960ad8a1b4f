//! What a page needs to show a working snippet.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Info {
    pub version: String,
    /// What to set as the client's base URL, e.g. `http://127.0.0.1:8080/v1`.
    pub gateway_url: String,
    /// A model the team can call right now; absent when there is none.
    pub example_model: Option<String>,
}
