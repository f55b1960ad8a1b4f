//! Small pieces of the wire that answers and streams share.

use aop_domain::usage::Usage;
use serde_json::Value;

use crate::form::{Alternative, StopReason, TokenLogprob};

pub(super) fn stop(reason: &str) -> StopReason {
    match reason {
        "COMPLETE" => StopReason::End,
        "STOP_SEQUENCE" => StopReason::Sequence(None),
        "MAX_TOKENS" => StopReason::Length,
        "TOOL_CALL" => StopReason::ToolCalls,
        "ERROR_TOXIC" => StopReason::ContentFilter,
        other => StopReason::Other(other.to_ascii_lowercase()),
    }
}

/// Reasons that say that there is no answer.
pub(super) fn is_failure(reason: &str) -> bool {
    matches!(reason, "ERROR" | "TIMEOUT")
}

/// What is billed, where that is told: `tokens` also counts what Cohere itself puts around a prompt.
pub(crate) fn usage(usage: &Value) -> Option<Usage> {
    let told = |counts: &Value| -> Option<(Option<f64>, Option<f64>)> {
        let (input, output) = (counts["input_tokens"].as_f64(), counts["output_tokens"].as_f64());
        (input.is_some() || output.is_some()).then_some((input, output))
    };
    // What is embedded has no output.
    let (input, output) = told(&usage["billed_units"]).or_else(|| told(&usage["tokens"]))?;
    let (input, output) = (tokens(input.unwrap_or(0.0)), tokens(output.unwrap_or(0.0)));
    Some(Usage { in_uncached: input, out_text: output, ..Usage::default() })
}

/// Counts come as numbers with a fraction, which is 0. A float cast saturates.
fn tokens(count: f64) -> u32 {
    count as u32
}

/// One entry is a piece of text with the probabilities of its tokens, whose own texts are not told.
pub(super) fn logprobs(logprobs: &Value) -> Vec<TokenLogprob> {
    let entries: Vec<&Value> = match logprobs {
        Value::Array(entries) => entries.iter().collect(),
        Value::Object(_) => vec![logprobs],
        _ => Vec::new(),
    };
    let read = |entry: &&Value| {
        let logprob = entry["logprobs"].as_array()?.iter().filter_map(Value::as_f64).sum();
        let token = entry["text"].as_str()?.to_owned();
        Some(TokenLogprob { chosen: Alternative { token, logprob, bytes: None }, top: Vec::new() })
    };
    entries.iter().filter_map(read).collect()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
