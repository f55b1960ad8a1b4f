//! Reads who somebody is out of what a provider says, and refuses what cannot be relied on.

use serde_json::{Map, Value};

use aop_store::sso_identities::Identity;

use super::error::SsoError;
use super::settings::ProviderSettings;
use crate::checks;

const LONGEST_NAME_CHARS: usize = 100;

#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    pub identity: Identity,
    pub name: String,
    pub groups: Vec<String>,
}

/// Whether the ID token leaves open what is needed to know the person.
pub fn needs_more(settings: &ProviderSettings, about: &Map<String, Value>) -> bool {
    let wants_groups = !settings.groups.is_empty() && !about.contains_key(&settings.groups_claim);
    wants_groups || !about.contains_key("email")
}

/// `issuer` and `subject` from the verified ID token, `about` from it and the provider's userinfo.
pub fn read(
    settings: &ProviderSettings,
    issuer: &str,
    subject: &str,
    about: &Map<String, Value>,
) -> Result<Person, SsoError> {
    let text = |name: &str| about.get(name).and_then(Value::as_str).unwrap_or_default();
    let email = checks::email(text("email")).map_err(|_| SsoError::UnverifiedEmail)?;
    if !is_verified(about.get("email_verified"), settings.trust_email) {
        return Err(SsoError::UnverifiedEmail);
    }
    let (local, domain) = email.split_once('@').unwrap_or_default();
    if !settings.email_domains.is_empty() && !settings.email_domains.iter().any(|allowed| allowed == domain) {
        return Err(SsoError::OtherDomain);
    }
    let name = [text("name"), text("preferred_username"), local].into_iter().find_map(fit_name);
    Ok(Person {
        name: name.unwrap_or_else(|| "?".to_owned()),
        groups: groups(about.get(&settings.groups_claim)),
        identity: Identity { issuer: issuer.to_owned(), subject: subject.to_owned(), email },
    })
}

/// Some providers write the answer as text. One that says no is believed, whatever the operator trusts.
fn is_verified(said: Option<&Value>, trusted: bool) -> bool {
    match said {
        None | Some(Value::Null) => trusted,
        Some(Value::Bool(said)) => *said,
        Some(Value::String(said)) => said == "true",
        Some(_) => false,
    }
}

fn groups(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

/// A name is shown to others: what does not fit is cut or left away, never a reason to refuse.
fn fit_name(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME_CHARS).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::sso::settings::NewUsers;
    use serde_json::json;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            id: "p".into(),
            name: "P".into(),
            issuer: "https://p.example".into(),
            client_id: "aop".into(),
            client_secret: None,
            scopes: "openid".into(),
            email_domains: vec!["example.com".into()],
            new_users: NewUsers::Refused,
            link_by_email: false,
            trust_email: false,
            groups_claim: "groups".into(),
            groups: vec![],
        }
    }

    fn read_as(settings: &ProviderSettings, about: &Value) -> Result<Person, &'static str> {
        let Value::Object(about) = about else { panic!("an object") };
        read(settings, "https://p.example", "1", about).map_err(|error| error.code())
    }

    #[test]
    fn an_address_counts_only_when_the_provider_vouches_for_it() {
        let with = |verified: Value| json!({"email": "Ann@Example.com", "email_verified": verified});
        for said in [json!(true), json!("true")] {
            assert_eq!(read_as(&settings(), &with(said)).unwrap().identity.email, "ann@example.com");
        }
        for said in [json!(false), json!("false"), json!(null), json!(1), json!({})] {
            assert_eq!(read_as(&settings(), &with(said)), Err("unverified_email"));
        }
        let trusting = ProviderSettings { trust_email: true, ..settings() };
        assert!(read_as(&trusting, &json!({"email": "ann@example.com"})).is_ok());
        assert_eq!(read_as(&trusting, &with(json!(false))), Err("unverified_email"));
        for about in [json!({}), json!({"email": "no address", "email_verified": true}), json!({"email": 1})]
        {
            assert_eq!(read_as(&trusting, &about), Err("unverified_email"));
        }
    }

    #[test]
    fn a_domain_is_compared_whole() {
        for (email, domain) in [("a@evil.com", "evil.com"), ("a@sub.example.com", ""), ("a@xexample.com", "")]
        {
            let about = json!({"email": email, "email_verified": true});
            assert_eq!(read_as(&settings(), &about), Err("other_domain"), "{email}");
            if !domain.is_empty() {
                let allowing = ProviderSettings { email_domains: vec![domain.into()], ..settings() };
                assert!(read_as(&allowing, &about).is_ok());
            }
        }
    }

    #[test]
    fn a_name_and_groups_are_taken_as_far_as_they_fit() {
        let about = |name: &str, groups: Value| json!({"email": "ann@example.com", "email_verified": true, "name": name, "groups": groups});
        let person = read_as(&settings(), &about("민준\u{7} ", json!(["a", 1, "b"]))).unwrap();
        assert_eq!((person.name.as_str(), person.groups), ("민준", vec!["a".to_owned(), "b".to_owned()]));
        let person = read_as(&settings(), &about(" ", json!("one"))).unwrap();
        assert_eq!((person.name.as_str(), person.groups), ("ann", vec!["one".to_owned()]));
    }
}
