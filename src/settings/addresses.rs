//! What the addresses of clients mean: which reverse proxies are believed, and whose clients have no bound.

use aop_proxy::{AddressRules, Network};

use super::Reader;

/// In place of a list.
const NOBODY: &str = "none";

pub(crate) fn read(reader: &mut Reader<'_>) -> AddressRules {
    let usual = AddressRules::default();
    AddressRules {
        trusted_proxies: networks(reader, "AOP_TRUSTED_PROXIES").unwrap_or(usual.trusted_proxies),
        unbounded: networks(reader, "AOP_ADDRESSES_UNBOUNDED").unwrap_or(usual.unbounded),
    }
}

/// `None`: it is not given.
fn networks(reader: &mut Reader<'_>, name: &'static str) -> Option<Vec<Network>> {
    let text = reader.text(name)?;
    if text == NOBODY {
        return Some(Vec::new());
    }
    let mut networks = Vec::new();
    for entry in text.split(',') {
        match entry.trim().parse() {
            Ok(network) => networks.push(network),
            Err(error) => reader.mistake(format!("{name}: {error}")),
        }
    }
    Some(networks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(trusted: &str, unbounded: &str) -> (AddressRules, Result<(), String>) {
        let source = |name: &str| match name {
            "AOP_TRUSTED_PROXIES" => Some(trusted.to_owned()),
            "AOP_ADDRESSES_UNBOUNDED" => Some(unbounded.to_owned()),
            _ => None,
        };
        let mut reader = Reader::new(&source);
        let rules = read(&mut reader);
        (rules, reader.finish().map_err(|error| error.to_string()))
    }

    #[test]
    fn unless_it_is_said_otherwise_nobody_is_trusted_and_this_machine_has_no_bound() {
        let (rules, _) = read_from("", "");
        assert!(rules.trusted_proxies.is_empty());
        let has_no_bound = |address: &str| {
            rules.unbounded.iter().any(|network: &Network| network.contains(address.parse().unwrap()))
        };
        assert!(has_no_bound("127.0.0.1") && has_no_bound("::1") && !has_no_bound("192.0.2.1"));
        let said = AddressRules::LOOPBACK.join(", ");
        let shown = super::super::SETTINGS.iter().find(|setting| setting.name == "AOP_ADDRESSES_UNBOUNDED");
        assert_eq!(shown.unwrap().default, said, "what is documented is what is so");
    }

    #[test]
    fn lists_are_taken_and_every_mistake_in_them_is_told() {
        let (rules, told) = read_from("10.0.0.7 , fd00::/8", "none");
        assert_eq!((rules.trusted_proxies.len(), rules.unbounded.len(), told), (2, 0, Ok(())));
        let (_, told) = read_from("10.0.0.7,nginx", "127.0.0.1/40");
        let told = told.unwrap_err();
        for part in
            ["AOP_TRUSTED_PROXIES: nginx is no address", "AOP_ADDRESSES_UNBOUNDED: 127.0.0.1/40 is no"]
        {
            assert!(told.contains(part), "{told}");
        }
    }
}
