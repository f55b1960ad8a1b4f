//! Corrections of agents as they are recorded: what people of the team know better than the traffic shows.
//!
//! They change the copy of the claims that goes into the record, and nothing that a call is judged by: limits, budgets and
//! routing have done their work with what was stated, and `inference` beside the claims keeps what was found.

use aop_domain::correction::{Caller, Corrections};
use aop_domain::identity::{Claim, ClaimedIdentity, IdentitySource};
use aop_domain::inference::InferenceRecord;

/// Name of the rule that gave a corrected agent.
pub(crate) const RULE: &str = "corrected";

/// The claims as the team knows them. `parent`: the fingerprint of the agent that the call is made for.
pub(crate) fn apply(
    claimed: &mut ClaimedIdentity,
    found: &InferenceRecord,
    parent: u64,
    corrections: &Corrections,
) {
    let claim = |name: &str| Some(Claim::new(name, IdentitySource::Corrected));
    let caller = Caller { agent: found.agent, prompt: found.prompt, conversation: found.conversation };
    if let Some(agent) = corrections.apply(caller) {
        claimed.agent = claim(agent.name);
        claimed.agent_rule = RULE.to_owned();
        claimed.agent_confidence = 100;
    }
    let caller = Caller { agent: parent, prompt: 0, conversation: found.parent_conversation };
    if let Some(parent) = corrections.apply(caller) {
        claimed.parent_agent = claim(parent.name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use aop_domain::correction::{CorrectionKind, Rule};
    use aop_domain::id::CorrectionId;

    use super::*;

    fn renamed(agent: u64, name: &str) -> Corrections {
        Corrections::new([Rule {
            id: CorrectionId::NIL,
            kind: CorrectionKind::Rename,
            agent,
            condition: None,
            to_agent: agent,
            name: name.to_owned(),
        }])
    }

    #[test]
    fn a_corrected_agent_and_a_corrected_parent_say_that_they_were_corrected() {
        let stated = |name: &str| Some(Claim::new(name, IdentitySource::Body));
        let mut claimed =
            ClaimedIdentity { agent: stated("bob"), parent_agent: stated("boss"), ..Default::default() };
        let found = InferenceRecord { agent: 7, ..InferenceRecord::default() };
        apply(&mut claimed, &found, 8, &renamed(7, "Robert"));
        assert_eq!(claimed.agent, Some(Claim::new("Robert", IdentitySource::Corrected)));
        assert_eq!((claimed.agent_rule.as_str(), claimed.agent_confidence), (RULE, 100));
        assert_eq!(claimed.parent_agent, stated("boss"));
        apply(&mut claimed, &found, 8, &renamed(8, "Head"));
        assert_eq!(claimed.parent_agent.unwrap().value, "Head");
    }

    #[test]
    fn a_call_without_an_agent_is_nobodys_to_correct() {
        let mut claimed = ClaimedIdentity::default();
        apply(&mut claimed, &InferenceRecord::default(), 0, &renamed(7, "Robert"));
        assert_eq!(claimed, ClaimedIdentity::default());
    }
}
