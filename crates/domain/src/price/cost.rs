//! Usage times prices. The only place where a cost is made.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::card::{PriceCard, Rate};
use super::meter::Meter;
use crate::money::Cost;
use crate::usage::Usage;

/// So much of one thing that a call used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub meter: Meter,
    /// A size, a kind; empty for most.
    pub variant: String,
    pub count: Decimal,
}

impl Unit {
    pub fn new(meter: Meter, count: impl Into<Decimal>) -> Self {
        Self { meter, variant: String::new(), count: count.into() }
    }
}

/// Units other than tokens that a call used: meter, variant (or empty), how many.
pub type Units<'a> = &'a [(Meter, &'a str, Decimal)];

/// What else decides the price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The service tier the provider says it served: `batch`, `flex`, `priority`; empty or `default` otherwise.
    pub service_tier: &'a str,
}

/// What a call costs. `None` means unknown: something was used that the card has no price for, or nothing
/// that the card charges for is known.
///
/// Input, audio, image, per-request and all other units count as input, cache reads and writes as cache.
pub fn cost(usage: &Usage, units: Units<'_>, facts: Facts<'_>, card: &PriceCard) -> Option<Cost> {
    let tier = if facts.service_tier == "default" { "" } else { facts.service_tier };
    let prices = InForce::new(card, usage.input(), tier);
    let by_token = card.has_token_prices();
    let mut cost = Cost::default();
    if by_token {
        cost = prices.classes(&Classes::of(usage))?;
    }
    for (meter, variant, count) in units {
        cost.input = cost.input.checked_add(prices.unit(*meter, variant, *count)?)?;
    }
    let per_request = prices.own_price(Meter::Request);
    cost.input = cost.input.checked_add(per_request.unwrap_or_default())?;
    let anything_charged = by_token || !units.is_empty() || per_request.is_some();
    anything_charged.then_some(cost)
}

/// What a call costs whose units are known and whose tokens may be: providers price one thing in more than one way, and a
/// card may name several prices for it. Tokens that were told are charged when the card has prices for them; sizes, lengths
/// and numbers of what was made only where they are not, each by its first price; searches always.
pub fn cost_of_measured(
    usage: Option<&Usage>,
    units: &[Unit],
    facts: Facts<'_>,
    card: &PriceCard,
) -> Option<Cost> {
    let by_token = usage.is_some() && card.has_token_prices();
    let mut charged = Vec::new();
    for unit in units {
        // A picture is charged by its number or by its pixels.
        let by_picture = card.charges(Meter::ImageOut) || card.charges(Meter::ImageIn);
        if unit.meter == Meter::PixelOut && by_picture {
            continue;
        }
        let is_beside_tokens = matches!(unit.meter, Meter::Query | Meter::Search | Meter::OutputImage);
        let meter = unit.meter.ways_to_charge().iter().find(|meter| card.charges(**meter));
        if let Some(meter) = meter.filter(|_| is_beside_tokens || !by_token) {
            charged.push((*meter, unit.variant.as_str(), unit.count));
        }
    }
    let mut usage = usage.filter(|_| by_token).copied().unwrap_or_default();
    // Tokens of pictures are among those of the answer, and may have a price of their own.
    for (_, _, count) in charged.iter().filter(|(meter, ..)| *meter == Meter::OutputImage) {
        usage.out_text = usage.out_text.saturating_sub(count.to_u32().unwrap_or(u32::MAX));
    }
    if !by_token && charged.is_empty() && !card.charges(Meter::Request) {
        return None;
    }
    cost(&usage, &charged, facts, card)
}

/// Tokens of one call or of many, in the classes of [`Usage`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Classes {
    pub in_uncached: u64,
    pub in_cache_read: u64,
    pub in_cache_write_5m: u64,
    pub in_cache_write_1h: u64,
    pub in_audio: u64,
    pub in_image: u64,
    pub out_text: u64,
    pub out_reasoning: u64,
    pub out_audio: u64,
}

impl Classes {
    pub fn of(usage: &Usage) -> Self {
        Self {
            in_uncached: usage.in_uncached.into(),
            in_cache_read: usage.in_cache_read.into(),
            in_cache_write_5m: usage.in_cache_write_5m.into(),
            in_cache_write_1h: usage.in_cache_write_1h.into(),
            in_audio: usage.in_audio.into(),
            in_image: usage.in_image.into(),
            out_text: usage.out_text.into(),
            out_reasoning: usage.out_reasoning.into(),
            out_audio: usage.out_audio.into(),
        }
    }

    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            in_uncached: self.in_uncached.saturating_add(other.in_uncached),
            in_cache_read: self.in_cache_read.saturating_add(other.in_cache_read),
            in_cache_write_5m: self.in_cache_write_5m.saturating_add(other.in_cache_write_5m),
            in_cache_write_1h: self.in_cache_write_1h.saturating_add(other.in_cache_write_1h),
            in_audio: self.in_audio.saturating_add(other.in_audio),
            in_image: self.in_image.saturating_add(other.in_image),
            out_text: self.out_text.saturating_add(other.out_text),
            out_reasoning: self.out_reasoning.saturating_add(other.out_reasoning),
            out_audio: self.out_audio.saturating_add(other.out_audio),
        }
    }
}

