//! The ledger of one limit in one window: what was settled, and who holds how much of the rest. Postgres keeps the
//! same rule as a function (`migrations/0006_limits.sql`); this one serves a gateway that runs without Postgres, and is
//! what the tests compare with.

use std::collections::HashMap;

use uuid::Uuid;

/// What a holder tells and asks. Totals, never differences: an exchange that is sent twice changes nothing the
/// second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    pub lease: Uuid,
    /// Everything this lease has settled so far.
    pub spent: i64,
    /// What the holder wants to have beside that. Less than it has: the rest goes back.
    pub wanted: i64,
    /// Of that, what a call waits for. Beyond it nobody gets more than half of what is left, so that others find some.
    pub needed: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reply {
    /// Everything this lease was ever given.
    pub granted: i64,
    /// What all have settled, this lease included.
    pub settled: i64,
    /// What the other leases hold and have not settled.
    pub others: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Lease {
    granted: i64,
    spent: i64,
}

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    settled: i64,
    leases: HashMap<Uuid, Lease>,
}

impl Ledger {
    /// Settles, gives back, and grants from what is left of `amount`.
    pub fn exchange(&mut self, amount: i64, asked: &Exchange) -> Reply {
        let others: i64 = self
            .leases
            .iter()
            .filter(|(id, _)| **id != asked.lease)
            .map(|(_, lease)| lease.granted - lease.spent)
            .sum();
        let lease = self.leases.entry(asked.lease).or_default();
        let newly = (asked.spent - lease.spent).max(0);
        self.settled += newly;
        lease.spent += newly;
        // A call that cost more than it held has used what it was never given.
        lease.granted = lease.granted.max(lease.spent);
        let held = lease.granted - lease.spent;
        if asked.wanted <= held {
            lease.granted = lease.spent + asked.wanted.max(0);
        } else {
            let room = (amount - self.settled - others - held).max(0);
            lease.granted += (asked.wanted - held).min(room).min(asked.needed.max((room + 1) / 2));
        }
        Reply { granted: lease.granted, settled: self.settled, others }
    }

    /// Forgets a lease: what it held counts as given back. For what stands still when its holder is gone (calls at once).
    pub fn expire(&mut self, lease: Uuid) {
        if let Some(lease) = self.leases.get_mut(&lease) {
            lease.granted = lease.spent;
        }
    }

    pub fn settled(&self) -> i64 {
        self.settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);

    fn ask(lease: Uuid, spent: i64, wanted: i64, needed: i64) -> Exchange {
        Exchange { lease, spent, wanted, needed }
    }

    #[test]
    fn the_rest_is_shared_and_nobody_is_given_what_another_holds() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.exchange(100, &ask(A, 0, 40, 1)).granted, 40);
        assert_eq!(ledger.exchange(100, &ask(B, 0, 100, 1)), Reply { granted: 30, settled: 0, others: 40 });
        assert_eq!(ledger.exchange(100, &ask(B, 0, 100, 100)), Reply { granted: 60, settled: 0, others: 40 });
        assert_eq!(ledger.exchange(100, &ask(A, 30, 0, 0)), Reply { granted: 30, settled: 30, others: 60 });
        assert_eq!(ledger.exchange(100, &ask(B, 0, 100, 100)), Reply { granted: 70, settled: 30, others: 0 });
    }

    #[test]
    fn an_exchange_sent_twice_changes_nothing_the_second_time() {
        let mut ledger = Ledger::default();
        let asked = ask(A, 7, 20, 20);
        let first = ledger.exchange(100, &asked);
        assert_eq!(ledger.exchange(100, &asked), first);
        assert_eq!(ledger.settled(), 7);
    }

    #[test]
    fn what_a_call_cost_beyond_its_hold_is_settled_all_the_same() {
        let mut ledger = Ledger::default();
        ledger.exchange(100, &ask(A, 0, 100, 100));
        assert_eq!(
            ledger.exchange(100, &ask(A, 130, 10, 10)),
            Reply { granted: 130, settled: 130, others: 0 }
        );
    }

    #[test]
    fn a_lease_whose_holder_is_gone_counts_as_used_until_it_is_expired() {
        let mut ledger = Ledger::default();
        ledger.exchange(10, &ask(A, 4, 6, 6));
        assert_eq!(ledger.exchange(10, &ask(B, 0, 1, 1)).granted, 0);
        ledger.expire(A);
        assert_eq!(ledger.exchange(10, &ask(B, 0, 6, 6)).granted, 6);
    }
}
