//! What the operator says about one provider. The binary reads it from the environment.

use serde::Deserialize;
use std::collections::BTreeMap;

use aop_domain::id::TeamId;
use aop_service::secret::Secret;
use aop_store::team_members::MemberRole;
use aop_store::users::Role;
use url::{Host, Url};

/// One provider. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Short name in addresses: lower-case letters, digits and dashes.
    pub id: String,
    /// What people read on the button.
    pub name: String,
    /// As the provider writes it in its tokens.
    pub issuer: String,
    pub client_id: String,
    /// Absent for a public client: PKCE protects the code all the same.
    pub client_secret: Option<Secret>,
    /// Separated by spaces; `openid` is always asked for.
    pub scopes: String,
    /// Lower case; empty: any.
    pub email_domains: Vec<String>,
    pub new_users: NewUsers,
    /// Whether a verified address leads to an account that is here already.
    pub link_by_email: bool,
    /// Whether an address counts as verified when the provider does not say.
    pub trust_email: bool,
    pub groups_claim: String,
    pub groups: Vec<GroupGrant>,
}

/// What becomes of somebody who has no account yet and no group that says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewUsers {
    Refused,
    Become(Role),
}

/// What being in one of the provider's groups gives here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupGrant {
    pub group: String,
    pub role: Option<Role>,
    pub team: Option<(TeamId, MemberRole)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantText {
    role: Option<Role>,
    team: Option<TeamId>,
    team_role: Option<MemberRole>,
}

/// Reads `{"GROUP": {"role": "...", "team": "<id>", "team_role": "owner"}}`.
pub fn parse_groups(text: &str) -> Result<Vec<GroupGrant>, String> {
    let grants: BTreeMap<String, GrantText> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let read = |(group, grant): (String, GrantText)| {
        if grant.role == Some(Role::Pending) {
            return Err(format!("the group '{group}' gives the role pending, which is none"));
        }
        let team = match (grant.team, grant.team_role) {
            (Some(team), role) => Some((team, role.unwrap_or(MemberRole::Member))),
            (None, Some(_)) => return Err(format!("the group '{group}' has a team_role without a team")),
            (None, None) => None,
        };
        Ok(GroupGrant { group, role: grant.role, team })
    };
    grants.into_iter().map(read).collect()
}

/// Tokens and codes must not travel in the clear: https, or a provider on this very machine.
pub fn check_issuer(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let on_this_machine = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        _ if url.query().is_some() || url.fragment().is_some() => Err("it has a query or a fragment".into()),
        "https" => Ok(()),
        "http" if on_this_machine => Ok(()),
        _ => Err("it must begin with https://".into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_a_role_or_a_place_in_a_team_or_both() {
        let team = "0199a7c2-0000-7000-8000-000000000001";
        let text = format!(
            r#"{{"ops": {{"role": "admin"}}, "eng": {{"role": "developer", "team": "{team}", "team_role": "owner"}}}}"#
        );
        let grants = parse_groups(&text).unwrap();
        assert_eq!(grants[0].team, Some((team.parse().unwrap(), MemberRole::Owner)));
        assert_eq!((grants[1].group.as_str(), grants[1].role), ("ops", Some(Role::Admin)));
        for wrong in [
            "",
            "[]",
            r#"{"a": {"role": "king"}}"#,
            r#"{"a": {"role": "pending"}}"#,
            r#"{"a": {"team_role": "owner"}}"#,
            r#"{"a": {"teams": []}}"#,
        ] {
            assert!(parse_groups(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_issuer_is_reached_by_https_or_on_this_machine() {
        for text in [
            "https://login.example.com/realms/a",
            "http://127.0.0.1:9",
            "http://[::1]:9/x",
            "http://localhost",
        ] {
            assert!(check_issuer(text).is_ok(), "{text}");
        }
        for text in ["http://login.example.com", "ftp://x", "nothing", "https://x/?a=b", "https://x/#a"] {
            assert!(check_issuer(text).is_err(), "{text}");
        }
    }
}
