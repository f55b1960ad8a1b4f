//! Which price a field of the source names.

use rust_decimal::Decimal;

use super::number::{self, Number};
use crate::price::card::Rate;
use crate::price::meter::Meter;

/// A rate without its price.
pub(super) struct Key {
    meter: Meter,
    variant: String,
    above_tokens: u32,
    tier: &'static str,
}

impl Key {
    pub(super) fn with(self, price: Decimal) -> Rate {
        Rate {
            meter: self.meter,
            variant: self.variant.into(),
            above_tokens: self.above_tokens,
            tier: self.tier.into(),
            price,
        }
    }
}

/// Suffixes of service tiers and the names they have here.
const TIERS: &[(&str, &str)] = &[
    ("_batches", "batch"),
    ("_flex", "flex"),
    ("_priority", "priority"),
    ("_balanced", "balanced"),
    ("_ultrafast", "ultrafast"),
    ("_decisions", "decisions"),
];

const METERS: &[(&str, Meter)] = &[
    ("input_cost_per_token", Meter::Input),
    ("output_cost_per_token", Meter::Output),
    ("cache_read_input_token_cost", Meter::CacheRead),
    ("input_cost_per_token_cache_hit", Meter::CacheRead),
    ("cache_creation_input_token_cost", Meter::CacheWrite5m),
    ("cache_creation_input_token_cost_above_1hr", Meter::CacheWrite1h),
    ("input_cost_per_audio_token", Meter::InputAudio),
    ("input_cost_per_image_token", Meter::InputImage),
    ("input_cost_per_video_token", Meter::InputVideo),
    ("cache_read_input_audio_token_cost", Meter::CacheReadAudio),
    ("cache_read_input_image_token_cost", Meter::CacheReadImage),
    ("cache_creation_input_audio_token_cost", Meter::CacheWriteAudio),
    ("output_cost_per_reasoning_token", Meter::Reasoning),
    ("output_cost_per_audio_token", Meter::OutputAudio),
    ("output_cost_per_image_token", Meter::OutputImage),
    ("output_cost_per_video_token", Meter::OutputVideo),
    ("citation_cost_per_token", Meter::Citation),
    ("input_cost_per_request", Meter::Request),
    ("input_cost_per_query", Meter::Query),
    ("input_cost_per_image", Meter::ImageIn),
    ("output_cost_per_image", Meter::ImageOut),
    ("input_cost_per_pixel", Meter::PixelIn),
    ("output_cost_per_pixel", Meter::PixelOut),
    ("cost_per_second", Meter::Second),
    ("input_cost_per_second", Meter::SecondIn),
    ("output_cost_per_second", Meter::SecondOut),
    ("input_cost_per_audio_per_second", Meter::AudioSecondIn),
    ("input_cost_per_video_per_second", Meter::VideoSecondIn),
    ("output_cost_per_video_per_second", Meter::VideoSecondOut),
    ("input_cost_per_character", Meter::CharacterIn),
    ("output_cost_per_character", Meter::CharacterOut),
    ("ocr_cost_per_page", Meter::OcrPage),
    ("ocr_cost_per_credit", Meter::OcrCredit),
    ("annotation_cost_per_page", Meter::AnnotationPage),
    ("google_maps_grounding_cost_per_query", Meter::MapsQuery),
    ("code_interpreter_cost_per_session", Meter::CodeInterpreterSession),
    ("computer_use_input_cost_per_1k_tokens", Meter::ComputerUseInput),
    ("computer_use_output_cost_per_1k_tokens", Meter::ComputerUseOutput),
    ("file_search_cost_per_1k_calls", Meter::FileSearch),
    ("input_cost_per_text_message", Meter::TextMessage),
];

/// Names that end in a variant.
const VARIANTS: &[(&str, Meter)] =
    &[("output_cost_per_image_", Meter::ImageOut), ("output_cost_per_second_", Meter::SecondOut)];

/// Sizes and resolutions that a name may end in; anything else is no variant.
const KNOWN_VARIANTS: &[&str] =
    &["0.5K", "512", "1K", "1024", "1536", "2K", "2k", "4K", "4k", "480p", "720p", "768p", "1080p"];

/// Does this number say what something costs? Prices, and the factors prices are multiplied with.
pub(super) fn says_a_price(number: &Number) -> bool {
    let is_factor = number.path.contains("multiplier") || number.path.starts_with("provider_specific_entry.");
    number.path.contains("cost") || is_factor
}

/// The rate a number is the price of; `None` when it is not used.
pub(super) fn rate_key(number: &Number) -> Option<Key> {
    let plain =
        |meter, variant: &str| Some(Key { meter, variant: variant.to_owned(), above_tokens: 0, tier: "" });
    if number.path == number.name {
        return of_name(&number.name);
    }
    match number.path.split_once('.') {
        Some(("search_context_cost_per_query", size)) => {
            plain(Meter::Search, size.strip_prefix("search_context_size_")?)
        }
        Some(("guardrail_cost_per_unit", kind)) => plain(Meter::Guardrail, kind),
        Some(("tiered_pricing[]", _)) => {
            let above_tokens = number::tokens(number.range_start.as_deref()?)?;
            of_name(&number.name).map(|key| Key { above_tokens, ..key })
        }
        // Off-peak hours, factors of regions and speeds.
        _ => None,
    }
}

/// `<price>[_above_<N>k_tokens][_<tier>]`
fn of_name(name: &str) -> Option<Key> {
    let tiered = TIERS.iter().find_map(|(suffix, tier)| Some((name.strip_suffix(suffix)?, *tier)));
    let (name, tier) = tiered.unwrap_or((name, ""));
    let (name, above_tokens) =
        match name.strip_suffix("k_tokens").and_then(|rest| rest.rsplit_once("_above_")) {
            Some((rest, thousands)) => (rest, thousands.parse::<u32>().ok()?.checked_mul(1_000)?),
            None => (name, 0),
        };
    if let Some((_, meter)) = METERS.iter().find(|(known, _)| *known == name) {
        return Some(Key { meter: *meter, variant: String::new(), above_tokens, tier });
    }
    let (variant, meter) =
        VARIANTS.iter().find_map(|(start, meter)| Some((name.strip_prefix(start)?, *meter)))?;
    let variant =
        KNOWN_VARIANTS.contains(&variant).then(|| variant.to_ascii_uppercase().replace('P', "p"))?;
    Some(Key { meter, variant, above_tokens, tier })
}
