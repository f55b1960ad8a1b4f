//! Tokens that somebody else made (JWT, RFC 7519) and that are accepted here in place of a secret of ours: which issuers
//! count, with which keys, and what a token must say. Which algorithms count is said here and not by the token: RS256,
//! ES256 and EdDSA (Ed25519), each only with a key of its own kind from the issuer's own set. A key inside a token, or
//! an address of one, is never looked at; a shared secret is no key.

mod claims;
mod key;
mod keyring;

pub use claims::{Claims, Peeked, looks_like_one, peek};
pub use key::{KeyError, KeySet};
pub use keyring::{Keyring, Pace};

/// Who may make tokens for us.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// A short name, for logs.
    pub id: String,
    /// Exactly as it stands in `iss`.
    pub issuer: String,
    /// A token must be made for one of these (`aud`).
    pub audiences: Vec<String>,
    pub keys: KeysFrom,
}

/// Where an issuer's public keys come from.
#[derive(Debug, Clone)]
pub enum KeysFrom {
    /// The address of a JWK set, asked for now and then.
    Address(String),
    Given(KeySet),
}

/// Why a token is not accepted. Nothing of the token is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("it is no signed token that can be read")]
    Malformed,
    #[error("it is signed with an algorithm that is not accepted; use RS256, ES256 or EdDSA")]
    Algorithm,
    #[error("its issuer is not one this gateway is set up for")]
    UnknownIssuer,
    #[error("it is signed with a key that its issuer does not publish")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it was made for another audience")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it does not say when it expires")]
    NoExpiry,
    #[error("it is not valid yet")]
    NotYet,
}
