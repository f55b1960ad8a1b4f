//! `sim-crew`: plays the agents of a crew. Each agent is known by its system prompt, "You are {role}. ...".
//!
//! An agent with a delegation tool delegates once; one with a calculator calculates once; one with other
//! tools uses the first once; then it answers. A researcher answers with findings, a writer with an article
//! from the context handed over to it. Agents whose tools stand in the prompt's text (ReAct) answer in that form.

use serde_json::{Value, json};

use crate::prompt::{Format, Prompt, Role, Tool};
use crate::script::{Draft, arguments, may_call, plain_text};
use crate::text::sentences;

pub(crate) fn draft(prompt: &Prompt) -> Draft {
    if react::applies(prompt) {
        return Draft::text(react::turn(prompt));
    }
    if prompt.tool_results().is_empty() && may_call(prompt) {
        return Draft::calls(first_call(prompt).into_iter().collect());
    }
    if prompt.format != Format::Text {
        return Draft::text(plain_text(prompt));
    }
    Draft::text(final_text(prompt, &prompt.tool_results()))
}

fn first_call(prompt: &Prompt) -> Option<(String, Value)> {
    let named = |part: &str| prompt.tools.iter().find(|tool| tool.name.to_ascii_lowercase().contains(part));
    let tool = named("delegate_work").or_else(|| named("calc")).or_else(|| prompt.tools.first())?;
    let made = if tool.name.contains("delegate_work") {
        delegation(tool, prompt)
    } else if tool.name.to_ascii_lowercase().contains("calc") {
        calculation(tool, prompt)
    } else {
        arguments(tool, prompt.seed())
    };
    Some((tool.name.clone(), made))
}

/// Hands the task to the first coworker the tool's description names.
fn delegation(tool: &Tool, prompt: &Prompt) -> Value {
    let coworker = tool.description.split_once("coworkers:").map(|(_, names)| names).unwrap_or_default();
    let coworker = coworker.split([',', '\n', '.']).next().unwrap_or_default().trim();
    json!({
        "task": task(prompt),
        "context": "Everything known so far stands in the task.",
        "coworker": coworker,
    })
}

/// The calculator's arguments: its first text property gets the expression found in the task.
fn calculation(tool: &Tool, prompt: &Prompt) -> Value {
    let mut made = arguments(tool, prompt.seed());
    let properties = tool.schema.get("properties").and_then(Value::as_object);
    let is_text = |property: &Value| property.get("type").and_then(Value::as_str) == Some("string");
    let text = properties.and_then(|all| all.iter().find(|(_, property)| is_text(property)));
    if let Some((name, _)) = text {
        made[name.as_str()] =
            Value::from(expression(&task(prompt)).unwrap_or_else(|| "1250 * 12".to_owned()));
    }
    made
}

/// The longest run of arithmetic in a text that holds a digit, an operator and a digit.
fn expression(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || " +-*/().".contains(c);
    let runs = text.split(|c| !is_part(c)).map(|run| run.trim().trim_end_matches('.').trim());
    let is_whole = |run: &&str| {
        let inner = run.trim_start_matches(['-', '(']);
        inner.starts_with(|c: char| c.is_ascii_digit())
            && run.ends_with(|c: char| c.is_ascii_digit() || c == ')')
            && inner.contains(['+', '-', '*', '/'])
            && run.matches('(').count() == run.matches(')').count()
    };
    runs.filter(is_whole).max_by_key(|run| run.len()).map(str::to_owned)
}

/// `{role}` of "You are {role}. {backstory}", the prefix some clients add removed.
fn role(prompt: &Prompt) -> String {
    let system = prompt.system();
    let text = if system.is_empty() { prompt.last_user().to_owned() } else { system };
    let after = text.trim_start().trim_start_matches("System: ").strip_prefix("You are ");
    after.and_then(|rest| rest.split(['.', '\n']).next()).unwrap_or("Assistant").trim().to_owned()
}

/// The task's description, without CrewAI's frame around it.
fn task(prompt: &Prompt) -> String {
    let text = prompt.last_user();
    let text = text.split_once("Current Task:").map_or(text, |(_, rest)| rest);
    text.split("\n\nThis is the expected criteria").next().unwrap_or_default().trim().to_owned()
}

/// What earlier tasks handed over.
fn context(prompt: &Prompt) -> Option<&str> {
    let (_, rest) = prompt.last_user().split_once("This is the context you're working with:")?;
    Some(rest.trim())
}

