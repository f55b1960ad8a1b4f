//! What a call will use, before it is made: learned from what the calls of the same key to the same model used.
//!
//! Not `max_tokens`: clients set it far above what answers use, and holding that much would refuse calls a budget has
//! room for. An estimate is two ends: what is likely, and what is rarely exceeded (the mean and four mean deviations,
//! as in the timer of TCP). `max_tokens` bounds both. Floats are allowed here: these are guesses, not money.

use serde::{Deserialize, Serialize};

/// How much of one thing a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    /// Likely.
    pub low: i64,
    /// Rarely exceeded. This is what a call holds.
    pub high: i64,
}

/// What a call asks for, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asks {
    pub tokens: Ask,
    /// In units of 10^-12 dollars.
    pub spend: Ask,
    /// The part that is used when the answer begins, and what each token of it adds: how a stream is watched.
    pub input_tokens: i64,
    pub input_spend: i64,
    pub spend_per_output_token: f64,
}

/// What is known of a request before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    pub body_bytes: u64,
    pub max_output_tokens: Option<u64>,
}

/// Prices for a call nothing was learned about, in units of 10^-12 dollars a token.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ColdCost {
    pub input_token: f64,
    pub output_token: f64,
}

/// What a call turned out to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub body_bytes: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// `None`: unknown, which teaches nothing about cost.
    pub input_spend: Option<i64>,
    pub output_spend: Option<i64>,
}

/// An answer of a model nobody has called yet is taken to be no longer than this.
const COLD_OUTPUT_TOKENS: u64 = 4_096;
/// English text has about four bytes a token; three is the careful side.
const COLD_BYTES_A_TOKEN: f64 = 3.0;
const GAIN: f64 = 1.0 / 8.0;
const DEVIATION_GAIN: f64 = 1.0 / 4.0;
const DEVIATIONS: f64 = 4.0;

/// A mean that follows, and the mean deviation from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Figure {
    mean: f64,
    deviation: f64,
}

impl Figure {
    fn learn(&mut self, value: f64, is_first: bool) {
        if is_first {
            *self = Self { mean: value, deviation: value / 2.0 };
            return;
        }
        let off = value - self.mean;
        self.deviation += DEVIATION_GAIN * (off.abs() - self.deviation);
        self.mean += GAIN * off;
    }

    fn high(&self) -> f64 {
        self.mean + DEVIATIONS * self.deviation
    }
}

/// What the calls so far have taught.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    calls: u32,
    priced_calls: u32,
    output: Figure,
    /// Per byte of the request's body.
    input_per_byte: Figure,
    input_spend_per_byte: Figure,
    spend_per_output_token: f64,
}

impl Learned {
    pub fn learn(&mut self, outcome: &Outcome) {
        let is_first = self.calls == 0;
        let bytes = outcome.body_bytes.max(1) as f64;
        self.output.learn(outcome.output_tokens as f64, is_first);
        self.input_per_byte.learn(outcome.input_tokens as f64 / bytes, is_first);
        self.calls = self.calls.saturating_add(1);
        if let (Some(input), Some(output)) = (outcome.input_spend, outcome.output_spend) {
            let is_first = self.priced_calls == 0;
            self.input_spend_per_byte.learn(input as f64 / bytes, is_first);
            if outcome.output_tokens > 0 {
                let per_token = output as f64 / outcome.output_tokens as f64;
                // The latest price: prices change at once, not by and by.
                self.spend_per_output_token = per_token;
            }
            self.priced_calls = self.priced_calls.saturating_add(1);
        }
    }

    /// Has a priced call been seen? Until then [`Self::asks`] needs a price.
    pub fn knows_cost(&self) -> bool {
        self.priced_calls > 0
    }