/// What the tokens of many calls cost together, as exactly as one by one: of calls that a card has the same prices for, which
/// are those of one service tier with no threshold of the card between their lengths. `input_tokens` is the length of any of
/// them. `None`: something was used that the card has no price for, or it has no price for tokens.
pub fn cost_of_many(
    calls: u64,
    tokens: &Classes,
    input_tokens: u64,
    facts: Facts<'_>,
    card: &PriceCard,
) -> Option<Cost> {
    if !card.has_token_prices() {
        return None;
    }
    let tier = if facts.service_tier == "default" { "" } else { facts.service_tier };
    let prices = InForce::new(card, input_tokens, tier);
    let mut cost = prices.classes(tokens)?;
    let per_request = prices.own_price(Meter::Request).unwrap_or_default();
    cost.input = cost.input.checked_add(per_request.checked_mul(calls.into())?)?;
    Some(cost)
}

/// How many meters [`InForce`] looks up: all that count tokens, and the price of a request.
const LOOKED_UP: usize = Meter::Request as usize + 1;

/// The prices in force for one call, found in one pass over the card.
struct InForce<'a> {
    card: &'a PriceCard,
    input_tokens: u64,
    tier: &'a str,
    rates: [Option<&'a Rate>; LOOKED_UP],
}

impl<'a> InForce<'a> {
    fn new(card: &'a PriceCard, input_tokens: u64, tier: &'a str) -> Self {
        let mut rates: [Option<&Rate>; LOOKED_UP] = [None; LOOKED_UP];
        for rate in card.rates() {
            if let Some(best) = rates.get_mut(rate.meter as usize)
                && rate.variant.is_empty()
                && rate.is_in_force(input_tokens, tier)
                && best.is_none_or(|best| best.strength() < rate.strength())
            {
                *best = Some(rate);
            }
        }
        Self { card, input_tokens, tier, rates }
    }

    fn own_price(&self, meter: Meter) -> Option<Decimal> {
        self.rates.get(meter as usize).copied().flatten().map(|rate| rate.price)
    }

    /// A class without a price of its own costs what its fallback costs.
    fn price(&self, meter: Meter) -> Option<Decimal> {
        let mut next = Some(meter);
        while let Some(meter) = next {
            if let Some(price) = self.own_price(meter) {
                return Some(price);
            }
            next = meter.fallback();
        }
        None
    }

    fn classes(&self, tokens: &Classes) -> Option<Cost> {
        let input = [
            (Meter::Input, tokens.in_uncached),
            (Meter::InputAudio, tokens.in_audio),
            (Meter::InputImage, tokens.in_image),
        ];
        let cache = [
            (Meter::CacheRead, tokens.in_cache_read),
            (Meter::CacheWrite5m, tokens.in_cache_write_5m),
            (Meter::CacheWrite1h, tokens.in_cache_write_1h),
        ];
        let output = [
            (Meter::Output, tokens.out_text),
            (Meter::Reasoning, tokens.out_reasoning),
            (Meter::OutputAudio, tokens.out_audio),
        ];
        Some(Cost { input: self.tokens(&input)?, cache: self.tokens(&cache)?, output: self.tokens(&output)? })
    }

