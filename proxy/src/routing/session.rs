//! Which session a call belongs to, as a number: what the caller says, or what its prompt begins with. Prompt caches
//! work by prefix, so calls that begin alike are better off at the same deployment.

use twox_hash::XxHash3_64;

use aop_domain::identity::ClaimedIdentity;

use crate::call::{Call, Request};
use crate::usage::json;

/// `None`: nothing ties this call to others.
pub(super) fn of(call: &Call) -> Option<u64> {
    let request = call.request.as_ref()?;
    let key = call.caller.as_ref().map(|caller| *caller.key_id.as_bytes()).unwrap_or_default();
    let claimed = call.identity.as_ref().map(|identity| &identity.claimed);
    number(claimed, request, key)
}

fn number(claimed: Option<&ClaimedIdentity>, request: &Request, key: [u8; 16]) -> Option<u64> {
    let field = |name: &str| request.fields.raw(&request.body, name);
    if let Some(session) = claimed.and_then(|claimed| claimed.session.as_ref()) {
        return Some(hash(b's', &key, session.value.as_bytes()));
    }
    if let Some(cache_key) = field("prompt_cache_key").filter(|raw| raw.starts_with(b"\"")) {
        return Some(hash(b'c', &key, cache_key));
    }
    // The first message is the system prompt, or what the conversation began with.
    let first = json::items(field("messages")?).next()?;
    Some(hash(b'm', &key, first))
}

/// Keys are kept apart: what one team's session is called does not steer another's.
fn hash(kind: u8, key: &[u8; 16], what: &[u8]) -> u64 {
    let seed = XxHash3_64::oneshot_with_seed(kind.into(), key);
    XxHash3_64::oneshot_with_seed(seed, what)
}

#[cfg(test)]
mod tests {
    use aop_domain::identity::{Claim, IdentitySource};

    use super::*;
    use crate::body::{budget::Budget, scan};

    fn request(body: &'static str) -> Request {
        Request {
            fields: scan::object(body.as_bytes(), 100).unwrap(),
            body: body.into(),
            model: "m".into(),
            stream: false,
            ask_usage: None,
            upload: None,
            _reservation: Budget::new(1 << 20).reserve(),
        }
    }

    fn of(session: Option<&str>, body: &'static str, key: u8) -> Option<u64> {
        let session = session.map(|session| Claim::new(session, IdentitySource::Body));
        let claimed = ClaimedIdentity { session, ..ClaimedIdentity::default() };
        number(Some(&claimed), &request(body), [key; 16])
    }

    #[test]
    fn what_the_caller_says_counts_before_what_the_prompt_begins_with() {
        let turn_1 = r#"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"1"}]}"#;
        let turn_2 = r#"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"2"}]}"#;
        let other = r#"{"messages":[{"role":"system","content":"T"},{"role":"user","content":"1"}]}"#;
        let keyed = r#"{"prompt_cache_key":"k","messages":[{"role":"system","content":"T"}]}"#;
        let same_key = r#"{"prompt_cache_key":"k","messages":[{"role":"user","content":"x"}]}"#;
        assert_eq!(of(Some("a"), turn_1, 1), of(Some("a"), other, 1));
        assert_ne!(of(Some("a"), turn_1, 1), of(Some("b"), turn_1, 1));
        assert_eq!(of(None, turn_1, 1), of(None, turn_2, 1));
        assert_ne!(of(None, turn_1, 1), of(None, other, 1));
        assert_ne!(of(None, turn_1, 1), of(None, turn_1, 2), "another key is another session");
        assert_eq!(of(None, keyed, 1), of(None, same_key, 1));
        assert_eq!(of(None, r#"{"input":"text"}"#, 1), None);
        assert_eq!(of(None, r#"{"messages":[]}"#, 1), None);
    }
}
