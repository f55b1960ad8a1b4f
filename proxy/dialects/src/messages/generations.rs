//! What Claude models of one generation know and those of another do not. A client that is told a name of ours takes it for
//! a current model and sends all that a current one knows; a route that leads to an older one may have that taken out.
//!
//! Only models whose version stands in their name are judged: of others nothing is known, and nothing is taken out.

use serde_json::{Map, Value, json};

use crate::form::Effort;

/// The fields of a request that not all generations know.
pub const FIELDS: [&str; 4] = ["thinking", "output_config", "context_management", "speed"];

/// Less than this is no budget for thinking.
pub(super) const LEAST_BUDGET_TOKENS: u64 = 1_024;

/// Fields and the beginning of the beta that goes with them: a half of such a pair is refused by the provider.
const PAIRS: [(&str, &str); 6] = [
    ("thinking", "interleaved-thinking-"),
    ("output_config.effort", "effort-"),
    ("output_config.task_budget", "task-budgets-"),
    ("context_management", "context-management-"),
    ("context_management.edits.compact", "compact-"),
    ("speed", "fast-mode-"),
];

/// Of a model's name: `claude-opus-4-6`, `claude-3-5-haiku-20241022`, also behind prefixes such as `anthropic.`.
pub(super) fn version(model: &str) -> Option<(u32, u32)> {
    let (_, name) = model.split_once("claude-")?;
    let parts = name.split(['-', '.', '@', ':']).map(|part| part.parse::<u32>().ok());
    let mut numbers = parts.skip_while(Option::is_none).map_while(|number| number);
    let major = numbers.next().filter(|major| *major < 100)?;
    let minor = numbers.next().filter(|minor| *minor < 100).unwrap_or(0);
    Some((major, minor))
}

/// Models from 4.6 on decide themselves how long they think; older ones need a budget.
pub(super) fn thinks_adaptively(model: &str) -> bool {
    version(model).is_some_and(|version| version >= (4, 6))
}

/// How long a model that needs a budget thinks for an effort.
pub(super) fn budget_tokens(effort: Effort) -> u64 {
    match effort {
        Effort::None | Effort::Minimal => LEAST_BUDGET_TOKENS,
        Effort::Low => 2_048,
        Effort::Medium => 8_192,
        Effort::High => 16_384,
        Effort::XHigh | Effort::Max => 32_768,
    }
}

/// What one generation knows.
struct Knows {
    thinking: bool,
    adaptive: bool,
    budget: bool,
    effort: bool,
    context: bool,
    compaction: bool,
    speed: bool,
}

impl Knows {
    fn of(model: &str) -> Option<Self> {
        let version = version(model)?;
        let from = |first| version >= first;
        Some(Self {
            thinking: from((3, 7)),
            adaptive: from((4, 6)),
            budget: from((3, 7)) && !from((4, 7)),
            effort: from((4, 6)) || (version == (4, 5) && model.contains("opus")),
            context: from((4, 0)),
            compaction: from((4, 6)),
            speed: from((4, 6)),
        })
    }
}

/// Takes out of `fields` what `model` does not know, or says it in words that it does. `fields` are those of [`FIELDS`] that
/// the request has; `max_tokens` is its bound. Returns the names of what is not there any more.
pub fn fit(fields: &mut Map<String, Value>, model: &str, max_tokens: Option<u64>) -> Vec<String> {
    let mut dropped = Vec::new();
    let Some(knows) = Knows::of(model) else { return dropped };
    let effort = fields.get("output_config").and_then(|config| config["effort"].as_str());
    let effort = effort.and_then(Effort::find).unwrap_or(Effort::High);
    fit_thinking(fields, &knows, effort, max_tokens, &mut dropped);
    if let Some(Value::Object(config)) = fields.get_mut("output_config") {
        for (name, is_known) in [("effort", knows.effort), ("task_budget", knows.adaptive)] {
            if !is_known && config.shift_remove(name).is_some() {
                dropped.push(format!("output_config.{name}"));
            }
        }
        if config.is_empty() {
            fields.shift_remove("output_config");
        }
    }
    fit_context(fields, &knows, &mut dropped);
    if !knows.speed && fields.shift_remove("speed").is_some_and(|speed| speed != "standard") {
        dropped.push("speed".to_owned());
    }
    dropped
}

