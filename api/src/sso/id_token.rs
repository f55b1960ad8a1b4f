//! Judges an ID token. Which algorithms count is said here and not by the token: RS256 and ES256, each only with a key of
//! its own kind from the provider's published set. A key inside the token, or an address of one, is never looked at.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use aop_service::keys::constant_time_eq;

use super::error::SsoError;
use super::metadata::Provider;

/// Many groups make long tokens; longer ones are refused before anything is decoded.
const LONGEST_TOKEN_BYTES: usize = 64 << 10;
/// Seconds two clocks may differ.
const LEEWAY_S: i64 = 30;
const SHORTEST_RSA_BYTES: usize = 256;
const LONGEST_SUBJECT_BYTES: usize = 255;

#[derive(Debug, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    /// Everything about the person.
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

fn untrusted(why: &str) -> SsoError {
    SsoError::Untrusted(format!("ID token: {why}"))
}

/// The claims of a token that this provider made for us, for this very sign-in.
pub async fn verify(provider: &Provider, token: &str, nonce: &str, now_s: i64) -> Result<Claims, SsoError> {
    if token.len() > LONGEST_TOKEN_BYTES {
        return Err(untrusted("too long"));
    }
    let header = decode_header(token).map_err(|_| untrusted("malformed header"))?;
    let key = signing_key(provider, &header).await?;
    let mut rules = Validation::new(header.alg);
    // The claims are judged below, against our own clock; here only the signature is.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let claims = decode::<Claims>(token, &key, &rules)
        .map_err(|_| untrusted("wrong signature or malformed claims"))?
        .claims;
    let issuer = &provider.document().await?.issuer;
    judge(&claims, issuer, &provider.settings.client_id, nonce, now_s)?;
    Ok(claims)
}

async fn signing_key(provider: &Provider, header: &Header) -> Result<DecodingKey, SsoError> {
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err(untrusted("signed with an algorithm that is not accepted"));
    }
    let named = header.kid.as_deref();
    let fits = |key: &Jwk| {
        let id = key.common.key_id.as_deref();
        made_for(key, header.alg) && named.is_none_or(|named| id == Some(named))
    };
    let found = provider.keys(fits).await?;
    // Without a name, only a lone key can be meant; two keys with one name mean nothing.
    let [key] = found.as_slice() else { return Err(untrusted("no key of the provider fits it")) };
    DecodingKey::from_jwk(key).map_err(|_| untrusted("the provider's key is malformed"))
}

/// Whether the key may sign with this algorithm: kind, strength, and what the provider published it for.
fn made_for(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let of_kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(rsa), Algorithm::RS256) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).unwrap_or_default();
            modulus.iter().skip_while(|byte| **byte == 0).count() >= SHORTEST_RSA_BYTES
        }
        (AlgorithmParameters::EllipticCurve(ec), Algorithm::ES256) => ec.curve == EllipticCurve::P256,
        _ => false,
    };
    let said = match (key.common.key_algorithm, algorithm) {
        (None, _) => true,
        (Some(KeyAlgorithm::RS256), algorithm) => algorithm == Algorithm::RS256,
        (Some(KeyAlgorithm::ES256), algorithm) => algorithm == Algorithm::ES256,
        (Some(_), _) => false,
    };
    signs && of_kind && said
}

fn judge(claims: &Claims, issuer: &str, client_id: &str, nonce: &str, now_s: i64) -> Result<(), SsoError> {
    if claims.iss != issuer {
        return Err(untrusted("made by another issuer"));
    }
    let for_us = match &claims.aud {
        Audience::One(audience) => audience == client_id,
        Audience::Many(audiences) => {
            // A token for several parties must say which of them asked for it.
            audiences.iter().any(|audience| audience == client_id)
                && (audiences.len() == 1 || claims.azp.is_some())
        }
    };
    if !for_us || claims.azp.as_ref().is_some_and(|party| party != client_id) {
        return Err(untrusted("made for another application"));
    }
    if claims.exp + LEEWAY_S <= now_s {
        return Err(untrusted("expired"));
    }
    if claims.iat.max(claims.nbf.unwrap_or_default()) > now_s + LEEWAY_S {
        return Err(untrusted("made in the future"));
    }
    let shown = claims.nonce.as_deref().unwrap_or_default();
    if !constant_time_eq(shown.as_bytes(), nonce.as_bytes()) {
        return Err(untrusted("made for another sign-in"));
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT_BYTES {
        return Err(untrusted("it names nobody"));
    }
    Ok(())
}
