//! An issuer's public keys: read from a JWK set (RFC 7517), and of it only what can sign a token here.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Of RSA: the modulus.
const SHORTEST_RSA_BYTES: usize = 256;
const LONGEST_RSA_BYTES: usize = 1024;
/// No issuer publishes so many.
const MOST_KEYS: usize = 100;

/// The keys that count.
#[derive(Clone, Default)]
pub struct KeySet(Vec<Key>);

#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is no JWK set ({{\"keys\": [...]}})")]
    NoSet,
    #[error("it holds no public key for RS256, ES256 or EdDSA")]
    NoKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Keys of kinds unknown here, private ones and those for other uses are passed over.
    pub fn read(text: &[u8]) -> Result<Self, KeyError> {
        let document: Document = serde_json::from_slice(text).map_err(|_| KeyError::NoSet)?;
        let keys: Vec<Key> = document.keys.into_iter().take(MOST_KEYS).filter_map(key).collect();
        if keys.is_empty() { Err(KeyError::NoKey) } else { Ok(Self(keys)) }
    }

    /// The one key that can be meant. Without a name only a lone key can be; two with one name mean nothing.
    pub(super) fn find(&self, algorithm: Algorithm, named: Option<&str>) -> Option<&Key> {
        let fits = |key: &&Key| {
            key.algorithm == algorithm && named.is_none_or(|named| key.id.as_deref() == Some(named))
        };
        let mut fitting = self.0.iter().filter(fits);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.0.iter().map(|key| key.id.as_deref().unwrap_or("?"));
        f.debug_list().entries(ids).finish()
    }
}

fn key(value: Value) -> Option<Key> {
    // Whoever publishes a private key has lost it.
    if value.get("d").is_some() || value.get("k").is_some() {
        return None;
    }
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let algorithm = algorithm(&jwk)?;
    let id = jwk.common.key_id.clone();
    Some(Key { id, algorithm, decoding: DecodingKey::from_jwk(&jwk).ok()? })
}

/// What the key may sign with: its kind says, and what it was published for must not say otherwise.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
            if !(SHORTEST_RSA_BYTES..=LONGEST_RSA_BYTES).contains(&bytes) {
                return None;
            }
            (Algorithm::RS256, KeyAlgorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let common = &jwk.common;
    let for_signing = !matches!(common.public_key_use, Some(PublicKeyUse::Encryption));
    let verifies =
        common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let said = common.key_algorithm.is_none_or(|said| said == name);
    (for_signing && verifies && said).then_some(algorithm)
}
