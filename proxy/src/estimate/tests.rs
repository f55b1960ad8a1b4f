//! Estimates against the tokenizer's own count, and against hostile text.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::stream::observe::Observer;
use bytes::Bytes;
use serde_json::json;
use tiktoken_rs::{ChatCompletionRequestMessage, num_tokens_from_messages};

#[test]
fn chat_messages_count_as_the_tokenizers_own_function_counts_them() {
    let said = [
        ("system", "You are helpful. Café, 안녕!"),
        ("user", "Count this:\n\n  fn main() {}"),
        ("assistant", "Ok"),
    ];
    let theirs: Vec<_> = said
        .iter()
        .map(|(role, content)| ChatCompletionRequestMessage {
            role: (*role).to_owned(),
            content: Some((*content).to_owned()),
            ..ChatCompletionRequestMessage::default()
        })
        .collect();
    let ours: Vec<_> =
        said.iter().map(|(role, content)| json!({ "role": role, "content": content })).collect();
    let body = json!({ "messages": ours }).to_string();
    for model in ["gpt-4o", "gpt-4"] {
        let expected = num_tokens_from_messages(model, &theirs).unwrap();
        assert_eq!(of_request(model, body.as_bytes()).in_uncached as usize, expected, "{model}");
    }
}

#[test]
fn a_model_with_a_secret_tokenizer_gets_its_factor() {
    let body = json!({ "prompt": "word ".repeat(1_000) }).to_string();
    let openai = of_request("gpt-4o", body.as_bytes()).in_uncached;
    let claude = of_request("anthropic/claude-sonnet-4-5", body.as_bytes()).in_uncached;
    assert_eq!(claude, openai * 115 / 100);
}

#[test]
fn images_and_tools_count_and_a_data_url_is_no_text() {
    let plain = json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": "hi" }] }] });
    let mut with_image = plain.clone();
    let url = format!("data:image/png;base64,{}", "A".repeat(100_000));
    let image = json!({ "type": "image_url", "image_url": { "url": url } });
    with_image["messages"][0]["content"].as_array_mut().unwrap().push(image);
    let tokens = |body: &serde_json::Value| of_request("gpt-4o", body.to_string().as_bytes()).in_uncached;
    assert_eq!(tokens(&with_image), tokens(&plain) + 765);
    let mut with_tool = plain.clone();
    with_tool["tools"] = json!([{ "type": "function", "function": { "name": "add", "parameters": {} } }]);
    assert!(tokens(&with_tool) > tokens(&plain) + 10);
}

#[test]
fn an_embeddings_tokens_are_counted_as_they_stand() {
    let of = |input: serde_json::Value| {
        of_request("text-embedding-3-small", json!({ "input": input }).to_string().as_bytes()).in_uncached
    };
    assert_eq!(of(json!("hello world")), 2);
    assert_eq!(of(json!(["hello world", "hello"])), 3);
    assert_eq!(of(json!([1, 2, 3])), 3);
    assert_eq!(of(json!([[1, 2], [3]])), 3);
}

#[test]
fn beyond_the_exact_part_the_count_goes_on_in_proportion() {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(30_000);
    let body = json!({ "prompt": text }).to_string();
    let estimated = f64::from(of_request("gpt-4o", body.as_bytes()).in_uncached);
    // Ten tokens a sentence.
    assert!((estimated / 300_000.0 - 1.0).abs() < 0.01, "{estimated}");
}

/// Without the cut of long runs this takes minutes, not a moment, in this build.
#[test]
fn a_megabyte_of_one_letter_is_counted_quickly() {
    let body = json!({ "prompt": "a".repeat(1 << 20) }).to_string();
    let begun = std::time::Instant::now();
    let tokens = of_request("gpt-4o", body.as_bytes()).in_uncached;
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    assert!((100_000..=200_000).contains(&tokens), "{tokens}");
}

#[test]
fn a_cut_stream_is_estimated_from_what_passed() {
    let mut observer = Observer::new(true);
    observer
        .push(Bytes::from_static(b"data: {\"choices\":[{\"delta\":{\"content\":\"hello world\"}}]}\n\n"), 1);
    let request = br#"{"messages":[{"role":"user","content":"hello"}]}"#;
    let usage = of_stream("gpt-4o", request, observer.observed());
    assert_eq!((usage.in_uncached, usage.out_text), (8, 2));
}

#[test]
fn an_answer_without_usage_is_estimated_from_its_text_and_calls() {
    let answer = json!({ "choices": [{ "message": { "content": "hello world",
        "tool_calls": [{ "function": { "name": "hello", "arguments": "world" } }] } }] });
    let usage = of_answer("gpt-4o", b"{}", answer.to_string().as_bytes());
    assert_eq!(usage.out_text, 2 + 1 + 1 + 1);
}

#[test]
fn garbage_counts_nothing_and_never_fails() {
    for body in [&b"not json"[..], b"", b"{\"messages\":7}", b"{\"messages\":[{\"content\":\"\\ud800\"}]}"] {
        assert!(of_request("", body).total() < 20);
    }
}
