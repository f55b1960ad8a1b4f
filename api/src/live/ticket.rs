//! One-time passes for WebSockets: a browser cannot put an `Authorization` header on one, and an access token in an
//! address would end in logs. A ticket works once, for 30 seconds, for nothing else.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use aop_domain::id::TeamId;
use aop_service::keys::{DerivedKey, constant_time_eq};

pub const LIFETIME_S: i64 = 30;
const LONGEST_TICKET_BYTES: usize = 512;
/// Used tickets remembered; each only as long as it would still be valid.
const REMEMBERED: u64 = 100_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    team_id: TeamId,
    nonce: Uuid,
    expires_at_s: i64,
}

/// Makes and takes tickets. `key` is the derived key of `KeyDomain::LiveTicket`.
#[derive(Clone)]
pub struct Tickets {
    key: DerivedKey,
    used: Cache<Uuid, ()>,
}

impl Tickets {
    pub fn new(key: DerivedKey) -> Self {
        let remember = Duration::from_secs(2 * LIFETIME_S.unsigned_abs());
        Self { key, used: Cache::builder().max_capacity(REMEMBERED).time_to_live(remember).build() }
    }

    /// A new ticket for one team.
    pub fn issue(&self, team_id: TeamId, nonce: Uuid, now_s: i64) -> Result<String, serde_json::Error> {
        let claims = Claims { team_id, nonce, expires_at_s: now_s + LIFETIME_S };
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
        let mac = URL_SAFE_NO_PAD.encode(self.key.mac(body.as_bytes()));
        Ok(format!("{body}.{mac}"))
    }

    /// The team of a valid ticket, which is used up by this. Remembered per process: behind several, a ticket could be
    /// used once in each within its 30 seconds.
    pub fn take(&self, ticket: &str, now_s: i64) -> Option<TeamId> {
        if ticket.len() > LONGEST_TICKET_BYTES {
            return None;
        }
        let (body, mac) = ticket.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        if !constant_time_eq(&mac, &self.key.mac(body.as_bytes())) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
        let fresh = self.used.entry(claims.nonce).or_insert(()).is_fresh();
        (fresh && claims.expires_at_s > now_s).then_some(claims.team_id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_service::keys::{KeyDomain, MasterKey};

    fn tickets() -> Tickets {
        Tickets::new(MasterKey::from_bytes([3; 32]).derive(KeyDomain::LiveTicket))
    }

    #[test]
    fn a_ticket_opens_its_team_once() {
        let tickets = tickets();
        let team = TeamId(Uuid::from_u128(1));
        let ticket = tickets.issue(team, Uuid::from_u128(2), 100).unwrap();
        assert_eq!(tickets.take(&ticket, 101), Some(team));
        assert_eq!(tickets.take(&ticket, 101), None);
    }

    #[test]
    fn an_old_changed_or_foreign_ticket_opens_nothing() {
        let tickets = tickets();
        let ticket = tickets.issue(TeamId::NIL, Uuid::from_u128(2), 100).unwrap();
        assert_eq!(tickets.take(&ticket, 100 + LIFETIME_S), None);
        assert_eq!(tickets.take(&format!("A{ticket}"), 101), None);
        assert_eq!(tickets.take("", 101), None);
        assert_eq!(tickets.take(&"a.".repeat(1000), 101), None);
        let other = Tickets::new(MasterKey::from_bytes([3; 32]).derive(KeyDomain::AccessToken));
        assert_eq!(other.take(&ticket, 101), None);
    }
}
