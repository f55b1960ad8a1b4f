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
    pub fn is_sdk(&self) -> bool {
        self.name.ends_with("-sdk") && self.name != "claude-agent-sdk"
    }
}

const GOOGLE_SDK: &str = "google-genai-sdk";
const OPENAI_SDK: &str = "openai-sdk";
const ANTHROPIC_SDK: &str = "anthropic-sdk";

/// How sure a user agent is that names a framework, and one that names a provider's own library.
const FRAMEWORK_SURE: f32 = 0.98;
const LIBRARY_SURE: f32 = 0.5;

/// Prefixes of user agents, in lower case: the framework, how sure that is, and the name of the program itself.
const USER_AGENTS: [(&str, Word, f32, &str); 22] = [
    ("agents/python", "openai-agents", FRAMEWORK_SURE, "openai-agents"),
    ("agents/javascript", "openai-agents", FRAMEWORK_SURE, "openai-agents"),
    ("pydantic-ai", "pydantic-ai", FRAMEWORK_SURE, "pydantic-ai"),
    ("claude-cli", "claude-code", FRAMEWORK_SURE, "claude-code"),
    ("claude-code", "claude-code", FRAMEWORK_SURE, "claude-code"),
    ("codex_", "codex", FRAMEWORK_SURE, "codex"),
    ("codex-cli", "codex", FRAMEWORK_SURE, "codex"),
    ("opencode", "opencode", FRAMEWORK_SURE, "opencode"),
    ("crewai", "crewai", FRAMEWORK_SURE, "crewai"),
    ("autogen", "autogen", FRAMEWORK_SURE, "autogen"),
    ("google-adk", "google-adk", FRAMEWORK_SURE, "google-adk"),
    ("google-genai", GOOGLE_SDK, LIBRARY_SURE, GOOGLE_SDK),
    ("litellm", "litellm", 0.9, "litellm"),
    ("langchain", "langchain", 0.9, "langchain"),
    ("openai/python", OPENAI_SDK, LIBRARY_SURE, "openai-python"),
    ("asyncopenai/python", OPENAI_SDK, LIBRARY_SURE, "openai-python"),
    ("openai/js", OPENAI_SDK, LIBRARY_SURE, "openai-node"),
    ("openai/", OPENAI_SDK, LIBRARY_SURE, "openai"),
    ("anthropic/python", ANTHROPIC_SDK, LIBRARY_SURE, "anthropic-python"),
    ("asyncanthropic/python", ANTHROPIC_SDK, LIBRARY_SURE, "anthropic-python"),
    ("anthropic/js", ANTHROPIC_SDK, LIBRARY_SURE, "anthropic-node"),
    ("anthropic/", ANTHROPIC_SDK, LIBRARY_SURE, "anthropic"),
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

/// The framework that a user agent names, how sure that is, and the name of the program.
fn known_program(lower: &str) -> Option<(Word, f32, &'static str)> {
    let &(_, name, sure, program) = USER_AGENTS.iter().find(|(prefix, ..)| lower.starts_with(prefix))?;
    // Google's framework writes itself behind the SDK it uses.
    let behind = name == GOOGLE_SDK && find(lower, "google-adk/").is_some();
    Some(if behind { ("google-adk", FRAMEWORK_SURE, "google-adk") } else { (name, sure, program) })
}

fn lower(user_agent: &str) -> String {
    user_agent.get(..user_agent.len().min(64)).unwrap_or(user_agent).to_ascii_lowercase()
}

pub(crate) fn of_user_agent(user_agent: &str) -> Option<Framework> {
    let (name, sure, _) = known_program(&lower(user_agent))?;
    Some(Framework { name, rule: "user_agent", sure })
}

/// The name of the program that calls itself so: `OpenAI/Python 2.54.0` is `openai-python`, any that is not known is the word
/// before its slash. `None`: it does not say.
pub fn program(user_agent: &str) -> Option<String> {
    let lower = lower(user_agent);
    if let Some((.., program)) = known_program(&lower) {
        return Some(program.to_owned());
    }
    let word = lower.split(['/', ' ', '(']).next().unwrap_or_default();
    (!word.is_empty()).then(|| word.to_owned())
}

/// Is this the name of a provider's own library? It says nothing of what calls it.
pub fn is_library(program: &str) -> bool {
    USER_AGENTS.iter().any(|(_, name, _, known)| *known == program && name.ends_with("-sdk"))
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
        for (agent, name) in [
            ("Agents/Python 0.24.0", "openai-agents"),
            ("AsyncOpenAI/Python 2.54.0", "openai-python"),
            ("OpenAI/JS 6.0.1", "openai-node"),
            ("OpenAI/Go 1.0", "openai"),
            ("claude-cli/2.1.0 (external, cli)", "claude-code"),
            ("codex_cli_rs/0.50.0", "codex"),
            (adk, "google-adk"),
            ("Foo-Bar/1.2 (x)", "foo-bar"),
        ] {
            assert_eq!(program(agent).as_deref(), Some(name));
        }
        assert_eq!(program(" "), None);
        assert!(is_library("openai-python") && is_library("google-genai-sdk"));
        assert!(!is_library("openai-agents") && !is_library("foo-bar"));
        assert_eq!(of_prompt("You are R. B\nYour personal goal is: g").unwrap().name, "crewai");
        assert_eq!(of_prompt("You are a pirate."), None);
        let both =
            surer(of_user_agent("OpenAI/Python 2"), of_prompt("You are R. B\nYour personal goal is: g"));
        assert_eq!(both.unwrap().name, "crewai");
    }
}