fn fit_thinking(
    fields: &mut Map<String, Value>,
    knows: &Knows,
    effort: Effort,
    max_tokens: Option<u64>,
    dropped: &mut Vec<String>,
) {
    let Some(asked) = fields.get("thinking") else { return };
    let (other, name) = match asked["type"].as_str() {
        // Off is what it is without the field.
        Some("disabled") if !knows.thinking => {
            fields.shift_remove("thinking");
            return;
        }
        Some("adaptive" | "enabled") if !knows.thinking => (None, "thinking"),
        Some("adaptive") if !knows.adaptive => {
            // The bound on the answer counts its thinking.
            let most = max_tokens.map_or(u64::MAX, |most| most.saturating_sub(LEAST_BUDGET_TOKENS));
            let budget = budget_tokens(effort).min(most);
            if budget < LEAST_BUDGET_TOKENS {
                (None, "thinking")
            } else {
                (Some(json!({"type": "enabled", "budget_tokens": budget})), "thinking.type")
            }
        }
        Some("enabled") if !knows.budget => (Some(json!({"type": "adaptive"})), "thinking.budget_tokens"),
        _ => return,
    };
    let display = asked.get("display").cloned();
    dropped.push(name.to_owned());
    let Some(mut other) = other else {
        fields.shift_remove("thinking");
        return;
    };
    if let Some(display) = display {
        other["display"] = display;
    }
    fields.insert("thinking".to_owned(), other);
}

fn fit_context(fields: &mut Map<String, Value>, knows: &Knows, dropped: &mut Vec<String>) {
    if !knows.context {
        if fields.shift_remove("context_management").is_some() {
            dropped.push("context_management".to_owned());
        }
        return;
    }
    // Thoughts are only cleared of an answer that has some.
    let thinks_not = dropped.iter().any(|name| name == "thinking");
    let Some(edits) =
        fields.get_mut("context_management").and_then(|context| context["edits"].as_array_mut())
    else {
        return;
    };
    for (kind, is_known) in [("compact", knows.compaction), ("clear_thinking", !thinks_not)] {
        let before = edits.len();
        let is_of = |edit: &Value| edit["type"].as_str().is_some_and(|name| name.starts_with(kind));
        edits.retain(|edit| is_known || !is_of(edit));
        if edits.len() < before {
            dropped.push(format!("context_management.edits.{kind}"));
        }
    }
    if edits.is_empty() {
        fields.shift_remove("context_management");
    }
}

