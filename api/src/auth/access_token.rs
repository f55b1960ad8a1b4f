//! Access tokens: short-lived JWTs, HS256 under a key derived for nothing else. The header is one fixed text, so no
//! other algorithm, key id or header parameter can even be expressed.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use aop_service::keys::DerivedKey;

/// Seconds an access token lives.
pub const LIFETIME_S: i64 = 15 * 60;
/// Seconds two clocks may differ.
const LEEWAY_S: i64 = 30;
const ISSUER: &str = "aop";
const AUDIENCE: &str = "aop-api";
const TYPE: &str = "access";
/// Longer texts are refused before anything is decoded.
const LONGEST_TOKEN_BYTES: usize = 2048;
/// `{"typ":"JWT","alg":"HS256"}` in base64url: what `issue` always writes.
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// The refresh family: the token dies with its session.
    pub sid: Uuid,
    pub jti: Uuid,
    pub typ: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the access token is not one of ours")]
    Invalid,
    #[error("the access token has expired")]
    Expired,
    #[error("the access token could not be made")]
    CannotSign,
}

/// A new token for one user and session. `key` is the derived key of `KeyDomain::AccessToken`.
pub fn issue(
    user: Uuid,
    session: Uuid,
    jti: Uuid,
    now_s: i64,
    key: &DerivedKey,
) -> Result<String, TokenError> {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        sid: session,
        jti,
        typ: TYPE.to_owned(),
        iat: now_s,
        nbf: now_s,
        exp: now_s + LIFETIME_S,
    };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key.expose()))
        .map_err(|_| TokenError::CannotSign)
}

