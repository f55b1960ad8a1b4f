//! The refresh cookie: HttpOnly and SameSite=Strict, so scripts cannot read it and other sites cannot send it.

use axum::http::{HeaderMap, HeaderValue, header};

use aop_service::problem::Problem;

use crate::error::ApiResult;

/// How the cookie is written on this installation.
#[derive(Debug, Clone, Copy)]
pub struct RefreshCookie {
    /// Behind TLS the name gets the prefix `__Host-`, which browsers accept only with `Secure` and never from a sibling host.
    pub secure: bool,
}

impl RefreshCookie {
    pub fn name(self) -> &'static str {
        if self.secure { "__Host-aop_refresh" } else { "aop_refresh" }
    }

    /// The token the browser sent, if any.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        find(headers, self.name())
    }

    /// Value of `Set-Cookie` that keeps `token` for `lifetime_s` seconds.
    pub fn set(self, token: &str, lifetime_s: i64) -> ApiResult<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}={token}; Path=/; Max-Age={lifetime_s}; HttpOnly; SameSite=Strict{secure}",
            self.name()
        );
        Ok(HeaderValue::from_str(&text).map_err(Problem::internal)?)
    }

    /// Value of `Set-Cookie` that makes the browser forget it.
    pub fn clear(self) -> ApiResult<HeaderValue> {
        self.set("", 0)
    }
}

/// The value of the cookie with exactly this name.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_by_its_exact_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; xaop_refresh=no; aop_refresh=yes; c".parse().unwrap());
        assert_eq!(RefreshCookie { secure: false }.read(&headers), Some("yes"));
        assert_eq!(RefreshCookie { secure: true }.read(&headers), None);
    }

    #[test]
    fn scripts_and_other_sites_never_get_it() {
        let set = RefreshCookie { secure: true }.set("t", 60).unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-aop_refresh=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
