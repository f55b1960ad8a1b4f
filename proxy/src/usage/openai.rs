//! What an answer tells about itself: id, model, finish reason, usage. OpenAI's dialects and Anthropic's differ in a few
//! names only.

use aop_domain::usage::Usage;

use super::{convention, counts, json};

/// Facts of a whole (not streamed) answer. Empty text where the answer does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerFacts {
    pub response_id: String,
    pub response_model: String,
    pub finish_reason: String,
    /// `None`: the answer reports none. An explicit 0 is a usage of 0.
    pub usage: Option<Usage>,
    /// `default`, `flex`, `priority`, ...: decides the price.
    pub service_tier: String,
}

/// The usage in a whole answer's body.
pub fn from_json(body: &[u8]) -> Option<Usage> {
    json::field(body, "usage").and_then(from_object)
}

/// The usage of a raw `usage` object.
pub fn from_object(usage: &[u8]) -> Option<Usage> {
    counts::read(usage).map(|counts| convention::disjoint(&counts))
}

/// One pass over a whole answer's body.
pub fn facts(body: &[u8]) -> AnswerFacts {
    let mut facts = AnswerFacts::default();
    for (key, value) in json::fields(body) {
        match key {
            b"id" => facts.response_id = short_text(value),
            b"model" => facts.response_model = short_text(value),
            b"service_tier" => facts.service_tier = tier(value),
            b"usage" => {
                facts.usage = from_object(value).or(facts.usage);
                // Anthropic's stands here.
                if let Some(value) = json::field(value, "service_tier") {
                    facts.service_tier = tier(value);
                }
            }
            // Anthropic's.
            b"stop_reason" => facts.finish_reason = short_text(value),
            // A response's.
            b"status" => facts.finish_reason = response_finish(body),
            b"choices" => facts.finish_reason = finish_reason(value).unwrap_or_default(),
            _ => {}
        }
    }
    facts
}

/// The finish reason of the first choice that has one.
pub fn finish_reason(choices: &[u8]) -> Option<String> {
    let reasons = json::items(choices).filter_map(|choice| json::field(choice, "finish_reason"));
    reasons.filter_map(json::text).map(cut).next()
}

/// Why a response ended: why it is incomplete, else its status.
pub fn response_finish(response: &[u8]) -> String {
    let details = json::field(response, "incomplete_details");
    let reason = details.and_then(|details| json::field(details, "reason"));
    reason.or_else(|| json::field(response, "status")).map(short_text).unwrap_or_default()
}

/// A price class. `standard` is Anthropic's word for the plain price.
pub fn tier(value: &[u8]) -> String {
    Some(short_text(value)).filter(|tier| tier != "standard").unwrap_or_default()
}

/// Text of a raw value, cut at 256 bytes: an upstream's names are data that we keep, so they are bounded.
pub fn short_text(value: &[u8]) -> String {
    json::text(value).map(cut).unwrap_or_default()
}

fn cut(mut text: String) -> String {
    let end = text.char_indices().map(|(at, _)| at).find(|&at| at >= 256).unwrap_or(text.len());
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn usage(value: &serde_json::Value) -> Usage {
        from_object(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn openai_details_are_taken_out_of_their_wholes() {
        let found = usage(&json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 10},
            "completion_tokens_details": {"reasoning_tokens": 30, "audio_tokens": 5}}));
        let expected = Usage {
            in_uncached: 50,
            in_cache_read: 40,
            in_audio: 10,
            out_text: 15,
            out_reasoning: 30,
            out_audio: 5,
            ..Usage::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn anthropic_names_mean_that_input_excludes_the_cache() {
        let found = usage(&json!({"input_tokens": 10, "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 60, "output_tokens": 7,
            "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 40}}));
        let expected = Usage {
            in_uncached: 10,
            in_cache_read: 100,
            in_cache_write_5m: 20,
            in_cache_write_1h: 40,
            out_text: 7,
            ..Usage::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn openai_names_with_anthropic_ones_beside_them_include_the_cache() {
        let found = usage(&json!({"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 205,
            "prompt_tokens_details": {"cached_tokens": 150}, "cache_read_input_tokens": 150,
            "cache_creation_input_tokens": 30}));
        assert_eq!((found.in_uncached, found.in_cache_read, found.in_cache_write_5m), (20, 150, 30));
    }

    #[test]
    fn the_total_tells_when_the_prompt_excludes_the_cache() {
        let found = usage(&json!({"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 175,
            "cache_read_input_tokens": 150}));
        assert_eq!((found.in_uncached, found.in_cache_read, found.total()), (20, 150, 175));
    }

    #[test]
    fn the_total_tells_when_the_completion_excludes_reasoning() {
        let found = usage(&json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115,
            "completion_tokens_details": {"reasoning_tokens": 100}}));
        assert_eq!((found.out_text, found.out_reasoning), (5, 100));
    }

    #[test]
    fn deepseek_hits_are_cached_input() {
        let found = usage(&json!({"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101,
            "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}));
        assert_eq!((found.in_uncached, found.in_cache_read), (36, 64));
    }

    #[test]
    fn an_explicit_zero_is_zero_and_nothing_is_unknown() {
        assert_eq!(
            from_json(br#"{"usage":{"prompt_tokens":0,"completion_tokens":0}}"#),
            Some(Usage::default())
        );
        for body in [
            &br#"{"usage":null}"#[..],
            br#"{"usage":{}}"#,
            br#"{"id":"x"}"#,
            b"garbage",
            b"",
            br#"{"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9}"}}]}"#,
        ] {
            assert_eq!(from_json(body), None, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn impossible_counts_are_clamped_not_believed() {
        let found = usage(&json!({"prompt_tokens": 10, "completion_tokens": -5, "prompt_tokens_details":
            {"cached_tokens": 1e30, "audio_tokens": 7}, "completion_tokens_details": null}));
        assert_eq!((found.in_cache_read, found.in_audio, found.total()), (10, 0, 10));
    }

    #[test]
    fn an_embedding_that_tells_only_a_total_has_read_it() {
        assert_eq!(usage(&json!({"total_tokens": 12})).in_uncached, 12);
    }

    #[test]
    fn the_facts_of_an_answer_are_read_in_one_pass() {
        let body = json!({"id": "chatcmpl-1", "model": "gpt-4o-2024", "choices": [{"message": {"content": "x"},
            "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}, "service_tier": "flex"});
        let found = facts(body.to_string().as_bytes());
        assert_eq!(found.response_id, "chatcmpl-1");
        assert_eq!(found.response_model, "gpt-4o-2024");
        assert_eq!(found.finish_reason, "stop");
        assert_eq!(found.service_tier, "flex");
        assert_eq!(found.usage.unwrap().total(), 4);
    }

    proptest! {
        /// Whatever is reported: input classes sum to the prompt, output classes to the completion.
        #[test]
        fn classes_are_disjoint_and_sum_to_what_was_reported(
            prompt in 0u64..1_000_000, completion in 0u64..100_000, cached in 0u64..2_000_000,
            written in 0u64..10_000, audio in 0u64..10_000, reasoning in 0u64..200_000,
        ) {
            let found = usage(&json!({"prompt_tokens": prompt, "completion_tokens": completion,
                "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio},
                "completion_tokens_details": {"reasoning_tokens": reasoning.min(completion)}}));
            prop_assert_eq!(found.input(), prompt);
            prop_assert_eq!(found.output(), completion);
        }
    }
}
