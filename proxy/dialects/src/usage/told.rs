//! What an answer of any provider tells about itself, for answers that pass through unread: media, and calls in a
//! provider's own dialect. Fed with top-level fields of a JSON answer, or with the events of a stream; what comes later
//! wins where both tell the same.

use aop_domain::usage::Usage;
use serde_json::Value;

use super::counts::Counts;
use super::{convention, counts, json};
use crate::providers::{bedrock, cohere, gemini};

/// Names are data that is kept, so they are bounded.
const LONGEST_NAME_CHARS: usize = 256;

/// Empty or `None` where nothing was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    counts: Option<Counts>,
    /// Of dialects whose counts have names of their own.
    other: Option<Usage>,
    pub model: String,
    pub id: String,
    pub finish_reason: String,
    pub service_tier: String,
    /// Length of the sound that was heard.
    pub seconds: Option<f64>,
    /// What a rerank is billed by.
    pub searches: Option<f64>,
    /// Of the output tokens.
    pub image_output_tokens: Option<u64>,
    /// Of pictures: `1024x1024`, `high`.
    pub size: String,
    pub quality: String,
    /// The message of an error event.
    pub error: Option<String>,
}

impl Told {
    /// Top-level fields worth feeding.
    pub const FIELDS: &'static [&'static str] = &[
        "usage",
        "usageMetadata",
        "meta",
        "model",
        "modelVersion",
        "id",
        "responseId",
        "service_tier",
        "duration",
        "size",
        "quality",
        "stop_reason",
        "finish_reason",
        "promptFeedback",
    ];

    /// A list whose items may be long, and the fields of its first item that are worth feeding.
    pub const OF_FIRST: (&'static str, &'static [&'static str]) = ("candidates", &["finishReason"]);

    pub fn usage(&self) -> Option<Usage> {
        self.other.or_else(|| self.counts.map(|counts| convention::disjoint(&counts)))
    }

    /// One event of a stream, or a whole answer.
    pub fn document(&mut self, document: &[u8]) {
        for (key, value) in json::fields(document) {
            match key {
                // Anthropic's first event, and the responses' last: the answer itself stands inside.
                b"message" | b"response" => {
                    json::fields(value).for_each(|(key, value)| self.field(key, value))
                }
                b"delta" => json::fields(value)
                    .filter(|(key, _)| matches!(*key, b"usage" | b"stop_reason" | b"finish_reason"))
                    .for_each(|(key, value)| self.field(key, value)),
                b"error" if value != b"null" => {
                    let message = json::field(value, "message").unwrap_or(value);
                    self.error.get_or_insert_with(|| name(message));
                }
                _ => self.field(key, value),
            }
        }
    }

    pub fn field(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"usage" => self.told_usage(value),
            b"usageMetadata" => self.other = parsed(value).and_then(|it| gemini::usage(&it)).or(self.other),
            b"meta" => {
                let billed = json::field(value, "billed_units");
                self.searches = billed.and_then(|units| number(units, "search_units")).or(self.searches);
                self.other = parsed(value).and_then(|it| cohere::usage(&it)).or(self.other);
            }
            b"model" | b"modelVersion" => set(&mut self.model, value),
            b"id" | b"responseId" => set(&mut self.id, value),
            b"stop_reason" | b"finish_reason" | b"finishReason" => set(&mut self.finish_reason, value),
            b"candidates" => {
                let first = json::items(value).next();
                let reason = first.and_then(|candidate| json::field(candidate, "finishReason"));
                reason.into_iter().for_each(|reason| set(&mut self.finish_reason, reason));
            }
            // Of a prompt that was refused there are no candidates.
            b"promptFeedback" => {
                let reason = json::field(value, "blockReason");
                reason.into_iter().for_each(|reason| set(&mut self.finish_reason, reason));
            }
            b"service_tier" => set(&mut self.service_tier, value),
            b"size" => set(&mut self.size, value),
            b"quality" => set(&mut self.quality, value),
            b"duration" => self.seconds = seconds(value).or(self.seconds),
            _ => {}
        }
    }

    fn told_usage(&mut self, usage: &[u8]) {
        if let Some(new) = counts::read(usage) {
            self.counts = Some(self.counts.map_or(new, |known| new.or(known)));
        } else if let Some(usage) = parsed(usage) {
            self.other = cohere::usage(&usage).or_else(|| bedrock::usage(&usage)).or(self.other);
        }
        self.seconds = number(usage, "seconds").or(self.seconds);
        let details = json::field(usage, "output_tokens_details");
        let images = details.and_then(|details| number(details, "image_tokens"));
        // Beyond 2^53 it is no count of tokens.
        self.image_output_tokens = images.map(|count| count as u64).or(self.image_output_tokens);
        if let Some(tier) = json::field(usage, "service_tier") {
            set(&mut self.service_tier, tier);
        }
    }
}

