//! `X-Forwarded-For`, as proxies write it: each adds the address it was asked from at the end. Read from the end, what
//! trusted proxies wrote is true up to the first address that is none of theirs; what stands before was said by that client.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

const HEADER: &str = "x-forwarded-for";

/// `None`: the header says nothing that could be read.
pub(super) fn client(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut nearest = None;
    let lines = headers.get_all(HEADER).iter().rev();
    for entry in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        let entry = str::from_utf8(entry).unwrap_or_default();
        let Some(address) = address(entry.trim()) else { break };
        nearest = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

/// Some write the port as well.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let is_trusted = |address: IpAddr| address.to_string().starts_with("10.");
        client(&headers, is_trusted).map(|address| address.to_string())
    }

    #[test]
    fn the_client_is_the_last_address_that_no_trusted_proxy_has() {
        for (lines, expected) in [
            (&["203.0.113.9"][..], Some("203.0.113.9")),
            (&["203.0.113.9, 10.0.0.2 , 10.0.0.3"], Some("203.0.113.9")),
            (&["203.0.113.9", "198.51.100.4,10.0.0.2"], Some("198.51.100.4")),
            (&["10.9.9.9, 203.0.113.9"], Some("203.0.113.9")),
            (&["10.0.0.5, 10.0.0.2"], Some("10.0.0.5")),
            (&["203.0.113.9:4711"], Some("203.0.113.9")),
            (&["[2001:db8::1]:4711, 10.0.0.2"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["::ffff:203.0.113.9"], Some("203.0.113.9")),
            (&["203.0.113.9, unknown, 10.0.0.2"], Some("10.0.0.2")),
            (&["\u{fc}", "198.51.100.4"], Some("198.51.100.4")),
            (&["203.0.113.9, "], None),
            (&[""], None),
            (&[], None),
        ] {
            assert_eq!(client_of(lines).as_deref(), expected, "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_client_says_before_what_the_proxy_adds_changes_nothing(said in "[ -~]{0,80}") {
            proptest::prop_assert_eq!(
                client_of(&[&said, "198.51.100.4, 10.0.0.2"]),
                Some("198.51.100.4".to_owned())
            );
            let joined = format!("{said}, 198.51.100.4");
            proptest::prop_assert_eq!(client_of(&[&joined]), Some("198.51.100.4".to_owned()));
        }
    }
}
