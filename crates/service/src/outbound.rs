//! The one HTTP client for addresses that a user can type. Each address is checked when it is saved (`check_url`), and
//! each resolved IP again at the moment of connecting, on every redirect: a name that changes its mind in between is caught.
//!
//! Forbidden: everything that is not globally routable (loopback, private, link-local, carrier NAT, unique-local,
//! mapped and translated forms of them), unless the surface is told that private networks are allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What a surface (a tool, a webhook, a logo) may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Loopback and private networks too: for providers an administrator sets up, and for tests.
    pub allow_private: bool,
    pub https_only: bool,
    pub max_redirects: usize,
    pub connect_timeout: Duration,
    pub total_timeout: Duration,
}

impl Policy {
    /// For tools: public addresses only, three redirects, 30 s in all.
    pub fn public() -> Self {
        Self {
            allow_private: false,
            https_only: false,
            max_redirects: 3,
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(30),
        }
    }

    #[must_use]
    pub fn with_private(mut self) -> Self {
        self.allow_private = true;
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("the address is not a URL: {0}")]
    NotAUrl(String),
    #[error("only http and https addresses are allowed, not {0}")]
    Scheme(String),
    #[error("the address must not carry a user name or password")]
    Credentials,
    #[error("the address {0} is on a private or reserved network, which is not allowed here")]
    Forbidden(String),
    #[error("the client could not be built: {0}")]
    Build(String),
}

/// Checks an address as typed. A name is resolved later, at connect; a literal IP is judged here.
pub fn check_url(text: &str, policy: &Policy) -> Result<Url, OutboundError> {
    let url = Url::parse(text.trim()).map_err(|error| OutboundError::NotAUrl(error.to_string()))?;
    check_parsed(&url, policy)?;
    Ok(url)
}

fn check_parsed(url: &Url, policy: &Policy) -> Result<(), OutboundError> {
    match url.scheme() {
        "https" => {}
        "http" if !policy.https_only => {}
        other => return Err(OutboundError::Scheme(other.to_owned())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundError::Credentials);
    }
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        Some(Host::Domain(_)) => None,
        None => return Err(OutboundError::NotAUrl("it has no host".to_owned())),
    };
    match literal {
        Some(ip) if !policy.allow_private && !is_public(ip) => Err(OutboundError::Forbidden(ip.to_string())),
        _ => Ok(()),
    }
}

/// A client bound to one policy. `HTTP_PROXY` and friends are ignored, or they would decide where requests go.
pub fn client(policy: Policy) -> Result<reqwest::Client, OutboundError> {
    let redirects = reqwest::redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > policy.max_redirects {
            return attempt.error(OutboundError::Forbidden("too many redirects".to_owned()));
        }
        match check_parsed(attempt.url(), &policy) {
            Ok(()) => attempt.follow(),
            Err(error) => attempt.error(error),
        }
    });
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirects)
        .dns_resolver(Arc::new(GuardedResolver { allow_private: policy.allow_private }))
        .connect_timeout(policy.connect_timeout)
        .timeout(policy.total_timeout)
        .tcp_nodelay(true)
        .build()
        .map_err(|error| OutboundError::Build(error.to_string()))
}

/// Resolves and keeps only addresses the policy allows, so that the checked address is the one connected to.
struct GuardedResolver {
    allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let refused = found.iter().find(|addr| !allow_private && !is_public(addr.ip()));
            if let Some(addr) = refused {
                // One forbidden address among many is an attack or a mistake; either way nothing is sent.
                return Err(Box::new(OutboundError::Forbidden(addr.ip().to_string())) as Box<_>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Globally routable, in the sense of the IANA special-purpose registries.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_unspecified()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    if let Some(v4) = embedded_v4(ip) {
        return is_public_v4(v4);
    }
    // Global unicast is 2000::/3; inside it documentation, benchmarking and Teredo are not for us.
    (segments[0] & 0xe000) == 0x2000
        && !(segments[0] == 0x2001 && segments[1] < 0x0200)
        && !(segments[0] == 0x2001 && segments[1] == 0x0db8)
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

/// The IPv4 address inside a mapped, translated (64:ff9b::/96) or 6to4 address.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_private_address_is_refused() {
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://169.254.169.254/latest",
            "http://10.0.0.1",
            "http://192.168.1.1",
            "http://172.16.0.1",
            "http://100.64.0.1",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://198.18.0.1/",
            "http://１２７.0.0.1/",
            "http://[2001::1]/",
            "http://[::]/",
        ] {
            assert!(check_url(text, &Policy::public()).is_err(), "{text} was let through");
        }
    }

    #[test]
    fn schemes_and_credentials_are_refused() {
        for text in [
            "file:///etc/passwd",
            "gopher://x/",
            "unix:/x",
            "http://user@example.com/",
            "http://u:p@example.com",
            "nonsense",
        ] {
            assert!(check_url(text, &Policy::public()).is_err(), "{text} was let through");
        }
        assert!(check_url("https://example.com/a?b=c", &Policy::public()).is_ok());
        assert!(check_url("http://127.0.0.1:9/", &Policy::public().with_private()).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused_at_connect() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let error = client(Policy::public()).unwrap().get("http://localhost:9/").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("Forbidden"), "{error:?}");
    }
}
