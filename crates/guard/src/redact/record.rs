//! Every text of a call's record that its caller or a provider wrote.

use aop_domain::identity::ClaimedIdentity;
use aop_domain::record::{AttemptRecord, CallRecord};

use super::Redactor;

impl Redactor {
    /// All but the bodies. What is written out here field by field is checked by a test that fills all of them.
    pub fn record(&mut self, record: &mut CallRecord) {
        for text in [
            &mut record.requested_model,
            &mut record.response_model,
            &mut record.route,
            &mut record.provider_response_id,
            &mut record.error_code,
            &mut record.error_message,
            &mut record.finish_reason,
            &mut record.node,
        ] {
            self.field(text);
        }
        if let Some(identity) = &mut record.identity {
            self.identity(identity);
        }
        if let Some(token) = &mut record.token {
            self.field(&mut token.issuer);
            self.field(&mut token.subject);
        }
        for attempt in &mut record.attempts {
            self.attempt(attempt);
        }
    }

    fn identity(&mut self, identity: &mut ClaimedIdentity) {
        let one = [
            &mut identity.session,
            &mut identity.execution,
            &mut identity.crew,
            &mut identity.task,
            &mut identity.agent,
            &mut identity.parent_agent,
            &mut identity.end_user,
            &mut identity.application,
            &mut identity.framework,
        ];
        for claim in one.into_iter().flatten().chain(&mut identity.tags) {
            self.field(&mut claim.value);
        }
        self.field(&mut identity.agent_rule);
    }

    fn attempt(&mut self, attempt: &mut AttemptRecord) {
        for text in [
            &mut attempt.provider,
            &mut attempt.deployment,
            &mut attempt.upstream_model,
            &mut attempt.error_code,
            &mut attempt.error_message,
            &mut attempt.reason,
            &mut attempt.considered,
        ] {
            self.field(text);
        }
    }
}
