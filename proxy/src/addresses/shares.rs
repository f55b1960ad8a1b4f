//! What clients of one address have open, counted for as long as they do: an address stands in the table while it holds
//! something, so that the bounds on everything that can be held bound the table too. IPv6 goes by its first 64 bits,
//! which is what a client is given: it may have as many addresses of those as it likes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::Limits;

/// Connections and requests of an address that are told at once that there are too many of it.
const TOLD: usize = 8;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Connections,
    /// Those that share a connection: of HTTP/2, or behind a trusted proxy.
    Requests,
    ApiRequests,
    /// What is beyond the others, and told so.
    Told,
}

const KINDS: usize = 4;

/// The address has as many as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

pub(super) struct Shares {
    most: [usize; KINDS],
    held: Arc<Mutex<Table>>,
}

type Table = HashMap<Block, [usize; KINDS]>;

/// The addresses that count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Block {
    V4(u32),
    V6(u64),
}

/// One of what an address holds, until dropped.
pub(crate) struct Share {
    held: Arc<Mutex<Table>>,
    block: Block,
    of: Of,
}

impl Shares {
    pub(super) fn new(limits: &Limits) -> Self {
        let half = |all: usize| all.div_ceil(2);
        let connections = limits.connections_per_address.unwrap_or(half(limits.connections_max));
        let api = limits.api_requests_per_address.unwrap_or(half(limits.api_requests_max));
        Self { most: [connections, connections, api, TOLD], held: Arc::default() }
    }

    pub(super) fn take(&self, of: Of, address: IpAddr) -> Result<Option<Share>, Full> {
        let block = Block::of(address);
        let mut table = self.held.lock();
        let most = self.most[of as usize];
        let has = table.get(&block).map_or(0, |counts| counts[of as usize]);
        if has >= most {
            return Err(Full);
        }
        table.entry(block).or_default()[of as usize] += 1;
        Ok(Some(Share { held: Arc::clone(&self.held), block, of }))
    }

    pub(super) fn count(&self) -> usize {
        self.held.lock().len()
    }
}

impl Block {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut table = self.held.lock();
        let Some(counts) = table.get_mut(&self.block) else { return };
        counts[self.of as usize] = counts[self.of as usize].saturating_sub(1);
        if *counts == [0; KINDS] {
            table.remove(&self.block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(connections: usize, api: usize) -> Shares {
        Shares::new(&Limits {
            connections_per_address: Some(connections),
            api_requests_per_address: Some(api),
            ..Limits::default()
        })
    }

    fn take(shares: &Shares, of: Of, address: &str) -> Result<Share, Full> {
        shares.take(of, address.parse().unwrap()).map(Option::unwrap)
    }

    #[test]
    fn an_address_has_its_share_of_each_and_others_have_theirs() {
        let shares = shares(2, 1);
        let mut held: Vec<Share> = vec![
            take(&shares, Of::Connections, "192.0.2.1").unwrap(),
            take(&shares, Of::Connections, "::ffff:192.0.2.1").unwrap(),
            take(&shares, Of::ApiRequests, "192.0.2.1").unwrap(),
            take(&shares, Of::Connections, "192.0.2.2").unwrap(),
        ];
        assert!(take(&shares, Of::Connections, "192.0.2.1").is_err());
        assert!(take(&shares, Of::ApiRequests, "192.0.2.1").is_err());
        held.push(take(&shares, Of::Requests, "192.0.2.1").unwrap());
        held.remove(0);
        held.push(take(&shares, Of::Connections, "192.0.2.1").unwrap());
        assert_eq!(shares.count(), 2);
        drop(held);
        assert_eq!(shares.count(), 0, "who holds nothing is forgotten");
    }

    #[test]
    fn addresses_of_ipv6_with_the_same_first_64_bits_are_one() {
        let shares = shares(1, 1);
        let _held = take(&shares, Of::Connections, "2001:db8:0:1::1").unwrap();
        assert!(take(&shares, Of::Connections, "2001:db8:0:1:ffff::2").is_err());
        assert!(take(&shares, Of::Connections, "2001:db8:0:2::1").is_ok());
    }

    #[test]
    fn unless_it_is_said_otherwise_half_of_all_is_one_addresss() {
        let limits = Limits { connections_max: 3, api_requests_max: 1, ..Limits::default() };
        assert_eq!(Shares::new(&limits).most, [2, 2, 1, TOLD]);
    }

    proptest! {
        /// Against a plain count of what is held.
        #[test]
        fn in_any_order_nobody_has_more_than_their_share_and_the_table_holds_only_who_has_something(
            steps in proptest::collection::vec((0..6u8, any::<bool>()), 0..200)
        ) {
            let shares = shares(3, 1);
            let mut held: Vec<(u8, Share)> = Vec::new();
            for (who, takes) in steps {
                let count = |held: &[(u8, Share)]| held.iter().filter(|(owner, _)| *owner == who).count();
                if takes {
                    let taken = take(&shares, Of::Connections, &format!("192.0.2.{who}"));
                    prop_assert_eq!(taken.is_ok(), count(&held) < 3);
                    held.extend(taken.ok().map(|share| (who, share)));
                } else if let Some(at) = held.iter().position(|(owner, _)| *owner == who) {
                    held.remove(at);
                }
                let owners: std::collections::HashSet<u8> = held.iter().map(|(owner, _)| *owner).collect();
                prop_assert_eq!(shares.count(), owners.len());
            }
        }
    }
}