/// Of the betas that a client asked for, those whose field is still in its request.
pub fn without_pairs(betas: &str, dropped: &[String]) -> String {
    let is_gone = |beta: &str| {
        let mut pairs = PAIRS.iter().filter(|(field, _)| dropped.iter().any(|name| name == field));
        pairs.any(|(_, begins)| beta.starts_with(begins))
    };
    let left = betas.split(',').map(str::trim).filter(|beta| !beta.is_empty() && !is_gone(beta));
    left.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fitted(model: &str, fields: Value, max_tokens: u64) -> (Value, Vec<String>) {
        let mut fields = fields.as_object().unwrap().clone();
        let dropped = fit(&mut fields, model, Some(max_tokens));
        (Value::Object(fields), dropped)
    }

    /// All that a client sends to what it takes for a current model.
    fn current() -> Value {
        json!({
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": {}}},
            "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"},
                {"type": "compact_20260112"}, {"type": "clear_tool_uses_20250919"}]},
            "speed": "fast",
        })
    }

    #[test]
    fn versions_are_read_from_names() {
        for (model, expected) in [
            ("claude-opus-4-6", Some((4, 6))),
            ("claude-sonnet-5", Some((5, 0))),
            ("anthropic.claude-opus-4-7-v1:0", Some((4, 7))),
            ("claude-sonnet-4-6@20260101", Some((4, 6))),
            ("claude-sonnet-4-20250514", Some((4, 0))),
            ("claude-3-5-haiku-20241022", Some((3, 5))),
            ("claude-new", None),
            ("sim-gpt", None),
        ] {
            assert_eq!(version(model), expected, "{model}");
        }
        assert!(thinks_adaptively("claude-opus-4-6") && !thinks_adaptively("claude-opus-4-5-20251101"));
        assert!(!thinks_adaptively("sim-gpt"));
    }

    #[test]
    fn a_current_model_and_one_nobody_knows_get_everything() {
        for model in ["claude-opus-4-6", "claude-sonnet-5", "my-alias", "claude-latest"] {
            assert_eq!(fitted(model, current(), 30_000), (current(), vec![]), "{model}");
        }
    }

    #[test]
    fn an_older_model_thinks_by_a_budget_made_of_the_effort() {
        let (fields, dropped) = fitted("claude-sonnet-4-5-20250929", current(), 30_000);
        let thinking = json!({"type": "enabled", "budget_tokens": 8_192, "display": "summarized"});
        assert_eq!(fields["thinking"], thinking);
        assert_eq!(fields["output_config"], json!({"format": {"type": "json_schema", "schema": {}}}));
        let edits = fields["context_management"]["edits"].as_array().unwrap();
        assert_eq!((edits.len(), fields.get("speed")), (2, None));
        assert_eq!(
            dropped,
            ["thinking.type", "output_config.effort", "context_management.edits.compact", "speed"]
        );
        let (opus, dropped) = fitted("claude-opus-4-5-20251101", current(), 30_000);
        assert_eq!(opus["output_config"]["effort"], "medium", "of its generation only Opus knows efforts");
        assert!(!dropped.contains(&"output_config.effort".to_owned()));
    }

    #[test]
    fn a_bound_too_small_for_thoughts_leaves_them_out_and_what_clears_them() {
        let (fields, dropped) = fitted("claude-sonnet-4-20250514", current(), 2_000);
        assert!(fields.get("thinking").is_none());
        let edits = &fields["context_management"]["edits"];
        assert_eq!(edits, &json!([{"type": "clear_tool_uses_20250919"}]));
        assert!(dropped.contains(&"thinking".to_owned()), "{dropped:?}");
        let (fields, _) = fitted("claude-sonnet-4-20250514", current(), 5_000);
        assert_eq!(fields["thinking"]["budget_tokens"], 5_000 - 1_024);
    }

    #[test]
    fn a_model_that_does_not_think_is_left_with_what_it_knows() {
        let (fields, dropped) = fitted("claude-3-5-haiku-20241022", current(), 30_000);
        assert_eq!(fields, json!({"output_config": {"format": {"type": "json_schema", "schema": {}}}}));
        assert_eq!(dropped, ["thinking", "output_config.effort", "context_management", "speed"]);
        let off = json!({"thinking": {"type": "disabled"}, "speed": "standard"});
        assert_eq!(fitted("claude-3-5-haiku-20241022", off, 9), (json!({}), vec![]), "as without them");
    }

    #[test]
    fn the_newest_models_take_no_budget() {
        let asks = json!({"thinking": {"type": "enabled", "budget_tokens": 4_000}});
        let (fields, dropped) = fitted("claude-opus-4-7", asks.clone(), 30_000);
        assert_eq!(fields, json!({"thinking": {"type": "adaptive"}}));
        assert_eq!(dropped, ["thinking.budget_tokens"]);
        assert_eq!(fitted("claude-opus-4-6", asks.clone(), 30_000), (asks, vec![]));
    }

    #[test]
    fn a_beta_goes_with_its_field() {
        let betas = "claude-code-20250219, effort-2025-11-24,context-management-2025-06-27,of-tomorrow-2099";
        let dropped = ["output_config.effort".to_owned(), "context_management".to_owned()];
        assert_eq!(without_pairs(betas, &dropped), "claude-code-20250219,of-tomorrow-2099");
        assert_eq!(without_pairs("effort-2025-11-24", &dropped), "");
        assert_eq!(without_pairs(betas, &[]), betas.replace(' ', ""));
    }
}