    fn tokens(&self, classes: &[(Meter, u64)]) -> Option<Decimal> {
        let used = classes.iter().filter(|(_, count)| *count > 0);
        used.map(|(meter, count)| self.price(*meter)?.checked_mul(Decimal::from(*count)))
            .try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))
    }

    fn unit(&self, meter: Meter, variant: &str, count: Decimal) -> Option<Decimal> {
        let of_variant = self.card.price(meter, variant, self.input_tokens, self.tier);
        let price = of_variant.or_else(|| self.card.price(meter, "", self.input_tokens, self.tier))?;
        price.checked_mul(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn card(json: &str) -> PriceCard {
        PriceCard::parse(json).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    const FULL: &str = r#"{"input":"0.000003","cache_read":"0.0000003","cache_write_5m":"0.00000375",
        "cache_write_1h":"0.000006","output":"0.000015","input>200000":"0.000006","output>200000":"0.0000225",
        "input@batch":"0.0000015","output@batch":"0.0000075","search":"0.01"}"#;

    #[test]
    fn each_class_has_its_price_and_the_sum_is_exact() {
        let usage = Usage {
            in_uncached: 1_000,
            in_cache_read: 10_000,
            in_cache_write_5m: 200,
            in_cache_write_1h: 100,
            out_text: 333,
            ..Usage::default()
        };
        let cost = cost(&usage, &[], Facts::default(), &card(FULL)).unwrap();
        assert_eq!(cost.input, decimal("0.003"));
        assert_eq!(cost.cache, decimal("0.00435"));
        assert_eq!(cost.output, decimal("0.004995"));
        assert_eq!(cost.total(), decimal("0.012345"));
    }

    #[test]
    fn above_the_threshold_the_whole_call_is_at_the_higher_price() {
        let usage = Usage { in_uncached: 150_000, in_cache_read: 50_001, out_text: 10, ..Usage::default() };
        let cost = cost(&usage, &[], Facts::default(), &card(FULL)).unwrap();
        assert_eq!((cost.input, cost.output), (decimal("0.9"), decimal("0.000225")));
        assert_eq!(cost.cache, decimal("0.0150003"), "no higher price for the cache: its own");
    }

    #[test]
    fn the_tier_the_provider_served_decides() {
        let usage = Usage { in_uncached: 10, out_text: 10, ..Usage::default() };
        let in_tier = |service_tier| cost(&usage, &[], Facts { service_tier }, &card(FULL)).unwrap().total();
        assert_eq!(in_tier("batch") * Decimal::TWO, in_tier("default"));
    }

    #[test]
    fn classes_without_a_price_cost_what_they_stand_for() {
        let plain = card(r#"{"input":"2","output":"3"}"#);
        let usage = Usage {
            in_audio: 1,
            in_image: 1,
            in_cache_read: 1,
            in_cache_write_1h: 1,
            out_reasoning: 1,
            out_audio: 1,
            ..Usage::default()
        };
        let cost = cost(&usage, &[], Facts::default(), &plain).unwrap();
        assert_eq!((cost.input, cost.cache, cost.output), (4.into(), 4.into(), 6.into()));
    }

    #[test]
    fn what_has_no_price_is_unknown_and_not_free() {
        let used = Usage { in_uncached: 1, out_text: 1, ..Usage::default() };
        let only_input = card(r#"{"input":"2"}"#);
        assert_eq!(cost(&used, &[], Facts::default(), &only_input), None);
        let embedding = Usage { in_uncached: 4, ..Usage::default() };
        assert_eq!(cost(&embedding, &[], Facts::default(), &only_input).unwrap().total(), 8.into());
        let by_second = card(r#"{"second_in":"0.0001"}"#);
        assert_eq!(cost(&Usage::default(), &[], Facts::default(), &by_second), None);
        let seconds = [(Meter::SecondIn, "", decimal("12.5"))];
        let cost = cost(&Usage::default(), &seconds, Facts::default(), &by_second).unwrap();
        assert_eq!(cost.total(), decimal("0.00125"));
    }

    #[test]
    fn units_and_requests_are_added() {
        let searching =
            card(r#"{"input":"1","output":"1","search":"0.01","search#high":"0.05","request":"0.005"}"#);
        let units = [(Meter::Search, "high", 2.into()), (Meter::Search, "low", 1.into())];
        let cost = cost(&Usage::default(), &units, Facts::default(), &searching).unwrap();
        assert_eq!(cost.total(), decimal("0.115"));
    }

    #[test]
    fn a_free_model_costs_zero_which_is_known() {
        let free = card(r#"{"input":"0","output":"0"}"#);
        let usage = Usage { in_uncached: 5, out_text: 5, ..Usage::default() };
        assert_eq!(cost(&usage, &[], Facts::default(), &free), Some(Cost::default()));
    }

    #[test]
    fn what_is_priced_in_two_ways_is_charged_once() {
        let total = |usage: Option<&Usage>, units: &[Unit], json| {
            cost_of_measured(usage, units, Facts::default(), &card(json)).map(|cost| cost.total())
        };
        let heard = [Unit::new(Meter::SecondIn, 10)];
        let tokens = Usage { in_audio: 100, out_text: 10, ..Usage::default() };
        let both = r#"{"input":"1","output":"2","second_in":"7"}"#;
        assert_eq!(total(Some(&tokens), &heard, both), Some(120.into()), "tokens were told");
        assert_eq!(total(None, &heard, both), Some(70.into()), "only the length is known");
        assert_eq!(total(Some(&tokens), &heard, r#"{"second_in":"7","second_out":"7"}"#), Some(70.into()));
        assert_eq!(total(None, &heard, r#"{"second":"3"}"#), Some(30.into()), "under another name");
        assert_eq!(total(None, &heard, r#"{"input":"1","output":"2"}"#), None, "a price for something else");
        assert_eq!(total(None, &[], both), None);
        let searched = [Unit::new(Meter::Query, 2)];
        assert_eq!(total(None, &searched, r#"{"input":"0","query":"0.002"}"#), Some(decimal("0.004")));
        assert_eq!(
            total(Some(&tokens), &searched, r#"{"input":"1","output":"0","query":"5"}"#),
            Some(110.into())
        );
        assert_eq!(total(None, &[], r#"{"request":"3"}"#), Some(3.into()));
    }

    #[test]
    fn tokens_of_pictures_have_their_own_price_where_the_card_has_one() {
        let usage = Usage { in_uncached: 10, out_text: 100, ..Usage::default() };
        let drawn = [Unit::new(Meter::OutputImage, 90)];
        let total = |json| {
            cost_of_measured(Some(&usage), &drawn, Facts::default(), &card(json)).map(|cost| cost.total())
        };
        assert_eq!(total(r#"{"input":"1","output":"2","output_image":"5"}"#), Some((10 + 20 + 450).into()));
        assert_eq!(total(r#"{"input":"1","output":"2"}"#), Some(210.into()));
        assert_eq!(total(r#"{"input":"1","output_image":"5"}"#), None, "the other ten have no price");
    }

    #[test]
    fn a_picture_of_a_size_without_a_price_costs_what_any_picture_does() {
        let drawn = |size: &str| [Unit { variant: size.to_owned(), ..Unit::new(Meter::ImageOut, 3) }];
        let json = r#"{"image_out":"0.02","image_out#1536x1024":"0.03"}"#;
        let total =
            |units: &[Unit]| cost_of_measured(None, units, Facts::default(), &card(json)).unwrap().total();
        assert_eq!(total(&drawn("1536x1024")), decimal("0.09"));
        assert_eq!(total(&drawn("512x512")), decimal("0.06"));
        let pixels = [drawn("1024x1024")[0].clone(), Unit::new(Meter::PixelOut, 1_048_576)];
        assert_eq!(total(&pixels), decimal("0.06"), "not by its pixels as well");
        let by_pixel = card(r#"{"pixel_in":"0.000001","pixel_out":"0"}"#);
        let cost = cost_of_measured(None, &pixels, Facts::default(), &by_pixel).unwrap();
        assert_eq!(cost.total(), decimal("1.048576"));
    }

    proptest! {
        #[test]
        fn cost_is_linear_below_the_threshold(tokens in 0u32..50_000, output in 0u32..50_000) {
            let card = card(FULL);
            let of = |times: u32| {
                let usage = Usage { in_uncached: tokens * times, out_text: output * times, ..Usage::default() };
                cost(&usage, &[], Facts::default(), &card).unwrap().total()
            };
            prop_assert_eq!(of(1) * Decimal::from(3), of(3));
        }

        #[test]
        fn many_calls_cost_together_what_they_cost_one_by_one(
            calls in prop::collection::vec((0u32..200_000, 0u32..1_000, any::<u32>()), 1..20),
            is_long: bool,
            tier in prop::sample::select(vec!["", "batch"]),
        ) {
            let card = PriceCard::parse(
                r#"{"input":"0.3","cache_read":"0.03","output":"0.7","input>200000":"0.6","input@batch":"0.1","request":"0.01"}"#,
            ).unwrap();
            let facts = Facts { service_tier: tier };
            let mut sums = Classes::default();
            let mut one_by_one = Decimal::ZERO;
            let mut length = 0;
            for (input, cached, output) in &calls {
                let in_uncached = input + if is_long { 200_001 } else { 0 };
                let cached = if is_long { *cached } else { (*cached).min(200_000 - input.min(&200_000)) };
                let usage = Usage { in_uncached, in_cache_read: cached, out_text: *output, ..Usage::default() };
                length = usage.input();
                sums.in_uncached += u64::from(in_uncached);
                sums.in_cache_read += u64::from(cached);
                sums.out_text += u64::from(*output);
                one_by_one += cost(&usage, &[], facts, &card).unwrap().total();
            }
            let together = cost_of_many(calls.len() as u64, &sums, length, facts, &card).unwrap();
            prop_assert_eq!(together.total(), one_by_one);
        }

        #[test]
        fn no_usage_makes_it_panic(parts in prop::array::uniform9(any::<u32>())) {
            let [a, b, c, d, e, f, g, h, i] = parts;
            let usage = Usage { in_uncached: a, in_cache_read: b, in_cache_write_5m: c, in_cache_write_1h: d, in_audio: e,
                in_image: f, out_text: g, out_reasoning: h, out_audio: i };
            prop_assert!(cost(&usage, &[], Facts::default(), &card(FULL)).is_some());
        }
    }
}
