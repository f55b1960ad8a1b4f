//! Coding agents name the session that a call belongs to. A session is one piece of work: its calls are of one run, also
//! those that have no word in common, and those of a session that another one started.

use crate::{hash, json};

/// Headers that name a session, and those that name the session that started it.
const OWN: [&str; 5] =
    ["x-claude-code-session-id", "session_id", "session-id", "x-opencode-session-id", "x-session-affinity"];
const PARENTS: [&str; 2] = ["x-codex-parent-thread-id", "x-parent-session-id"];
/// Shorter ones are counters.
const SHORTEST_BYTES: usize = 8;

/// The session of a call and the one that started it, as the engine knows them; 0: none. `told`: the one that the body names
/// ([`crate::Fields::session`]).
pub fn sessions<'h>(header: impl Fn(&str) -> Option<&'h str>, told: Option<&str>) -> [u64; 2] {
    let named = |names: &[&str]| names.iter().find_map(|name| header(name)).map(str::trim);
    let key = |name: Option<&str>| {
        name.filter(|name| name.len() >= SHORTEST_BYTES).map_or(0, |name| hash::bytes(52, name.as_bytes()))
    };
    let own = key(named(&OWN));
    [if own == 0 { key(told) } else { own }, key(named(&PARENTS))]
}

/// The user and the session in what Claude Code writes into `metadata.user_id`: one word of both, or JSON in newer
/// versions. `None`: it is something else.
pub fn of_user_id(user_id: &str) -> Option<(String, String)> {
    if user_id.starts_with('{') {
        let member = |name| json::member_text(user_id.as_bytes(), name).filter(|text| !text.is_empty());
        let user = member("account_uuid").or_else(|| member("device_id"))?;
        return Some((format!("user_{user}"), member("session_id")?.into_owned()));
    }
    let (user, session) = user_id.rsplit_once("_session_")?;
    let (user, _) = user.split_once("_account_")?;
    (user.starts_with("user_") && session.len() >= SHORTEST_BYTES)
        .then(|| (user.to_owned(), session.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_claude_code_says_of_its_user_is_taken_apart() {
        let pair = |user: &str, session: &str| Some((user.to_owned(), session.to_owned()));
        let session = "1fdb2a4d-ca05-40a0-8cba-e25606e86a5a";
        assert_eq!(of_user_id(&format!("user_fac3_account__session_{session}")), pair("user_fac3", session));
        assert_eq!(
            of_user_id(&format!("user_fac3_account_77aa_session_{session}")),
            pair("user_fac3", session)
        );
        let newer = format!(r#"{{"device_id":"fac3","account_uuid":"","session_id":"{session}"}}"#);
        assert_eq!(of_user_id(&newer), pair("user_fac3", session));
        for other in ["ann", "user_1", "a_session_b", r#"{"session_id":"x"}"#, "{"] {
            assert_eq!(of_user_id(other), None, "{other}");
        }
    }

    #[test]
    fn a_session_is_named_by_headers_or_by_the_body() {
        let of = |headers: &[(&str, &'static str)], told| {
            sessions(|name| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value), told)
        };
        let told = of(&[], Some("1fdb2a4d-ca05"));
        assert_eq!(told, of(&[("x-claude-code-session-id", "1fdb2a4d-ca05")], None));
        let child =
            of(&[("x-opencode-session-id", "ses_child01"), ("x-parent-session-id", "ses_parent1")], None);
        assert_eq!(child[1], of(&[("x-opencode-session-id", "ses_parent1")], None)[0]);
        assert_eq!(of(&[("session_id", "7")], Some("8")), [0, 0]);
    }
}
