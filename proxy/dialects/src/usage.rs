//! What an answer says it used, brought into disjoint token classes: every dialect's counts in one place.
//!
//! `json` looks at single fields without building a tree; `counts` knows every spelling of a count; `convention` decides
//! which counts include which others.

pub mod convention;
pub mod counts;
pub mod json;
pub mod told;

use aop_domain::usage::Usage;
use serde_json::Value;

/// The usage of a parsed `usage` object.
pub(crate) fn read(usage: &Value) -> Option<Usage> {
    counts::read(usage.to_string().as_bytes()).map(|counts| convention::disjoint(&counts))
}
