//! One holder's part of a limit in one window, and the one rule by which calls are admitted. Pure: the caller locks it,
//! passes the time in, and carries its exchanges to the ledger.

use uuid::Uuid;

use super::estimate::Ask;
use super::ledger::{Exchange, Reply};

/// While others hold something that they may have given back meanwhile, the ledger is asked again after so long.
const ASK_AGAIN_US: i64 = 250_000;

#[derive(Debug, Clone)]
pub struct Slice {
    lease: Uuid,
    amount: i64,
    /// Ever given to this lease, and settled by it. The difference is what it may still use.
    granted: i64,
    spent: i64,
    /// Held by calls in flight, and how many those are.
    reserved: i64,
    holds: u32,
    /// What calls that found too little are waiting for, since the ledger was last asked.
    needed: i64,
    /// As the ledger last said: settled by all, held by the others, and what it knew of this lease's own use.
    settled: i64,
    others: i64,
    reported: i64,
    /// `None`: the ledger has not been asked yet.
    replied_at_us: Option<i64>,
    closed: bool,
}

/// Why a call was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The slice is too small, and the ledger may have more: ask it, then try again.
    AskLedger,
    /// Enough is left, but calls in flight or other gateways hold it. It may come back.
    Held,
    /// Used up.
    UsedUp,
    /// This slice has been given back; look for its successor.
    Closed,
}

impl Slice {
    pub fn new(lease: Uuid, amount: i64) -> Self {
        Self {
            lease,
            amount,
            granted: 0,
            spent: 0,
            reserved: 0,
            holds: 0,
            needed: 0,
            settled: 0,
            others: 0,
            reported: 0,
            replied_at_us: None,
            closed: false,
        }
    }

