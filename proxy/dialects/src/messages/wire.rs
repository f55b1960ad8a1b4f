//! Small pieces of the wire that requests, answers and streams share.

use aop_domain::usage::Usage;
use serde_json::{Value, json};

use crate::form::{CacheMarker, StopReason};

pub(super) fn stop(reason: Option<&str>, sequence: Option<&str>) -> StopReason {
    match reason {
        None | Some("end_turn") => StopReason::End,
        Some("stop_sequence") => StopReason::Sequence(sequence.map(str::to_owned)),
        Some("max_tokens") => StopReason::Length,
        Some("model_context_window_exceeded") => StopReason::ContextFull,
        Some("tool_use") => StopReason::ToolCalls,
        // What a classifier ended: this wire marks no words of the model as a refusal.
        Some("refusal") => StopReason::ContentFilter,
        Some("pause_turn") => StopReason::Paused,
        Some(other) => StopReason::Other(other.to_owned()),
    }
}

/// `stop_reason` and `stop_sequence`.
pub(super) fn stop_reason(stop: &StopReason) -> (&str, Option<&str>) {
    match stop {
        StopReason::End => ("end_turn", None),
        // Which sequence it was is not always told; a client that asked for some looks for one.
        StopReason::Sequence(sequence) => ("stop_sequence", sequence.as_deref()),
        StopReason::Length => ("max_tokens", None),
        StopReason::ContextFull => ("model_context_window_exceeded", None),
        StopReason::ToolCalls => ("tool_use", None),
        StopReason::Refusal | StopReason::ContentFilter => ("refusal", None),
        StopReason::Paused => ("pause_turn", None),
        StopReason::Other(reason) => (reason, None),
    }
}

/// Input without what was read from or written to the cache.
pub(super) fn usage(usage: &Usage) -> Value {
    let (short, long) = (usage.in_cache_write_5m, usage.in_cache_write_1h);
    json!({
        "input_tokens": u64::from(usage.in_uncached) + u64::from(usage.in_audio) + u64::from(usage.in_image),
        "cache_creation_input_tokens": u64::from(short) + u64::from(long),
        "cache_read_input_tokens": usage.in_cache_read,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": usage.output(),
    })
}

pub(super) fn cache_control(marker: CacheMarker) -> Value {
    match marker {
        CacheMarker::Short => json!({"type": "ephemeral"}),
        CacheMarker::Long => json!({"type": "ephemeral", "ttl": "1h"}),
    }
}

pub(super) fn id(provider: &str, ours: &str) -> String {
    if provider.is_empty() { format!("msg_{ours}") } else { provider.to_owned() }
}
