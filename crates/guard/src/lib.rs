//! What must not be said or kept: detectors of secrets and personal data, masks, the redaction of what is recorded, and
//! the rules people make about what goes in and out. Pure: text in, findings or other text out.
//!
//! Never belongs here: I/O, the clock, whose call it is.

pub mod detect;
mod mask;
pub mod redact;
pub mod rules;
pub mod screen;
pub mod sse;

pub use detect::{Finding, find};
pub use mask::{Mask, masked};
