//! Small pieces of the wire that answers and streams share, and what families of models differ in.

use aop_domain::usage::Usage;
use serde_json::Value;

use crate::form::StopReason;
use crate::providers::proof;

/// Encrypted thinking is marked with this: only this wire gets it back.
pub(super) const MARK: &str = "bedrock";

/// Who made a model, as its id tells. The wire is one, but some things only one family takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Anthropic,
    Nova,
    OpenAi,
    Other,
}

impl Family {
    /// Ids are `anthropic.claude-…`, `us.anthropic.claude-…`, or an address that ends with one of these.
    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        if name.contains("anthropic.") {
            Self::Anthropic
        } else if name.contains("amazon.nova") {
            Self::Nova
        } else if name.contains("openai.") {
            Self::OpenAi
        } else {
            Self::Other
        }
    }

    pub(super) fn caches_prompts(self) -> bool {
        matches!(self, Self::Anthropic | Self::Nova)
    }
}

pub(super) fn stop(reason: &str) -> StopReason {
    match reason {
        "end_turn" => StopReason::End,
        "tool_use" => StopReason::ToolCalls,
        "max_tokens" => StopReason::Length,
        "stop_sequence" => StopReason::Sequence(None),
        "guardrail_intervened" | "content_filtered" => StopReason::ContentFilter,
        "model_context_window_exceeded" => StopReason::ContextFull,
        other => StopReason::Other(other.to_owned()),
    }
}

/// `inputTokens` excludes cached tokens, read and written.
pub(crate) fn usage(usage: &Value) -> Option<Usage> {
    let count = |name: &str| usage[name].as_u64();
    let (input, output) = (count("inputTokens")?, count("outputTokens").unwrap_or(0));
    let written = count("cacheWriteInputTokens").unwrap_or(0);
    let details = usage["cacheDetails"].as_array().into_iter().flatten();
    let long =
        details.filter(|detail| detail["ttl"] == "1h").filter_map(|detail| detail["inputTokens"].as_u64());
    let long = long.fold(0, u64::saturating_add).min(written);
    Some(Usage {
        in_uncached: tokens(input),
        in_cache_read: tokens(count("cacheReadInputTokens").unwrap_or(0)),
        in_cache_write_5m: tokens(written - long),
        in_cache_write_1h: tokens(long),
        out_text: tokens(output),
        ..Usage::default()
    })
}

fn tokens(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn redacted(data: &str) -> String {
    proof::mark(MARK, data)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