/// Reads a token back. Every claim is required and has one type; times are judged against `now_s`.
pub fn verify(token: &str, now_s: i64, key: &DerivedKey) -> Result<Claims, TokenError> {
    if token.len() > LONGEST_TOKEN_BYTES || !token.starts_with(HEADER) {
        return Err(TokenError::Invalid);
    }
    let mut rules = Validation::new(Algorithm::HS256);
    // The clock is passed in, so the library's own must not be asked.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    let claims = decode::<Claims>(token, &DecodingKey::from_secret(key.expose()), &rules)
        .map_err(|_| TokenError::Invalid)?
        .claims;
    if claims.typ != TYPE || claims.nbf > now_s + LEEWAY_S || claims.exp - claims.iat > LIFETIME_S {
        return Err(TokenError::Invalid);
    }
    if claims.exp + LEEWAY_S <= now_s {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_service::keys::{KeyDomain, MasterKey};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    const NOW_S: i64 = 1_800_000_000;

    fn key() -> DerivedKey {
        MasterKey::from_bytes([7; 32]).derive(KeyDomain::AccessToken)
    }

    fn good() -> String {
        issue(Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3), NOW_S, &key()).unwrap()
    }

    fn payload() -> Value {
        json!({"iss": "aop", "aud": "aop-api", "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2),
            "jti": Uuid::from_u128(3), "typ": "access", "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 900})
    }

    /// A token with a right signature over whatever header and payload.
    fn signed(header: &str, payload: &str, key: &DerivedKey) -> String {
        let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let mac = URL_SAFE_NO_PAD.encode(key.mac(body.as_bytes()));
        format!("{body}.{mac}")
    }

    const OUR_HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

    #[test]
    fn a_token_is_read_back_until_it_expires() {
        let claims = verify(&good(), NOW_S + LIFETIME_S + LEEWAY_S - 1, &key()).unwrap();
        assert_eq!((claims.sub, claims.sid), (Uuid::from_u128(1), Uuid::from_u128(2)));
        assert_eq!(verify(&good(), NOW_S + LIFETIME_S + LEEWAY_S, &key()), Err(TokenError::Expired));
        assert_eq!(verify(&good(), NOW_S - LEEWAY_S - 1, &key()), Err(TokenError::Invalid));
    }

    #[test]
    fn the_corpus_helper_makes_tokens_that_are_accepted_when_nothing_is_wrong() {
        assert!(verify(&signed(OUR_HEADER, &payload().to_string(), &key()), NOW_S, &key()).is_ok());
    }

    #[test]
    fn no_other_header_is_accepted_even_with_a_right_signature() {
        for header in [
            r#"{"typ":"JWT","alg":"none"}"#,
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"typ":"JWT","alg":"HS384"}"#,
            r#"{"typ":"JWT","alg":"RS256"}"#,
            r#"{"typ":"JWT","alg":"hs256"}"#,
            r#"{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}"#,
            r#"{"typ":"JWT","alg":"HS256","jku":"https://evil.example/jwks"}"#,
            r#"{"typ":"JWT","alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#,
            r#"{"typ":"JWT","alg":"HS256","x5u":"https://evil.example"}"#,
            r#"{"typ":"JWT","alg":"HS256","crit":["exp"]}"#,
            "{}",
            "",
        ] {
            let token = signed(header, &payload().to_string(), &key());
            assert_eq!(verify(&token, NOW_S, &key()), Err(TokenError::Invalid), "{header}");
        }
    }

    #[test]
    fn a_payload_with_a_wrong_missing_or_extra_claim_is_refused() {
        for (claim, value) in [
            ("iss", json!("other")),
            ("aud", json!("aop-live")),
            ("aud", json!(["aop-api", "x"])),
            ("sub", json!("1 OR 1=1")),
            ("sub", json!(1)),
            ("sub", json!(null)),
            ("sid", json!({"$ne": null})),
            ("typ", json!("refresh")),
            ("typ", json!(true)),
            ("exp", json!("never")),
            ("exp", json!(NOW_S + 901)),
            ("exp", json!(1.5)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(-1)),
            ("iat", json!([NOW_S])),
            ("nbf", json!(NOW_S + 31)),
            ("role", json!("admin")),
        ] {
            let mut changed = payload();
            changed[claim] = value.clone();
            let token = signed(OUR_HEADER, &changed.to_string(), &key());
            assert!(verify(&token, NOW_S, &key()).is_err(), "{claim} = {value} was accepted");
        }
        for claim in ["iss", "aud", "sub", "sid", "jti", "typ", "iat", "nbf", "exp"] {
            let mut missing = payload();
            missing.as_object_mut().unwrap().remove(claim);
            let token = signed(OUR_HEADER, &missing.to_string(), &key());
            assert!(verify(&token, NOW_S, &key()).is_err(), "accepted without {claim}");
        }
        for text in ["", "[]", "null", "\"x\"", "{\"iss\":", "{\"iss\":\"aop\",\"iss\":\"aop\"}"] {
            assert!(verify(&signed(OUR_HEADER, text, &key()), NOW_S, &key()).is_err(), "{text}");
        }
    }

    #[test]
    fn signatures_of_other_keys_and_domains_are_refused() {
        let master = MasterKey::from_bytes([7; 32]);
        for domain in
            [KeyDomain::RefreshToken, KeyDomain::RunCredential, KeyDomain::Internal, KeyDomain::Cursor]
        {
            let token = signed(OUR_HEADER, &payload().to_string(), &master.derive(domain));
            assert_eq!(verify(&token, NOW_S, &key()), Err(TokenError::Invalid), "{domain:?}");
        }
        let other = MasterKey::from_bytes([8; 32]).derive(KeyDomain::AccessToken);
        assert!(verify(&good(), NOW_S, &other).is_err());
    }

    #[test]
    fn damaged_tokens_are_refused() {
        let good = good();
        let parts: Vec<&str> = good.split('.').collect();
        for token in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            HEADER.to_owned(),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{good}."),
            format!("{good}x"),
            format!(" {good}"),
            good[..good.len() - 1].to_owned(),
            format!("{good}{}", "A".repeat(1 << 20)),
        ] {
            assert_eq!(verify(&token, NOW_S, &key()), Err(TokenError::Invalid), "{:.80}", token);
        }
    }
}
