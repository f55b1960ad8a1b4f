//! A sign-in between leaving for the provider and coming back. All of it stands in a sealed cookie of the browser that
//! began it: only that browser can end it, nothing in it can be read or changed there, and nothing is kept here.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use aop_service::keys::{DerivedKey, constant_time_eq};
use aop_service::problem::Problem;

use crate::auth::cookie;
use crate::error::ApiResult;

/// Seconds somebody has to sign in at the provider.
pub const LIFETIME_S: i64 = 600;
const BOUND_TO: &[u8] = b"single sign-on";
const LONGEST_RETURN_BYTES: usize = 2000;

#[derive(Debug, Serialize, Deserialize)]
pub struct Pending {
    pub provider: String,
    pub state: String,
    pub nonce: String,
    /// What the code can be traded with; the provider has only seen its hash.
    pub verifier: String,
    pub return_to: String,
    pub expires_at_s: i64,
}

impl Pending {
    pub fn new(provider: &str, return_to: Option<&str>, now_s: i64) -> Self {
        let random = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self {
            provider: provider.to_owned(),
            state: random(),
            nonce: random(),
            verifier: random(),
            return_to: return_to.filter(|path| is_own_path(path)).unwrap_or("/").to_owned(),
            expires_at_s: now_s + LIFETIME_S,
        }
    }

    /// PKCE, method S256.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    pub fn is_answered_by(&self, state: &str) -> bool {
        constant_time_eq(self.state.as_bytes(), state.as_bytes())
    }

    fn seal(&self, key: &DerivedKey) -> ApiResult<String> {
        let plain = serde_json::to_vec(self).map_err(Problem::internal)?;
        let sealed = key.seal(&plain, BOUND_TO, rand::random()).map_err(Problem::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(text: &str, key: &DerivedKey, now_s: i64) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = key.open(&sealed, BOUND_TO).ok()?;
        let pending: Self = serde_json::from_slice(plain.expose()).ok()?;
        (pending.expires_at_s > now_s).then_some(pending)
    }
}

/// The cookie it travels in. `Lax`, because the browser comes back from another site; it is worth nothing for long.
#[derive(Debug, Clone, Copy)]
pub struct PendingCookie {
    pub secure: bool,
}

impl PendingCookie {
    fn name(self) -> &'static str {
        if self.secure { "__Host-aop_sso" } else { "aop_sso" }
    }

    pub fn read(self, headers: &HeaderMap, key: &DerivedKey, now_s: i64) -> Option<Pending> {
        Pending::open(cookie::find(headers, self.name())?, key, now_s)
    }

    pub fn set(self, pending: &Pending, key: &DerivedKey) -> ApiResult<HeaderValue> {
        self.write(&pending.seal(key)?, LIFETIME_S)
    }

    pub fn clear(self) -> ApiResult<HeaderValue> {
        self.write("", 0)
    }

    fn write(self, value: &str, lifetime_s: i64) -> ApiResult<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name();
        let text = format!("{name}={value}; Path=/; Max-Age={lifetime_s}; HttpOnly; SameSite=Lax{secure}");
        Ok(HeaderValue::from_str(&text).map_err(Problem::internal)?)
    }
}

/// Whether a browser on one of our pages stays on our origin when it follows this.
fn is_own_path(path: &str) -> bool {
    let plain = path.len() <= LONGEST_RETURN_BYTES
        && path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    // As a browser reads it: the same answer for any origin we may have.
    let base = Url::parse("https://own.invalid");
    plain && base.is_ok_and(|base| base.join(path).is_ok_and(|to| to.origin() == base.origin()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aop_service::keys::{KeyDomain, MasterKey};

    #[test]
    fn only_paths_of_our_own_are_returned_to() {
        for path in ["/", "/calls?status=ok#x", "/traces/1", "/한글", "/a//b", "/@evil.example"] {
            assert_eq!(Pending::new("p", Some(path), 0).return_to, path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "evil.example",
            "@evil.example",
            " /x",
        ] {
            assert_eq!(Pending::new("p", Some(path), 0).return_to, "/", "{path:?}");
        }
        assert_eq!(Pending::new("p", Some(&format!("/{}", "x".repeat(2000))), 0).return_to, "/");
        assert_eq!(Pending::new("p", None, 0).return_to, "/");
    }

    #[test]
    fn a_cookie_is_read_back_for_ten_minutes_and_only_as_it_was_written() {
        let master = MasterKey::from_bytes([7; 32]);
        let key = master.derive(KeyDomain::SsoState);
        let pending = Pending::new("p", Some("/x"), 1000);
        let text = pending.seal(&key).unwrap();
        assert_eq!(Pending::open(&text, &key, 1599).unwrap().state, pending.state);
        assert!(Pending::open(&text, &key, 1600).is_none());
        assert!(Pending::open(&text, &master.derive(KeyDomain::RefreshToken), 1000).is_none());
        let mut changed = text.clone().into_bytes();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
        assert!(Pending::open(std::str::from_utf8(&changed).unwrap(), &key, 1000).is_none());
        assert!(Pending::open("", &key, 1000).is_none());
    }

    #[test]
    fn the_challenge_is_the_hash_that_rfc_7636_shows() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let pending = Pending { verifier, ..Pending::new("p", None, 0) };
        assert_eq!(pending.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
