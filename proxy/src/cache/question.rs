//! When are two calls the same question? When the same team (or key) sends the same thing to the same route: operation,
//! model, messages, every parameter, and the headers that change an answer. What only says who asks is left out.

use aop_domain::gateway::Route;
use aop_domain::guard::{CachePolicy, CacheScope};
use aop_domain::id::{RouteId, TeamId};
use http::HeaderMap;

use super::canonical::Canonical;
use crate::call::{Call, Caller};
use crate::endpoint::Operation;
use crate::{guardrails, translate};

/// Where an answer is kept: whose it is, and a hash of all that makes the question what it is, the team again among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) team: TeamId,
    pub(crate) question: [u8; 32],
}

/// Fields of a body that name the asker; no provider answers differently for them.
const WHO_ASKS: &[&str] = &[
    "user",
    "safety_identifier",
    "metadata",
    "tags",
    "litellm_session_id",
    "litellm_trace_id",
    "litellm_metadata",
];
/// Headers that change an answer, by name or by prefix.
const SAYS_HOW: &[&str] = &["anthropic-", "openai-beta", "x-sim-"];
/// A change of what the key is made of must not find answers of the version before.
const VERSION: &[u8] = b"aop response cache 2";

/// What is asked, as far as the cache is concerned.
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) policy: CachePolicy,
    pub(crate) operation: Operation,
    pub(crate) route: RouteId,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Of the guardrails that look at the answer.
    pub(crate) rules: Option<[u8; 32]>,
    /// Fields that a target cannot say are left out.
    pub(crate) drops: bool,
}

/// The operations whose answers are worth keeping: a count is free, a list of models is ours.
pub(crate) fn can_be_kept(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ChatCompletions
            | Operation::Messages
            | Operation::Responses
            | Operation::Completions
            | Operation::Embeddings
    )
}

impl<'a> Question<'a> {
    /// `None`: this call has nothing to do with the cache, because nobody turned it on for it.
    pub(crate) fn of(
        call: &'a Call,
        route: &Route,
        query: Option<&'a str>,
        headers: &'a HeaderMap,
    ) -> Option<Self> {
        let (caller, index) = (call.caller.as_ref()?, call.index.as_ref()?);
        let policy = index.snapshot.guard.cache(caller.team_id, caller.key_id, route.id)?;
        let operation = call.operation.filter(|operation| can_be_kept(*operation))?;
        let body = &call.request.as_ref()?.body;
        let rules = guardrails::fingerprint(call);
        // A header that says neither is refused before.
        let drops = route.policy.unsupported.drops(translate::wished(headers).ok().flatten());
        Some(Self { caller, policy, operation, route: route.id, query, headers, body, rules, drops })
    }

    /// `None`: it cannot be told from other questions for sure, or its answer is more than what it says.
    pub(crate) fn key(&self) -> Option<Key> {
        let Canonical::Object(mut fields) = Canonical::of(self.body)? else { return None };
        // A job that goes on in the background is asked about later, by its id.
        if matches!(fields.get("background"), Some(Canonical::Bool(true))) {
            return None;
        }
        fields.retain(|name, _| !WHO_ASKS.contains(&name.as_str()));
        let mut hasher = blake3::Hasher::new();
        hasher.update(VERSION);
        hasher.update(self.caller.team_id.as_bytes());
        if self.policy.scope == CacheScope::Key {
            hasher.update(self.caller.key_id.as_bytes());
            hasher.update(self.caller.user_id.as_bytes());
        }
        hasher.update(self.route.as_bytes());
        let mut part = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        part(self.operation.as_str().as_bytes());
        part(self.query.unwrap_or_default().as_bytes());
        part(self.rules.as_ref().map_or(&[], |rules| &rules[..]));
        part(&[u8::from(self.drops)]);
        let says_how = |name: &str| {
            SAYS_HOW.iter().any(|how| if how.ends_with('-') { name.starts_with(how) } else { name == *how })
        };
        let mut headers: Vec<_> = self.headers.iter().filter(|(name, _)| says_how(name.as_str())).collect();
        headers.sort_by_key(|(name, value)| (name.as_str(), value.as_bytes()));
        part(&(headers.len() as u64).to_le_bytes());
        for (name, value) in headers {
            part(name.as_str().as_bytes());
            part(value.as_bytes());
        }
        Canonical::Object(fields).hash(&mut hasher);
        Some(Key { team: self.caller.team_id, question: *hasher.finalize().as_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::id::{KeyId, UserId};

    fn caller(team: u8, key: u8) -> Caller {
        Caller {
            team_id: TeamId::from_bytes([team; 16]),
            key_id: KeyId::from_bytes([key; 16]),
            user_id: UserId::from_bytes([9; 16]),
            key: None,
            run: None,
            token: None,
        }
    }

    fn key(
        caller: &Caller,
        scope: CacheScope,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Option<super::Key> {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        Question {
            caller,
            policy: CachePolicy { ttl_s: 60, scope },
            operation: Operation::ChatCompletions,
            route: RouteId::from_bytes([3; 16]),
            query: None,
            headers: &headers,
            body: body.as_bytes(),
            rules: None,
            drops: false,
        }
        .key()
    }

    #[test]
    fn a_question_is_the_same_for_all_who_share_answers_and_for_no_others() {
        use CacheScope::{Key, Team};
        let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
        let asked = key(&caller(1, 1), Team, &[], body);
        assert!(asked.is_some());
        assert_eq!(asked, key(&caller(1, 2), Team, &[], body), "keys of one team share");
        assert_ne!(asked, key(&caller(2, 1), Team, &[], body), "teams never do");
        assert_ne!(key(&caller(1, 1), Key, &[], body), key(&caller(1, 2), Key, &[], body));
        let with_user = r#"{"user":"ann","messages":[{"content":"hi","role":"user"}],"model":"m"}"#;
        assert_eq!(
            asked,
            key(&caller(1, 1), Team, &[("user-agent", "x")], with_user),
            "who asks does not matter"
        );
        for other in [
            r#"{"model":"n","messages":[{"role":"user","content":"hi"}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi "}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#,
        ] {
            assert_ne!(asked, key(&caller(1, 1), Team, &[], other), "{other}");
        }
        assert_ne!(asked, key(&caller(1, 1), Team, &[("anthropic-beta", "x")], body));
    }

    #[test]
    fn what_cannot_be_told_apart_is_not_asked_about() {
        for body in [r#"{"model":"m","x":{"a":1,"a":2}}"#, r#"{"model":"m","background":true}"#] {
            assert_eq!(key(&caller(1, 1), CacheScope::Team, &[], body), None, "{body}");
        }
    }
}
