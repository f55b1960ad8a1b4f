//! Small pieces of the wire that answers and streams share: parts, reasons to stop, usage.

use aop_domain::usage::Usage;
use serde_json::Value;

use crate::Dialect;
use crate::form::{Alternative, Foreign, StopReason, TokenLogprob};

/// On whose servers the wire is spoken; they differ in little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum House {
    Gemini,
    Vertex,
}

/// The name signatures are marked with. Those of both houses are made by the same models.
pub(super) const MARK: &str = "gemini";

/// Calls that came without an id get one that begins like this, and it is not sent back.
const MADE_ID: &str = "call_gw_";

/// One part of an answer.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Thought(&'a str),
    Call { id: &'a str, name: &'a str, arguments: String },
    Foreign(Foreign),
}

pub(super) fn piece(part: &Value) -> Option<Piece<'_>> {
    if let Some(text) = part["text"].as_str() {
        return Some(if part["thought"] == true { Piece::Thought(text) } else { Piece::Text(text) });
    }
    let call = &part["functionCall"];
    if call.is_object() {
        // A call without arguments has none on this wire.
        let arguments = if call["args"].is_object() { call["args"].to_string() } else { "{}".to_owned() };
        let text = |name: &str| call[name].as_str().unwrap_or_default();
        return Some(Piece::Call { id: text("id"), name: text("name"), arguments });
    }
    let about = ["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"];
    let (what, _) = part.as_object()?.iter().find(|(name, _)| !about.contains(&name.as_str()))?;
    Some(Piece::Foreign(Foreign { dialect: Dialect::Gemini, what: what.clone(), value: part.clone() }))
}

pub(super) fn signature(part: &Value) -> Option<String> {
    let signature = part["thoughtSignature"].as_str().filter(|signature| !signature.is_empty())?;
    Some(crate::providers::proof::mark(MARK, signature))
}

/// The id of an answer's `number`th call.
pub(super) fn call_id(own: &str, response_id: &str, number: usize) -> String {
    if own.is_empty() { format!("{MADE_ID}{response_id}_{number}") } else { own.to_owned() }
}

/// Did the id come from the provider, or from another one that gave ids?
pub(super) fn is_given_id(id: &str) -> bool {
    !id.is_empty() && !id.starts_with(MADE_ID)
}

pub(super) fn stop(reason: &str, calls: bool) -> StopReason {
    match reason {
        "STOP" if calls => StopReason::ToolCalls,
        "STOP" => StopReason::End,
        "MAX_TOKENS" => StopReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => StopReason::ContentFilter,
        other => StopReason::Other(other.to_ascii_lowercase()),
    }
}

/// Was the prompt blocked, so that there is no answer at all?
pub(super) fn prompt_blocked(answer: &Value) -> bool {
    answer["promptFeedback"]["blockReason"]
        .as_str()
        .is_some_and(|reason| reason != "BLOCK_REASON_UNSPECIFIED")
}

/// `promptTokenCount` includes cached tokens; `candidatesTokenCount` excludes thoughts; what tools put into the prompt
/// is counted beside it.
pub(crate) fn usage(metadata: &Value) -> Option<Usage> {
    let count = |name: &str| metadata[name].as_u64().unwrap_or(0);
    if !metadata.is_object()
        || (metadata["promptTokenCount"].is_null() && metadata["totalTokenCount"].is_null())
    {
        return None;
    }
    let prompt = count("promptTokenCount");
    let cached = count("cachedContentTokenCount").min(prompt);
    let uncached_of = |modality: &str| {
        let all = modality_tokens(&metadata["promptTokensDetails"], modality);
        all.saturating_sub(modality_tokens(&metadata["cacheTokensDetails"], modality))
    };
    let mut left = prompt - cached;
    let mut take = |wanted: u64| {
        let taken = wanted.min(left);
        left -= taken;
        taken
    };
    let (audio, image) = (take(uncached_of("AUDIO")), take(uncached_of("IMAGE")));
    let answer = count("candidatesTokenCount");
    let spoken = modality_tokens(&metadata["candidatesTokensDetails"], "AUDIO").min(answer);
    Some(Usage {
        in_uncached: tokens(left.saturating_add(count("toolUsePromptTokenCount"))),
        in_cache_read: tokens(cached),
        in_audio: tokens(audio),
        in_image: tokens(image),
        out_text: tokens(answer - spoken),
        out_reasoning: tokens(count("thoughtsTokenCount")),
        out_audio: tokens(spoken),
        ..Usage::default()
    })
}

fn modality_tokens(details: &Value, modality: &str) -> u64 {
    let details = details.as_array().into_iter().flatten();
    let counts = details
        .filter(|detail| detail["modality"] == modality)
        .filter_map(|detail| detail["tokenCount"].as_u64());
    counts.fold(0, u64::saturating_add)
}

fn tokens(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn logprobs(result: &Value) -> Vec<TokenLogprob> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let top = list(&result["topCandidates"]);
    let chosen = list(&result["chosenCandidates"]);
    let tokens = chosen.iter().enumerate().map(|(at, token)| TokenLogprob {
        chosen: alternative(token),
        top: top
            .get(at)
            .map(|top| list(&top["candidates"]).iter().map(alternative).collect())
            .unwrap_or_default(),
    });
    tokens.collect()
}

fn alternative(token: &Value) -> Alternative {
    Alternative {
        token: token["token"].as_str().unwrap_or_default().to_owned(),
        logprob: token["logProbability"].as_f64().unwrap_or(0.0),
        bytes: None,
    }
}