    pub fn asks(&self, sizes: Sizes, cold: ColdCost) -> Asks {
        let bytes = sizes.body_bytes as f64;
        let (input, output) = if self.calls == 0 {
            let most = sizes.max_output_tokens.unwrap_or(COLD_OUTPUT_TOKENS).min(COLD_OUTPUT_TOKENS) as f64;
            // Nothing is known: any use is likely enough, and much has to be expected.
            ((0.0, bytes / COLD_BYTES_A_TOKEN), (0.0, most))
        } else {
            let bound = sizes.max_output_tokens.map_or(f64::MAX, |tokens| tokens as f64);
            (
                (bytes * self.input_per_byte.mean, bytes * self.input_per_byte.high()),
                (self.output.mean.min(bound), self.output.high().min(bound)),
            )
        };
        let (input_spend, per_token) = if self.knows_cost() {
            let rate = self.input_spend_per_byte;
            ((bytes * rate.mean, bytes * rate.high()), self.spend_per_output_token)
        } else {
            ((input.0 * cold.input_token, input.1 * cold.input_token), cold.output_token)
        };
        Asks {
            tokens: Ask { low: units(input.0 + output.0), high: units(input.1 + output.1) },
            spend: Ask {
                low: units(input_spend.0 + output.0 * per_token),
                high: units(input_spend.1 + output.1 * per_token),
            },
            input_tokens: units(input.0),
            input_spend: units(input_spend.0),
            spend_per_output_token: per_token,
        }
    }
}

/// Rounded up, so that a call that uses anything asks for something.
fn units(value: f64) -> i64 {
    // `as` saturates, and makes 0 of what is no number.
    value.ceil().max(0.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLD: ColdCost = ColdCost { input_token: 1_000_000.0, output_token: 5_000_000.0 };

    fn sizes(max: Option<u64>) -> Sizes {
        Sizes { body_bytes: 300, max_output_tokens: max }
    }

    fn outcome(output_tokens: u64) -> Outcome {
        Outcome {
            body_bytes: 300,
            input_tokens: 60,
            output_tokens,
            input_spend: Some(60_000_000),
            output_spend: Some(output_tokens as i64 * 5_000_000),
        }
    }

    #[test]
    fn a_model_nobody_called_yet_is_expected_to_answer_at_length() {
        let asks = Learned::default().asks(sizes(None), COLD);
        assert_eq!(asks.tokens, Ask { low: 0, high: 100 + 4_096 });
        assert_eq!(asks.spend.high, 100 * 1_000_000 + 4_096 * 5_000_000);
        assert_eq!(Learned::default().asks(sizes(Some(64_000)), COLD).tokens.high, 100 + 4_096);
        assert_eq!(Learned::default().asks(sizes(Some(10)), COLD).tokens.high, 110);
    }

    #[test]
    fn calls_that_are_all_alike_are_soon_known_exactly() {
        let mut learned = Learned::default();
        for _ in 0..60 {
            learned.learn(&outcome(200));
        }
        let asks = learned.asks(sizes(Some(64_000)), ColdCost::default());
        assert_eq!((asks.tokens.low, asks.input_tokens), (260, 60));
        assert!((260..=261).contains(&asks.tokens.high), "{asks:?}");
        assert!((1_060_000_000..1_061_000_000).contains(&asks.spend.high), "{asks:?}");
    }

    #[test]
    fn one_long_answer_raises_what_the_next_call_holds_at_once() {
        let mut learned = Learned::default();
        for _ in 0..60 {
            learned.learn(&outcome(200));
        }
        learned.learn(&outcome(2_000));
        assert!(learned.asks(sizes(None), COLD).tokens.high > 2_000);
        assert!(learned.asks(sizes(Some(50)), COLD).tokens.high <= 111, "max_tokens still bounds it");
    }

    proptest! {
        #[test]
        fn the_likely_end_is_never_above_the_careful_one(
            outputs in proptest::collection::vec(0u64..200_000, 0..30), bytes in 0u64..10_000_000, max in proptest::option::of(0u64..300_000)
        ) {
            let mut learned = Learned::default();
            for output in outputs {
                learned.learn(&outcome(output));
            }
            let asks = learned.asks(Sizes { body_bytes: bytes, max_output_tokens: max }, COLD);
            prop_assert!(0 <= asks.tokens.low && asks.tokens.low <= asks.tokens.high);
            prop_assert!(0 <= asks.spend.low && asks.spend.low <= asks.spend.high);
        }
    }
}
