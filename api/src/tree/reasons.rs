//! What rules mean, in words.

use super::Records;
use crate::wire::tree::Found;

/// A field that was found by this rule. `confidence` is 0 to 100.
pub fn found(rule: &str, confidence: u8) -> Found {
    let source = source_of(rule);
    Found {
        source: source.to_owned(),
        rule: rule.to_owned(),
        reason: reason(rule, source),
        confidence: f64::from(confidence.min(100)) / 100.0,
    }
}

/// Where a rule finds what it finds: rules of places name the place, all others are of inference.
pub fn source_of(rule: &str) -> &'static str {
    let place = rule.split(':').next().unwrap_or_default();
    match place {
        "" | "none" => "none",
        "corrected" => "corrected",
        "generated" => "generated",
        "run credential" => "signed",
        "path" => "path",
        "baggage" => "trace_context",
        "header" if rule.starts_with("header:x-aop-") => "aop_header",
        "header" if rule == "header:traceparent" => "trace_context",
        "header" | "x-portkey-metadata" => "vendor_header",
        "body" | "metadata" | "litellm_metadata" => "body",
        "stated" | "parent_span" => "body",
        _ => "inferred",
    }
}

fn reason(rule: &str, source: &str) -> String {
    let known = match rule {
        "prompt" => "Nothing names this agent; it is told by the words of its system prompt.",
        "prompt:crewai_role" => "The system prompt names the agent the way CrewAI does.",
        "prompt:internal_name" => "The system prompt tells the agent its internal name.",
        "prompt:agent_named" => "The prompt says that this is an agent of that name.",
        "prompt:your_name_is" => "The system prompt tells the agent its name.",
        "prompt:template" => {
            "Several prompts differ only by a word in the name: they are one agent with a variable."
        }
        "hand_over" => "The conversation shows that this agent was handed the word.",
        "delegated_to" => "Another agent gave it this task through a tool that names it.",
        "task_argument" => "The tool call that gave it the task calls it so.",
        "message_name" => "Its words carry this name in another agent's history.",
        "selected" => "The framework's selector had just chosen this speaker.",
        "internal" => "The framework made this call for itself.",
        "united" => "Later calls showed which agent this is.",
        "first_call" => "Nothing links it to an earlier call: the run begins here.",
        "same_history" => "Its history goes on from a conversation of this run.",
        "known_id" => "It holds an id that a call of this run was given.",
        "session" => "It names the session of this run, as coding agents do.",
        "known_words" => "Its history holds words that were said in this run.",
        "task_text" => "It got a task whose text a call of this run wrote.",
        "answer_text" => "It holds an answer that was given in this run.",
        "shared_text" => "It holds the same text as a call of this run.",
        "same_input" => "It begins with the same request of a user as a call of this run.",
        "served_run" => "The framework made it for itself while this run was the one going on.",
        "key_and_time" => "It came with the same key and framework while only this run was going on.",
        "same_run_parent" => "It holds a text of a conversation of this agent.",
        "last_spoke" => "This agent was the last to speak before it.",
        "next_to_speak" => "This agent was the first to speak after it.",
        "tool" => "The answer called a tool that passes the work on.",
        "corrected" => "Somebody of the team corrected it.",
        "generated" => "Nobody named a trace, so it got one of its own.",
        "parent_span" => "The span it was sent under says so.",
        "stated" => "The caller stated it.",
        _ => "",
    };
    match (known, source) {
        ("", "none") => "Nothing is known about it.".to_owned(),
        ("", "inferred") => "It was found from the traffic.".to_owned(),
        ("", "signed") => "It is in the run credential, which this installation signed.".to_owned(),
        ("", _) => format!("The caller stated it ({rule})."),
        (known, _) => known.to_owned(),
    }
}

/// How the trace of a whole run came about: by the first of its calls, or by a runner's or tracer's own spans.
pub(super) fn of_run(records: &Records<'_>) -> Found {
    let Some(first) = records.calls.first() else { return found("stated", 100) };
    let stated = !matches!(first.trace_source.as_str(), "inferred" | "generated" | "none" | "");
    if stated {
        return Found { source: first.trace_source.clone(), ..found("stated", 100) };
    }
    if records.trace.parts.traces.len() > 1 {
        return found(&records.trace.parts.rule, records.trace.parts.confidence);
    }
    let surest = records.calls.iter().filter(|call| !call.run_rule.is_empty());
    match surest.min_by_key(|call| call.run_confidence) {
        // The run is as sure as the least sure of its calls.
        Some(call) => found(&call.run_rule, call.run_confidence),
        None => found("generated", 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_where_its_value_came_from() {
        for (rule, source) in [
            ("header:x-aop-agent", "aop_header"),
            ("header:x-agent-name", "vendor_header"),
            ("run credential:agent", "signed"),
            ("metadata:agent", "body"),
            ("baggage:aop.agent", "trace_context"),
            ("path:agent", "path"),
            ("prompt:crewai_role", "inferred"),
            ("prompt", "inferred"),
            ("corrected", "corrected"),
            ("", "none"),
        ] {
            assert_eq!(source_of(rule), source, "{rule}");
            assert!(found(rule, 50).reason.ends_with('.'), "{rule}");
        }
    }
}
