//! A key of what an answer says, without the ids that make every answer another one: an agent that goes in a circle says
//! the same under new ids.

use serde_json::{Map, Value};

use super::canonical;

/// Members that name this very answer, or its parts, and say nothing.
const NAMES: [&str; 7] =
    ["id", "call_id", "index", "signature", "thoughtSignature", "encrypted_content", "status"];
/// What a tool is asked with is the caller's own: nothing is taken out of it.
const ARGUMENTS: [&str; 3] = ["arguments", "input", "args"];

/// The key of an answer to which this message or item belongs too. `before`: the key so far; 0: nothing was said.
pub(super) fn key(before: u64, message: &Map<String, Value>) -> u64 {
    if message.get("type").is_some_and(|kind| kind == "reasoning") {
        return before;
    }
    let mut said = Value::Object(message.clone());
    strip(&mut said);
    if ["content", "parts", "tool_calls", "function_call", "arguments", "refusal"]
        .iter()
        .all(|name| said.get(name).is_none_or(|value| value.as_str() == Some("")))
    {
        return before;
    }
    said.sort_all_objects();
    let hash = canonical::hash(format!("{before:x} {said}").as_bytes());
    u64::from_be_bytes(std::array::from_fn(|place| hash[place])).max(1)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !NAMES.contains(&name.as_str()));
            for (name, inner) in fields.iter_mut() {
                if !ARGUMENTS.contains(&name.as_str()) {
                    strip(inner);
                }
            }
        }
        Value::Array(items) => {
            // Thinking is other words each time.
            items.retain(|item| {
                item.get("thought").is_none_or(|thought| thought != true)
                    && item.get("type").is_none_or(|kind| kind != "thinking" && kind != "redacted_thinking")
            });
            items.iter_mut().for_each(strip);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn of(message: &Value) -> u64 {
        key(0, message.as_object().unwrap())
    }

    fn asks(id: &str, arguments: &str) -> Value {
        json!({"role": "assistant", "tool_calls": [
            {"id": id, "type": "function", "function": {"name": "search", "arguments": arguments}}]})
    }

    #[test]
    fn the_same_tool_asked_the_same_again_has_one_key_under_any_id() {
        assert_eq!(of(&asks("call_1", "{\"id\": 7}")), of(&asks("call_2", "{\"id\": 7}")));
        assert_ne!(of(&asks("call_1", "{\"id\": 7}")), of(&asks("call_1", "{\"id\": 8}")));
        let used = |id: &str, thought: &str, city: &str| {
            json!({"role": "assistant", "content": [{"type": "thinking", "thinking": thought},
                {"type": "tool_use", "id": id, "name": "weather", "input": {"id": city}}]})
        };
        assert_eq!(of(&used("a", "hm", "Seoul")), of(&used("b", "so", "Seoul")));
        assert_ne!(of(&used("a", "hm", "Seoul")), of(&used("a", "hm", "Busan")));
    }

    #[test]
    fn an_answer_that_says_nothing_has_no_key() {
        assert_eq!(of(&json!({"role": "assistant", "content": ""})), 0);
        assert_eq!(of(&json!({"type": "reasoning", "summary": "x"})), 0);
    }

    #[test]
    fn all_items_of_an_answer_count_in_their_order() {
        let item =
            |name: &str| json!({"type": "function_call", "name": name, "arguments": "{}", "call_id": "c"});
        let both = |one: &str, other: &str| key(of(&item(one)), item(other).as_object().unwrap());
        assert_ne!(both("a", "b"), both("b", "a"));
        assert_ne!(both("a", "b"), of(&item("a")));
    }
}
