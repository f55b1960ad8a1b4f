//! One user, `default`, with the password made at first start. The engine itself has no users.

use axum::http::HeaderMap;
use base64::Engine as _;
use subtle::ConstantTimeEq;

const USER: &str = "default";

/// As ClickHouse takes them: `X-ClickHouse-User`/`-Key`, basic authentication, or the URL.
pub(crate) fn is_allowed(headers: &HeaderMap, query: Option<&str>, password: &str) -> bool {
    let (user, given) =
        header_pair(headers).or_else(|| basic_pair(headers)).unwrap_or_else(|| url_pair(query));
    let user_fits = user.is_empty() || user == USER;
    let password_fits: bool = given.as_bytes().ct_eq(password.as_bytes()).into();
    user_fits & password_fits
}

fn header_pair(headers: &HeaderMap) -> Option<(String, String)> {
    let text = |name| {
        headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok()).map(str::to_owned)
    };
    let (user, key) = (text("x-clickhouse-user"), text("x-clickhouse-key"));
    (user.is_some() || key.is_some()).then(|| (user.unwrap_or_default(), key.unwrap_or_default()))
}

fn basic_pair(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn url_pair(query: Option<&str>) -> (String, String) {
    let (mut user, mut password) = (String::new(), String::new());
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "user" => user = value.into_owned(),
            "password" => password = value.into_owned(),
            _ => {}
        }
    }
    (user, password)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn every_way_clickhouse_takes_a_password_works() {
        assert!(is_allowed(
            &headers(&[("x-clickhouse-user", "default"), ("x-clickhouse-key", "s3cret")]),
            None,
            "s3cret"
        ));
        assert!(is_allowed(&headers(&[("authorization", "Basic ZGVmYXVsdDpzM2NyZXQ=")]), None, "s3cret"));
        assert!(is_allowed(&headers(&[]), Some("user=default&password=s3cret"), "s3cret"));
    }

    #[test]
    fn a_wrong_or_missing_password_or_another_user_is_refused() {
        assert!(!is_allowed(&headers(&[]), None, "s3cret"));
        assert!(!is_allowed(&headers(&[("x-clickhouse-key", "s3cre")]), Some("password=s3cret"), "s3cret"));
        assert!(!is_allowed(
            &headers(&[("x-clickhouse-user", "root"), ("x-clickhouse-key", "s3cret")]),
            None,
            "s3cret"
        ));
    }
}
