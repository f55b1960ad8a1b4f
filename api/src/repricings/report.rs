//! What a re-pricing would change, or has changed: sums over the calls that are meant, exact.

use std::collections::BTreeMap;

use aop_clickhouse::CallRepricingRow;
use aop_clickhouse::repricing::PricedCall;
use aop_domain::id::TeamId;
use aop_domain::money::from_ledger_units;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::day_of;
use super::examine::{Finding, New};

/// Models, teams, days that are told apart; those beyond are added up under an empty name.
const MOST_LINES: usize = 500;

/// Sums of a report, or of one line of it. Costs are of the calls whose cost is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    pub calls: u64,
    pub changed: u64,
    pub became_known: u64,
    pub still_unknown: u64,
    pub old_cost: Decimal,
    pub new_cost: Decimal,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Of the calls that are meant and of which something was measured.
    pub sums: Sums,
    /// Calls that the price has nothing for; they keep what they had.
    pub not_priced: u64,
    /// Calls of which neither tokens nor anything else is known.
    pub not_measured: u64,
    /// Calls that were recorded before their service tier was, under a price that has tiers: taken for the default one.
    pub tier_assumed: u64,
    pub by_model: BTreeMap<String, Sums>,
    /// By UUID text.
    pub by_team: BTreeMap<String, Sums>,
    /// By `YYYY-MM-DD` (UTC).
    pub by_day: BTreeMap<String, Sums>,
}

/// One call's part.
struct Part<'a> {
    team: TeamId,
    ts_us: i64,
    model: &'a str,
    /// Ledger units; `None`: unknown.
    old: Option<i64>,
    new: Option<i64>,
    is_changed: bool,
}

impl Report {
    /// A call that was examined, with what it would become.
    pub(super) fn add_found(&mut self, team: TeamId, call: &PricedCall, finding: &Finding) {
        let old = call.cost_known.then_some(call.cost);
        let (new, is_changed) = match finding {
            Finding::NotMeant => return,
            Finding::NotMeasured => {
                self.not_measured += 1;
                return;
            }
            Finding::NotPriced => {
                self.not_priced += 1;
                (old, false)
            }
            Finding::Unchanged => (old, false),
            Finding::Changed(New { total, .. }) => (Some(*total), true),
        };
        let model = call.model();
        self.add(&Part { team, ts_us: call.ts_us, model, old, new, is_changed });
    }

    /// A call that was changed.
    pub(super) fn add_changed(&mut self, row: &CallRepricingRow) {
        self.add(&Part {
            team: TeamId(Uuid::from_bytes(row.team)),
            ts_us: row.ts,
            model: &row.model,
            old: row.old_cost_known.then_some(row.old_cost),
            new: Some(row.new_cost),
            is_changed: true,
        });
    }

    fn add(&mut self, part: &Part<'_>) {
        self.sums.add(part);
        line(&mut self.by_model, part.model).add(part);
        line(&mut self.by_team, &part.team.0.to_string()).add(part);
        line(&mut self.by_day, &day_of(part.ts_us)).add(part);
    }
}

fn line<'r>(lines: &'r mut BTreeMap<String, Sums>, name: &str) -> &'r mut Sums {
    let has_room = lines.len() < MOST_LINES || lines.contains_key(name);
    lines.entry(if has_room { name.to_owned() } else { String::new() }).or_default()
}

impl Sums {
    fn add(&mut self, part: &Part<'_>) {
        self.calls += 1;
        self.changed += u64::from(part.is_changed);
        self.became_known += u64::from(part.old.is_none() && part.new.is_some());
        self.still_unknown += u64::from(part.new.is_none());
        self.old_cost += part.old.map(from_ledger_units).unwrap_or_default();
        self.new_cost += part.new.map(from_ledger_units).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u16, model: &str, old: Option<i64>, new: i64) -> CallRepricingRow {
        CallRepricingRow {
            ts: i64::from(number) * 86_400_000_000,
            model: model.to_owned(),
            old_cost: old.unwrap_or(0),
            old_cost_known: old.is_some(),
            new_cost: new,
            ..CallRepricingRow::default()
        }
    }

    #[test]
    fn lines_add_up_to_the_whole_and_what_was_unknown_is_told() {
        let mut report = Report::default();
        for row in [row(0, "a", Some(5), 7), row(0, "b", None, 3), row(1, "a", Some(10), 1)] {
            report.add_changed(&row);
        }
        assert_eq!((report.sums.calls, report.sums.became_known), (3, 1));
        let known = |cost: i64| from_ledger_units(cost);
        assert_eq!((report.sums.old_cost, report.sums.new_cost), (known(15), known(11)));
        let days: Vec<_> = report.by_day.iter().map(|(day, sums)| (day.as_str(), sums.new_cost)).collect();
        assert_eq!(days, [("1970-01-01", known(10)), ("1970-01-02", known(1))]);
        for lines in [&report.by_model, &report.by_team, &report.by_day] {
            assert_eq!(lines.values().map(|sums| sums.old_cost).sum::<Decimal>(), known(15));
        }
    }

    #[test]
    fn lines_are_bounded_and_lose_nothing() {
        let mut report = Report::default();
        for number in 0..600 {
            report.add_changed(&row(0, &format!("model {number}"), Some(1), 2));
        }
        assert_eq!(report.by_model.len(), MOST_LINES + 1);
        assert_eq!(report.by_model.values().map(|sums| sums.calls).sum::<u64>(), 600);
    }
}
