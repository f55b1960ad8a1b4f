//! What is kept of calls and what may be said in them: recording levels, the response cache, detectors, guardrails.

mod detector;
mod guardrail;
mod policy;

pub use detector::{Detector, Detectors};
pub use guardrail::{Action, Check, Guardrail, HttpCheck, OnFailure, SealedHeader, Stage};
pub use policy::{CachePolicy, CacheScope, ContentPolicy, GuardFacts, RecordingLevel};
