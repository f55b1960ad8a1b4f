//! Names of rules and frameworks are words of this program. When state is read back they are found again among the words
//! that the program knows; a word of another version becomes [`OTHER`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A word of this program. By this name, because a borrowed text could not be read back.
pub(crate) type Word = &'static str;

const OTHER: &str = "other";

const WORDS: [&str; 44] = [
    "first_call",
    "same_history",
    "known_id",
    "known_words",
    "task_text",
    "answer_text",
    "shared_text",
    "same_input",
    "selected",
    "served_run",
    "key_and_time",
    "stated",
    "internal",
    "prompt",
    "hand_over",
    "delegated_to",
    "task_argument",
    "message_name",
    "prompt:template",
    "prompt:crewai_role",
    "prompt:internal_name",
    "prompt:agent_named",
    "prompt:your_name_is",
    "user_agent",
    "tools",
    "openai-agents",
    "pydantic-ai",
    "claude-code",
    "codex",
    "opencode",
    "crewai",
    "autogen",
    "google-adk",
    "litellm",
    "langchain",
    "openai-sdk",
    "anthropic-sdk",
    "agno",
    "smolagents",
    "ag2",
    "claude-agent-sdk",
    "langgraph",
    "google-genai-sdk",
    "session",
];

/// A word by its place in the table, where many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule(u8);

impl Rule {
    pub(crate) fn of(word: Word) -> Self {
        let place = WORDS.iter().position(|known| *known == word);
        Self(place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX))
    }

    pub(crate) fn word(self) -> Word {
        WORDS.get(usize::from(self.0)).copied().unwrap_or(OTHER)
    }
}

pub(crate) fn serialize<S: Serializer>(word: &Word, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(word)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    let word = String::deserialize(deserializer)?;
    Ok(WORDS.into_iter().find(|known| *known == word).unwrap_or(OTHER))
}
