//! Who comes from where: the address a request is said to come from ([`named`]), and a bound on what clients of one address
//! have open ([`shares`]), so that one of them cannot take all the room there is.

mod named;
mod shares;

use std::net::IpAddr;

use http::HeaderMap;
use pingora_proxy::Session;

use crate::config::{AddressRules, Limits};
pub(crate) use shares::{Full, Of, Share};

use shares::Shares;

pub(crate) struct Addresses {
    rules: AddressRules,
    shares: Shares,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// A trusted proxy says so: the connection is the proxy's.
    pub(crate) is_named: bool,
}

impl Addresses {
    pub(crate) fn new(rules: &AddressRules, limits: &Limits) -> Self {
        Self { rules: rules.clone(), shares: Shares::new(limits) }
    }

    /// `None`: the connection has no address.
    pub(crate) fn client(&self, session: &Session) -> Option<Client> {
        let peer = session.client_addr()?.as_inet()?.ip();
        Some(self.client_behind(peer, &session.req_header().headers))
    }

    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.is_trusted(peer) {
            return Client { address: peer, is_named: false };
        }
        let named = named::client(headers, |address| self.is_trusted(address));
        Client { address: named.unwrap_or(peer), is_named: named.is_some() }
    }

    /// One more of these for the address, until it is dropped; `None`: there is no bound for it.
    pub(crate) fn take(&self, of: Of, address: Option<IpAddr>) -> Result<Option<Share>, Full> {
        match address {
            Some(address) if !self.is_unbounded(address) => self.shares.take(of, address),
            _ => Ok(None),
        }
    }

    /// How many addresses have something open.
    pub(crate) fn count(&self) -> usize {
        self.shares.count()
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.rules.trusted_proxies.iter().any(|network| network.contains(address))
    }

    /// A trusted proxy's connections are those of many.
    fn is_unbounded(&self, address: IpAddr) -> bool {
        self.rules.unbounded.iter().any(|network| network.contains(address)) || self.is_trusted(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(trusted: &[&str]) -> Addresses {
        let trusted_proxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let limits = Limits { connections_per_address: Some(1), ..Limits::default() };
        Addresses::new(&AddressRules { trusted_proxies, ..AddressRules::default() }, &limits)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_names_a_client() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        let behind = |trusted: &[&str], peer| addresses(trusted).client_behind(ip(peer), &headers);
        let plain = |address| Client { address: ip(address), is_named: false };
        assert_eq!(behind(&[], "127.0.0.1"), plain("127.0.0.1"), "this machine is not trusted unasked");
        assert_eq!(behind(&["10.0.0.0/8"], "198.51.100.4"), plain("198.51.100.4"));
        let named = Client { address: ip("203.0.113.9"), is_named: true };
        assert_eq!(behind(&["10.0.0.0/8"], "10.0.0.7"), named);
        assert_eq!(behind(&["10.0.0.0/8"], "::ffff:10.0.0.7"), named);
        let silent = addresses(&["10.0.0.0/8"]).client_behind(ip("10.0.0.7"), &HeaderMap::new());
        assert_eq!(silent, plain("10.0.0.7"));
    }

    #[test]
    fn this_machine_and_trusted_proxies_have_no_bound_and_others_do() {
        let addresses = addresses(&["10.0.0.7"]);
        for free in
            [Some(ip("127.0.0.1")), Some(ip("::1")), Some(ip("::ffff:127.0.0.1")), Some(ip("10.0.0.7")), None]
        {
            assert!(matches!(addresses.take(Of::Connections, free), Ok(None)), "{free:?}");
        }
        let other = Some(ip("10.0.0.8"));
        let held = addresses.take(Of::Connections, other);
        assert!(matches!(held, Ok(Some(_))) && addresses.take(Of::Connections, other).is_err());
        assert_eq!(addresses.count(), 1);
    }
}
