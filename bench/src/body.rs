//! Request bodies of a given size: a conversation, as agents send them.

use serde_json::json;

const TEXT: &str = "Summarize the \"incident\" below.\nThe retry budget of the router was spent at 14:02 UTC (line 88\tof the \
log), and 3.7% of calls fell back to the second deployment \u{2014} caf\u{e9}.\n";

/// Longest message of a conversation, bytes.
const TURN_BYTES: usize = 4096;

/// A chat request of about `bytes` bytes for `model`.
pub fn chat(model: &str, bytes: usize, stream: bool) -> Vec<u8> {
    // An odd number of turns: the last word is the user's.
    let turns = ((bytes / TURN_BYTES) | 1).min(255);
    let mut each = bytes / turns;
    let mut body = make(model, turns, each, stream);
    for _ in 0..20 {
        if body.len().abs_diff(bytes) < 64 {
            break;
        }
        let missing = i64::try_from(bytes).unwrap_or(0) - i64::try_from(body.len()).unwrap_or(0);
        let step = missing / i64::try_from(turns).unwrap_or(1);
        each = usize::try_from((i64::try_from(each).unwrap_or(1) + step).max(1)).unwrap_or(1);
        body = make(model, turns, each, stream);
    }
    body
}

fn make(model: &str, turns: usize, each: usize, stream: bool) -> Vec<u8> {
    let mut messages = vec![json!({"role": "system", "content": "You are a terse assistant for operators."})];
    for turn in 0..turns {
        let role = if turn % 2 == 0 { "user" } else { "assistant" };
        messages.push(json!({"role": role, "content": TEXT.chars().cycle().take(each).collect::<String>()}));
    }
    let mut body = json!({"model": model, "messages": messages, "temperature": 0.2, "max_tokens": 256});
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    body.to_string().into_bytes()
}

/// `1k`, `32k`, `1m` or a number of bytes.
pub fn parse_size(text: &str) -> Result<usize, String> {
    match text.to_ascii_lowercase().as_str() {
        "1k" => Ok(1 << 10),
        "32k" => Ok(32 << 10),
        "1m" => Ok(1 << 20),
        other => other.parse().map_err(|_| format!("{text} is not 1k, 32k, 1m or a number of bytes")),
    }
}
