//! The parts of a request body that say something about who is calling.

use std::borrow::Cow;

use crate::{google, hash, json};

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
    /// Google's history, system prompt and settings.
    pub contents: &'a [u8],
    pub system_instruction: &'a [u8],
    pub generation_config: &'a [u8],
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
                // The latter: texts to embed.
                b"contents" | b"requests" => fields.contents = value,
                b"systemInstruction" | b"system_instruction" => fields.system_instruction = value,
                b"generationConfig" | b"generation_config" => fields.generation_config = value,
                _ => {}
            }
        }
        fields
    }

    /// The end user that the body states, as a hash. 0: none.
    pub fn user_key(&self) -> u64 {
        let user = json::text(self.user).or_else(|| self.user_id());
        user.filter(|user| !user.is_empty()).map_or(0, |user| user_key(&user))
    }

    /// What the body's metadata says of its user.
    fn user_id(&self) -> Option<Cow<'a, str>> {
        json::member_text(self.metadata, "user_id")
    }

    /// The session that a coding agent names there.
    pub fn session(&self) -> Option<String> {
        self.user_id().and_then(|user_id| crate::of_user_id(&user_id)).map(|(_, session)| session)
    }

    /// The history: `messages`, `input`, `prompt` or `contents`, an array or one text.
    pub(crate) fn history(&self) -> &'a [u8] {
        [self.messages, self.input, self.prompt, self.contents]
            .into_iter()
            .find(|raw| !raw.is_empty())
            .unwrap_or_default()
    }

    /// The system prompt that stands outside the history.
    pub(crate) fn outer_system(&self) -> &'a [u8] {
        let prompts = [self.system, self.instructions, self.system_instruction];
        prompts.into_iter().find(|raw| !raw.is_empty()).unwrap_or_default()
    }

    /// The name of the schema the answer must have.
    pub(crate) fn schema_name(&self) -> Option<Cow<'a, str>> {
        let chat = json::member(self.response_format, "json_schema");
        let responses = json::member(self.text, "format");
        match chat.or(responses) {
            Some(format) => json::member_text(format, "name"),
            None => google::schema_name(self.generation_config),
        }
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

    /// By the path of a request to the gateway or to a model's provider.
    pub fn of_path(path: &str) -> Self {
        let path = without_query(path);
        let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
        if ends(&["/count_tokens", "/input_tokens", ":countTokens"]) {
            Self::CountTokens
        } else if ends(&["/embeddings", ":embedContent", ":batchEmbedContents"]) {
            Self::Embeddings
        } else {
            Self::Generate
        }
    }

    /// By the path of a request to a provider's own API, where most paths lead to something else than a model.
    pub fn of_passed(path: &str) -> Self {
        let last = without_query(path).trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let method = last.rsplit_once(':').map_or(last, |(_, method)| method);
        match method {
            "generateContent"
            | "streamGenerateContent"
            | "completions"
            | "messages"
            | "responses"
            | "chat"
            | "converse"
            | "converse-stream" => Self::Generate,
            _ if Self::of_path(path) == Self::CountTokens => Self::CountTokens,
            _ => Self::Embeddings,
        }
    }
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// The text of a system prompt, which is a text, a list of typed parts, or such a list in Google's wrapping.
pub(crate) fn system_text(raw: &[u8]) -> Cow<'_, str> {
    if let Some(text) = json::text(raw) {
        return text;
    }
    let raw = google::unwrapped(raw);
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
