//! A token as it is shown: taken apart, its signature checked, its claims judged. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::key::KeySet;
use super::{Issuer, TokenError};

/// Many groups make long tokens; longer ones are refused before anything is decoded.
const LONGEST_TOKEN_BYTES: usize = 16 << 10;
const LONGEST_SUBJECT_CHARS: usize = 255;
/// Seconds two clocks may differ.
const LEEWAY_S: f64 = 30.0;

/// What a token says of how to judge it. Nothing of it is believed yet.
#[derive(Debug)]
pub struct Peeked {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub issuer: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood: none is.
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Named {
    iss: String,
}

/// What a token proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

/// Three parts with dots between them, the first of them JSON in base64: no key of ours looks like this.
pub fn looks_like_one(text: &str) -> bool {
    text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

pub fn peek(token: &str) -> Result<Peeked, TokenError> {
    let Parts { header, claims, .. } = parts(token)?;
    let header: Header = json(header)?;
    if header.crit.is_some() {
        return Err(TokenError::Malformed);
    }
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(TokenError::Algorithm),
    };
    let Named { iss: issuer } = json(claims)?;
    Ok(Peeked { algorithm, key_id: header.kid, issuer })
}

/// The claims of a token that this issuer made for us.
pub(super) fn verify(
    token: &str,
    peeked: &Peeked,
    issuer: &Issuer,
    keys: &KeySet,
    now_s: i64,
) -> Result<Claims, TokenError> {
    let key = keys.find(peeked.algorithm, peeked.key_id.as_deref()).ok_or(TokenError::UnknownKey)?;
    let Parts { signed, claims, signature, .. } = parts(token)?;
    let is_right = crypto::verify(signature, signed.as_bytes(), &key.decoding, peeked.algorithm);
    if !is_right.unwrap_or(false) {
        return Err(TokenError::Signature);
    }
    let claims = Claims(json(claims)?);
    claims.judge(issuer, now_s)?;
    Ok(claims)
}

impl Claims {
    fn judge(&self, issuer: &Issuer, now_s: i64) -> Result<(), TokenError> {
        if self.0.get("iss").and_then(Value::as_str) != Some(issuer.issuer.as_str()) {
            return Err(TokenError::UnknownIssuer);
        }
        let is_ours = |audience: &Value| {
            audience.as_str().is_some_and(|audience| issuer.audiences.iter().any(|ours| ours == audience))
        };
        let for_us = match self.0.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(is_ours),
            Some(audience) => is_ours(audience),
            None => false,
        };
        if !for_us {
            return Err(TokenError::Audience);
        }
        #[allow(clippy::cast_precision_loss)] // Seconds of this millennium are exact.
        let now_s = now_s as f64;
        match self.0.get("exp").map(Value::as_f64) {
            None | Some(None) => return Err(TokenError::NoExpiry),
            Some(Some(expires_at_s)) if expires_at_s + LEEWAY_S <= now_s => return Err(TokenError::Expired),
            Some(Some(_)) => {}
        }
        for claim in ["nbf", "iat"] {
            match self.0.get(claim).map(Value::as_f64) {
                None => {}
                Some(None) => return Err(TokenError::Malformed),
                Some(Some(from_s)) if from_s > now_s + LEEWAY_S => return Err(TokenError::NotYet),
                Some(Some(_)) => {}
            }
        }
        Ok(())
    }

    /// Whom the token is about (`sub`), up to the length that OpenID Connect allows a subject.
    pub fn subject(&self) -> Option<&str> {
        let text = self.0.get("sub")?.as_str()?;
        let end = text.char_indices().nth(LONGEST_SUBJECT_CHARS).map_or(text.len(), |(at, _)| at);
        Some(&text[..end])
    }

    /// Whether this claim has this value, or has it among its values. A name that begins with `/` is a JSON pointer
    /// (`/realm_access/roles`); the value `*` stands for any.
    pub fn say(&self, claim: &str, value: &str) -> bool {
        let said = if let Some(pointer) = claim.strip_prefix('/') {
            let mut steps = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
            let first = steps.next().and_then(|step| self.0.get(&step));
            steps.try_fold(first, |at, step| at.map(|at| at.get(&step))).flatten()
        } else {
            self.0.get(claim)
        };
        match said {
            None | Some(Value::Null) => false,
            Some(Value::Array(values)) => values.iter().any(|one| is(one, value)),
            Some(one) => is(one, value),
        }
    }
}

fn is(said: &Value, value: &str) -> bool {
    match said {
        Value::String(text) => value == "*" || text == value,
        Value::Number(number) => value == "*" || number.to_string() == value,
        Value::Bool(truth) => value == "*" || truth.to_string() == value,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    /// Header and claims as they were signed.
    signed: &'a str,
}

fn parts(token: &str) -> Result<Parts<'_>, TokenError> {
    if token.len() > LONGEST_TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let is_whole = ![header, claims, signature].iter().any(|part| part.is_empty() || part.contains('.'));
    if is_whole { Ok(Parts { header, claims, signature, signed }) } else { Err(TokenError::Malformed) }
}

fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}
