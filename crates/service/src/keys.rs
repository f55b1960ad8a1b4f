//! The master key and what is derived from it: one key per domain (HKDF-SHA-256 with a label), so that what is
//! made for one purpose is refused by every other.
//!
//! Virtual keys are stored as HMAC-SHA-256 under a derived key: they carry 256 random bits, so a slow hash would add
//! nothing but a way to exhaust the CPU. Secrets that must be read again (provider credentials) are sealed with
//! XChaCha20-Poly1305: `version(1) | nonce(24) | ciphertext`, bound to the row's id as associated data.

use aop_domain::hex::hex;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;

const SEAL_VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
/// Longer texts are refused before any hashing.
pub const LONGEST_VIRTUAL_KEY_BYTES: usize = 4096;

/// What a derived key is for. The label is part of every stored MAC and ciphertext: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDomain {
    VirtualKey,
    AccessToken,
    RefreshToken,
    ProviderCredential,
    RunCredential,
    /// Between the parts of one installation.
    Internal,
    Cursor,
    /// One-time passes for WebSockets.
    LiveTicket,
    /// The token of the first-admin link.
    SetupToken,
    /// Tokens of links that invite somebody into a team.
    Invitation,
    /// Tokens of links that set a new password.
    PasswordReset,
    /// What a browser keeps while somebody signs in elsewhere.
    SsoState,
    /// Answers kept for requests that are sent twice.
    IdempotentAnswer,
    /// Headers with which services of guardrails are asked.
    GuardrailHeader,
    /// Secrets that messages of hooks are signed with.
    HookSecret,
    /// Answers that gateways share.
    ResponseCache,
    /// What is left of calls whose words are not kept, so that several gateways' calls can be put together.
    CallTrail,
}

impl KeyDomain {
    fn label(self) -> &'static [u8] {
        match self {
            Self::VirtualKey => b"aop/virtual-key/1",
            Self::AccessToken => b"aop/access-token/1",
            Self::RefreshToken => b"aop/refresh-token/1",
            Self::ProviderCredential => b"aop/provider-credential/1",
            Self::RunCredential => b"aop/run-credential/1",
            Self::Internal => b"aop/internal/1",
            Self::Cursor => b"aop/cursor/1",
            Self::LiveTicket => b"aop/live-ticket/1",
            Self::SetupToken => b"aop/setup-token/1",
            Self::Invitation => b"aop/invitation/1",
            Self::PasswordReset => b"aop/password-reset/1",
            Self::SsoState => b"aop/sso-state/1",
            Self::IdempotentAnswer => b"aop/idempotent-answer/1",
            Self::GuardrailHeader => b"aop/guardrail-header/1",
            Self::HookSecret => b"aop/hook-secret/1",
            Self::ResponseCache => b"aop/response-cache/1",
            Self::CallTrail => b"aop/call-trail/1",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the master key must be 64 hex digits (32 bytes)")]
    MalformedMasterKey,
    #[error("the sealed value cannot be opened with this master key")]
    CannotOpen,
    #[error("the value could not be sealed")]
    CannotSeal,
}

/// 32 bytes from `AOP_MASTER_KEY` or the key file made at first start.
#[derive(Clone, Debug)]
pub struct MasterKey(Secret<Vec<u8>>);

impl MasterKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes.to_vec()))
    }

    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return Err(KeyError::MalformedMasterKey);
        }
        let mut bytes = Vec::with_capacity(32);
        for at in (0..64).step_by(2) {
            bytes.push(u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| KeyError::MalformedMasterKey)?);
        }
        Ok(Self(Secret::new(bytes)))
    }

    pub fn to_hex(&self) -> Secret {
        Secret::new(hex(self.0.expose()))
    }

    /// The key of one domain.
    pub fn derive(&self, domain: KeyDomain) -> DerivedKey {
        let mut out = [0u8; 32];
        let hkdf = hkdf::Hkdf::<Sha256>::new(None, self.0.expose());
        // 32 bytes is always a valid length for HKDF-SHA-256 (its limit is 8,160).
        let filled = hkdf.expand(domain.label(), &mut out);
        debug_assert!(filled.is_ok());
        DerivedKey(Secret::new(out.to_vec()))
    }

    /// What a virtual key is found by.
    pub fn virtual_key_mac(&self, presented: &str) -> [u8; 32] {
        self.derive(KeyDomain::VirtualKey).mac(presented.as_bytes())
    }

    /// The shared token that parts of one installation show each other in `x-aop-internal`.
    pub fn internal_token(&self) -> Secret {
        Secret::new(hex(&self.derive(KeyDomain::Internal).mac(b"token")))
    }
}

/// A key for one domain. Derive once, keep it: derivation is not for the hot path.
#[derive(Clone, Debug)]
pub struct DerivedKey(Secret<Vec<u8>>);

