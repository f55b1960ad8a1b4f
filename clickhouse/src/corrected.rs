//! The agent of a call as its team knows it now: corrections are followed while rows are read, so that one that is made,
//! changed or taken back holds for what was stored long before.
//!
//! SQL cannot follow chains of corrections; it gets them resolved, as lines of which the first that fits stands.

use aop_domain::correction::{Condition, Line};

use crate::read::Select;

/// Number of the line that fits the row; 0: none.
macro_rules! line {
    () => {
        "arrayFirstIndex((fix_agent, fix_prompt, fix_conversation) -> fix_agent = agent_fingerprint
            AND (fix_prompt = 0 OR fix_prompt = prompt_fingerprint) AND (fix_conversation = 0 OR fix_conversation = conversation),
            {fix_agents:Array(UInt64)}, {fix_prompts:Array(UInt64)}, {fix_conversations:Array(UInt64)})"
    };
}

/// The agent's name. A row of a time when nothing was found has it as it was stated.
macro_rules! agent_name {
    () => {
        concat!(
            "if(",
            $crate::corrected::line!(),
            " = 0, if(agent_fingerprint = 0, toString(llm_calls.agent), toString(found_agent)),
            arrayElement({fix_names:Array(String)}, ",
            $crate::corrected::line!(),
            "))"
        )
    };
}

/// The agent's fingerprint.
macro_rules! agent_key {
    () => {
        concat!(
            "if(",
            $crate::corrected::line!(),
            " = 0, agent_fingerprint, arrayElement({fix_to:Array(UInt64)}, ",
            $crate::corrected::line!(),
            "))"
        )
    };
}

/// A number of 64 bits as 16 hex digits; 0 is empty.
macro_rules! hex_number {
    ($number:expr) => {
        concat!("if(", $number, " = 0, '', lower(leftPad(hex(", $number, "), 16, '0')))")
    };
}

pub(crate) use {agent_key, agent_name, hex_number, line};

/// Hands the lines to a statement that has one of the expressions above in it.
pub(crate) fn with(select: Select, lines: &[Line]) -> Select {
    let condition = |wanted: fn(Condition) -> Option<u64>| {
        numbers(lines.iter().map(|line| line.condition.and_then(wanted).unwrap_or(0)))
    };
    let prompt = |condition| match condition {
        Condition::Prompt(prompt) => Some(prompt),
        Condition::Conversation(_) => None,
    };
    let conversation = |condition| match condition {
        Condition::Conversation(conversation) => Some(conversation),
        Condition::Prompt(_) => None,
    };
    let names: Vec<String> = lines.iter().map(|line| quoted(&line.name)).collect();
    select
        .list("fix_agents", numbers(lines.iter().map(|line| line.agent)))
        .list("fix_prompts", condition(prompt))
        .list("fix_conversations", condition(conversation))
        .list("fix_to", numbers(lines.iter().map(|line| line.to_agent)))
        .list("fix_names", format!("[{}]", names.join(",")))
}

/// A list of numbers as a parameter is written.
pub(crate) fn numbers(values: impl Iterator<Item = u64>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("[{}]", values.join(","))
}

/// A text within a list.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_sql_stays_a_name() {
        assert_eq!(quoted("o'neil"), r"'o\'neil'");
        assert_eq!(quoted(r"\'] , x"), r"'\\\'] , x'");
    }
}
