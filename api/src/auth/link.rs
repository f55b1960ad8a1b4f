//! One-time links: whoever holds one may do one thing once. Only a MAC of the token is kept, under a key of its own for
//! each kind, so that a token of one kind is worth nothing elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use aop_service::keys::DerivedKey;

/// A token has 43 characters; a text this much longer is none.
const LONGEST_TOKEN_BYTES: usize = 128;

/// A link just made. It is shown once and cannot be read again.
pub struct Link {
    pub token: String,
    /// What the token is found by.
    pub hash: [u8; 32],
}

impl Link {
    pub fn new(key: &DerivedKey) -> Self {
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let hash = key.mac(token.as_bytes());
        Self { token, hash }
    }

    /// The address to hand out. The token stands behind `#`, which browsers never send: no log on the way holds it.
    pub fn address(&self, public_url: &str, page: &str) -> String {
        format!("{public_url}/{page}#token={}", self.token)
    }
}

/// What a presented token is found by. `None`: it is too long to be one.
pub fn hash_of(presented: &str, key: &DerivedKey) -> Option<[u8; 32]> {
    (presented.len() <= LONGEST_TOKEN_BYTES).then(|| key.mac(presented.as_bytes()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_service::keys::{KeyDomain, MasterKey};

    #[test]
    fn a_token_is_known_again_under_the_key_of_its_kind_only() {
        let master = MasterKey::from_bytes([7; 32]);
        let (invitation, reset) =
            (master.derive(KeyDomain::Invitation), master.derive(KeyDomain::PasswordReset));
        let link = Link::new(&invitation);
        assert_eq!(hash_of(&link.token, &invitation), Some(link.hash));
        assert_ne!(hash_of(&link.token, &reset), Some(link.hash));
        assert_ne!(Link::new(&invitation).token, link.token);
        assert_eq!(hash_of(&"x".repeat(129), &invitation), None);
        assert_eq!(
            link.address("https://aop.example", "page"),
            format!("https://aop.example/page#token={}", link.token)
        );
    }
}
