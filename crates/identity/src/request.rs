//! The parts of a request body that say something about who is calling.

use std::borrow::Cow;

use crate::{hash, json};

/// Raw values of the body's top-level members, as written; empty where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    pub messages: &'a [u8],
    pub input: &'a [u8],
    pub prompt: &'a [u8],
    pub system: &'a [u8],
    pub instructions: &'a [u8],
    pub tools: &'a [u8],
    pub response_format: &'a [u8],
    pub text: &'a [u8],
    pub previous_response_id: &'a [u8],
    pub conversation: &'a [u8],
    pub user: &'a [u8],
    pub metadata: &'a [u8],
    /// Where each element of the history begins and ends in it, for who knows it. Empty: it is walked through.
    pub elements: &'a [(u32, u32)],
}

impl<'a> Fields<'a> {
    /// Finds them in a body that was validated before.
    pub fn of(body: &'a [u8]) -> Self {
        let mut fields = Self::default();
        for (key, value) in json::members(body) {
            match key {
                b"messages" => fields.messages = value,
                b"input" => fields.input = value,
                b"prompt" => fields.prompt = value,
                b"system" => fields.system = value,
                b"instructions" => fields.instructions = value,
                b"tools" => fields.tools = value,
                b"response_format" => fields.response_format = value,
                b"text" => fields.text = value,
                b"previous_response_id" => fields.previous_response_id = value,
                b"conversation" => fields.conversation = value,
                b"user" | b"safety_identifier" => fields.user = value,
                b"metadata" => fields.metadata = value,
                _ => {}
            }
        }
        fields
    }

    /// The end user that the body states, as a hash. 0: none.
    pub fn user_key(&self) -> u64 {
        let user = json::text(self.user).or_else(|| json::member_text(self.metadata, "user_id"));
        user.filter(|user| !user.is_empty()).map_or(0, |user| user_key(&user))
    }

    /// The history: `messages`, `input` or `prompt`, an array or one text.
    pub(crate) fn history(&self) -> &'a [u8] {
        [self.messages, self.input, self.prompt].into_iter().find(|raw| !raw.is_empty()).unwrap_or_default()
    }

    /// The system prompt that stands outside the history.
    pub(crate) fn outer_system(&self) -> &'a [u8] {
        if self.system.is_empty() { self.instructions } else { self.system }
    }

    /// The name of the schema the answer must have.
    pub(crate) fn schema_name(&self) -> Option<Cow<'a, str>> {
        let chat = json::member(self.response_format, "json_schema");
        let responses = json::member(self.text, "format");
        json::member_text(chat.or(responses)?, "name")
    }
}

/// An end user, as the engine knows them.
pub fn user_key(user: &str) -> u64 {
    hash::bytes(51, user.as_bytes())
}

/// What kind of endpoint was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operation {
    /// Chat completions, messages, responses, completions.
    #[default]
    Generate,
    CountTokens,
    Embeddings,
}

impl Operation {
    /// By the operation's name, as gateways record it. What is no conversation is taken for a part of the caller's next one,
    /// as an embedding is.
    pub fn of_name(name: &str) -> Self {
        match name {
            "chat_completions" | "messages" | "responses" | "completions" => Self::Generate,
            "count_tokens" => Self::CountTokens,
            _ => Self::Embeddings,
        }
    }

    /// By the path of the request, without its query.
    pub fn of_path(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        if path.ends_with("/count_tokens") || path.ends_with("/input_tokens") {
            Self::CountTokens
        } else if path.ends_with("/embeddings") {
            Self::Embeddings
        } else {
            Self::Generate
        }
    }
}

/// The text of a system prompt, which is a text or a list of typed parts.
pub(crate) fn system_text(raw: &[u8]) -> Cow<'_, str> {
    if let Some(text) = json::text(raw) {
        return text;
    }
    let mut joined = String::new();
    for (part, _) in json::elements(raw).take(64) {
        let Some(text) = json::member_text(part, "text").or_else(|| json::text(part)) else { continue };
        if !joined.is_empty() {
            joined.push('\n');
        }
        joined.push_str(&text);
    }
    Cow::Owned(joined)
}
