//! An answer as it is kept in Redis: packed, then sealed under a key of this installation and bound to its own name.
//! What was not written by a gateway of this installation, under this very name, does not open.

use std::time::{Duration, Instant};

use aop_domain::hex::hex;
use aop_service::keys::DerivedKey;
use bytes::Bytes;
use prost::Message;

use crate::cache::{Entry, Key};

/// Of the name and of what is kept under it: another version finds nothing of this one.
const VERSION: u32 = 1;
const LEVEL: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Kept {
    /// When the provider had given it, Unix milliseconds.
    #[prost(int64, tag = "1")]
    kept_at_ms: i64,
    #[prost(uint64, tag = "2")]
    ttl_ms: u64,
    #[prost(bool, tag = "3")]
    is_sse: bool,
    #[prost(string, tag = "4")]
    model: String,
    #[prost(string, tag = "5")]
    id: String,
    #[prost(string, tag = "6")]
    finish_reason: String,
    /// Empty: unknown.
    #[prost(string, tag = "7")]
    cost: String,
    /// Of the body when it is unpacked.
    #[prost(uint64, tag = "8")]
    body_bytes: u64,
    #[prost(bytes = "bytes", tag = "9")]
    body: Bytes,
    #[prost(string, repeated, tag = "10")]
    dropped: Vec<String>,
}

/// Where an answer stands. Its team can be read, so that one team's answers can be found and removed; what was asked cannot.
pub(super) fn name(key: &DerivedKey, of: &Key) -> String {
    let asked = [&of.team.as_bytes()[..], &of.question].concat();
    format!("aop:answer:{VERSION}:{}:{}", of.team, hex(&key.mac(&asked)))
}

/// `None`: it could not be packed or sealed.
pub(super) fn seal(
    key: &DerivedKey,
    name: &str,
    entry: &Entry,
    kept_at_ms: i64,
    nonce: [u8; 24],
) -> Option<Vec<u8>> {
    let kept = Kept {
        kept_at_ms,
        ttl_ms: u64::try_from(entry.ttl.as_millis()).unwrap_or(u64::MAX),
        is_sse: entry.is_sse,
        model: entry.model.clone(),
        id: entry.id.clone(),
        finish_reason: entry.finish_reason.clone(),
        cost: entry.cost.map(|cost| cost.to_string()).unwrap_or_default(),
        body_bytes: entry.body.len() as u64,
        body: zstd::bulk::compress(&entry.body, LEVEL).ok()?.into(),
        dropped: entry.dropped.clone(),
    };
    key.seal(&kept.encode_to_vec(), name.as_bytes(), nonce).ok()
}

/// `None`: it is not one of ours, or says of itself that it is larger than any that is kept.
pub(super) fn open(key: &DerivedKey, name: &str, sealed: &[u8], largest_body_bytes: usize) -> Option<Kept> {
    let plain = key.open(sealed, name.as_bytes()).ok()?;
    let mut kept = Kept::decode(plain.expose().as_slice()).ok()?;
    let body_bytes = usize::try_from(kept.body_bytes).ok().filter(|bytes| *bytes <= largest_body_bytes)?;
    let body = zstd::bulk::decompress(&kept.body, body_bytes).ok().filter(|body| body.len() == body_bytes)?;
    kept.body = body.into();
    Some(kept)
}

