//! What a limit says. Amounts are whole units: requests, tokens, calls at once, or 10^-12 dollars.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::{LimitId, TeamId};
use crate::money;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

named! {
    /// Whose use is counted. Team, user and key are proven by the key; model, tag, run and agent are what the call says.
    LimitScope {
        /// Every team of the installation together.
        Organisation = "organisation",
        Team = "team",
        User = "user",
        Key = "key",
        Model = "model",
        Tag = "tag",
        /// An execution, or a trace where no execution is named.
        Run = "run",
        Agent = "agent",
    }
}

named! {
    /// What is counted.
    Kind {
        Requests = "requests",
        Tokens = "tokens",
        /// Calls at the same time.
        Concurrency = "concurrency",
        /// Dollars.
        Spend = "spend",
    }
}

named! {
    /// Since when. All are of the calendar in UTC; weeks begin on Monday.
    Window {
        Minute = "minute",
        Hour = "hour",
        Day = "day",
        Week = "week",
        Month = "month",
        /// For ever.
        Total = "total",
        /// As long as the run lasts; only in the scope of a run.
        Run = "run",
        /// At this moment; for calls at once, and only for them.
        Now = "now",
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub id: LimitId,
    /// `None`: the whole installation's.
    pub team_id: Option<TeamId>,
    pub name: String,
    pub scope: LimitScope,
    /// Which user, key, model, ...: an id, a name, or a pattern with `*` whose matches are counted together.
    /// `None`: every one of them has this limit for itself.
    pub subject: Option<String>,
    pub kind: Kind,
    pub window: Window,
    pub amount: i64,
    /// Counted and reported, never enforced.
    pub shadow: bool,
}

/// Why a rule makes no sense. The text is for whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLimit {
    #[error(
        "calls at once are counted now, and nothing else is: use the window 'now' with the kind 'concurrency' only"
    )]
    NowIsForConcurrency,
    #[error("the window 'run' belongs to the scope 'run'")]
    RunWindowNeedsRunScope,
    #[error("the amount must be more than zero and, for everything but spend, a whole number")]
    BadAmount,
    #[error("the amount is larger than can be counted")]
    AmountTooLarge,
    #[error("this scope has no subject: it is the team or the installation itself")]
    NoSubjectHere,
    #[error("the subject must be the id of a user or a key")]
    SubjectIsNoId,
    #[error("the subject must be a name or a pattern of 1 to 200 bytes")]
    BadSubject,
}

const LONGEST_SUBJECT_BYTES: usize = 200;

impl Kind {
    /// Spend settles in dollars of twelve decimals, everything else is counted.
    pub fn units(self, amount: Decimal) -> Option<i64> {
        match self {
            Self::Spend => money::to_ledger_units(amount),
            _ => {
                let whole = amount.normalize();
                if whole.scale() == 0 { i64::try_from(whole.mantissa()).ok() } else { None }
            }
        }
    }

    pub fn amount(self, units: i64) -> Decimal {
        match self {
            Self::Spend => money::from_ledger_units(units),
            _ => Decimal::from(units),
        }
    }
}

impl Limit {
    /// Is this a rule that can be kept?
    pub fn check(
        scope: LimitScope,
        subject: Option<&str>,
        kind: Kind,
        window: Window,
        amount: Decimal,
    ) -> Result<i64, BadLimit> {
        if (kind == Kind::Concurrency) != (window == Window::Now) {
            return Err(BadLimit::NowIsForConcurrency);
        }
        if window == Window::Run && scope != LimitScope::Run {
            return Err(BadLimit::RunWindowNeedsRunScope);
        }
        match (scope, subject) {
            (LimitScope::Organisation | LimitScope::Team, Some(_)) => return Err(BadLimit::NoSubjectHere),
            (LimitScope::User | LimitScope::Key, Some(id)) if uuid::Uuid::parse_str(id).is_err() => {
                return Err(BadLimit::SubjectIsNoId);
            }
            (_, Some(text)) if text.trim().is_empty() || text.len() > LONGEST_SUBJECT_BYTES => {
                return Err(BadLimit::BadSubject);
            }
            _ => {}
        }
        if amount <= Decimal::ZERO {
            return Err(BadLimit::BadAmount);
        }
        if kind != Kind::Spend && !amount.fract().is_zero() {
            return Err(BadLimit::BadAmount);
        }
        kind.units(amount).filter(|units| *units > 0).ok_or(BadLimit::AmountTooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        scope: LimitScope,
        subject: Option<&str>,
        kind: Kind,
        window: Window,
        amount: &str,
    ) -> Result<i64, BadLimit> {
        Limit::check(scope, subject, kind, window, amount.parse().unwrap())
    }

    #[test]
    fn dollars_are_counted_in_ledger_units_and_the_rest_in_whole_numbers() {
        assert_eq!(check(LimitScope::Team, None, Kind::Spend, Window::Month, "12.5"), Ok(12_500_000_000_000));
        assert_eq!(check(LimitScope::Team, None, Kind::Requests, Window::Minute, "60.000"), Ok(60));
        assert_eq!(
            check(LimitScope::Team, None, Kind::Tokens, Window::Minute, "1.5"),
            Err(BadLimit::BadAmount)
        );
        assert_eq!(Kind::Spend.amount(12_500_000_000_000).to_string(), "12.5");
    }

    #[test]
    fn what_cannot_be_kept_is_refused_with_a_reason() {
        use BadLimit::*;
        for (scope, subject, kind, window, amount, why) in [
            (LimitScope::Team, None, Kind::Concurrency, Window::Day, "1", NowIsForConcurrency),
            (LimitScope::Team, None, Kind::Requests, Window::Now, "1", NowIsForConcurrency),
            (LimitScope::Team, None, Kind::Spend, Window::Run, "1", RunWindowNeedsRunScope),
            (LimitScope::Team, Some("x"), Kind::Spend, Window::Day, "1", NoSubjectHere),
            (LimitScope::Key, Some("x"), Kind::Spend, Window::Day, "1", SubjectIsNoId),
            (LimitScope::Model, Some(" "), Kind::Spend, Window::Day, "1", BadSubject),
            (LimitScope::Model, None, Kind::Spend, Window::Day, "0", BadAmount),
            (LimitScope::Model, None, Kind::Spend, Window::Day, "-1", BadAmount),
            (LimitScope::Model, None, Kind::Spend, Window::Day, "99999999", AmountTooLarge),
        ] {
            assert_eq!(check(scope, subject, kind, window, amount), Err(why));
        }
    }

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for window in Window::ALL {
            assert_eq!(serde_json::to_value(window).unwrap(), window.as_str());
        }
        for scope in LimitScope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }
}
