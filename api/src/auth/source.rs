//! The address a request comes from. Behind the front door that is what the front door says; it proves itself with the
//! internal token, so that nobody else can choose their own address.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use aop_service::internal;
use aop_service::keys::constant_time_eq;

use crate::state::AppState;

/// Where a request comes from. Unspecified when nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(pub IpAddr);

impl FromRequestParts<AppState> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let token = state.keys.internal_token.expose().as_bytes();
        let forwarded = if is_internal(&parts.headers, token) { forwarded_for(&parts.headers) } else { None };
        Ok(Self(forwarded.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

fn is_internal(headers: &HeaderMap, token: &[u8]) -> bool {
    headers.get(internal::HEADER).is_some_and(|shown| constant_time_eq(shown.as_bytes(), token))
}

/// The last hop in the list is the one the front door saw itself.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let list = headers.get("x-forwarded-for")?.to_str().ok()?;
    list.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_front_door_may_name_an_address() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 10.1.2.3".parse().unwrap());
        assert!(!is_internal(&headers, b"token"));
        headers.insert(internal::HEADER, "guess".parse().unwrap());
        assert!(!is_internal(&headers, b"token"));
        headers.insert(internal::HEADER, "token".parse().unwrap());
        assert!(is_internal(&headers, b"token"));
        assert_eq!(forwarded_for(&headers), Some("10.1.2.3".parse().unwrap()));
    }
}
