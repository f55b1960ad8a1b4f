//! What a model is told, with CrewAI's meaning and marks: the system message names role, backstory and goal in CrewAI's
//! order, the user message the task, its criteria and its context. Anything that recognizes CrewAI traffic (the gateway's
//! inference, the simulator) recognizes ours.

use aop_domain::crew::{Agent, Task};
use serde_json::{Value, json};

/// Between two outputs in a context.
const CONTEXT_SEPARATOR: &str = "\n\n----------\n\n";

/// Said after the last allowed turn, without tools.
pub const FINAL_ANSWER: &str = "You have used all your turns. Give your best complete final answer now, from what you know \
already, without calling any tool.";

/// The first two messages of a conversation.
pub fn opening(agent: &Agent, task: &Task, context: &str) -> Vec<Value> {
    vec![
        json!({ "role": "system", "content": system(agent) }),
        json!({ "role": "user", "content": user(task, context) }),
    ]
}

/// Earlier outputs as one context text; empty when there are none.
pub fn context(outputs: &[&str]) -> String {
    outputs.join(CONTEXT_SEPARATOR)
}

fn system(agent: &Agent) -> String {
    format!("You are {}. {}\nYour personal goal is: {}", agent.role, agent.backstory, agent.goal)
}

fn user(task: &Task, context: &str) -> String {
    let mut text = format!(
        "\nCurrent Task: {}\n\nThis is the expected criteria for your final answer: {}\n\
         you MUST return the actual complete content as the final answer, not a summary.",
        task.description, task.expected_output
    );
    if !context.is_empty() {
        text.push_str("\n\nThis is the context you're working with:\n");
        text.push_str(context);
    }
    if task.tools.is_empty() {
        text.push_str("\n\nProvide your complete response:");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aop_domain::crew::{demo, parse};

    #[test]
    fn the_messages_carry_crewais_marks() {
        let crew = parse(&demo().config).unwrap();
        let messages = opening(&crew.agents[0], &crew.tasks[0], "");
        let system = messages[0]["content"].as_str().unwrap();
        assert!(
            system.starts_with("You are Researcher. ") && system.contains("\nYour personal goal is: Find"),
            "{system}"
        );
        let user = messages[1]["content"].as_str().unwrap();
        assert!(
            user.starts_with("\nCurrent Task: Collect") && !user.contains("context you're working with"),
            "{user}"
        );
        assert!(user.contains("\n\nThis is the expected criteria for your final answer: "));
        assert!(
            !user.ends_with("Provide your complete response:"),
            "an agent with tools is not asked to answer at once"
        );
    }

    #[test]
    fn context_is_joined_as_crewai_joins_it() {
        let crew = parse(&demo().config).unwrap();
        let messages = opening(&crew.agents[1], &crew.tasks[1], &context(&["one", "two"]));
        let user = messages[1]["content"].as_str().unwrap();
        assert!(user.contains("This is the context you're working with:\none\n\n----------\n\ntwo\n\nProvide your complete response:"));
    }
}
