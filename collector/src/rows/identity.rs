//! Claimed identity as columns.

use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use uuid::Uuid;

/// The fields that calls and spans share. Absent: empty or nil.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) session_id: String,
    pub(super) execution_id: [u8; 16],
    pub(super) crew: String,
    pub(super) task: String,
    pub(super) agent: String,
    pub(super) parent_agent: String,
    pub(super) end_user: String,
    pub(super) application: String,
    pub(super) framework: String,
    pub(super) tags: Vec<String>,
    /// Field to source, for the fields that were claimed.
    pub(super) sources: Vec<(String, String)>,
    pub(super) trace_source: String,
    pub(super) agent_rule: String,
    pub(super) agent_confidence: u8,
}

pub(super) fn columns(claimed: Option<&ClaimedIdentity>) -> Identity {
    let Some(claimed) = claimed else { return Identity::default() };
    let mut sources = Vec::new();
    let mut value = |name: &str, claim: &Option<Claim>| match claim {
        Some(claim) if !claim.value.is_empty() => {
            sources.push((name.to_owned(), source(claim.source).to_owned()));
            claim.value.clone()
        }
        _ => String::new(),
    };
    let execution = value("execution", &claimed.execution);
    Identity {
        session_id: value("session", &claimed.session),
        // An execution that is no UUID is no run of ours: it stays visible as the source it came from, and finds nothing.
        execution_id: Uuid::parse_str(&execution).unwrap_or_default().into_bytes(),
        crew: value("crew", &claimed.crew),
        task: value("task", &claimed.task),
        agent: value("agent", &claimed.agent),
        parent_agent: value("parent_agent", &claimed.parent_agent),
        end_user: value("end_user", &claimed.end_user),
        application: value("application", &claimed.application),
        framework: value("framework", &claimed.framework),
        tags: claimed.tags.iter().map(|tag| tag.value.clone()).collect(),
        trace_source: source(claimed.trace_source).to_owned(),
        agent_rule: claimed.agent_rule.clone(),
        agent_confidence: claimed.agent_confidence.min(100) as u8,
        sources,
    }
}

/// As `IdentitySource` is written everywhere.
fn source(number: i32) -> &'static str {
    match IdentitySource::try_from(number).unwrap_or(IdentitySource::None) {
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
