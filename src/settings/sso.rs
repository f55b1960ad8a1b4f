//! Settings of single sign-on providers: a list of short names, and for each a family of variables with the name in it.

use aop_api::sso::settings::{check_issuer, parse_groups};
use aop_api::sso::{NewUsers, ProviderSettings};
use aop_store::users::Role;

use super::Reader;

/// Reads every provider that `AOP_OIDC_PROVIDERS` names.
pub(crate) fn read(reader: &mut Reader<'_>) -> Vec<ProviderSettings> {
    let names = list(&reader.text_or("AOP_OIDC_PROVIDERS", ""));
    let mut providers: Vec<ProviderSettings> = Vec::new();
    for id in names {
        let plain = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain || providers.iter().any(|known| known.id == id) {
            reader.mistake(format!(
                "AOP_OIDC_PROVIDERS: '{id}' is not a short name (a-z, 0-9, -) or stands there twice"
            ));
            continue;
        }
        providers.push(provider(reader, &id));
    }
    providers
}

fn provider(reader: &mut Reader<'_>, id: &str) -> ProviderSettings {
    let issuer = reader.required_of("AOP_OIDC_<ID>_ISSUER", id);
    if let Err(reason) = check_issuer(&issuer)
        && !issuer.is_empty()
    {
        reader.mistake(format!("the issuer of '{id}', {issuer}, cannot be used: {reason}"));
    }
    let scopes =
        reader.text_of("AOP_OIDC_<ID>_SCOPES", id).unwrap_or_else(|| "openid email profile".to_owned());
    let has_openid = scopes.split_whitespace().any(|scope| scope == "openid");
    let groups = reader.text_of("AOP_OIDC_<ID>_GROUPS", id).unwrap_or_else(|| "{}".to_owned());
    ProviderSettings {
        id: id.to_owned(),
        name: reader.text_of("AOP_OIDC_<ID>_NAME", id).unwrap_or_else(|| id.to_owned()),
        issuer,
        client_id: reader.required_of("AOP_OIDC_<ID>_CLIENT_ID", id),
        client_secret: reader.text_of("AOP_OIDC_<ID>_CLIENT_SECRET", id).map(Into::into),
        scopes: if has_openid { scopes } else { format!("openid {scopes}") },
        email_domains: list(&reader.text_of("AOP_OIDC_<ID>_EMAIL_DOMAINS", id).unwrap_or_default()),
        new_users: match reader.choice_of(
            "AOP_OIDC_<ID>_NEW_USERS",
            id,
            &["pending", "viewer", "developer", "refuse"],
        ) {
            "viewer" => NewUsers::Become(Role::Viewer),
            "developer" => NewUsers::Become(Role::Developer),
            "refuse" => NewUsers::Refused,
            _ => NewUsers::Become(Role::Pending),
        },
        link_by_email: reader.choice_of("AOP_OIDC_<ID>_LINK_BY_EMAIL", id, &["no", "yes"]) == "yes",
        trust_email: reader.choice_of("AOP_OIDC_<ID>_TRUST_EMAIL", id, &["no", "yes"]) == "yes",
        groups_claim: reader.text_of("AOP_OIDC_<ID>_GROUPS_CLAIM", id).unwrap_or_else(|| "groups".to_owned()),
        groups: parse_groups(&groups).unwrap_or_else(|reason| {
            reader.mistake(format!("the groups of '{id}' cannot be read: {reason}"));
            vec![]
        }),
    }
}

/// Separated by commas, in lower case.
fn list(text: &str) -> Vec<String> {
    let items = text.split(',').map(|item| item.trim().to_lowercase());
    items.filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> (Vec<ProviderSettings>, String) {
        let source =
            |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let mut reader = Reader::new(&source);
        let providers = read(&mut reader);
        (providers, reader.finish().err().map(|error| error.to_string()).unwrap_or_default())
    }

    #[test]
    fn each_named_provider_is_read_from_variables_with_its_name() {
        let (providers, mistakes) = read_from(&[
            ("AOP_OIDC_PROVIDERS", "corp, my-google"),
            ("AOP_OIDC_CORP_NAME", "Our company"),
            ("AOP_OIDC_CORP_ISSUER", "https://login.example.com/realms/a/"),
            ("AOP_OIDC_CORP_CLIENT_ID", "aop"),
            ("AOP_OIDC_CORP_CLIENT_SECRET", "hidden"),
            ("AOP_OIDC_CORP_SCOPES", "email groups"),
            ("AOP_OIDC_CORP_EMAIL_DOMAINS", "Example.com, example.org"),
            ("AOP_OIDC_CORP_NEW_USERS", "developer"),
            ("AOP_OIDC_CORP_LINK_BY_EMAIL", "yes"),
            ("AOP_OIDC_CORP_GROUPS", r#"{"ops": {"role": "admin"}}"#),
            ("AOP_OIDC_MY_GOOGLE_ISSUER", "https://accounts.google.com"),
            ("AOP_OIDC_MY_GOOGLE_CLIENT_ID", "g"),
        ]);
        assert_eq!(mistakes, "");
        let [corp, google] = providers.as_slice() else { unreachable!("two providers") };
        assert_eq!(corp.issuer, "https://login.example.com/realms/a/", "the issuer is kept as it is written");
        assert_eq!(corp.scopes, "openid email groups");
        assert_eq!(corp.email_domains, ["example.com", "example.org"]);
        assert_eq!((corp.new_users, corp.link_by_email), (NewUsers::Become(Role::Developer), true));
        assert_eq!(corp.groups[0].role, Some(Role::Admin));
        assert!(!format!("{corp:?}").contains("hidden"));
        assert_eq!((google.name.as_str(), google.new_users), ("my-google", NewUsers::Become(Role::Pending)));
        assert!(google.client_secret.is_none() && !google.link_by_email && !google.trust_email);
    }

    #[test]
    fn what_cannot_work_is_reported_with_the_variable_at_fault() {
        let (_, mistakes) = read_from(&[
            ("AOP_OIDC_PROVIDERS", "a,a,B_C"),
            ("AOP_OIDC_A_ISSUER", "http://login.example.com"),
            ("AOP_OIDC_A_NEW_USERS", "admin"),
            ("AOP_OIDC_A_GROUPS", "ops=admin"),
        ]);
        for part in [
            "stands there twice",
            "'b_c' is not a short name",
            "must begin with https://",
            "AOP_OIDC_A_CLIENT_ID is not set",
            "AOP_OIDC_A_NEW_USERS=admin is not one of pending, viewer, developer, refuse",
            "the groups of 'a' cannot be read",
        ] {
            assert!(mistakes.contains(part), "{part} is missing in:\n{mistakes}");
        }
    }
}
