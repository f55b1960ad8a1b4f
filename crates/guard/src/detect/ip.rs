//! Addresses of machines, version 4 and 6.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::stands_alone;

pub(super) fn addresses(text: &str, found: &mut dyn FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let mut at = 0;
    while at < bytes.len() {
        if !part(&bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && part(&bytes[at]) {
            at += 1;
        }
        // The full stop of a sentence, the colon before a port.
        let end = start + text[start..at].trim_end_matches(['.', ':']).len();
        if let Some(end) = address(text, start, end).filter(|end| stands_alone(text, start, *end)) {
            found(start, end);
        }
    }
}

fn address(text: &str, start: usize, end: usize) -> Option<usize> {
    let whole = &text[start..end];
    if whole.len() > 45 {
        return None;
    }
    let is_v6 = whole.bytes().filter(|byte| *byte == b':').count() >= 2;
    if is_v6 {
        return whole.parse::<Ipv6Addr>().ok().filter(|ip| !ip.is_unspecified()).map(|_| end);
    }
    let host = whole.split(':').next().unwrap_or_default();
    host.parse::<Ipv4Addr>().ok().map(|_| start + host.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_found_and_times_are_not() {
        let text = "from 10.1.2.3:443 and 2001:db8::1. At 12:30:45, version 1.2.3 of a::b::c";
        let mut places = Vec::new();
        addresses(text, &mut |start, end| places.push(&text[start..end]));
        assert_eq!(places, ["10.1.2.3", "2001:db8::1"]);
    }
}
