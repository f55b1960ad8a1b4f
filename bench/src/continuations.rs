//! Has a model's broken streams continued, so that what this costs can be measured: `matrix --continuations 1`.

use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::target::Aop;

/// What a model is changed with, of what is told of it.
const FIELDS: [&str; 8] = [
    "model",
    "operations",
    "max_attempts",
    "strategy",
    "sticky",
    "aliases",
    "fallbacks",
    "shared",
];
const TARGET_FIELDS: [&str; 5] = ["provider_id", "upstream_model", "credential_id", "priority", "weight"];

/// Streams of this model are looked at as those that may go on elsewhere, from the next call on.
pub fn turn_on(aop: &Aop, model: &str, times: u8) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
    let url = format!("http://{}/api/models", aop.address);
    runtime.block_on(async {
        let models = client.get(format!("{url}?limit=200")).bearer_auth(&aop.key).send().await?;
        let models: Value = models.error_for_status()?.json().await?;
        let items = models["items"].as_array().map_or(&[][..], Vec::as_slice);
        let known = items.iter().find(|known| known["model"] == model).context("there is no such model")?;
        let mut wish = only(known, &FIELDS);
        wish.insert("continuations".to_owned(), times.into());
        let targets = known["targets"].as_array().map_or(&[][..], Vec::as_slice);
        let targets: Vec<_> = targets.iter().map(|target| only(target, &TARGET_FIELDS)).collect();
        wish.insert("targets".to_owned(), json!(targets));
        let url = format!("{url}/{}", known["id"].as_str().unwrap_or_default());
        let changed = client.put(url).bearer_auth(&aop.key).json(&wish).send().await?;
        let changed: Value = changed.error_for_status()?.json().await?;
        anyhow::ensure!(changed["continuations"] == times, "the model was not changed: {changed}");
        // In force when the gateway has heard of it.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    })
}

fn only(of: &Value, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), of.get(*name)?.clone()))).collect()
}
