//! Settings of the issuers whose tokens may act as virtual keys: a list of short names, and for each a family of variables.

use std::path::Path;

use aop_service::outbound::{self, Policy};
use aop_service::token::{Issuer, KeySet, KeysFrom};

use super::Reader;

/// Reads every issuer that `AOP_TOKEN_ISSUERS` names.
pub(crate) fn read(reader: &mut Reader<'_>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for id in list(&reader.text_or("AOP_TOKEN_ISSUERS", "").to_lowercase()) {
        let plain = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain || issuers.iter().any(|known| known.id == id) {
            reader.mistake(format!(
                "AOP_TOKEN_ISSUERS: '{id}' is not a short name (a-z, 0-9, -) or stands there twice"
            ));
            continue;
        }
        let issuer = issuer(reader, &id);
        // Which of the two a token means could not be said.
        if issuers.iter().any(|known| known.issuer == issuer.issuer && !issuer.issuer.is_empty()) {
            reader.mistake(format!("AOP_TOKEN_ISSUERS: two of them have the issuer {}", issuer.issuer));
        }
        issuers.push(issuer);
    }
    issuers
}

fn issuer(reader: &mut Reader<'_>, id: &str) -> Issuer {
    let issuer = reader.required_of("AOP_TOKEN_<ID>_ISSUER", id);
    let audiences = list(&reader.required_of("AOP_TOKEN_<ID>_AUDIENCES", id));
    let from = reader.required_of("AOP_TOKEN_<ID>_KEYS", id);
    let keys = keys(&from).unwrap_or_else(|reason| {
        if !from.is_empty() {
            reader.mistake(format!("the keys of '{id}', {from}, cannot be used: {reason}"));
        }
        KeysFrom::Given(KeySet::default())
    });
    Issuer { id: id.to_owned(), issuer, audiences, keys }
}

fn keys(from: &str) -> Result<KeysFrom, String> {
    if !from.contains("://") {
        let text = std::fs::read(Path::new(from)).map_err(|error| error.to_string())?;
        return KeySet::read(&text).map(KeysFrom::Given).map_err(|error| error.to_string());
    }
    let policy = Policy::public().with_private();
    let url = outbound::check_url(from, &policy).map_err(|error| error.to_string())?;
    // Who could change the keys on their way could be anybody.
    let is_here = url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
    if url.scheme() != "https" && !is_here {
        return Err("the address must begin with https://".to_owned());
    }
    Ok(KeysFrom::Address(from.to_owned()))
}

/// Separated by commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> (Vec<Issuer>, String) {
        let source =
            |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let mut reader = Reader::new(&source);
        let issuers = read(&mut reader);
        (issuers, reader.finish().err().map(|error| error.to_string()).unwrap_or_default())
    }

    #[test]
    fn each_named_issuer_is_read_from_variables_with_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let key =
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        std::fs::write(file.path(), key).unwrap();
        let (issuers, mistakes) = read_from(&[
            ("AOP_TOKEN_ISSUERS", "corp, ci"),
            ("AOP_TOKEN_CORP_ISSUER", "https://login.example.com/"),
            ("AOP_TOKEN_CORP_AUDIENCES", "aop, https://aop.example.com"),
            ("AOP_TOKEN_CORP_KEYS", "https://login.example.com/keys"),
            ("AOP_TOKEN_CI_ISSUER", "ci"),
            ("AOP_TOKEN_CI_AUDIENCES", "aop"),
            ("AOP_TOKEN_CI_KEYS", file.path().to_str().unwrap()),
        ]);
        assert_eq!(mistakes, "");
        assert_eq!(issuers[0].issuer, "https://login.example.com/", "as it is written");
        assert_eq!(issuers[0].audiences, ["aop", "https://aop.example.com"]);
        assert!(matches!(&issuers[1].keys, KeysFrom::Given(_)));
    }

    #[test]
    fn what_cannot_work_is_reported_with_the_variable_at_fault() {
        let (_, mistakes) = read_from(&[
            ("AOP_TOKEN_ISSUERS", "a,a,b,c"),
            ("AOP_TOKEN_A_ISSUER", "one"),
            ("AOP_TOKEN_A_KEYS", "http://login.example.com/keys"),
            ("AOP_TOKEN_B_ISSUER", "one"),
            ("AOP_TOKEN_B_KEYS", "/nowhere/keys.json"),
        ]);
        for part in [
            "'a' is not a short name (a-z, 0-9, -) or stands there twice",
            "the address must begin with https://",
            "AOP_TOKEN_A_AUDIENCES is not set",
            "two of them have the issuer one",
            "the keys of 'b', /nowhere/keys.json, cannot be used",
            "AOP_TOKEN_C_ISSUER is not set",
        ] {
            assert!(mistakes.contains(part), "{part} is missing in:\n{mistakes}");
        }
    }
}
