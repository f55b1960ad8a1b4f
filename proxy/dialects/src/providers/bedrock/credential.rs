//! What a Bedrock provider is given to prove who calls: `ACCESS_KEY:SECRET`, `ACCESS_KEY:SECRET:SESSION_TOKEN`, each with
//! `@REGION` at its end where the address does not name the region, or a Bedrock API key.

use crate::providers::CredentialError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential<'a> {
    /// Sent as it is.
    ApiKey(&'a str),
    Keys {
        access_key: &'a str,
        secret_key: &'a str,
        session: Option<&'a str>,
        region: &'a str,
    },
}

pub(super) const FORM: CredentialError = CredentialError(
    "Bedrock (ACCESS_KEY:SECRET or ACCESS_KEY:SECRET:SESSION_TOKEN, with @REGION at its end unless the address names the region)",
);

pub(super) fn read<'a>(secret: &'a str, authority: &'a str) -> Result<Credential<'a>, CredentialError> {
    if !secret.contains(':') {
        return if secret.is_empty() { Err(FORM) } else { Ok(Credential::ApiKey(secret)) };
    }
    // Neither a key nor a token, which are base64, has an @ in it.
    let (keys, region) = match secret.rsplit_once('@') {
        Some((keys, region)) => (keys, Some(region)),
        None => (secret, region_of(authority)),
    };
    let mut keys = keys.split(':');
    let (access_key, secret_key, session) = (keys.next(), keys.next(), keys.next());
    let some = |text: Option<&'a str>| text.filter(|text| !text.is_empty()).ok_or(FORM);
    if keys.next().is_some() || session == Some("") {
        return Err(FORM);
    }
    Ok(Credential::Keys {
        access_key: some(access_key)?,
        secret_key: some(secret_key)?,
        session,
        region: some(region)?,
    })
}

/// `us-east-1` of `bedrock-runtime.us-east-1.amazonaws.com`, and of addresses inside a private cloud.
fn region_of(authority: &str) -> Option<&str> {
    let host = authority.split(':').next()?;
    let mut labels = host.split('.');
    labels.find(|label| matches!(*label, "bedrock-runtime" | "bedrock-runtime-fips" | "bedrock"))?;
    labels.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "bedrock-runtime.eu-west-1.amazonaws.com";

    #[test]
    fn the_region_comes_from_the_address_or_the_credential() {
        let keys =
            |session, region| Credential::Keys { access_key: "AKID", secret_key: "s/e+c", session, region };
        assert_eq!(read("AKID:s/e+c", HOST), Ok(keys(None, "eu-west-1")));
        assert_eq!(read("AKID:s/e+c:tok/en==", HOST), Ok(keys(Some("tok/en=="), "eu-west-1")));
        assert_eq!(read("AKID:s/e+c@us-west-2", "127.0.0.1:9000"), Ok(keys(None, "us-west-2")));
        let private = "vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com";
        assert_eq!(read("AKID:s/e+c", private), Ok(keys(None, "ap-south-1")));
        assert_eq!(read("ABSKQmVkcm9jaw==", HOST), Ok(Credential::ApiKey("ABSKQmVkcm9jaw==")));
    }

    #[test]
    fn what_is_of_no_such_form_is_refused_without_being_repeated() {
        for wrong in ["", "AKID:", ":secret", "a:b:c:d", "a:b:", "a:b@"] {
            assert_eq!(read(wrong, HOST), Err(FORM), "{wrong:?}");
        }
        let error = read("AKID:hidden", "127.0.0.1:9000").unwrap_err().to_string();
        assert!(error.contains("@REGION") && !error.contains("hidden"), "{error}");
    }
}
