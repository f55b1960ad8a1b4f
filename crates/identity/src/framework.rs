//! Which framework or program makes the calls: by the user agent, the shape of the prompt and the tools.

use serde::{Deserialize, Serialize};

use crate::word::Word;

/// A framework and how it was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Framework {
    #[serde(with = "crate::word")]
    pub name: Word,
    #[serde(with = "crate::word")]
    pub rule: Word,
    /// 0 to 1.
    pub sure: f32,
}

impl Framework {
    /// A provider's own library: it says nothing of what calls it.
    pub(crate) fn is_sdk(&self) -> bool {
        self.name.ends_with("-sdk") && self.name != "claude-agent-sdk"
    }
}

const GOOGLE_SDK: &str = "google-genai-sdk";

/// Prefixes of user agents, in lower case.
const USER_AGENTS: [(&str, &str, f32); 18] = [
    ("agents/python", "openai-agents", 0.98),
    ("agents/javascript", "openai-agents", 0.98),
    ("pydantic-ai", "pydantic-ai", 0.98),
    ("claude-cli", "claude-code", 0.98),
    ("claude-code", "claude-code", 0.98),
    ("codex_", "codex", 0.98),
    ("codex-cli", "codex", 0.98),
    ("opencode", "opencode", 0.98),
    ("crewai", "crewai", 0.98),
    ("autogen", "autogen", 0.98),
    ("google-adk", "google-adk", 0.98),
    ("google-genai", GOOGLE_SDK, 0.5),
    ("litellm", "litellm", 0.9),
    ("langchain", "langchain", 0.9),
    ("openai/", "openai-sdk", 0.5),
    ("asyncopenai/", "openai-sdk", 0.5),
    ("anthropic/", "anthropic-sdk", 0.5),
    ("asyncanthropic/", "anthropic-sdk", 0.5),
];

/// Sentences that a framework writes into the prompts of its agents.
const SENTENCES: [(&str, &str, f32); 17] = [
    ("\nYour personal goal is: ", "crewai", 0.97),
    ("You are executing ONE specific step", "crewai", 0.9),
    ("You are a strategic planning assistant", "crewai", 0.8),
    ("You are an agent. Your internal name is ", "google-adk", 0.97),
    ("<team_members>", "agno", 0.9),
    ("<your_role>", "agno", 0.9),
    ("delegate_task_to_member", "agno", 0.9),
    ("who can solve any task using code blobs", "smolagents", 0.97),
    ("who can solve any task using tool calls", "smolagents", 0.97),
    ("You're a helpful agent named '", "smolagents", 0.95),
    ("Reply with TERMINATE when the task has been completed", "autogen", 0.9),
    ("Read the above conversation. Then select the next role from ", "autogen", 0.9),
    ("Reply \"TERMINATE\" in the end when everything is done", "ag2", 0.9),
    ("You are Claude Code, Anthropic's official CLI", "claude-code", 0.97),
    ("based on GPT-5. You are running as a coding agent in the Codex CLI", "codex", 0.97),
    ("You are opencode", "opencode", 0.9),
    ("Anthropic's Claude Agent SDK", "claude-agent-sdk", 0.95),
];

pub(crate) fn of_user_agent(user_agent: &str) -> Option<Framework> {
    let lower = user_agent.get(..user_agent.len().min(64)).unwrap_or(user_agent).to_ascii_lowercase();
    let known = USER_AGENTS.iter().find(|(prefix, ..)| lower.starts_with(prefix));
    known.map(|&(_, name, sure)| {
        // Google's framework writes itself behind the SDK it uses.
        let (name, sure) = if name == GOOGLE_SDK && find(&lower, "google-adk/").is_some() {
            ("google-adk", 0.98)
        } else {
            (name, sure)
        };
        Framework { name, rule: "user_agent", sure }
    })
}

pub(crate) fn of_prompt(prompt: &str) -> Option<Framework> {
    let known = SENTENCES.iter().find(|(sentence, ..)| find(prompt, sentence).is_some());
    known.map(|&(_, name, sure)| Framework { name, rule: "prompt", sure })
}

/// By the tools in a request or the calls in a history.
pub(crate) fn of_tool(tool: &str) -> Option<Framework> {
    let name = match tool {
        "delegate_work_to_coworker" | "ask_question_to_coworker" => "crewai",
        "delegate_task_to_member" | "delegate_task_to_members" => "agno",
        "transfer_to_agent" => "google-adk",
        _ if tool.starts_with("transfer_back_to_") => "langgraph",
        _ => return None,
    };
    Some(Framework { name, rule: "tools", sure: 0.85 })
}

/// The better founded of two.
pub(crate) fn surer(first: Option<Framework>, second: Option<Framework>) -> Option<Framework> {
    match (first, second) {
        (Some(one), Some(other)) => Some(if other.sure > one.sure { other } else { one }),
        (one, other) => one.or(other),
    }
}

pub(crate) fn find(text: &str, needle: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), needle.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_are_known_by_what_they_send() {
        assert_eq!(of_user_agent("Agents/Python 0.24.0").unwrap().name, "openai-agents");
        assert_eq!(of_user_agent("OpenAI/Python 2.54.0").unwrap().name, "openai-sdk");
        assert_eq!(
            of_user_agent("google-genai-sdk/2.34.0 gl-python/3.11.7").unwrap().name,
            "google-genai-sdk"
        );
        let adk = "google-genai-sdk/2.34.0 gl-python/3.11.7 google-adk/2.13.0 gl-python/3.11.7";
        assert_eq!(of_user_agent(adk).unwrap().name, "google-adk");
        assert_eq!(of_user_agent("curl/8"), None);
        assert_eq!(of_prompt("You are R. B\nYour personal goal is: g").unwrap().name, "crewai");
        assert_eq!(of_prompt("You are a pirate."), None);
        let both =
            surer(of_user_agent("OpenAI/Python 2"), of_prompt("You are R. B\nYour personal goal is: g"));
        assert_eq!(both.unwrap().name, "crewai");
    }
}
