//! How a route chooses among its deployments and what it does when one fails: chosen by people, read by the gateway.

use serde::{Deserialize, Serialize};

/// How deployments that share a priority are ordered. A lower priority number always comes first, whatever the strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Always the same order: the heavier weight first.
    Priority,
    /// Drawn by weight, anew for each call.
    #[default]
    Weighted,
    /// Fewest calls in flight for its weight.
    LeastBusy,
    /// Shortest time to the first byte lately.
    LowestLatency,
    /// Cheapest for the tokens this call is expected to use.
    LowestCost,
}

impl Strategy {
    pub const ALL: [Self; 5] =
        [Self::Priority, Self::Weighted, Self::LeastBusy, Self::LowestLatency, Self::LowestCost];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Weighted => "weighted",
            Self::LeastBusy => "least_busy",
            Self::LowestLatency => "lowest_latency",
            Self::LowestCost => "lowest_cost",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.as_str() == text)
    }
}

/// What went wrong with a model, as far as a fallback to another one cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Every failure but a request that is wrong in itself.
    Any,
    ContextTooLong,
    ContentFilter,
    RateLimited,
    Timeout,
}

impl ErrorClass {
    pub const ALL: [Self; 5] =
        [Self::Any, Self::ContextTooLong, Self::ContentFilter, Self::RateLimited, Self::Timeout];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::ContextTooLong => "context_too_long",
            Self::ContentFilter => "content_filter",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// Another model that answers when this one fails in this way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    pub on: ErrorClass,
    pub model: String,
}

/// Everything about a route beside its targets. The default is a route as it was before there was a choice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoutePolicy {
    pub strategy: Strategy,
    /// Calls of one session go to one deployment while it is healthy, so that its prompt cache is hit.
    pub sticky: bool,
    /// More names for the route, each with at most one `*`.
    pub aliases: Vec<String>,
    /// Asked in order; each is used at most once for a call, and those of another route are not followed.
    pub fallbacks: Vec<Fallback>,
    /// A second deployment is asked when the first has not begun to answer after so long.
    pub hedge_after_ms: Option<u32>,
    /// How often a stream that breaks is continued on another deployment; 0: never.
    pub continuations: u8,
    pub unsupported: Unsupported,
    pub on_abort: OnAbort,
}

/// What becomes of a field of a request that the target has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsupported {
    /// The request is refused, whatever its caller says.
    Refuse,
    /// It is refused, but for a caller who asks that such fields be left out.
    #[default]
    CallerDecides,
    /// They are left out, but for a caller who asks for a refusal.
    Drop,
}

impl Unsupported {
    pub const ALL: [Self; 3] = [Self::Refuse, Self::CallerDecides, Self::Drop];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::CallerDecides => "caller_decides",
            Self::Drop => "drop",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == text)
    }

    /// Are such fields left out of a call whose caller wishes that (`Some(true)`), wishes a refusal or says nothing?
    pub fn drops(self, caller: Option<bool>) -> bool {
        match self {
            Self::Refuse => false,
            Self::CallerDecides => caller == Some(true),
            Self::Drop => caller != Some(false),
        }
    }
}

/// How a deployment is made to go on with an answer that another has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Continues {
    /// As its kind of provider and its model are known to.
    #[default]
    Auto,
    /// It is never asked to.
    Never,
    /// A last message of the assistant is enough.
    LastMessage,
    /// That message has to be marked with `prefix`.
    Prefix,
    /// With `continue_final_message`, as vLLM has it.
    FinalMessage,
}

impl Continues {
    pub const ALL: [Self; 5] = [Self::Auto, Self::Never, Self::LastMessage, Self::Prefix, Self::FinalMessage];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Never => "never",
            Self::LastMessage => "last_message",
            Self::Prefix => "prefix",
            Self::FinalMessage => "final_message",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// What becomes of a provider's answer when its client goes away before it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnAbort {
    /// The provider is told by closing its connection; what it used is estimated.
    #[default]
    Cancel,
    /// The answer is read to its end, for its figures and its record.
    Drain,
    /// The same, but not further than this; `None`: no bound of this kind.
    DrainToCap { max_bytes: Option<u32>, max_ms: Option<u32> },
}

impl OnAbort {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Drain => "drain",
            Self::DrainToCap { .. } => "drain_to_cap",
        }
    }

    /// The bounds of a drain that has some.
    pub fn caps(self) -> (Option<u32>, Option<u32>) {
        match self {
            Self::DrainToCap { max_bytes, max_ms } => (max_bytes, max_ms),
            Self::Cancel | Self::Drain => (None, None),
        }
    }

    pub fn parse(name: &str, max_bytes: Option<u32>, max_ms: Option<u32>) -> Option<Self> {
        match name {
            "cancel" => Some(Self::Cancel),
            "drain" => Some(Self::Drain),
            "drain_to_cap" => Some(Self::DrainToCap { max_bytes, max_ms }),
            _ => None,
        }
    }
}

/// When a deployment is passed over for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BreakerPolicy {
    /// So many failures in the window at least; 0: never passed over.
    pub failures: u16,
    /// And so many of a hundred calls in the window.
    pub failure_percent: u8,
    pub window_ms: u32,
    /// It rests so long, longer when it fails again at once.
    pub cooldown_ms: u32,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, failure_percent: 25, window_ms: 30_000, cooldown_ms: 15_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for strategy in Strategy::ALL {
            assert_eq!(Strategy::parse(strategy.as_str()), Some(strategy));
        }
        for class in ErrorClass::ALL {
            assert_eq!(ErrorClass::parse(class.as_str()), Some(class));
        }
        assert_eq!((Strategy::parse("fastest"), ErrorClass::parse("")), (None, None));
        for wish in Unsupported::ALL {
            assert_eq!(Unsupported::parse(wish.as_str()), Some(wish));
        }
        for way in Continues::ALL {
            assert_eq!(Continues::parse(way.as_str()), Some(way));
        }
        let capped = OnAbort::DrainToCap { max_bytes: Some(9), max_ms: None };
        for on_abort in [OnAbort::Cancel, OnAbort::Drain, capped] {
            let (max_bytes, max_ms) = on_abort.caps();
            assert_eq!(OnAbort::parse(on_abort.as_str(), max_bytes, max_ms), Some(on_abort));
        }
    }

    #[test]
    fn a_caller_may_always_ask_for_a_refusal_and_for_dropping_only_where_the_route_lets_it() {
        let of = |wish: Unsupported| [wish.drops(None), wish.drops(Some(true)), wish.drops(Some(false))];
        assert_eq!(of(Unsupported::Refuse), [false, false, false]);
        assert_eq!(of(Unsupported::CallerDecides), [false, true, false]);
        assert_eq!(of(Unsupported::Drop), [true, true, false]);
    }
}
