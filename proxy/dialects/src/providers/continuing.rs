//! How a provider is made to go on with an answer that another has begun. Some continue a last message of the assistant,
//! some when they are told to; from everybody else such a message would get a new answer, so they are not asked.

use serde_json::Value;

use crate::messages;

/// What makes a provider go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuing {
    /// The message alone.
    LastMessage,
    /// `prefix` in the message. The answer may begin with what it was given.
    Prefix,
    /// vLLM's own fields.
    FinalMessage,
}

/// `None`: this deployment is not known to go on with what it is given.
pub fn how(kind: &str, model: &str, base_path: &str) -> Option<Continuing> {
    match kind {
        "anthropic" | "vertex_anthropic" if messages::goes_on_with_text(model) => {
            Some(Continuing::LastMessage)
        }
        "bedrock" if model.contains("anthropic.claude") && messages::goes_on_with_text(model) => {
            Some(Continuing::LastMessage)
        }
        "groq" | "simulator" => Some(Continuing::LastMessage),
        "mistral" => Some(Continuing::Prefix),
        "deepseek" if base_path.ends_with("/beta") => Some(Continuing::Prefix),
        "vllm" => Some(Continuing::FinalMessage),
        _ => None,
    }
}

/// Says so in a request whose last message is what was said so far.
pub fn say(body: &mut Value, how: Continuing) {
    match how {
        Continuing::LastMessage => {}
        Continuing::Prefix => {
            let last = body["messages"].as_array_mut().and_then(|messages| messages.last_mut());
            if let Some(last) = last.and_then(Value::as_object_mut) {
                last.insert("prefix".to_owned(), true.into());
            }
        }
        Continuing::FinalMessage => {
            if let Some(body) = body.as_object_mut() {
                body.insert("continue_final_message".to_owned(), true.into());
                body.insert("add_generation_prompt".to_owned(), false.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_who_is_known_to_go_on_is_asked_to() {
        for (kind, model, base, expected) in [
            ("anthropic", "claude-sonnet-4-5-20250929", "", Some(Continuing::LastMessage)),
            ("anthropic", "claude-opus-4-6", "", None),
            ("vertex_anthropic", "claude-3-7-sonnet@20250219", "", Some(Continuing::LastMessage)),
            ("bedrock", "eu.anthropic.claude-sonnet-4-20250514-v1:0", "", Some(Continuing::LastMessage)),
            ("bedrock", "amazon.nova-pro-v1:0", "", None),
            ("mistral", "mistral-large-latest", "/v1", Some(Continuing::Prefix)),
            ("deepseek", "deepseek-chat", "/beta", Some(Continuing::Prefix)),
            ("deepseek", "deepseek-chat", "/v1", None),
            ("vllm", "any", "/v1", Some(Continuing::FinalMessage)),
            ("groq", "any", "/openai/v1", Some(Continuing::LastMessage)),
            ("openai", "gpt-4o", "/v1", None),
            ("gemini", "gemini-2.5-pro", "/v1beta", None),
        ] {
            assert_eq!(how(kind, model, base), expected, "{kind} {model} {base}");
        }
    }

    #[test]
    fn each_is_told_in_its_own_words() {
        let body =
            json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]});
        let said = |how| {
            let mut body = body.clone();
            say(&mut body, how);
            body
        };
        assert_eq!(said(Continuing::LastMessage), body);
        assert_eq!(said(Continuing::Prefix)["messages"][1]["prefix"], true);
        assert!(said(Continuing::Prefix)["messages"][0].get("prefix").is_none());
        let vllm = said(Continuing::FinalMessage);
        assert_eq!(
            (&vllm["continue_final_message"], &vllm["add_generation_prompt"]),
            (&json!(true), &json!(false))
        );
    }
}
