//! Fourth phase: who makes this call, as the caller states it, and where nobody does, as the traffic shows.

use http::HeaderMap;

use aop_domain::id::TraceId;

use crate::call::Call;
use crate::identity::{self, BodyClaims, IdentityOutcome, IdentityRefusal, PathIdentity, infer};
use crate::refusal::{Code, Refusal};

pub(crate) fn claims(call: &mut Call, headers: &HeaderMap) -> Result<(), Refusal> {
    let claimed = claim(call, headers);
    call.identity = Some(claimed.map_err(|refusal| Refusal::new(Code::InvalidTraceId, sentence(&refusal)))?);
    infer::arrive(call, headers);
    Ok(())
}

/// For a call that was refused before its body was read: what its headers and its path say, when they can be read.
pub(crate) fn late(call: &mut Call, headers: &HeaderMap) {
    if call.identity.is_none() && call.caller.is_some() {
        call.identity = claim(call, headers).ok();
    }
}

fn claim(call: &Call, headers: &HeaderMap) -> Result<IdentityOutcome, IdentityRefusal> {
    let field = |name: &str| {
        let request = call.request.as_ref()?;
        request.fields.raw(&request.body, name)
    };
    let body = BodyClaims {
        user: field("user"),
        safety_identifier: field("safety_identifier"),
        metadata: field("metadata"),
        tags: field("tags"),
        litellm_session_id: field("litellm_session_id"),
        litellm_trace_id: field("litellm_trace_id"),
        litellm_metadata: field("litellm_metadata"),
    };
    let path = PathIdentity { trace_id: call.path.trace.as_deref(), agent: call.path.agent.as_deref() };
    let run = call.caller.as_ref().and_then(|caller| caller.run.as_ref());
    identity::claim(run, path, headers, &body, TraceId(rand::random()))
}

/// `the header x-aop-trace-id is not valid: ...` as a sentence.
fn sentence(refusal: &IdentityRefusal) -> String {
    let mut text = refusal.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text.push('.');
    text
}
