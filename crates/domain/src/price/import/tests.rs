//! The converter on facts in every form the source has.
#![allow(clippy::unwrap_used)]

use super::*;
use rust_decimal::Decimal;

fn import(json: &str) -> (Cards, Report) {
    let (cards, report) = from_litellm(json).unwrap();
    assert!(report.is_complete(), "{report:?}");
    (cards, report)
}

fn card(fields: &str) -> (String, Report) {
    let (cards, report) = import(&format!(
        r#"{{"sample_spec":{{"input_cost_per_token":0}},"m":{{"litellm_provider":"p",{fields}}}}}"#
    ));
    (cards.get("p").and_then(|models| models.get("m")).map(PriceCard::to_json).unwrap_or_default(), report)
}

#[test]
fn numbers_are_exact_and_never_pass_through_a_float() {
    let cases = [
        ("1.5e-07", "0.00000015"),
        ("2.0000000000000002e-07", "0.00000020000000000000002"),
        ("0", "0"),
        ("0.0", "0"),
        ("3E2", "300"),
        ("1.50", "1.5"),
        ("7.1667e-05", "0.000071667"),
    ];
    for (text, expected) in cases {
        assert_eq!(number::decimal(text).unwrap(), expected.parse::<Decimal>().unwrap(), "{text}");
    }
    assert_eq!(number::decimal("1e-40"), None);
    assert_eq!(number::decimal("1e60"), None);
}

#[test]
fn classes_thresholds_lifetimes_and_tiers_become_keys() {
    let (card, report) = card(
        r#""input_cost_per_token":1e-6,"output_cost_per_token":2e-6,"cache_read_input_token_cost":1e-7,
        "cache_creation_input_token_cost_above_1hr":3e-6,"input_cost_per_token_above_200k_tokens":2e-6,
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens":6e-6,"output_cost_per_token_batches":1e-6,
        "cache_read_input_token_cost_above_272k_tokens_priority":4e-7,"output_cost_per_second_1080p":0.4,
        "output_cost_per_image_2K":0.1,"search_context_cost_per_query":{"search_context_size_low":0.01}"#,
    );
    assert_eq!(
        card,
        r#"{"input":"0.000001","input>200000":"0.000002","cache_read":"0.0000001","cache_read>272000@priority":"0.0000004","cache_write_1h":"0.000003","cache_write_1h>200000":"0.000006","output":"0.000002","output@batch":"0.000001","image_out#2K":"0.1","second_out#1080p":"0.4","search#low":"0.01"}"#
    );
    assert_eq!((report.models, report.priced_models, report.carried), (1, 1, 11));
}

#[test]
fn price_ranges_become_thresholds() {
    let (card, report) = card(
        r#""tiered_pricing":[{"input_cost_per_token":4e-07,"range":[0,256000.0]},
        {"input_cost_per_token":1.2e-06,"range":[256000.0,1000000.0]}]"#,
    );
    assert_eq!(card, r#"{"input":"0.0000004","input>256000":"0.0000012"}"#);
    assert_eq!(report.price_numbers, 2, "the ranges themselves are no prices");
}

#[test]
fn what_is_not_used_is_listed_by_name() {
    let (card, report) = card(
        r#""input_cost_per_token":1,"input_dbu_cost_per_token":2,"vector_store_cost_per_gb_per_day":3,
        "off_peak_pricing":{"input_cost_per_token":0.5,"windows":[{"weekdays":[1]}]},"rpm":5,
        "regional_endpoint_uplift_multiplier":1.1,"some_new_cost":9,"max_tokens":5"#,
    );
    assert_eq!(card, r#"{"input":"1"}"#);
    let listed: Vec<_> = report.not_used.keys().map(String::as_str).collect();
    assert_eq!(
        listed,
        [
            "input_dbu_cost_per_token",
            "off_peak_pricing.input_cost_per_token",
            "regional_endpoint_uplift_multiplier",
            "some_new_cost",
            "vector_store_cost_per_gb_per_day",
        ]
    );
}

#[test]
fn two_names_for_one_price_are_repeated_or_a_conflict() {
    let (_, report) = card(r#""cache_read_input_token_cost":1e-7,"input_cost_per_token_cache_hit":0.1e-6"#);
    assert_eq!((report.repeated, report.conflicts.len()), (1, 0));
    let (_, report) = card(r#""cache_read_input_token_cost":1e-7,"input_cost_per_token_cache_hit":2e-7"#);
    assert_eq!(report.conflicts, ["m: input_cost_per_token_cache_hit"]);
}

#[test]
fn a_model_without_prices_has_no_card() {
    let (card, report) = card(r#""mode":"chat""#);
    assert_eq!((card.as_str(), report.models, report.priced_models), ("", 1, 0));
}
