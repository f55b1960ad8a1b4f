//! What is left of a call whose words are not kept (recording level *metadata*): sealed keys, by which the collector puts
//! together what several gateways saw of one run (`aop_identity::Trail`).
//!
//! A bare hash of a text tells whoever guesses the text that it was said. These are sealed with a secret of the installation
//! for each team, which the collector and the stores do not have, and are not stored with the call: they can be compared
//! while its segment is settled, and nothing else.

use std::hash::Hasher;
#[expect(
    deprecated,
    reason = "the standard library has no other hash with a key of one's own; SipHash-2-4 it stays"
)]
use std::hash::SipHasher;

use aop_domain::guard::RecordingLevel;
use aop_domain::id::TeamId;
use aop_domain::inference::TrailRecord;
use aop_identity::{Answer, Trail};
use aop_service::keys::DerivedKey;

use crate::call::Call;
use crate::identity::infer;
use crate::recording;

/// `None`: what was said is recorded, or there is nothing to tell of.
pub(crate) fn of(call: &Call, answer: &Answer) -> Option<TrailRecord> {
    let (caller, request) = (call.caller.as_ref()?, call.request.as_ref()?);
    if recording::level(call) != RecordingLevel::Metadata {
        return None;
    }
    let scope = aop_identity::scope(caller.team_id.as_bytes(), caller.key_id.as_bytes());
    let seal = Seal::of(&call.shared.keys.call_trails, caller.team_id);
    let Trail { steps, step, told, said } =
        Trail::of(scope, &infer::fields(call, request), answer, |key| seal.seal(key));
    Some(TrailRecord { steps, step, told, said })
}

/// A team's secret.
struct Seal([u64; 2]);

impl Seal {
    fn of(key: &DerivedKey, team: TeamId) -> Self {
        let mac = key.mac(team.as_bytes());
        let half = |at: usize| mac[at..].iter().take(8).fold(0, |all, byte| (all << 8) | u64::from(*byte));
        Self([half(0), half(8)])
    }

    #[expect(deprecated, reason = "see above")]
    fn seal(&self, key: u64) -> u64 {
        let mut hasher = SipHasher::new_with_keys(self.0[0], self.0[1]);
        hasher.write_u64(key);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_service::keys::{KeyDomain, MasterKey};

    #[test]
    fn a_key_is_sealed_alike_by_every_gateway_and_otherwise_for_every_team() {
        let master = |byte| MasterKey::from_bytes([byte; 32]).derive(KeyDomain::CallTrail);
        let (ours, theirs) = (TeamId::from_bytes([1; 16]), TeamId::from_bytes([2; 16]));
        let sealed = |key: &DerivedKey, team| Seal::of(key, team).seal(7);
        let first = sealed(&master(1), ours);
        assert_eq!(first, sealed(&master(1), ours));
        assert!(first != 7 && first != sealed(&master(1), theirs) && first != sealed(&master(2), ours));
    }
}
