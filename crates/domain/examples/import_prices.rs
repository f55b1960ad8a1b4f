//! Makes `data/prices.json` and `data/models.json` from a file of public facts about models (LiteLLM's form).
//!
//! `cargo run -p aop-domain --example import_prices -- facts.json YYYYMMDD`
//!
//! Writes the cards and, beside them, the list of what was not used.

use std::fmt::Write as _;
use std::path::Path;

use aop_domain::model_facts;
use aop_domain::price::{import, to_file};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (facts, version) =
        arguments.next().zip(arguments.next()).ok_or("usage: import_prices facts.json YYYYMMDD")?;
    let facts = std::fs::read_to_string(facts)?;
    let (cards, report) = import::from_litellm(&facts)?;
    if !report.is_complete() {
        return Err(format!("numbers were lost: {report:?}").into());
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let source = "public price facts in LiteLLM's form";
    std::fs::write(data.join("prices.json"), to_file(&cards, &report, version.parse()?, source)?)?;
    let models = model_facts::from_litellm(&facts)?;
    let source = "public model facts in LiteLLM's form";
    std::fs::write(data.join("models.json"), model_facts::to_file(&models, version.parse()?, source)?)?;
    let mut text = format!(
        "Price numbers of {} models: {} in the source, {} carried into {} cards, {} repeated.\n\nNot used, by field:\n",
        report.models, report.price_numbers, report.carried, report.priced_models, report.repeated
    );
    for (field, count) in &report.not_used {
        writeln!(text, "{count:6} {field}")?;
    }
    writeln!(
        text,
        "\nFields that name one price differently (the first in the source is used): {}",
        report.conflicts.len()
    )?;
    for conflict in &report.conflicts {
        writeln!(text, "       {conflict}")?;
    }
    std::fs::write(data.join("prices.report.txt"), text)?;
    Ok(())
}