fn parsed(value: &[u8]) -> Option<Value> {
    serde_json::from_slice(value).ok()
}

fn number(object: &[u8], name: &str) -> Option<f64> {
    json::field(object, name).and_then(seconds)
}

/// A number that is not negative; some servers write it as text.
fn seconds(value: &[u8]) -> Option<f64> {
    let text = json::text(value).or_else(|| std::str::from_utf8(value).ok().map(str::to_owned))?;
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

fn set(field: &mut String, value: &[u8]) {
    let told = name(value);
    if !told.is_empty() {
        *field = told;
    }
}

fn name(value: &[u8]) -> String {
    json::text(value).unwrap_or_default().chars().take(LONGEST_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn told(documents: &[Value]) -> Told {
        let mut told = Told::default();
        documents.iter().for_each(|document| told.document(document.to_string().as_bytes()));
        told
    }

    #[test]
    fn every_houses_counts_are_found() {
        let input_and_output = |told: &Told| {
            let usage = told.usage().unwrap();
            (usage.input(), usage.output())
        };
        for document in [
            json!({"usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
            json!({"usage": {"input_tokens": 5, "output_tokens": 2}}),
            json!({"response": {"usage": {"input_tokens": 5, "output_tokens": 2}}}),
            json!({"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}}),
            json!({"usage": {"billed_units": {"input_tokens": 5, "output_tokens": 2}, "tokens": {}}}),
            json!({"delta": {"usage": {"billed_units": {"input_tokens": 5, "output_tokens": 2}}}}),
            json!({"usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 7}}),
            json!({"meta": {"billed_units": {"input_tokens": 5, "output_tokens": 2}}}),
            json!({"usage": {"billed_units": {}, "tokens": {"input_tokens": 5, "output_tokens": 2}}}),
        ] {
            assert_eq!(input_and_output(&told(std::slice::from_ref(&document))), (5, 2), "{document}");
        }
        assert_eq!(told(&[json!({"usage": null, "id": 5})]), Told::default());
        for embedded in [
            json!({"meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 5}}}),
            json!({"usageMetadata": {"promptTokenCount": 5}}),
        ] {
            assert_eq!(input_and_output(&told(std::slice::from_ref(&embedded))), (5, 0), "{embedded}");
        }
        let searched = told(&[json!({"meta": {"billed_units": {"search_units": 2}}})]);
        assert_eq!(searched.usage(), None, "a search is no token");
    }

    #[test]
    fn a_stream_tells_its_counts_by_and_by() {
        let told = told(&[
            json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude-x",
                "usage": {"input_tokens": 25, "output_tokens": 1}}}),
            json!({"type": "content_block_delta", "delta": {"text": "\"usage\""}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}),
        ]);
        let usage = told.usage().unwrap();
        assert_eq!((usage.in_uncached, usage.out_text), (25, 15));
        assert_eq!(
            (told.id.as_str(), told.model.as_str(), told.finish_reason.as_str()),
            ("msg_1", "claude-x", "end_turn")
        );
    }

    #[test]
    fn googles_answers_say_why_they_ended() {
        let reason = |documents: &[Value]| told(documents).finish_reason;
        let part = |text: &str| json!({"content": {"parts": [{"text": text}]}, "index": 0});
        let last = json!({"content": {"parts": [{"text": "!"}]}, "finishReason": "MAX_TOKENS"});
        assert_eq!(
            reason(&[json!({"candidates": [part("a")]}), json!({"candidates": [last]})]),
            "MAX_TOKENS"
        );
        assert_eq!(reason(&[json!({"candidates": [part("finishReason")]})]), "");
        assert_eq!(reason(&[json!({"promptFeedback": {"blockReason": "SAFETY"}})]), "SAFETY");
        assert_eq!(reason(&[json!({"promptFeedback": {"safetyRatings": []}, "candidates": []})]), "");
    }

    #[test]
    fn what_is_no_token_is_told_too() {
        assert_eq!(
            told(&[json!({"text": "x", "usage": {"type": "duration", "seconds": 9}})]).seconds,
            Some(9.0)
        );
        assert_eq!(told(&[json!({"duration": 2.5})]).seconds, Some(2.5));
        assert_eq!(told(&[json!({"duration": "8.47"})]).seconds, Some(8.47));
        assert_eq!(told(&[json!({"duration": -1})]).seconds, None);
        assert_eq!(told(&[json!({"meta": {"billed_units": {"search_units": 2}}})]).searches, Some(2.0));
        let drawn = told(&[json!({"size": "1024x1024", "quality": "high", "usage": {"input_tokens": 10,
            "output_tokens": 300, "output_tokens_details": {"image_tokens": 272, "text_tokens": 28}}})]);
        assert_eq!((drawn.image_output_tokens, drawn.size.as_str()), (Some(272), "1024x1024"));
        assert_eq!(told(&[json!({"error": {"message": "no"}})]).error.as_deref(), Some("no"));
    }
}
