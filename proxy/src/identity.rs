//! Who made a call, as stated (M3): the claims of headers, path and body, brought into one identity by one
//! documented precedence (`docs/identity.md`, compared with [`table::rows`] by a test).
//!
//! What the key proves (team, user, key) is not decided here. A field keeps the source of its value. A bad
//! value in a place that is ours (`x-aop-*`, the log proxy's path) is refused; a bad value anywhere else is
//! as if it were not there. Inference from traffic stands beside this, in `identity/infer.rs`: it is given the outcome
//! and fills only what nobody stated.

mod aop;
mod bifrost;
mod body;
mod claude_code;
mod codex;
mod collect;
pub(crate) mod corrected;
mod decode;
pub(crate) mod found;
mod generic;
mod helicone;
pub(crate) mod infer;
mod langfuse;
mod litellm;
mod opencode;
mod portkey;
mod rule;
mod signed;
pub mod table;
mod trace_context;
mod trail;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{SpanId, TraceId};
use aop_domain::identity::{ClaimedIdentity, IdentitySource};
use aop_service::run_credential::RunClaims;
use http::HeaderMap;

/// The log proxy's path, still percent-encoded: `/api/log-proxy/{trace_id}/{agent}/v1/...`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PathIdentity<'a> {
    pub trace_id: Option<&'a str>,
    pub agent: Option<&'a str>,
}

/// Raw JSON values of the top-level body fields that state identity, as the body's scan found them.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodyClaims<'a> {
    pub user: Option<&'a [u8]>,
    pub safety_identifier: Option<&'a [u8]>,
    pub metadata: Option<&'a [u8]>,
    pub tags: Option<&'a [u8]>,
    pub litellm_session_id: Option<&'a [u8]>,
    pub litellm_trace_id: Option<&'a [u8]>,
    pub litellm_metadata: Option<&'a [u8]>,
}

/// The trace this call belongs to, where it hangs in it, and everything claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityOutcome {
    pub trace_id: TraceId,
    /// Nil: the call is a root of its trace.
    pub parent_span_id: SpanId,
    pub claimed: ClaimedIdentity,
}

/// A value in one of our own places that cannot be what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} is not valid: it must be {expected}")]
pub struct IdentityRefusal {
    /// `the header x-aop-trace-id`, `the trace id in the path`.
    pub place: String,
    pub expected: &'static str,
}

impl IdentityRefusal {
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Reads every place once and takes, field by field, the strongest claim. `fresh_trace` is used when nobody
/// names a trace.
pub fn claim(
    run: Option<&RunClaims>,
    path: PathIdentity<'_>,
    headers: &HeaderMap,
    body: &BodyClaims<'_>,
    fresh_trace: TraceId,
) -> Result<IdentityOutcome, IdentityRefusal> {
    let mut collected = collect::Collected::default();
    if let Some(run) = run {
        signed::read(run, &mut collected);
    }
    collect::path(path, &mut collected)?;
    collect::headers(headers, &mut collected)?;
    body::read(body, &mut collected);
    Ok(collected.into_outcome(fresh_trace))
}

/// The name of a source in documents and answers.
pub fn source_name(source: IdentitySource) -> &'static str {
    match source {
        IdentitySource::None => "none",
        IdentitySource::Signed => "signed",
        IdentitySource::AopHeader => "aop_header",
        IdentitySource::Path => "path",
        IdentitySource::TraceContext => "trace_context",
        IdentitySource::VendorHeader => "vendor_header",
        IdentitySource::Body => "body",
        IdentitySource::Inferred => "inferred",
        IdentitySource::Generated => "generated",
        IdentitySource::Corrected => "corrected",
    }
}

#[cfg(test)]
mod tests;