impl Kept {
    /// As it is kept in memory for the rest of its life. `None`: it is too old.
    pub(super) fn entry(self, longest_age: Duration, now_ms: i64, now: Instant) -> Option<Entry> {
        // Clocks of two gateways differ: an answer of the future is new.
        let age = Duration::from_millis(u64::try_from(now_ms.saturating_sub(self.kept_at_ms)).unwrap_or(0));
        let left = Duration::from_millis(self.ttl_ms).checked_sub(age).filter(|left| !left.is_zero())?;
        if age > longest_age {
            return None;
        }
        Some(Entry {
            body: self.body,
            is_sse: self.is_sse,
            model: self.model,
            id: self.id,
            finish_reason: self.finish_reason,
            dropped: self.dropped,
            cost: self.cost.parse().ok(),
            kept_at: now.checked_sub(age)?,
            ttl: left,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::id::TeamId;
    use aop_service::keys::{KeyDomain, MasterKey};
    use proptest::prelude::*;

    const LARGEST: usize = 1 << 20;

    fn key() -> DerivedKey {
        MasterKey::from_bytes([7; 32]).derive(KeyDomain::ResponseCache)
    }

    fn asked(team: u8, question: u8) -> Key {
        Key { team: TeamId::from_bytes([team; 16]), question: [question; 32] }
    }

    fn entry(body: &[u8]) -> Entry {
        Entry {
            body: Bytes::copy_from_slice(body),
            is_sse: true,
            model: "m".into(),
            id: "c1".into(),
            finish_reason: "stop".into(),
            dropped: vec!["seed".into()],
            cost: "0.06".parse().ok(),
            kept_at: Instant::now(),
            ttl: Duration::from_secs(60),
        }
    }

    #[test]
    fn it_opens_under_its_own_name_and_under_no_other() {
        let (ours, theirs) = (name(&key(), &asked(1, 1)), name(&key(), &asked(2, 1)));
        assert_ne!(ours, theirs);
        assert_ne!(ours, name(&key(), &asked(1, 2)));
        let sealed = seal(&key(), &ours, &entry(b"an answer, an answer, an answer"), 0, [1; 24]).unwrap();
        assert!(open(&key(), &ours, &sealed, LARGEST).is_some());
        assert!(open(&key(), &theirs, &sealed, LARGEST).is_none(), "moved to another team");
        assert!(open(&key(), &ours, &sealed, 10).is_none(), "larger than any that is kept");
        let other = MasterKey::from_bytes([8; 32]).derive(KeyDomain::ResponseCache);
        assert!(open(&other, &ours, &sealed, LARGEST).is_none(), "another installation");
    }

    #[test]
    fn it_lives_for_the_rest_of_its_time_and_is_as_old_as_it_is() {
        let name = name(&key(), &asked(1, 1));
        let sealed = seal(&key(), &name, &entry(b"hi"), 1_000_000, [1; 24]).unwrap();
        let kept = open(&key(), &name, &sealed, LARGEST).unwrap();
        let now = Instant::now() + Duration::from_secs(3_600);
        let at = |now_ms, longest_age_s| kept.clone().entry(Duration::from_secs(longest_age_s), now_ms, now);
        let later = at(1_020_000, 60).unwrap();
        assert_eq!((later.age(now), later.ttl), (Duration::from_secs(20), Duration::from_secs(40)));
        assert_eq!((&later.cost, &later.dropped), (&entry(b"").cost, &entry(b"").dropped));
        assert!(at(1_020_000, 19).is_none(), "older than the caller takes");
        assert!(at(1_060_000, 60).is_none(), "at its end");
        assert_eq!(at(0, 60).unwrap().age(now), Duration::ZERO, "a clock that goes ahead");
    }

    proptest! {
        #[test]
        fn every_answer_comes_back_as_it_was(body in prop::collection::vec(any::<u8>(), 0..2_000), nonce: [u8; 24]) {
            let name = name(&key(), &asked(1, 1));
            let sealed = seal(&key(), &name, &entry(&body), 0, nonce).unwrap();
            let kept = open(&key(), &name, &sealed, LARGEST).unwrap();
            prop_assert_eq!(&kept.body[..], &body[..]);
        }

        #[test]
        fn what_was_changed_does_not_open(at in 0usize..1_000, change in 1u8..) {
            let name = name(&key(), &asked(1, 1));
            let mut sealed = seal(&key(), &name, &entry(b"an answer"), 0, [1; 24]).unwrap();
            let at = at % sealed.len();
            sealed[at] ^= change;
            prop_assert!(open(&key(), &name, &sealed, LARGEST).is_none());
        }
    }
}