impl DerivedKey {
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        hmac_sha256(self.0.expose(), message)
    }

    /// `random_nonce` must be fresh random bytes from the operating system.
    pub fn seal(
        &self,
        plain: &[u8],
        bound_to: &[u8],
        random_nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, KeyError> {
        let cipher = XChaCha20Poly1305::new_from_slice(self.0.expose()).map_err(|_| KeyError::CannotSeal)?;
        let sealed = cipher
            .encrypt(&XNonce::from(random_nonce), Payload { msg: plain, aad: bound_to })
            .map_err(|_| KeyError::CannotSeal)?;
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(SEAL_VERSION);
        out.extend_from_slice(&random_nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Secret<Vec<u8>>, KeyError> {
        let (Some(&SEAL_VERSION), Some(nonce), Some(body)) =
            (sealed.first(), sealed.get(1..=NONCE_BYTES), sealed.get(1 + NONCE_BYTES..))
        else {
            return Err(KeyError::CannotOpen);
        };
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| KeyError::CannotOpen)?;
        let cipher = XChaCha20Poly1305::new_from_slice(self.0.expose()).map_err(|_| KeyError::CannotOpen)?;
        cipher
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: bound_to })
            .map(Secret::new)
            .map_err(|_| KeyError::CannotOpen)
    }
}

/// For what others check with a secret that they were given.
pub fn hmac_sha256(secret: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length will do.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// A new secret for that: `prefix` and 32 random bytes in base62.
pub fn secret_text(prefix: &str, random: [u8; 32]) -> Secret {
    Secret::new(format!("{prefix}{}", base62(&random)))
}

/// Compares without leaking where the difference is.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// A new virtual key: `aop-` + 32 random bytes in base62 + a 6-digit checksum that finds typos and leaks offline.
pub fn virtual_key_text(random: [u8; 32]) -> Secret {
    let body = base62(&random);
    let check = crc_check(&body);
    Secret::new(format!("aop-{body}{check}"))
}

/// The part of a key that may be shown in lists: its first and last characters.
pub fn virtual_key_hint(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let head: String = chars.iter().take(8).collect();
    let tail: String = chars.iter().skip(chars.len().saturating_sub(4)).collect();
    format!("{head}…{tail}")
}

fn crc_check(body: &str) -> String {
    let sum = <sha2::Sha256 as sha2::Digest>::digest(body.as_bytes());
    base62(&sum[..8]).chars().rev().take(6).collect()
}

fn base62(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = bytes.to_vec();
    let mut digits = Vec::with_capacity(bytes.len() * 11 / 8 + 1);
    for _ in 0..(bytes.len() * 8).div_ceil(5).min(bytes.len() * 11 / 8 + 1) {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = remainder * 256 + u32::from(*byte);
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        digits.push(DIGITS[remainder as usize]);
    }
    digits.reverse();
    String::from_utf8_lossy(&digits).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master() -> MasterKey {
        MasterKey::from_bytes([7; 32])
    }

    #[test]
    fn what_is_sealed_opens_only_for_the_same_domain_and_row() {
        let key = master().derive(KeyDomain::ProviderCredential);
        let sealed = key.seal(b"sk-secret", b"row-1", [1; 24]).unwrap();
        assert_eq!(key.open(&sealed, b"row-1").unwrap().expose(), b"sk-secret");
        assert!(key.open(&sealed, b"row-2").is_err());
        assert!(master().derive(KeyDomain::Internal).open(&sealed, b"row-1").is_err());
    }

    #[test]
    fn every_domain_has_its_own_mac() {
        use KeyDomain::*;
        let domains = [
            VirtualKey,
            AccessToken,
            RefreshToken,
            ProviderCredential,
            RunCredential,
            Internal,
            Cursor,
            LiveTicket,
            SetupToken,
            Invitation,
            PasswordReset,
            SsoState,
            IdempotentAnswer,
            GuardrailHeader,
            HookSecret,
        ];
        let macs: std::collections::HashSet<_> =
            domains.iter().map(|&d| master().derive(d).mac(b"same")).collect();
        assert_eq!(macs.len(), domains.len());
    }

    #[test]
    fn a_master_key_survives_hex() {
        let again = MasterKey::from_hex(master().to_hex().expose()).unwrap();
        assert_eq!(again.virtual_key_mac("x"), master().virtual_key_mac("x"));
        assert!(MasterKey::from_hex("short").is_err());
    }

    #[test]
    fn a_virtual_key_text_has_a_prefix_and_a_hint_that_hides_the_rest() {
        let key = virtual_key_text([255; 32]);
        assert!(key.expose().starts_with("aop-") && key.expose().len() > 45);
        assert!(virtual_key_hint(key.expose()).chars().count() == 13);
    }
}
