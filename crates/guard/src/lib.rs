//! What must not be said or kept: detectors of secrets and personal data, masks, the redaction of what is recorded, the
//! rules people make about what goes in and out, and the schemas that answers must fit. Pure: text in, findings or other
//! text out.
//!
//! Never belongs here: I/O, the clock, whose call it is.

pub mod detect;
mod mask;
pub mod redact;
pub mod rules;
pub mod said;
pub mod schema;
pub mod screen;
pub mod sse;

pub use detect::{Finding, find};
pub use mask::{Mask, masked};
