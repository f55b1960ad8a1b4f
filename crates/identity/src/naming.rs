//! What an agent is called: by its prompt when the prompt says so, else by a name made from it.

use serde::{Deserialize, Serialize};

use crate::framework::find;
use crate::word::Word;

/// Longest name that is taken.
const LONGEST_NAME_BYTES: usize = 128;

/// A name and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    #[serde(with = "crate::word")]
    pub rule: Word,
    /// 0 to 1.
    pub sure: f32,
}

impl Named {
    pub(crate) fn new(name: &str, rule: &'static str, sure: f32) -> Option<Self> {
        let name = name.trim().trim_matches(|c| c == '"' || c == '\'' || c == '`' || c == '*').trim();
        let good =
            !name.is_empty() && name.len() <= LONGEST_NAME_BYTES && !name.chars().any(char::is_control);
        good.then(|| Self { name: name.to_owned(), rule, sure })
    }
}

/// Two spellings of one name: `Order Agent`, `order_agent`, `order-agent`.
pub fn canonical(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name that a framework or an author wrote into the prompt.
pub(crate) fn in_prompt(prompt: &str) -> Option<Named> {
    crew_role(prompt)
        .or_else(|| quoted_after(prompt, "Your internal name is ", "prompt:internal_name", 0.98))
        .or_else(|| quoted_after(prompt, "You're a helpful agent named ", "prompt:agent_named", 0.97))
        .or_else(|| quoted_after(prompt, "You are a helpful agent named ", "prompt:agent_named", 0.95))
        .or_else(|| own_name(prompt))
}

/// `You are {role}. {backstory}\nYour personal goal is: {goal}`, and the two later forms of the same agent.
fn crew_role(prompt: &str) -> Option<Named> {
    let start = prompt.strip_prefix("System: ").unwrap_or(prompt).trim_start().strip_prefix("You are ")?;
    let goal = find(start, "\nYour personal goal is: ")
        .or_else(|| {
            find(start, "You are executing ONE specific step").and_then(|_| find(start, "\nYour goal: "))
        })
        .or_else(|| find(start, "You have completed a multi-step task"))?;
    let head = &start[..goal];
    let role = head.split(". ").next().unwrap_or(head).trim_end_matches('.');
    Named::new(role.split('\n').next().unwrap_or(role), "prompt:crewai_role", 0.97)
}

fn quoted_after(prompt: &str, opening: &str, rule: &'static str, sure: f32) -> Option<Named> {
    let rest = &prompt[find(prompt, opening)? + opening.len()..];
    let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
    Named::new(rest[1..].split(quote).next()?, rule, sure)
}

/// Sentences in which an author tells an agent its own name.
fn own_name(prompt: &str) -> Option<Named> {
    let head = &prompt[..floor(prompt, 2000)];
    for opening in ["Your name is: ", "Your name is ", "your name is "] {
        if let Some(at) = find(head, opening) {
            let rest = &head[at + opening.len()..];
            let end = rest.find(['.', ',', '\n', ';', '!']).unwrap_or(rest.len());
            let name = &rest[..end];
            if name.split_whitespace().count() <= 5 {
                return Named::new(name, "prompt:your_name_is", 0.9);
            }
        }
    }
    None
}

/// The name of an agent about which nothing is said: no name to show to anybody.
pub const UNNAMED: &str = "unnamed agent";

/// A readable name for an agent that nobody named: what the prompt says it is, else its first words.
pub(crate) fn generated(prompt: &str) -> String {
    let head = &prompt[..floor(prompt, 1000)];
    let described = ["You are ", "You're ", "you are ", "Act as ", "Your role is "]
        .iter()
        .filter_map(|opening| find(head, opening).map(|at| (at, at + opening.len())))
        .min()
        .map(|(_, after)| &head[after..]);
    let words = described.unwrap_or(head);
    let end = words.find(['.', ',', '\n', ';', ':', '!', '(']).unwrap_or(words.len());
    let mut words = &words[..end];
    for stop in
        [" who ", " that ", " which ", " responsible ", " specializing ", " specialized ", " with ", " for "]
    {
        if let Some(at) = words.find(stop).filter(|at| *at > 0) {
            words = &words[..at];
        }
    }
    let plain = |word: &str| ["a", "an", "the"].iter().any(|article| word.eq_ignore_ascii_case(article));
    if let Some(does) = words.strip_prefix("You ") {
        words = does;
    }
    let kept: Vec<&str> = words.split_whitespace().skip_while(|word| plain(word)).take(6).collect();
    let name = kept.join(" ");
    if name.is_empty() { UNNAMED.to_owned() } else { name.chars().take(60).collect() }
}

/// The last character boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    if at >= text.len() { text.len() } else { text.floor_char_boundary(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(prompt: &str) -> Option<String> {
        in_prompt(prompt).map(|named| named.name)
    }

    #[test]
    fn prompts_that_name_their_agent_are_believed() {
        assert_eq!(
            name("You are Senior Researcher. Ten years in v2.0 labs.\nYour personal goal is: find")
                .as_deref(),
            Some("Senior Researcher")
        );
        assert_eq!(
            name("System: You are 연구원. 꼼꼼한 사람.\nYour personal goal is: x").as_deref(),
            Some("연구원")
        );
        assert_eq!(
            name("You are Analyst. B\n\nYour goal: g\n\nYou are executing ONE specific step of it")
                .as_deref(),
            Some("Analyst")
        );
        assert_eq!(
            name("You are an agent. Your internal name is \"weather_agent\". The description").as_deref(),
            Some("weather_agent")
        );
        assert_eq!(name("You're a helpful agent named 'web_worker'.\nYou").as_deref(), Some("web_worker"));
        assert_eq!(name("You help. Your name is Bob.").as_deref(), Some("Bob"));
        assert_eq!(name("You are a helpful assistant."), None);
    }

    #[test]
    fn an_unnamed_agent_gets_a_readable_name() {
        assert_eq!(generated("You are a triage agent. Route the request."), "triage agent");
        assert_eq!(generated("You are the Spanish translator who never rests"), "Spanish translator");
        assert_eq!(generated("Summarize the text below."), "Summarize the text below");
        assert_eq!(generated(""), "unnamed agent");
        assert_eq!(generated("\n\n"), "unnamed agent");
    }

    #[test]
    fn spellings_of_a_name_are_one() {
        assert_eq!(canonical("Order Agent"), canonical("order_agent"));
        assert_ne!(canonical("order"), canonical("orders"));
    }
}
