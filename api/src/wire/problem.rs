//! The error body as the contract shows it. `aop_service::problem` writes it.

use serde::Serialize;
use utoipa::ToSchema;

/// RFC 9457 `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:aop:problem:<code>`.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// Stable, for programs: `not_found`, `wrong_credentials`, `forbidden`, ...
    pub code: String,
    /// One sentence for people: what happened and what to do.
    pub detail: String,
    /// The field of the request that is at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