fn final_text(prompt: &Prompt, results: &[&str]) -> String {
    let (role, seed) = (role(prompt), prompt.seed());
    let made = sentences(seed, prompt.words.unwrap_or(30));
    let first_line =
        |text: &str| text.trim().lines().next().unwrap_or_default().chars().take(160).collect::<String>();
    let mut text = match (context(prompt), role.to_ascii_lowercase().contains("writ")) {
        (Some(given), _) => {
            format!("# {}\n\nBased on: {}\n\n{made}", first_line(&task(prompt)), first_line(given))
        }
        (None, true) => format!("# {}\n\n{made}", first_line(&task(prompt))),
        (None, false) => format!("Findings of the {role}: {made}"),
    };
    if !results.is_empty() {
        text.push_str(&format!("\n\nThe tool's result: {}.", results.join("; ")));
    }
    text
}

/// Agents without native tools: thought, action, observation as plain text.
mod react {
    use super::*;

    pub(super) fn applies(prompt: &Prompt) -> bool {
        prompt.tools.is_empty() && prompt.turns.iter().any(|turn| turn.text.contains("\nAction Input:"))
    }

    pub(super) fn turn(prompt: &Prompt) -> String {
        let said = prompt.turns.iter().filter(|turn| turn.role == Role::Assistant);
        let observed =
            said.filter_map(|turn| turn.text.split_once("Observation:")).map(|(_, result)| result.trim());
        let results: Vec<&str> = observed.collect();
        match tool_name(prompt) {
            Some(name) if results.is_empty() => {
                let input = match expression(&task(prompt)) {
                    Some(found) => json!({ "expression": found }),
                    None => json!({ "expression": "1250 * 12" }),
                };
                format!("Thought: I should use a tool.\nAction: {name}\nAction Input: {input}")
            }
            _ => format!(
                "Thought: I now can give a great answer\nFinal Answer: {}",
                final_text(prompt, &results)
            ),
        }
    }

    fn tool_name(prompt: &Prompt) -> Option<String> {
        let listed = prompt.turns.iter().find_map(|turn| turn.text.split_once("Tool Name: "))?;
        Some(listed.1.lines().next()?.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::prompt::Turn;

    fn turn(role: Role, text: &str) -> Turn {
        Turn { role, text: text.to_owned() }
    }

    fn prompt(role: &str, task: &str) -> Prompt {
        let system = format!("You are {role}. You know things.\nYour personal goal is: to know more");
        let user =
            format!("\nCurrent Task: {task}\n\nThis is the expected criteria for your final answer: x");
        Prompt {
            model: "sim-crew".into(),
            turns: vec![turn(Role::System, &system), turn(Role::User, &user)],
            ..Prompt::default()
        }
    }

    fn calculator() -> Tool {
        let schema = json!({"type": "object", "properties": {"expression": {"type": "string"}}});
        Tool { name: "Calculator".into(), description: String::new(), schema }
    }

    #[test]
    fn a_researcher_with_a_calculator_calculates_what_the_task_says_and_then_reports() {
        let mut prompt = prompt("Researcher", "Work out (17 + 25) * 3 and explain it.");
        prompt.tools = vec![calculator()];
        let calls = draft(&prompt).calls;
        assert_eq!(calls, vec![("Calculator".to_owned(), json!({"expression": "(17 + 25) * 3"}))]);
        prompt.turns.extend([turn(Role::Assistant, ""), turn(Role::Tool, "126")]);
        let text = draft(&prompt).text;
        assert!(text.starts_with("Findings of the Researcher:") && text.contains("126"), "{text}");
    }

    #[test]
    fn a_writer_writes_from_the_context_handed_over() {
        let mut prompt = prompt("Writer", "Write an article");
        prompt.turns[1]
            .text
            .push_str("\n\nThis is the context you're working with:\nFindings: 126 wind parks");
        let text = draft(&prompt).text;
        assert!(text.starts_with("# Write an article") && text.contains("126 wind parks"), "{text}");
    }

    #[test]
    fn a_manager_delegates_to_the_first_coworker() {
        let mut prompt = prompt("Crew Manager", "Find numbers");
        let description =
            "Delegate to one of the following coworkers: Researcher, Writer\nThe input".to_owned();
        prompt.tools =
            vec![Tool { name: "delegate_work_to_coworker".into(), description, schema: json!({}) }];
        assert_eq!(draft(&prompt).calls[0].1["coworker"], "Researcher");
    }

    #[test]
    fn an_agent_without_native_tools_answers_in_the_text_form() {
        let mut prompt = prompt("Researcher", "Work out 6 * 7.");
        prompt.turns[0].text.push_str("\nTool Name: calculator\n...\nAction: x\nAction Input: {}");
        assert!(draft(&prompt).text.contains("Action: calculator\nAction Input: {\"expression\":\"6 * 7\"}"));
        prompt.turns.push(turn(Role::Assistant, "Thought: I should\nObservation: 42"));
        let text = draft(&prompt).text;
        assert!(text.contains("Final Answer:") && text.contains("42"), "{text}");
    }
}