    /// The decision. A call holds the upper end of its estimate. When what is left is less, and this call would have
    /// it all to itself, it holds all that is left, as long as its likely use fits: so a limit can be used up to its
    /// end, and at most one call at a time can cost more than what it holds for.
    pub fn hold(&mut self, ask: Ask, now_us: i64) -> Result<i64, Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        let free = self.free();
        let hold = if ask.high <= free {
            ask.high
        } else if self.is_alone() && ask.low.max(1) <= free {
            free
        } else {
            self.needed = self.needed.saturating_add(ask.high).min(self.amount);
            return Err(self.refusal(ask, now_us));
        };
        self.reserved += hold;
        self.holds += 1;
        Ok(hold)
    }

    /// While the ledger cannot be asked: this gateway keeps the whole limit by itself.
    pub fn hold_locally(&mut self, ask: Ask) -> Result<i64, Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.used().saturating_add(self.reserved).saturating_add(ask.high) > self.amount {
            return Err(Refused::UsedUp);
        }
        Ok(self.hold_anyway(ask))
    }

    /// Counts without asking, for limits that only watch. A slice that was given back is not counted in.
    pub fn hold_anyway(&mut self, ask: Ask) -> i64 {
        self.reserved = self.reserved.saturating_add(ask.high);
        self.holds += 1;
        ask.high
    }

    /// A call that runs over its hold takes more, all or nothing.
    pub fn extend(&mut self, more: i64, now_us: i64) -> Result<(), Refused> {
        if more > self.free() {
            self.needed = self.needed.saturating_add(more).min(self.amount);
            return Err(self.refusal(Ask { low: more, high: more }, now_us));
        }
        self.reserved += more;
        Ok(())
    }

    /// The call is over: what it held comes back, what it used is gone.
    pub fn settle(&mut self, hold: i64, used: i64) {
        self.reserved -= hold;
        self.holds = self.holds.saturating_sub(1);
        self.spent = self.spent.saturating_add(used.max(0));
    }

    /// More than its hold was used by a call that goes on all the same.
    pub fn extend_anyway(&mut self, more: i64) {
        self.reserved = self.reserved.saturating_add(more);
    }

    /// What to tell the ledger: the slice should have `ahead` beside what calls hold and wait for. What is given back
    /// is gone from here at once, so it is never in two hands.
    pub fn exchange(&mut self, ahead: i64) -> Exchange {
        let needed = std::mem::take(&mut self.needed);
        let wanted = self.reserved.saturating_add(ahead.max(needed)).min(self.amount.max(self.reserved));
        self.granted = self.granted.max(self.spent).min(self.spent.saturating_add(wanted));
        let needed = self.reserved.saturating_add(needed) - (self.granted - self.spent);
        Exchange { lease: self.lease, spent: self.spent, wanted, needed: needed.max(0) }
    }

    pub fn take(&mut self, sent: &Exchange, reply: &Reply, now_us: i64) {
        self.granted = reply.granted;
        self.settled = reply.settled;
        self.others = reply.others;
        self.reported = sent.spent;
        self.replied_at_us = Some(now_us);
    }

    /// Gives everything back for good. `None`: calls still hold some of it.
    pub fn close(&mut self) -> Option<Exchange> {
        if self.holds > 0 {
            return None;
        }
        self.closed = true;
        self.granted = self.spent;
        Some(Exchange { lease: self.lease, spent: self.spent, wanted: 0, needed: 0 })
    }

    pub fn is_closed(&self) -> bool {
        self.closed
    }

    pub fn set_amount(&mut self, amount: i64) {
        self.amount = amount;
    }

    pub fn amount(&self) -> i64 {
        self.amount
    }

    pub fn lease(&self) -> Uuid {
        self.lease
    }

    /// Calls in flight.
    pub fn holds(&self) -> u32 {
        self.holds
    }

    /// Something is held here beside what calls in flight hold.
    pub fn has_spare(&self) -> bool {
        self.granted - self.spent > self.reserved
    }

    /// What this lease has of the limit at this moment, used or not.
    pub fn has_any(&self) -> bool {
        self.granted > self.spent
    }

    pub fn spent(&self) -> i64 {
        self.spent
    }

    pub fn reserved(&self) -> i64 {
        self.reserved
    }

    /// Settled by all, as far as is known here.
    pub fn used(&self) -> i64 {
        self.settled.saturating_add(self.spent - self.reported)
    }

    /// What nobody has used, holds or has leased elsewhere.
    pub fn remaining(&self) -> i64 {
        (self.amount - self.used() - self.others - self.reserved).max(0)
    }

    /// What this slice can admit without asking. An amount that was lowered meanwhile counts at once.
    pub fn free(&self) -> i64 {
        let leased = self.granted - self.spent - self.reserved;
        leased.min(self.amount.saturating_sub(self.used()).saturating_sub(self.reserved))
    }

    /// What the ledger can still give away.
    pub fn unleased(&self) -> i64 {
        let own = (self.granted - self.spent).max(0);
        (self.amount - self.used() - self.others - own).max(0)
    }

    /// Something was settled that the ledger does not know.
    pub fn is_unreported(&self) -> bool {
        self.spent != self.reported
    }

    /// The ledger has been asked at least once.
    pub fn is_known(&self) -> bool {
        self.replied_at_us.is_some()
    }

    /// Nobody else holds any of what is left, and nobody can get any: this slice has it all.
    fn is_alone(&self) -> bool {
        self.holds == 0 && self.is_known() && self.others == 0 && self.unleased() == 0
    }

    fn refusal(&self, ask: Ask, now_us: i64) -> Refused {
        let Some(replied_at_us) = self.replied_at_us else { return Refused::AskLedger };
        let is_stale = now_us.saturating_sub(replied_at_us) >= ASK_AGAIN_US;
        if self.unleased() > 0 || (self.others > 0 && is_stale) {
            return Refused::AskLedger;
        }
        if self.used().saturating_add(ask.low.max(1)) <= self.amount {
            Refused::Held
        } else {
            Refused::UsedUp
        }
    }
}

#[cfg(test)]
mod tests;
